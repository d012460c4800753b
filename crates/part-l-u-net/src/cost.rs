//! How much there is to compute: on which machine a network is usable depends on nothing
//! else as much. And how many numbers there are to learn or to read.

use crate::config::{ClassEmbedding, TimeFeatures, UNetConfig};

/// How many products one evaluation of one picture takes (equation L.7), those with zeros
/// at the border among them: of all convolutions and linear layers, and two for each pair
/// of pixels and each channel in attention. Everything else is left out; it grows with
/// the values only. A label that is looked up takes none.
///
/// A training update takes about three times as many for each picture. Beyond what 64
/// bits hold, it is their largest number.
pub fn multiplications(config: &UNetConfig) -> u64 {
    Count::of(config).products
}

/// How many parameters a network has, counted without making one: those of
/// [`Parameters`](crate::Parameters). Beyond what 64 bits hold, it is their largest
/// number.
pub fn parameters(config: &UNetConfig) -> u64 {
    Count::of(config).parameters
}

/// What is counted.
#[derive(Default)]
struct Count {
    products: u64,
    parameters: u64,
}

impl Count {
    // ANCHOR: cost
    fn of(config: &UNetConfig) -> Self {
        let UNetConfig { widths, blocks, channels, .. } = config;
        let [down, up] = &config.attention;
        let [down_by_blocks, up_by_blocks] = &config.block_resampling;
        let last = widths.len() - 1;
        let mut pixels = config.pixels();
        let mut count = Count::default();
        count.embedding(config);
        count.layer([channels[0], widths[0]], 3, pixels);
        let mut before = widths[0];
        let mut skips = vec![before];
        for (i, &width) in widths.iter().enumerate() {
            for _ in 0..*blocks {
                count.block(config, [before, width], pixels, down[i]);
                before = width;
                skips.push(width);
            }
            if i < last {
                pixels /= 4;
                count.resampling(config, width, pixels, down_by_blocks[i]);
                skips.push(width);
            }
        }
        count.middle(config, before, pixels);
        for (i, &width) in widths.iter().rev().enumerate() {
            for _ in 0..=*blocks {
                let skip = skips.pop().expect("one for each block on the way up");
                count.block(config, [before + skip, width], pixels, up[i]);
                before = width;
            }
            if i < last {
                pixels *= 4;
                count.resampling(config, width, pixels, up_by_blocks[i]);
            }
        }
        count.norm(before);
        count.layer([before, channels[1]], 3, pixels);
        count
    }

    /// A layer with a kernel of so many rows and columns, for so many pixels that come
    /// out.
    fn layer(&mut self, [inputs, outputs]: [usize; 2], side: usize, pixels: usize) {
        self.add([inputs, outputs, side, side, pixels]);
        self.learned(product([inputs, outputs, side, side]));
        self.learned(outputs as u64);
    }
    // ANCHOR_END: cost

    /// So many products, the factors given.
    fn add<const N: usize>(&mut self, factors: [usize; N]) {
        self.products = self.products.saturating_add(product(factors));
    }

    fn learned(&mut self, number: u64) {
        self.parameters = self.parameters.saturating_add(number);
    }

    fn norm(&mut self, channels: usize) {
        self.learned(2 * channels as u64);
    }

    /// A block, and attention behind it, if there is any.
    fn block(
        &mut self,
        config: &UNetConfig,
        [inputs, outputs]: [usize; 2],
        pixels: usize,
        attends: bool,
    ) {
        let from_time = if config.norm.scale_shift { 2 * outputs } else { outputs };
        self.norm(inputs);
        self.layer([inputs, outputs], 3, pixels);
        self.layer([config.time_values(), from_time], 1, 1);
        self.norm(outputs);
        self.layer([outputs, outputs], 3, pixels);
        if inputs != outputs {
            self.layer([inputs, outputs], 1, pixels);
        }
        if attends {
            self.norm(outputs);
            self.attention(outputs, pixels);
        }
    }

    /// Attention, however many heads it has: its four layers, how well each pixel fits
    /// each other one, and what it takes from them.
    fn attention(&mut self, channels: usize, pixels: usize) {
        for _ in 0..4 {
            self.layer([channels, channels], 1, pixels);
        }
        self.add([2, pixels, pixels, channels]);
    }

    /// The way to the next size, of so many pixels.
    fn resampling(
        &mut self,
        config: &UNetConfig,
        width: usize,
        pixels: usize,
        by_block: bool,
    ) {
        match by_block {
            true => self.block(config, [width, width], pixels, false),
            false => self.layer([width, width], 3, pixels),
        }
    }

    fn middle(&mut self, config: &UNetConfig, width: usize, pixels: usize) {
        if config.middle {
            self.block(config, [width, width], pixels, false);
            if config.attention_in_the_middle {
                config.middle_groups.iter().for_each(|_| self.norm(width));
                self.attention(width, pixels);
            }
            self.block(config, [width, width], pixels, false);
        }
    }

    /// The time and the label.
    fn embedding(&mut self, config: &UNetConfig) {
        let (width, values) = (config.widths[0], config.time_values());
        let features = match config.time_features {
            TimeFeatures::Positional => width,
            TimeFeatures::Fourier => {
                self.learned(width as u64);
                2 * width
            }
            TimeFeatures::Learned(timesteps) => {
                self.learned(product([width, timesteps]));
                width
            }
        };
        let mut layers = || {
            self.layer([features, values], 1, 1);
            self.layer([values, values], 1, 1);
        };
        layers();
        match config.class_embedding {
            ClassEmbedding::Learned => self.learned(product([config.classes, values])),
            ClassEmbedding::Timestep => layers(),
            ClassEmbedding::Given => {}
        }
    }
}

fn product<const N: usize>(factors: [usize; N]) -> u64 {
    factors.into_iter().fold(1, |product, factor| product.saturating_mul(factor as u64))
}
