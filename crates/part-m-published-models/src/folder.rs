//! The folder of a network.

use std::path::{Path, PathBuf};

use diffusion_cli::RunError;
use diffusion_cli::load::{self, LoadError};
use diffusion_cli::shown::Shown;
use nalgebra::DMatrix;
use part_h_learning_to_denoise::model_file::Stored;
use part_l_u_net::UNetConfig;
use part_l_u_net::command_line::{load_config, load_folder};
use part_l_u_net::model_folder::{FolderConfig, ModelFolder};

use crate::arguments::ModelArguments;

/// The network that the repository has.
const STORED: &str = "digits-u-net";

/// What a folder says without its weights, for pictures of the size that is asked for, and
/// notes on it.
pub fn config(model: &ModelArguments) -> Result<(FolderConfig, Vec<String>), RunError> {
    let mut config = load_config(&path(model)?)?;
    if let Some(side) = model.size {
        let size = [side as usize; 2];
        if !config.network.can_have(size) {
            return Err(RunError::Argument(format!(
                "--size {side}: the network halves a picture {} times, and that can't be; expected \
                 a multiple of {}",
                config.network.widths.len() - 1,
                1 << (config.network.widths.len() - 1)
            )));
        }
        config.network.size = size;
    }
    let mut notes = Vec::new();
    if !config.unknown_keys.is_empty() {
        notes.push(format!(
            "Keys of the config that diffusers doesn't know, and that are left out of account: {}.",
            config.unknown_keys.join(", ")
        ));
    }
    Ok((config, notes))
}

/// The largest file of noise, in bytes.
const MAX_NOISE: u64 = 1 << 29;

/// The noise in a file, C H W × n, for a network.
pub fn noise(path: &Path, network: &UNetConfig) -> Result<DMatrix<f32>, RunError> {
    let refused = |reason: String| {
        RunError::Argument(format!("--noise '{}': {reason}", Shown(path)))
    };
    let file = load::open(MAX_NOISE, path).map_err(|error| refused(error.to_string()))?;
    let read = Stored::open(file).and_then(|stored| stored.floats("noise"));
    let (shape, values): ([usize; 4], Vec<f32>) = read.map_err(|error| {
        refused(format!(
            "{error}; expected a file of safetensors.torch.save_file with a tensor `noise` of four \
                         dimensions"
        ))
    })?;
    let ([channels, _], [rows, columns]) = (network.channels, network.size);
    match shape[0] > 0 && shape[1..] == [channels, rows, columns] {
        true => Ok(DMatrix::from_vec(channels * rows * columns, shape[0], values)),
        false => Err(refused(format!(
            "the tensor `noise` has the shape {shape:?}; expected pictures of {channels} x {rows} x \
             {columns}"
        ))),
    }
}

/// The network, for pictures of this size.
pub fn network(
    model: &ModelArguments,
    size: [usize; 2],
) -> Result<ModelFolder, RunError> {
    let folder = load_folder(&path(model)?)?;
    Ok(ModelFolder { network: folder.network.with_size(size), ..folder })
}

fn path(model: &ModelArguments) -> Result<PathBuf, RunError> {
    let stored = || {
        let path = load::learned(STORED);
        match path.metadata() {
            Ok(_) => Ok(path),
            Err(source) => Err(LoadError::Own { path, source }),
        }
    };
    Ok(model.model.clone().map_or_else(stored, Ok)?)
}
