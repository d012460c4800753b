//! The U-Net: down to small pictures, where far is near, and up again, with what there
//! was at each size on the way down.

use burn::module::Module;
use burn::nn::GroupNorm;
use burn::nn::conv::Conv2d;
use burn::tensor::activation::silu;
use burn::tensor::{DType, Device, Tensor, TensorData};
use part_l_u_net::resnet_block::Scaling;
use part_l_u_net::{TimeFeatures, UNetConfig};

use crate::attention::Attention;
use crate::resampling::Resampling;
use crate::resnet_block::{ResnetBlock, group_norm, three_by_three};
use crate::time_embedding::{LabelEmbedding, TimeTable, TwoLayers, features, looked_up};

/// A U-Net with its parameters, each under the name that diffusers has for it.
#[derive(Module, Debug)]
pub struct UNet {
    time_proj: Option<TimeTable>,
    time_embedding: TwoLayers,
    class_embedding: Option<LabelEmbedding>,
    conv_in: Conv2d,
    down_blocks: Vec<Level>,
    mid_block: Level,
    up_blocks: Vec<Level>,
    conv_norm_out: GroupNorm,
    conv_out: Conv2d,
    #[module(skip)]
    config: UNetConfig,
}

/// What there is at one size of pictures.
#[derive(Module, Debug)]
pub struct Level {
    resnets: Vec<ResnetBlock>,
    /// Behind each block, or behind none. In the middle, behind the first.
    attentions: Vec<Attention>,
    /// To the next size, but for the last one: one of the two, on the way down or up.
    downsamplers: Vec<Resampling>,
    upsamplers: Vec<Resampling>,
}

impl Level {
    /// What comes out of the block of this number, and of attention behind it, if there
    /// is any.
    fn forward(&self, i: usize, x: Tensor<4>, embedding: &Tensor<2>) -> Tensor<4> {
        let h = self.resnets[i].forward(x, embedding.clone());
        match self.attentions.get(i) {
            Some(attention) => attention.forward(h),
            None => h,
        }
    }
}

impl UNet {
    /// The outputs for pictures `x`, n × C × H × W, at some times and of some labels:
    /// n × C' × H × W.
    pub fn forward(
        &self,
        x: Tensor<4>,
        times: &[f64],
        labels: &[Option<usize>],
    ) -> Tensor<4> {
        let (device, dtype) = (x.device(), x.dtype());
        let on = (&device, dtype);
        let x = if self.config.centers { x * 2.0 - 1.0 } else { x };
        let embedding = silu(self.embedding(times, labels, on));
        let mut h = self.conv_in.forward(x);
        let mut skips = vec![h.clone()];
        for level in &self.down_blocks {
            for i in 0..level.resnets.len() {
                h = level.forward(i, h, &embedding);
                skips.push(h.clone());
            }
            for halving in &level.downsamplers {
                h = halving.forward(h, embedding.clone());
                skips.push(h.clone());
            }
        }
        for i in 0..self.mid_block.resnets.len() {
            h = self.mid_block.forward(i, h, &embedding);
        }
        for level in &self.up_blocks {
            for i in 0..level.resnets.len() {
                let skip = skips.pop().expect("one for each block on the way up");
                h = level.forward(i, Tensor::cat(vec![h, skip], 1), &embedding);
            }
            for doubling in &level.upsamplers {
                h = doubling.forward(h, embedding.clone());
            }
        }
        let outputs = self.conv_out.forward(silu(self.conv_norm_out.forward(h)));
        match self.config.time_features {
            TimeFeatures::Fourier => outputs / per_picture(times, on),
            _ => outputs,
        }
    }

    /// The embeddings, n × T, of some times and labels.
    fn embedding(
        &self,
        times: &[f64],
        labels: &[Option<usize>],
        on: (&Device, DType),
    ) -> Tensor<2> {
        let features = |times: &[f64]| features(&self.time_proj, times, &self.config, on);
        let time = self.time_embedding.forward(features(times));
        match &self.class_embedding {
            None => time,
            Some(LabelEmbedding::Learned(table)) => {
                // The last row is that for *no label*.
                let none = self.config.classes - 1;
                let rows = labels.iter().map(|label| label.unwrap_or(none));
                time + looked_up(table, rows, on.0)
            }
            Some(LabelEmbedding::Timestep(layers)) => {
                let labels = labels.iter().map(|label| label.unwrap_or(0) as f64);
                time + layers.forward(features(&labels.collect::<Vec<_>>()))
            }
        }
    }

