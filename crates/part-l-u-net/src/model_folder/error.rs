//! What can be wrong with a folder.

use std::io;

use part_e_schedules::config::ConfigError;
use part_h_learning_to_denoise::model_file::ModelError;
use thiserror::Error;

/// Why a folder is none of a network, or can't be one.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "each variant says it in its message")]
pub enum FolderError {
    #[error(
        "there is no {}; expected the folder of a network, as diffusers writes it",
        .files.join(", and no ")
    )]
    Missing { files: Vec<String> },
    #[error("{file} cannot be read: {source}")]
    Read { file: String, source: io::Error },
    #[error(
        "{file} is a pointer of git-LFS to the file, and not the file itself; expected what \
         `git lfs pull` fetches, run in the folder"
    )]
    LfsPointer { file: String },
    #[error("{file} is larger than a megabyte; expected a config in JSON")]
    LongJson { file: &'static str },
    #[error("{file} is no JSON from line {line}, column {column} on")]
    NotJson { file: &'static str, line: usize, column: usize },
    #[error("{file} is JSON, but no object")]
    NotAnObject { file: &'static str },
    #[error("{file}: {key} is {found}; expected {expected}")]
    Value { file: &'static str, key: &'static str, found: String, expected: String },
    #[error(
        "{file}: {key} is {groups}, and there are {channels} channels; expected groups of as many \
         each"
    )]
    Groups { file: &'static str, key: &'static str, groups: usize, channels: usize },
    #[error(
        "{file}: attention_head_dim is {size}, and there is attention over {channels} channels; \
         expected heads of as many each"
    )]
    Heads { file: &'static str, size: usize, channels: usize },
    #[error(
        "{file}: sample_size is {rows} x {columns}, and block_out_channels has {widths} numbers; \
         expected a size that can be halved {} times",
        widths - 1
    )]
    Size { file: &'static str, rows: usize, columns: usize, widths: usize },
    #[error(
        "{file}: {key} has {name:?}, a block {what}; expected blocks of the kinds that a plain \
         UNet2DModel is made of"
    )]
    OtherBlock { file: &'static str, key: &'static str, name: String, what: &'static str },
    #[error("{file}: {error}")]
    Scheduler { file: &'static str, error: ConfigError },
    #[error(
        "{file} is of another flow ({what}); expected FlowMatchEulerDiscreteScheduler with 1000 \
         timesteps, a shift of 1 and its sigmas as they are"
    )]
    Flow { file: &'static str, what: String },
    #[error(
        "there is no {expected}, and {file} is a pickle, which can run any program and is not read \
         here; expected what this makes of it: python -c \"import torch, safetensors.torch as s; \
         s.save_file(torch.load('{file}', 'cpu', weights_only=True), '{expected}', \
         {{'format': 'pt'}})\""
    )]
    Pickle { file: &'static str, expected: &'static str },
    #[error(
        "there is no {expected}, and {file} has the weights for Flax, which are not read here; \
         expected those for PyTorch"
    )]
    Flax { file: &'static str, expected: &'static str },
    #[error("{file}: {error}")]
    Weights { file: String, error: ModelError },
    #[error(
        "{file}: the tensors '{new}' and '{old}' are named as in different versions of diffusers; \
         expected either to_q, to_k, to_v and to_out.0, or query, key, value and proj_attn"
    )]
    MixedNames { file: &'static str, new: String, old: String },
    #[error("{file}: the tensor '{name}' is missing, which a network of this config has")]
    NoTensor { file: &'static str, name: String },
    #[error(
        "{file}: the tensor '{name}' has the shape {found:?}; expected {expected:?}, as the \
         config says"
    )]
    Shape { file: String, name: String, found: Vec<usize>, expected: Vec<usize> },
    #[error("{file}: there is a tensor '{name}', which no network of this config has")]
    OtherTensor { file: String, name: String },
    #[error("{file} has {found} bytes of numbers, and the config asks for more")]
    TooFew { file: &'static str, found: usize },
    #[error("diffusers has no such network: {0}")]
    NotOfDiffusers(&'static str),
}

impl FolderError {
    /// None of these files is there.
    pub(super) fn missing<const N: usize>(files: [&str; N]) -> Self {
        FolderError::Missing { files: files.map(str::to_owned).to_vec() }
    }
}
