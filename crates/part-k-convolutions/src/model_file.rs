//! The network in a file of chapter H's format. The tensors have the names and the
//! layout that modules of PyTorch would have:
//!
//! | name | shape | |
//! |---|---|---|
//! | `time.0.weight`, `time.1.weight` | outputs × inputs | linear layers, as all that are called `time` |
//! | `first.weight` | channels × 3 × 3 × 3 | kernels: channels that come out, channels that go in, rows, columns |
//! | `blocks.0.time.weight`, `blocks.0.pointwise.weight`, `blocks.0.kernel.weight`, … | | |
//! | `last_time.weight`, `last.weight` | | |
//!
//! Each has a `bias`, too. The metadata say what is no number: the `padding`, and the
//! `size` of the pictures that it has learned from.

use diffusion_kernels::convolution::Padding;
use nalgebra::{DMatrix, DVector};
use part_h_learning_to_denoise::features::TIME_FREQUENCIES;
use part_h_learning_to_denoise::layers::Linear;
use part_h_learning_to_denoise::model_file::{
    ModelError, Stored, StoredNetwork, Tensor, linear, linear_tensors,
};

use crate::kernel::Kernel;
use crate::network::ConvolutionalNetwork;
use crate::parameters::{Block, COLOURS, KERNEL, NetworkConfig, Parameters};

/// The most pixels of a picture in a file, on a side.
const MAX_SIDE: usize = 4096;

/// The name of a padding in a file and on the command line.
pub fn padding_name(padding: Padding) -> &'static str {
    match padding {
        Padding::None => "none",
        Padding::Zeros => "zero",
        Padding::ZerosAfter => "zero-after",
        Padding::Circular => "circular",
    }
}

impl StoredNetwork for ConvolutionalNetwork {
    const SAVED_BY: &str = "the command of chapter K";

    fn tensors(&self) -> Vec<Tensor> {
        let Parameters { time, first, blocks, last_time, last } = &self.parameters;
        let mut tensors = Vec::new();
        for (i, layer) in time.iter().enumerate() {
            tensors.extend(linear_tensors(&format!("time.{i}"), layer));
        }
        tensors.extend(kernel_tensors("first", first, KERNEL));
        for (i, block) in blocks.iter().enumerate() {
            let name = |layer: &str| format!("blocks.{i}.{layer}");
            tensors.extend(linear_tensors(&name("time"), &block.time));
            tensors.extend(kernel_tensors(&name("pointwise"), &block.pointwise, 1));
            tensors.extend(kernel_tensors(&name("kernel"), &block.kernel, KERNEL));
        }
        tensors.extend(linear_tensors("last_time", last_time));
        tensors.extend(kernel_tensors("last", last, KERNEL));
        tensors
    }

    fn metadata(&self) -> Vec<(&'static str, String)> {
        let [rows, columns] = self.config().size;
        vec![
            ("padding", padding_name(self.config().padding).to_owned()),
            ("size", format!("{rows} x {columns}")),
        ]
    }

    fn read(stored: &Stored, steps: usize) -> Result<Self, ModelError> {
        let first = kernel(stored, "first", KERNEL)?;
        let time = [linear(stored, "time.0")?, linear(stored, "time.1")?];
        let block = |i: usize| {
            let name = |layer: &str| format!("blocks.{i}.{layer}");
            Ok(Block {
                time: linear(stored, &name("time"))?,
                pointwise: kernel(stored, &name("pointwise"), 1)?,
                kernel: kernel(stored, &name("kernel"), KERNEL)?,
            })
        };
        let blocks = (0..blocks_in(stored)).map(block);
        let blocks: Vec<Block> = blocks.collect::<Result<_, ModelError>>()?;
        let size = stored.said("size")?.split_once(" x ");
        let side =
            |text: &str| text.parse().ok().filter(|side| (1..=MAX_SIDE).contains(side));
        let size = size.and_then(|(rows, columns)| Some([side(rows)?, side(columns)?]));
        let padding = stored.said("padding")?;
        let padding = [Padding::None, Padding::Zeros, Padding::Circular]
            .into_iter()
            .find(|&known| padding_name(known) == padding);
        let config = NetworkConfig {
            size: size.ok_or(ModelError::Metadata("size"))?,
            channels: first.bias.len(),
            layers: blocks.len() + 2,
            padding: padding.ok_or(ModelError::Metadata("padding"))?,
            steps,
        };
        let last_time = linear(stored, "last_time")?;
        let last = kernel(stored, "last", KERNEL)?;
        let parameters = Parameters { time, first, blocks, last_time, last };
        check(&parameters, config.channels)?;
        Ok(ConvolutionalNetwork::with(config, parameters))
    }
}

