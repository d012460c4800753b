//! The numbers of a network, by the names that diffusers has for them.

use std::collections::BTreeSet;

use diffusion_core::generator;
use part_h_learning_to_denoise::ParameterSet;
use part_h_learning_to_denoise::model_file::{Stored, tensors_as_file};

use super::{FolderError, Learned, WEIGHTS};
use crate::config::UNetConfig;
use crate::u_net::UNet;

/// What the layers of attention were called before May 2023.
const OLD: [[&str; 2]; 4] = [
    [".to_q.", ".query."],
    [".to_k.", ".key."],
    [".to_v.", ".value."],
    [".to_out.0.", ".proj_attn."],
];

/// The bytes of the file.
pub fn written(
    network: &UNet,
    learned: &Learned,
    half: bool,
) -> Result<Vec<u8>, FolderError> {
    let tensors = network.parameters.tensors().into_iter();
    let tensors = tensors.map(|it| (it.name, it.shape, it.numbers.to_vec())).collect();
    // diffusers wants to be told whose tensors they are.
    let mut metadata = vec![("format", "pt".to_owned())];
    if let Some(data) = &learned.data {
        metadata.push(("data", data.clone()));
        metadata.push(("updates", learned.updates.to_string()));
        metadata.push(("training", learned.training.clone()));
    }
    tensors_as_file(tensors, half, metadata)
        .map_err(|error| FolderError::Weights { file: WEIGHTS, error })
}

/// The network of a config, with the numbers of a file.
pub fn read(
    file: &'static str,
    config: UNetConfig,
    stored: &Stored,
) -> Result<UNet, FolderError> {
    // So that nobody takes memory by a config alone.
    let found = stored.bytes();
    if found < least_bytes(&config) {
        return Err(FolderError::TooFew { file, found });
    }
    // They are replaced one and all.
    let mut network = UNet::new(config, &mut generator(0));
    let mut all: Vec<(String, Vec<usize>)> = Vec::new();
    for tensor in network.parameters.tensors() {
        all.push((tensor.name, tensor.shape));
    }
    let mut used = BTreeSet::new();
    for ((name, expected), place) in all.into_iter().zip(network.parameters.slices_mut())
    {
        let name = known_as(name, stored);
        let Some(found) = stored.shape(&name) else {
            return Err(FolderError::NoTensor { file, name });
        };
        if !is_shape(&found, &expected) {
            return Err(FolderError::Shape { file, name, found, expected });
        }
        let damaged = |error| FolderError::Weights { file, error };
        stored.fill(&name, place).map_err(damaged)?;
        used.insert(name);
    }
    match stored.names().into_iter().find(|name| !used.contains(*name)) {
        None => Ok(network),
        Some(name) => Err(FolderError::OtherTensor { file, name: name.to_owned() }),
    }
}

/// The name of a tensor in a file, which may be an old one.
fn known_as(name: String, stored: &Stored) -> String {
    let olds =
        OLD.iter().filter(|[new, _]| name.contains(".attentions.") && name.contains(new));
    let mut olds = olds.map(|[new, old]| name.replace(new, old));
    match stored.has(&name) {
        true => name,
        false => olds.find(|old| stored.has(old)).unwrap_or(name),
    }
}

/// Linear layers were kept as convolutions of 1 × 1 by some.
fn is_shape(found: &[usize], expected: &[usize]) -> bool {
    let is_linear = expected.len() == 2 && found.len() == 4;
    found == expected || is_linear && found[..2] == *expected && found[2..] == [1, 1]
}

/// Fewer bytes than the numbers of a network take, in 16 bits; at least an eighth of them.
fn least_bytes(config: &UNetConfig) -> usize {
    let UNetConfig { widths, blocks, channels, classes, .. } = config;
    let time = config.time_values();
    let squares: usize = widths.iter().map(|width| width * width).sum();
    let numbers = 9 * squares * (3 * blocks + 2)
        + time * (time + classes)
        + 9 * widths[0] * (channels[0] + channels[1]);
    2 * numbers
}
