//! All that a U-Net is made of, and how it is put together.

use crate::initial::Initial;
use diffusion_kernels::convolution::Padding;
use part_h_learning_to_denoise::ParameterSet;

use crate::attention::Attention;
use crate::config::UNetConfig;
use crate::group_norm::GroupNorm;
use crate::layer::Layer;
use crate::resampling::Resampling;
use crate::resnet_block::{ResnetBlock, Scaling};
use crate::tensors::{Tensor, Tensors};
use crate::time_embedding::TimeEmbedding;

// ANCHOR: parameters
/// All that a U-Net is made of. The derivatives of a loss with respect to its parameters
/// have the same shape, and so they are `Parameters`, too.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters {
    pub(crate) time: TimeEmbedding,
    pub(crate) conv_in: Layer,
    pub(crate) down: Vec<Level>,
    pub(crate) middle: Level,
    pub(crate) up: Vec<Level>,
    pub(crate) norm_out: GroupNorm,
    pub(crate) conv_out: Layer,
}

/// What there is at one size of pictures.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Level {
    pub(crate) blocks: Vec<ResnetBlock>,
    /// Behind each block, or behind none. In the middle, behind the first.
    pub(crate) attentions: Vec<Attention>,
    /// To the next size, but for the last one.
    pub(crate) resample: Option<Resampling>,
}
// ANCHOR_END: parameters

impl Parameters {
    /// Those of a network that has learned nothing, or with [`Zeros`](crate::initial::Zeros)
    /// one whose numbers are to be read.
    ///
    /// # Panics
    ///
    /// If a number is 0, if it is not said for each width whether there is attention,
    /// if the size of a picture can't be halved as often as there are smaller ones, or if
    /// groups or heads can't have as many channels each.
    pub fn new(config: &UNetConfig, initial: &mut impl Initial) -> Self {
        let UNetConfig { widths, norm, channels, blocks, .. } = config;
        let [ways, by_blocks] = [&config.attention, &config.block_resampling];
        let mut lists = ways.iter().chain(by_blocks);
        assert!(lists.all(|way| way.len() == widths.len()), "attention or not");
        assert!(config.can_have(config.size), "{:?}", config.size);
        let pieces = Pieces { config };
        let mut size = config.size;
        let time = TimeEmbedding::new(config, initial);
        let conv_in = pieces.convolution([channels[0], widths[0]], size, initial);

        // The channels of what came out last, and of all that is kept for the way up.
        let mut before = widths[0];
        let mut skips = vec![before];
        let mut down = Vec::new();
        for (i, (&width, &attends)) in widths.iter().zip(&ways[0]).enumerate() {
            let mut level = Level::default();
            for _ in 0..*blocks {
                level.blocks.push(pieces.block([before, width], size, initial));
                if attends {
                    level.attentions.push(pieces.attention(width, size, initial));
                }
                before = width;
                skips.push(width);
            }
            if i + 1 < widths.len() {
                level.resample = Some(match by_blocks[0][i] {
                    true => pieces.block_to(Scaling::Halving, width, size, initial),
                    false => pieces.halving(width, size, initial),
                });
                size = size.map(|length| length / 2);
                skips.push(width);
            }
            down.push(level);
        }

        let middle = pieces.middle(before, size, initial);

        let mut up = Vec::new();
        for (i, (&width, &attends)) in widths.iter().rev().zip(&ways[1]).enumerate() {
            let mut level = Level::default();
            for _ in 0..=*blocks {
                let skip = skips.pop().expect("one for each block on the way up");
                level.blocks.push(pieces.block([before + skip, width], size, initial));
                if attends {
                    level.attentions.push(pieces.attention(width, size, initial));
                }
                before = width;
            }
            if i + 1 < widths.len() {
                level.resample = Some(match by_blocks[1][i] {
                    true => pieces.block_to(Scaling::Doubling, width, size, initial),
                    false => pieces.doubling(width, size, initial),
                });
                size = size.map(|length| 2 * length);
            }
            up.push(level);
        }
        let norm_out = GroupNorm::new(norm.groups, before, norm.epsilon);
        let conv_out = pieces.convolution([before, channels[1]], size, initial);
        Parameters { time, conv_in, down, middle, up, norm_out, conv_out }
    }
}

/// What a network of this config is put together from: for pictures of so many channels,
/// rows and columns each.
struct Pieces<'a> {
    config: &'a UNetConfig,
}

