//! Pictures of the stored network, of its exact counterpart, and of the best linear
//! denoiser, from the same noise.

use part_h_learning_to_denoise::LearnedDenoiser;
use part_k_convolutions::border::counterpart;
use part_k_convolutions::evaluation::correlations;
use part_k_convolutions::{ConvolutionalNetwork, LinearDenoiser, NetworkConfig};
use xtask_figures::stored::convolutions::{LARGE, Row, SEEDS, photo};

use super::{CONFIG, Measured, TRAINING, as_denoiser, noise, sampled, stored};

/// Measures how much they are alike.
pub fn measure(measured: &mut Measured) {
    let photo = photo();
    let exact = counterpart(&CONFIG, &photo).expect("there are patches");
    let linear = LinearDenoiser::new(&CONFIG, &photo).expect("the border is wrapped");
    let noise_of_all = noise(CONFIG.size, SEEDS);
    let network = sampled(&as_denoiser(stored().clone()), noise_of_all.clone());
    let exact = sampled(&exact, noise_of_all.clone());
    let linear = sampled(&linear, noise_of_all);

    measured.put("alike_network", correlations(&network, &exact, &photo));
    measured.put("alike_linear", correlations(&linear, &exact, &photo));
    let next: Vec<usize> = (0..SEEDS).map(|seed| (seed + 1) % SEEDS).collect();
    let of_other_noise = exact.select_columns(&next);
    measured.put("alike_other_noise", correlations(&exact, &of_other_noise, &photo));
    measured.put_row(Row::Network, &network);
    measured.put_row(Row::Exact, &exact);
    measured.put_row(Row::Linear, &linear);

    let config = NetworkConfig { size: LARGE, ..CONFIG };
    let large = ConvolutionalNetwork::with(config, stored().parameters.clone());
    let large = LearnedDenoiser::unconditional(large, TRAINING.kind);
    measured.put_below(sampled(&large, noise(LARGE, 1)).as_slice(), LARGE);
}
