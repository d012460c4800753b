//! Attention of all pixels of a picture to each other.

use burn::module::Module;
use burn::nn::{GroupNorm, Linear, LinearConfig};
use burn::tensor::activation::softmax;
use burn::tensor::{Device, Tensor};

// ANCHOR: attention
/// Every pixel compares what it looks for with what all others have, and takes from those
/// that fit. What went in is added to what comes out.
#[derive(Module, Debug)]
pub struct Attention {
    group_norm: Option<GroupNorm>,
    to_q: Linear,
    to_k: Linear,
    to_v: Linear,
    /// A list of one, as diffusers' name for it says.
    to_out: Vec<Linear>,
    heads: usize,
    divisor: f64,
}

impl Attention {
    /// What comes out (equation L.4) of pictures `x`, n × C × H × W, in the same shape.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let [n, channels, rows, columns] = x.dims();
        let pixels = rows * columns;
        let normalized = match &self.group_norm {
            Some(norm) => norm.forward(x.clone()),
            None => x.clone(),
        };
        let normalized = normalized.reshape([n, channels, pixels]).swap_dims(1, 2);
        // Heads by pixels, each with its own share of the channels.
        let size = channels / self.heads;
        let heads = |layer: &Linear| {
            let y = layer.forward(normalized.clone());
            y.reshape([n, pixels, self.heads, size]).swap_dims(1, 2)
        };
        let [query, key, value] = [&self.to_q, &self.to_k, &self.to_v].map(heads);
        // Before the product, and not behind it: 16 bits may not hold that.
        let query = query / (size as f64).sqrt();
        let fits = query.matmul(key.swap_dims(2, 3));
        let taken = softmax(fits, 3).matmul(value);
        let y = taken.swap_dims(1, 2).reshape([n, pixels, channels]);
        let y = self.to_out[0].forward(y).swap_dims(1, 2).reshape(x.dims());
        (y + x) / self.divisor
    }
}
// ANCHOR_END: attention

impl Attention {
    /// One of so many heads.
    pub fn new(
        channels: usize,
        heads: usize,
        group_norm: Option<GroupNorm>,
        device: &Device,
    ) -> Self {
        let linear = || LinearConfig::new(channels, channels).init(device);
        Attention {
            group_norm,
            to_q: linear(),
            to_k: linear(),
            to_v: linear(),
            to_out: vec![linear()],
            heads,
            divisor: 1.0,
        }
    }

    /// The same, with the sum divided.
    pub fn divided_by(mut self, divisor: f32) -> Self {
        self.divisor = divisor.into();
        self
    }
}