impl Pieces<'_> {
    fn convolution(
        &self,
        channels: [usize; 2],
        size: [usize; 2],
        initial: &mut impl Initial,
    ) -> Layer {
        Layer::convolution(channels, size, (3, 1), Padding::Zeros, initial)
    }

    /// From so many rows and columns to half of them.
    fn halving(
        &self,
        width: usize,
        size: [usize; 2],
        initial: &mut impl Initial,
    ) -> Resampling {
        let padding = match self.config.pads_all_round {
            true => Padding::Zeros,
            false => Padding::ZerosAfter,
        };
        let layer = Layer::convolution([width, width], size, (3, 2), padding, initial);
        Resampling::Halving(layer)
    }

    /// To twice as many.
    fn doubling(
        &self,
        width: usize,
        size: [usize; 2],
        initial: &mut impl Initial,
    ) -> Resampling {
        let size = size.map(|length| 2 * length);
        Resampling::Doubling(self.convolution([width, width], size, initial))
    }

    /// To half of them, or to twice as many.
    fn block_to(
        &self,
        scaling: Scaling,
        width: usize,
        size: [usize; 2],
        initial: &mut impl Initial,
    ) -> Resampling {
        let block = self.block([width, width], scaling.of(size), initial);
        Resampling::Block(Box::new(block.scaling(scaling)))
    }

    fn block(
        &self,
        channels: [usize; 2],
        size: [usize; 2],
        initial: &mut impl Initial,
    ) -> ResnetBlock {
        let embedding = self.config.time_values();
        ResnetBlock::new(channels, size, embedding, &self.config.norm, initial)
    }

    fn attention(
        &self,
        width: usize,
        size: [usize; 2],
        initial: &mut impl Initial,
    ) -> Attention {
        self.attention_of_groups(Some(self.config.norm.groups), width, size, initial)
    }

    fn attention_of_groups(
        &self,
        groups: Option<usize>,
        width: usize,
        size: [usize; 2],
        initial: &mut impl Initial,
    ) -> Attention {
        let epsilon = self.config.norm.epsilon;
        let norm = groups.map(|groups| GroupNorm::new(groups, width, epsilon));
        Attention::new(width, size, self.config.heads(width), norm, initial)
    }

    /// Two blocks, and attention between them, or nothing at all.
    fn middle(
        &self,
        width: usize,
        size: [usize; 2],
        initial: &mut impl Initial,
    ) -> Level {
        if !self.config.middle {
            return Level::default();
        }
        let divisor = self.config.middle_divisor;
        let block = |_| self.block([width, width], size, initial).divided_by(divisor);
        let blocks = (0..2).map(block).collect();
        let mut attentions = Vec::new();
        if self.config.attention_in_the_middle {
            let groups = self.config.middle_groups;
            let attention = self.attention_of_groups(groups, width, size, initial);
            attentions.push(attention.divided_by(divisor));
        }
        Level { blocks, attentions, resample: None }
    }
}

impl Parameters {
    /// All parameters by the names that diffusers has for them.
    pub fn tensors(&self) -> Vec<Tensor<'_>> {
        let mut all = Vec::new();
        self.time.tensors("", &mut all);
        self.conv_in.tensors("conv_in", &mut all);
        for (i, level) in self.down.iter().enumerate() {
            level.tensors(&format!("down_blocks.{i}"), "downsamplers", &mut all);
        }
        self.middle.tensors("mid_block", "", &mut all);
        for (i, level) in self.up.iter().enumerate() {
            level.tensors(&format!("up_blocks.{i}"), "upsamplers", &mut all);
        }
        self.norm_out.tensors("conv_norm_out", &mut all);
        self.conv_out.tensors("conv_out", &mut all);
        all
    }
}

impl Level {
    fn tensors<'a>(&'a self, name: &str, resample: &str, all: &mut Vec<Tensor<'a>>) {
        for (i, block) in self.blocks.iter().enumerate() {
            block.tensors(&format!("{name}.resnets.{i}"), all);
        }
        for (i, attention) in self.attentions.iter().enumerate() {
            attention.tensors(&format!("{name}.attentions.{i}"), all);
        }
        if let Some(resampling) = &self.resample {
            resampling.tensors(&format!("{name}.{resample}.0"), all);
        }
    }

    fn slices_mut<'a>(&'a mut self, all: &mut Vec<&'a mut [f32]>) {
        self.blocks.iter_mut().for_each(|block| block.slices_mut(all));
        self.attentions.iter_mut().for_each(|attention| attention.slices_mut(all));
        if let Some(resampling) = &mut self.resample {
            resampling.slices_mut(all);
        }
    }
}

impl Parameters {
    /// The same, for pictures of so many rows and columns. Nothing that is learned depends
    /// on that.
    pub(crate) fn resize(&mut self, mut size: [usize; 2]) {
        self.conv_in.resize(size);
        for level in &mut self.down {
            level.resize(&mut size, Scaling::Halving);
        }
        self.middle.resize(&mut size, Scaling::Same);
        for level in &mut self.up {
            level.resize(&mut size, Scaling::Doubling);
        }
        self.conv_out.resize(size);
    }
}

impl Level {
    /// The `size` is that of the next level, then.
    fn resize(&mut self, size: &mut [usize; 2], next: Scaling) {
        self.blocks.iter_mut().for_each(|block| block.resize(*size));
        self.attentions.iter_mut().for_each(|attention| attention.resize(*size));
        if let Some(resampling) = &mut self.resample {
            resampling.resize(*size);
            *size = next.of(*size);
        }
    }
}

impl ParameterSet for Parameters {
    fn slices(&self) -> Vec<&[f32]> {
        self.tensors().into_iter().map(|tensor| tensor.numbers).collect()
    }

    fn slices_mut(&mut self) -> Vec<&mut [f32]> {
        let mut all = Vec::new();
        self.time.slices_mut(&mut all);
        self.conv_in.slices_mut(&mut all);
        self.down.iter_mut().for_each(|level| level.slices_mut(&mut all));
        self.middle.slices_mut(&mut all);
        self.up.iter_mut().for_each(|level| level.slices_mut(&mut all));
        self.norm_out.slices_mut(&mut all);
        self.conv_out.slices_mut(&mut all);
        all
    }
}
