//! The config of a network of convolutions, and the numbers that it learns.

use diffusion_kernels::convolution::{Convolution, Padding};
use part_h_learning_to_denoise::ParameterSet;
use part_h_learning_to_denoise::features::TIME_FREQUENCIES;
use part_h_learning_to_denoise::layers::Linear;
use rand::Rng;

use crate::field_of_view::{Layer, field_of_view};
use crate::kernel::Kernel;

/// The side of a kernel that looks at neighbours, in pixels.
pub const KERNEL: usize = 3;

/// The channels of a picture: red, green and blue.
pub const COLOURS: usize = 3;

/// The config of a network: its sizes. What it has learned at one size of pictures, it
/// can do at any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetworkConfig {
    /// The rows and the columns of a picture.
    pub size: [usize; 2],
    /// How many channels a hidden layer has.
    pub channels: usize,
    /// How many kernels of 3 × 3 there are, one behind the other: at least 2.
    pub layers: usize,
    /// What is beyond the border of a picture. With [`Padding::None`], nobody is to
    /// know: pixels that see beyond it don't count in the loss.
    pub padding: Padding,
    /// How many timesteps there are.
    pub steps: usize,
}

impl NetworkConfig {
    /// How many pixels a picture has.
    pub fn pixels(&self) -> usize {
        self.size[0] * self.size[1]
    }

    /// How many pixels a prediction depends on, in each direction: a square of this
    /// side.
    pub fn field_of_view(&self) -> usize {
        field_of_view(&vec![Layer { kernel: KERNEL, stride: 1 }; self.layers])
    }

    /// From how many channels to how many, for pictures of this size.
    fn convolution(&self, channels: [usize; 2], kernel: usize) -> Convolution {
        let padding = match (kernel, self.padding) {
            // It needs no neighbours.
            (1, _) => Padding::None,
            // Something has to be there; see `Shapes`.
            (_, Padding::None) => Padding::Zeros,
            (_, padding) => padding,
        };
        Convolution::new(channels, self.size, kernel, 1, padding)
    }
}

/// The convolutions of a network, for pictures of one size.
#[derive(Clone, Debug, PartialEq)]
pub struct Shapes {
    /// From colours to channels.
    pub first: Convolution,
    /// From channels to channels, pixel by pixel.
    pub pointwise: Convolution,
    /// From channels to channels.
    pub middle: Convolution,
    /// From channels to colours.
    pub last: Convolution,
}

impl Shapes {
    /// Those of a network with this config.
    ///
    /// # Panics
    ///
    /// If the config has no pixels or no channels, or a padding with which pictures
    /// become smaller.
    pub fn new(config: &NetworkConfig) -> Self {
        let channels = config.channels;
        assert_ne!(config.padding, Padding::ZerosAfter, "pictures keep their size");
        Shapes {
            first: config.convolution([COLOURS, channels], KERNEL),
            pointwise: config.convolution([channels, channels], 1),
            middle: config.convolution([channels, channels], KERNEL),
            last: config.convolution([channels, COLOURS], KERNEL),
        }
    }
}

/// What a residual block has learned.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// From the time to two numbers for each channel.
    pub time: Linear,
    /// From channels to channels, pixel by pixel.
    pub pointwise: Kernel,
    /// From channels to channels, with the neighbours.
    pub kernel: Kernel,
}

/// All numbers that are learned.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters {
    /// From the features of the time to what all layers are told of it.
    pub time: [Linear; 2],
    /// From colours to channels.
    pub first: Kernel,
    /// One residual block behind the other.
    pub blocks: Vec<Block>,
    /// What the last kernel is told of the time.
    pub last_time: Linear,
    /// From channels to colours.
    pub last: Kernel,
}

impl Parameters {
    /// Those of a network that has learned nothing.
    ///
    /// # Panics
    ///
    /// If the config has no pixels or no channels, or fewer than 2 layers.
    pub fn new(config: &NetworkConfig, rng: &mut impl Rng) -> Self {
        assert!(config.layers >= 2, "a first kernel and a last one");
        let (shapes, channels) = (Shapes::new(config), config.channels);
        Parameters {
            time: [
                Linear::new(2 * TIME_FREQUENCIES, channels, rng),
                Linear::new(channels, channels, rng),
            ],
            first: Kernel::new(&shapes.first, rng),
            blocks: (2..config.layers)
                .map(|_| Block {
                    time: Linear::new(channels, 2 * channels, rng),
                    pointwise: Kernel::new(&shapes.pointwise, rng),
                    kernel: Kernel::new(&shapes.middle, rng),
                })
                .collect(),
            last_time: Linear::new(channels, 2 * channels, rng),
            last: Kernel::new(&shapes.last, rng),
        }
    }
}

/// The numbers of a parameter set in one order, of a layer its weights and then its
/// biases.
macro_rules! slices {
    ($parameters:expr, $iter:ident, $as_slice:ident) => {{
        let Parameters { time: [one, other], first, blocks, last_time, last } =
            $parameters;
        let mut slices = vec![one.weights.$as_slice(), one.bias.$as_slice()];
        slices.extend([other.weights.$as_slice(), other.bias.$as_slice()]);
        slices.extend([first.weights.$as_slice(), first.bias.$as_slice()]);
        for Block { time, pointwise, kernel } in blocks.$iter() {
            slices.extend([time.weights.$as_slice(), time.bias.$as_slice()]);
            slices.extend([pointwise.weights.$as_slice(), pointwise.bias.$as_slice()]);
            slices.extend([kernel.weights.$as_slice(), kernel.bias.$as_slice()]);
        }
        slices.extend([last_time.weights.$as_slice(), last_time.bias.$as_slice()]);
        slices.extend([last.weights.$as_slice(), last.bias.$as_slice()]);
        slices
    }};
}

impl ParameterSet for Parameters {
    fn slices(&self) -> Vec<&[f32]> {
        slices!(self, iter, as_slice)
    }

    fn slices_mut(&mut self) -> Vec<&mut [f32]> {
        slices!(self, iter_mut, as_mut_slice)
    }
}
