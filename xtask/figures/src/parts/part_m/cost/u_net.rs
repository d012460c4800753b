//! U-Nets whose pixels attend to a text, and the decoders of latents.

use super::Cost;

/// How many tokens of a text such a network sees.
const TEXT_TOKENS: u64 = 77;

/// diffusers' `UNet2DConditionModel`.
pub struct ConditionalUNet {
    /// Channels at each size, and how many transformer blocks stand behind each block on
    /// the way there.
    levels: &'static [(u64, u64)],
    /// How many there are in the middle.
    middle: u64,
    /// Channels of a token of the text.
    text: u64,
    /// Values of what is told beside the time and the text.
    told: Option<u64>,
    /// Rows and columns of a latent.
    side: u64,
}

/// Stable Diffusion 1.5, at 512 × 512 pixels.
pub const STABLE_DIFFUSION_1_5: ConditionalUNet = ConditionalUNet {
    levels: &[(320, 1), (640, 1), (1280, 1), (1280, 0)],
    middle: 1,
    text: 768,
    told: None,
    side: 64,
};

/// Stable Diffusion 2.1, at 768 × 768 pixels.
pub const STABLE_DIFFUSION_2_1: ConditionalUNet =
    ConditionalUNet { text: 1024, side: 96, ..STABLE_DIFFUSION_1_5 };

/// Stable Diffusion XL 1.0, at 1024 × 1024 pixels.
pub const STABLE_DIFFUSION_XL: ConditionalUNet = ConditionalUNet {
    levels: &[(320, 0), (640, 2), (1280, 10)],
    middle: 10,
    text: 2048,
    told: Some(2816),
    side: 128,
};

/// Blocks at each size on the way down. There is one more on the way up.
const BLOCKS: u64 = 2;

/// Channels of a latent.
const LATENT: u64 = 4;

impl ConditionalUNet {
    /// What it costs.
    pub fn cost(&self) -> Cost {
        let mut cost = Cost::default();
        let first = self.levels[0].0;
        let time = 4 * first;
        cost.two_linear([first, time, time], 1);
        if let Some(told) = self.told {
            cost.two_linear([told, time, time], 1);
        }
        let mut pixels = self.side * self.side;
        cost.convolution([LATENT, first], 3, pixels);
        let (mut before, mut skips) = (first, vec![first]);
        let last = self.levels.len() - 1;
        for (i, &(channels, depth)) in self.levels.iter().enumerate() {
            for _ in 0..BLOCKS {
                cost.block([before, channels], pixels, Some(time));
                self.transformer(&mut cost, channels, pixels, depth);
                before = channels;
                skips.push(channels);
            }
            if i < last {
                pixels /= 4;
                cost.convolution([channels, channels], 3, pixels);
                skips.push(channels);
            }
        }
        cost.block([before, before], pixels, Some(time));
        self.transformer(&mut cost, before, pixels, self.middle);
        cost.block([before, before], pixels, Some(time));
        for (i, &(channels, depth)) in self.levels.iter().enumerate().rev() {
            for _ in 0..=BLOCKS {
                let skip = skips.pop().expect("one for each block on the way up");
                cost.block([before + skip, channels], pixels, Some(time));
                self.transformer(&mut cost, channels, pixels, depth);
                before = channels;
            }
            if i > 0 {
                pixels *= 4;
                cost.convolution([channels, channels], 3, pixels);
            }
        }
        cost.norm(first);
        cost.convolution([first, LATENT], 3, pixels);
        cost
    }

    /// So many blocks of a transformer, if there are any: each pixel attends to the
    /// pixels, then to the text, and goes through two layers.
    fn transformer(&self, cost: &mut Cost, channels: u64, pixels: u64, depth: u64) {
        if depth == 0 {
            return;
        }
        let square = [channels, channels];
        cost.norm(channels);
        cost.linear(square, pixels);
        for _ in 0..depth {
            let to_pixels = (channels, pixels);
            for (keys, tokens) in [to_pixels, (self.text, TEXT_TOKENS)] {
                cost.norm(channels);
                cost.linear_without_bias(square, pixels);
                cost.linear_without_bias([keys, channels], tokens);
                cost.linear_without_bias([keys, channels], tokens);
                cost.attention(pixels, tokens, channels);
                cost.linear(square, pixels);
            }
            cost.norm(channels);
            // One half says how much of the other goes on.
            cost.linear([channels, 8 * channels], pixels);
            cost.linear([4 * channels, channels], pixels);
        }
        cost.linear(square, pixels);
    }
}

impl Cost {
    /// Chapter L's block. That of a decoder knows no time.
    fn block(&mut self, channels: [u64; 2], pixels: u64, time: Option<u64>) {
        let [inputs, outputs] = channels;
        self.norm(inputs);
        self.convolution(channels, 3, pixels);
        if let Some(time) = time {
            self.linear([time, outputs], 1);
        }
        self.norm(outputs);
        self.convolution([outputs, outputs], 3, pixels);
        if inputs != outputs {
            self.linear(channels, pixels);
        }
    }
}

/// The decoder of Stable Diffusion's autoencoders: of latents of so many channels, and of
/// `side` rows and columns, to pictures of eight times the side.
pub fn decoder(latent: u64, side: u64) -> Cost {
    const WIDTHS: [u64; 4] = [512, 512, 256, 128];
    let mut cost = Cost::default();
    let mut pixels = side * side;
    let mut before = WIDTHS[0];
    if latent == LATENT {
        cost.linear([latent, latent], pixels);
    }
    cost.convolution([latent, before], 3, pixels);
    cost.block([before, before], pixels, None);
    cost.norm(before);
    for _ in 0..4 {
        cost.linear([before, before], pixels);
    }
    cost.attention(pixels, pixels, before);
    cost.block([before, before], pixels, None);
    for (i, width) in WIDTHS.into_iter().enumerate() {
        for _ in 0..=BLOCKS {
            cost.block([before, width], pixels, None);
            before = width;
        }
        if i + 1 < WIDTHS.len() {
            pixels *= 4;
            cost.convolution([width, width], 3, pixels);
        }
    }
    cost.norm(before);
    cost.convolution([before, 3], 3, pixels);
    cost
}
