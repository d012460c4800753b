//! Smaller pictures on the way down, larger ones on the way up.

use burn::module::Module;
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::module::{avg_pool2d, interpolate};
use burn::tensor::ops::{AvgPoolOptions, InterpolateMode, InterpolateOptions};
use burn::tensor::{Device, Tensor};

use crate::resnet_block::{ResnetBlock, three_by_three};

/// The way from one size of pictures to the next.
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant)] // an engine has no modules in boxes
pub enum Resampling {
    /// A convolution that moves by two pixels.
    Halving(Halving),
    /// Each pixel becomes a block of 2 × 2, and a convolution changes these.
    Doubling(Doubling),
    /// A block of which both ways do so with no weights.
    Block(ResnetBlock),
}

impl Resampling {
    /// Pictures of the other size, from `x`, n × C × H × W, at times with these embeddings,
    /// n × T.
    pub fn forward(&self, x: Tensor<4>, embedding: Tensor<2>) -> Tensor<4> {
        match self {
            Resampling::Halving(Halving { conv }) => conv.forward(x),
            Resampling::Doubling(Doubling { conv }) => conv.forward(doubled(x)),
            Resampling::Block(block) => block.forward(x, embedding),
        }
    }
}

/// See [`Resampling::Halving`].
#[derive(Module, Debug)]
pub struct Halving {
    conv: Conv2d,
}

/// See [`Resampling::Doubling`].
#[derive(Module, Debug)]
pub struct Doubling {
    conv: Conv2d,
}

impl Resampling {
    /// To half of the rows and columns, with zeros all round, or below and on the right only.
    pub fn halving(width: usize, pads_all_round: bool, device: &Device) -> Self {
        let before = usize::from(pads_all_round);
        let config = Conv2dConfig::new([width, width], [3, 3])
            .with_stride([2, 2])
            .with_padding(PaddingConfig2d::Explicit(before, before, 1, 1));
        Resampling::Halving(Halving { conv: config.init(device) })
    }

    /// To twice as many.
    pub fn doubling(width: usize, device: &Device) -> Self {
        let conv = three_by_three([width, width]).init(device);
        Resampling::Doubling(Doubling { conv })
    }
}

/// Each block of 2 × 2 pixels as one, their mean.
pub(crate) fn halved(x: Tensor<4>) -> Tensor<4> {
    avg_pool2d(x, AvgPoolOptions::new([2, 2]))
}

/// Each pixel as a block of 2 × 2.
pub(crate) fn doubled(x: Tensor<4>) -> Tensor<4> {
    let [.., rows, columns] = x.dims();
    let options =
        InterpolateOptions::new(InterpolateMode::Nearest).with_align_corners(false);
    interpolate(x, options.with_output_size([2 * rows, 2 * columns]))
}