/// How many residual blocks a file has: one more than the last number that a tensor of
/// theirs has in its name. So a block that is missing is told from one that never was.
fn blocks_in(stored: &Stored) -> usize {
    let number = |name: &str| -> Option<usize> {
        name.strip_prefix("blocks.")?.split('.').next()?.parse().ok()
    };
    let last = stored.names().iter().filter_map(|name| number(name)).max();
    last.map_or(0, |last| last.saturating_add(1))
}

/// A kernel of so many pixels a side as two tensors, as PyTorch has it: a column of the
/// weights is a channel that comes out.
fn kernel_tensors(name: &str, kernel: &Kernel, side: usize) -> [Tensor; 2] {
    let Kernel { weights, bias } = kernel;
    let (values, outputs) = weights.shape();
    let shape = vec![outputs, values / (side * side), side, side];
    [
        (format!("{name}.weight"), shape, weights.as_slice().to_vec()),
        (format!("{name}.bias"), vec![outputs], bias.as_slice().to_vec()),
    ]
}

fn kernel(stored: &Stored, name: &str, side: usize) -> Result<Kernel, ModelError> {
    let weight = format!("{name}.weight");
    let ([outputs, inputs, rows, columns], weights) = stored.floats(&weight)?;
    if [rows, columns] != [side, side] {
        return Err(ModelError::Tensor(weight));
    }
    let ([_], bias) = stored.floats(&format!("{name}.bias"))?;
    let weights = DMatrix::from_vec(inputs * rows * columns, outputs, weights);
    Ok(Kernel { weights, bias: DVector::from_vec(bias) })
}

/// Whether the tensors are those of a network with so many channels.
fn check(parameters: &Parameters, channels: usize) -> Result<(), ModelError> {
    let fits =
        |name: &str, found: [usize; 3], inputs: usize, outputs: usize| match channels > 0
            && found == [inputs, outputs, outputs]
        {
            true => Ok(()),
            false => Err(ModelError::Tensor(format!("{name}.weight"))),
        };
    let linear = |name: &str, layer: &Linear, inputs, outputs| {
        let (rows, columns) = layer.weights.shape();
        fits(name, [columns, rows, layer.bias.len()], inputs, outputs)
    };
    let kernel = |name: &str, kernel: &Kernel, values, outputs| {
        let (rows, columns) = kernel.weights.shape();
        fits(name, [rows, columns, kernel.bias.len()], values, outputs)
    };
    let Parameters { time, first, blocks, last_time, last } = parameters;
    let patch = KERNEL * KERNEL;
    kernel("first", first, COLOURS * patch, channels)?;
    linear("time.0", &time[0], 2 * TIME_FREQUENCIES, channels)?;
    linear("time.1", &time[1], channels, channels)?;
    for (i, block) in blocks.iter().enumerate() {
        let name = |layer: &str| format!("blocks.{i}.{layer}");
        linear(&name("time"), &block.time, channels, 2 * channels)?;
        kernel(&name("pointwise"), &block.pointwise, channels, channels)?;
        kernel(&name("kernel"), &block.kernel, channels * patch, channels)?;
    }
    linear("last_time", last_time, channels, 2 * channels)?;
    kernel("last", last, channels * patch, COLOURS)
}
