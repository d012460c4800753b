//! The block that a U-Net is mostly made of.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{GroupNorm, GroupNormConfig, Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::activation::silu;
use burn::tensor::{Device, Tensor};
use part_l_u_net::NormConfig;
use part_l_u_net::resnet_block::Scaling;

use crate::resampling::{doubled, halved};

// ANCHOR: resnet_block
/// Two convolutions, each behind a normalization and a nonlinearity, with the time
/// between them. What went in is added to what comes out.
#[derive(Module, Debug)]
pub struct ResnetBlock {
    norm1: GroupNorm,
    conv1: Conv2d,
    time_emb_proj: Linear,
    norm2: GroupNorm,
    conv2: Conv2d,
    conv_shortcut: Option<Conv2d>,
    scale_shift: bool,
    divisor: f64,
    #[module(skip)]
    scaling: Scaling,
}

impl ResnetBlock {
    /// What comes out (equation L.3) of pictures `x`, n × C × H × W, at times with these
    /// embeddings, n × T: n × C' × H' × W'.
    pub fn forward(&self, x: Tensor<4>, embedding: Tensor<2>) -> Tensor<4> {
        let h = silu(self.norm1.forward(x.clone()));
        let (h, x) = (self.scaled(h), self.scaled(x));
        let h = self.conv1.forward(h);
        let time = self.time_emb_proj.forward(embedding).unsqueeze_dims(&[2, 3]);
        let h = if self.scale_shift {
            let [scale, shift] = time.chunk(2, 1).try_into().expect("two halves");
            self.norm2.forward(h) * (scale + 1.0) + shift
        } else {
            self.norm2.forward(h + time)
        };
        let h = self.conv2.forward(silu(h));
        let x = match &self.conv_shortcut {
            Some(shortcut) => shortcut.forward(x),
            None => x,
        };
        (x + h) / self.divisor
    }
}
// ANCHOR_END: resnet_block

impl ResnetBlock {
    fn scaled(&self, x: Tensor<4>) -> Tensor<4> {
        match self.scaling {
            Scaling::Same => x,
            Scaling::Halving => halved(x),
            Scaling::Doubling => doubled(x),
        }
    }

    /// One from C to C' channels, with embeddings of so many values, T.
    pub fn new(
        [inputs, outputs]: [usize; 2],
        embedding: usize,
        norm: &NormConfig,
        device: &Device,
    ) -> Self {
        let group_norm = |channels| group_norm(norm.groups, channels, norm, device);
        let time = if norm.scale_shift { 2 * outputs } else { outputs };
        ResnetBlock {
            norm1: group_norm(inputs),
            conv1: three_by_three([inputs, outputs]).init(device),
            time_emb_proj: LinearConfig::new(embedding, time).init(device),
            norm2: group_norm(outputs),
            conv2: three_by_three([outputs, outputs]).init(device),
            conv_shortcut: (inputs != outputs)
                .then(|| Conv2dConfig::new([inputs, outputs], [1, 1]).init(device)),
            scale_shift: norm.scale_shift,
            divisor: 1.0,
            scaling: Scaling::Same,
        }
    }

    /// The same, with pictures that are scaled to the size of its convolutions.
    pub fn scaling(mut self, scaling: Scaling) -> Self {
        self.scaling = scaling;
        self
    }

    /// The same, with the sum divided.
    pub fn divided_by(mut self, divisor: f32) -> Self {
        self.divisor = divisor.into();
        self
    }
}

/// A normalization of so many groups of channels.
pub(crate) fn group_norm(
    groups: usize,
    channels: usize,
    norm: &NormConfig,
    device: &Device,
) -> GroupNorm {
    let config = GroupNormConfig::new(groups, channels);
    config.with_epsilon(norm.epsilon.into()).init(device)
}

/// A convolution with a kernel of 3 × 3, and zeros around the pictures.
pub(crate) fn three_by_three(channels: [usize; 2]) -> Conv2dConfig {
    Conv2dConfig::new(channels, [3, 3])
        .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
}