    /// Its sizes.
    pub fn config(&self) -> &UNetConfig {
        &self.config
    }

    /// A network whose numbers are to be replaced.
    ///
    /// # Panics
    ///
    /// If the config has no skips or no normalization, which no folder of a network says; or
    /// as [`Parameters::new`](part_l_u_net::Parameters::new).
    pub fn new(config: &UNetConfig, device: &Device) -> Self {
        assert!(config.skips && config.norm.groups > 0, "skips and normalization");
        let UNetConfig { widths, norm, channels, blocks, .. } = config;
        let pieces = Pieces { config, device };

        // The channels of what came out last, and of all that is kept for the way up.
        let mut before = widths[0];
        let mut skips = vec![before];
        let mut down = Vec::new();
        for (i, &width) in widths.iter().enumerate() {
            let mut level = pieces.level();
            for _ in 0..*blocks {
                level.resnets.push(pieces.block([before, width]));
                if config.attention[0][i] {
                    level.attentions.push(pieces.attention(width, Some(norm.groups)));
                }
                before = width;
                skips.push(width);
            }
            if i + 1 < widths.len() {
                level.downsamplers.push(match config.block_resampling[0][i] {
                    true => pieces.block_to(Scaling::Halving, width),
                    false => Resampling::halving(width, config.pads_all_round, device),
                });
                skips.push(width);
            }
            down.push(level);
        }
        let middle = pieces.middle(before);
        let mut up = Vec::new();
        for (i, &width) in widths.iter().rev().enumerate() {
            let mut level = pieces.level();
            for _ in 0..=*blocks {
                let skip = skips.pop().expect("one for each block on the way up");
                level.resnets.push(pieces.block([before + skip, width]));
                if config.attention[1][i] {
                    level.attentions.push(pieces.attention(width, Some(norm.groups)));
                }
                before = width;
            }
            if i + 1 < widths.len() {
                level.upsamplers.push(match config.block_resampling[1][i] {
                    true => pieces.block_to(Scaling::Doubling, width),
                    false => Resampling::doubling(width, device),
                });
            }
            up.push(level);
        }
        let (features, values) = (TimeTable::count(config), config.time_values());
        UNet {
            time_proj: TimeTable::new(config, device),
            time_embedding: TwoLayers::new(features, values, device),
            class_embedding: LabelEmbedding::new(config, device),
            conv_in: three_by_three([channels[0], widths[0]]).init(device),
            down_blocks: down,
            mid_block: middle,
            up_blocks: up,
            conv_norm_out: group_norm(norm.groups, before, norm, device),
            conv_out: three_by_three([before, channels[1]]).init(device),
            config: config.clone(),
        }
    }
}

/// A number for each picture, n × 1 × 1 × 1.
fn per_picture(numbers: &[f64], on: (&Device, DType)) -> Tensor<4> {
    let numbers: Vec<f32> = numbers.iter().map(|&number| number as f32).collect();
    let shape = [numbers.len(), 1, 1, 1];
    Tensor::from_data(TensorData::new(numbers, shape), on)
}

/// What a network of this config is put together from.
struct Pieces<'a> {
    config: &'a UNetConfig,
    device: &'a Device,
}

impl Pieces<'_> {
    fn level(&self) -> Level {
        Level {
            resnets: Vec::new(),
            attentions: Vec::new(),
            downsamplers: Vec::new(),
            upsamplers: Vec::new(),
        }
    }

    fn block(&self, channels: [usize; 2]) -> ResnetBlock {
        let UNetConfig { norm, .. } = self.config;
        ResnetBlock::new(channels, self.config.time_values(), norm, self.device)
    }

    fn block_to(&self, scaling: Scaling, width: usize) -> Resampling {
        Resampling::Block(self.block([width, width]).scaling(scaling))
    }

    fn attention(&self, width: usize, groups: Option<usize>) -> Attention {
        let norm = &self.config.norm;
        let norm = groups.map(|groups| group_norm(groups, width, norm, self.device));
        Attention::new(width, self.config.heads(width), norm, self.device)
    }

    /// Two blocks, and attention between them, or nothing at all.
    fn middle(&self, width: usize) -> Level {
        let mut level = self.level();
        if self.config.middle {
            let divisor = self.config.middle_divisor;
            let block = |_| self.block([width, width]).divided_by(divisor);
            level.resnets = (0..2).map(block).collect();
            if self.config.attention_in_the_middle {
                let attention = self.attention(width, self.config.middle_groups);
                level.attentions.push(attention.divided_by(divisor));
            }
        }
        level
    }
}
