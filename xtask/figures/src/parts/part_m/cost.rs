//! What the networks of well-known models cost: how many weights they have, and how many
//! products an evaluation takes.
//!
//! Counted are kernels, linear layers, and in attention two products for each query, each
//! key and each channel, as in equation L.7. Norms, sums and softmax are left out of the
//! products.

mod text;
mod transformer;
mod u_net;

use text::{clip, t5_xxl};
use transformer::{DIT_XL_2, DIT_XL_2_AT_512, FLUX_1_DEV, STABLE_DIFFUSION_3};
use u_net::{STABLE_DIFFUSION_1_5, STABLE_DIFFUSION_2_1, STABLE_DIFFUSION_XL, decoder};

use crate::numbers::Numbers;

/// How much there is to store and to compute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// All that is learned.
    pub weights: u64,
    /// For one evaluation of one picture.
    pub products: u64,
}

impl Cost {
    /// A linear layer with biases, of so many pixels or tokens.
    fn linear(&mut self, channels: [u64; 2], tokens: u64) {
        self.convolution(channels, 1, tokens);
    }

    /// One without biases.
    fn linear_without_bias(&mut self, [inputs, outputs]: [u64; 2], tokens: u64) {
        self.weights += inputs * outputs;
        self.products += inputs * outputs * tokens;
    }

    /// A kernel of `side` × `side`, for so many pixels that come out.
    fn convolution(&mut self, [inputs, outputs]: [u64; 2], side: u64, pixels: u64) {
        self.linear_without_bias([inputs * side * side, outputs], pixels);
        self.weights += outputs;
    }

    /// Two linear layers, one after the other.
    fn two_linear(&mut self, [inputs, between, outputs]: [u64; 3], tokens: u64) {
        self.linear([inputs, between], tokens);
        self.linear([between, outputs], tokens);
    }

    /// A gain and a shift for each channel.
    fn norm(&mut self, channels: u64) {
        self.weights += 2 * channels;
    }

    /// How well each query fits each key, and the means of the values.
    fn attention(&mut self, queries: u64, keys: u64, channels: u64) {
        self.products += 2 * queries * keys * channels;
    }
}

/// A model that makes pictures from text.
struct Model {
    /// In the names of numbers.
    name: &'static str,
    network: Cost,
    decoder: Cost,
    texts: Vec<Cost>,
    /// How often its pipeline evaluates the network for a picture, if it is not told
    /// otherwise.
    evaluations: u64,
}

fn models() -> [Model; 5] {
    let clip_l = clip(768, 12, false);
    let with_projection = [clip(768, 12, true), clip(1280, 32, true)];
    [
        Model {
            name: "15",
            network: STABLE_DIFFUSION_1_5.cost(),
            decoder: decoder(4, 64),
            texts: vec![clip_l],
            evaluations: 2 * 50,
        },
        Model {
            name: "21",
            network: STABLE_DIFFUSION_2_1.cost(),
            decoder: decoder(4, 96),
            texts: vec![clip(1024, 23, false)],
            evaluations: 2 * 50,
        },
        Model {
            name: "xl",
            network: STABLE_DIFFUSION_XL.cost(),
            decoder: decoder(4, 128),
            texts: vec![clip_l, with_projection[1]],
            evaluations: 2 * 50,
        },
        Model {
            name: "3",
            network: STABLE_DIFFUSION_3.cost(),
            decoder: decoder(16, 128),
            texts: [&with_projection[..], &[t5_xxl(256)]].concat(),
            evaluations: 2 * 28,
        },
        Model {
            name: "flux",
            network: FLUX_1_DEV.cost(),
            decoder: decoder(16, 128),
            texts: vec![clip_l, t5_xxl(512)],
            evaluations: 28,
        },
    ]
}

/// What they cost.
pub fn put_numbers(numbers: &mut Numbers) {
    let mut put =
        |name: String, value: f64| numbers.insert(format!("m_large_{name}"), value);
    const BYTES: f64 = 2.0;
    const BILLION: f64 = 1e9;
    let billions = |number: u64| number as f64 / BILLION;
    for Model { name, network, decoder, texts, evaluations } in models() {
        let text_weights = texts.iter().map(|text| text.weights).sum();
        put(format!("{name}_weights"), billions(network.weights));
        put(format!("{name}_gigabytes"), BYTES * billions(network.weights));
        put(format!("{name}_text_gigabytes"), BYTES * billions(text_weights));
        put(format!("{name}_gmac"), billions(network.products));
        put(format!("{name}_decoder_gmac"), billions(decoder.products));
        let sampling = evaluations * network.products;
        let all = sampling + decoder.products;
        put(format!("{name}_picture_tmac"), billions(all) / 1e3);
    }
    let dit = DIT_XL_2.cost();
    put("dit_gmac".to_owned(), billions(dit.products));
    let larger = DIT_XL_2_AT_512.cost();
    put("dit_512_gmac".to_owned(), billions(larger.products));
    put("dit_512_times".to_owned(), larger.products as f64 / dit.products as f64);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The classes of diffusers have as many, made without their numbers and looked at
    /// while they run. (Its class of DiT has a table of labels for each block.)
    #[test]
    fn costs_are_those_of_the_published_networks() {
        let counted = |cost: Cost| (cost.weights, cost.products);
        assert_eq!(counted(STABLE_DIFFUSION_1_5.cost()), (859_520_964, 401_636_720_640));
        let stable_diffusion_2_1 = STABLE_DIFFUSION_2_1.cost();
        assert_eq!(counted(stable_diffusion_2_1), (865_910_724, 1_074_552_872_960));
        let stable_diffusion_xl = STABLE_DIFFUSION_XL.cost();
        assert_eq!(counted(stable_diffusion_xl), (2_567_463_684, 3_380_618_199_040));
        let stable_diffusion_3 = STABLE_DIFFUSION_3.cost();
        assert_eq!(counted(stable_diffusion_3), (2_028_328_000, 4_452_168_769_536));
        assert_eq!(counted(FLUX_1_DEV.cost()), (11_901_408_320, 37_192_326_709_248));
        // The autoencoders' other half is the encoder.
        assert_eq!(counted(decoder(4, 64)), (49_490_199, 1_257_259_466_752));
        assert_eq!(counted(decoder(4, 96)), (49_490_199, 2_877_152_182_272));
        assert_eq!(counted(decoder(4, 128)), (49_490_199, 5_235_196_297_216));
        assert_eq!(decoder(16, 128).products / 1_000_000_000, 5_236);
    }

    /// So have the classes of transformers.
    #[test]
    fn text_encoders_have_as_many_weights_as_the_published_ones() {
        let weights = |cost: Cost| cost.weights;
        assert_eq!(weights(clip(768, 12, false)), 123_060_480);
        assert_eq!(weights(clip(768, 12, true)), 123_650_304);
        assert_eq!(weights(clip(1024, 23, false)), 340_387_840);
        assert_eq!(weights(clip(1280, 32, true)), 694_659_840);
        assert_eq!(weights(t5_xxl(512)), 4_762_310_656);
    }

    /// The authors of DiT call a product and a sum one operation, and count 119 and 525
    /// billion, the latter with a few that are left out here.
    #[test]
    fn a_dit_costs_what_its_authors_say() {
        let billions = |cost: Cost| cost.products as f64 / 1e9;
        assert!((billions(DIT_XL_2.cost()) - 119.0).abs() < 0.5);
        assert!((billions(DIT_XL_2_AT_512.cost()) - 525.0).abs() < 0.8);
    }
}
