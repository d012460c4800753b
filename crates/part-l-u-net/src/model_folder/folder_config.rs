//! What a folder says of its network without its weights.

use std::io::{self, Read, Seek};

use super::files::{Files, PLACES, Place};
use super::keys::Keys;
use super::{FolderError, FolderPath, INDEX, SCHEDULER, other_models, unet_config};
use crate::config::UNetConfig;

/// How many timesteps a network knows if no scheduler says it.
const STEPS: usize = 1000;

/// The keys of a `UNet2DModel` in diffusers 0.42.
const KEYS: [&str; 28] = [
    "sample_size",
    "in_channels",
    "out_channels",
    "center_input_sample",
    "time_embedding_type",
    "time_embedding_dim",
    "freq_shift",
    "flip_sin_to_cos",
    "down_block_types",
    "mid_block_type",
    "up_block_types",
    "block_out_channels",
    "layers_per_block",
    "mid_block_scale_factor",
    "downsample_padding",
    "downsample_type",
    "upsample_type",
    "dropout",
    "act_fn",
    "attention_head_dim",
    "norm_num_groups",
    "attn_norm_num_groups",
    "norm_eps",
    "resnet_time_scale_shift",
    "add_attention",
    "class_embed_type",
    "num_class_embeds",
    "num_train_timesteps",
];

/// What the average of a training writes beside them.
const EMA_KEYS: [&str; 7] = [
    "decay",
    "min_decay",
    "optimization_step",
    "update_after_step",
    "use_ema_warmup",
    "inv_gamma",
    "power",
];

/// What the configs of a folder say. It takes no weights to be read.
#[derive(Clone, Debug, PartialEq)]
pub struct FolderConfig {
    /// The sizes of the network.
    pub network: UNetConfig,
    /// The path whose states it has seen, and what it predicts, if the folder says it. If
    /// not, the network is taken to know 1000 timesteps.
    pub scheduler: Option<FolderPath>,
    /// The text of that config.
    pub scheduler_json: Option<String>,
    /// The keys of the network's config that diffusers doesn't know either, and that are
    /// left out of account.
    pub unknown_keys: Vec<String>,
    /// Where its weights are.
    pub(super) place: &'static Place,
}

impl FolderConfig {
    /// Reads the configs of a folder. Its files are asked for as those of
    /// [`ModelFolder::read`](super::ModelFolder::read).
    ///
    /// # Errors
    ///
    /// If there is no `config.json`, if a config can't be read, or if it says something
    /// that no network here can be made of. The error names the file, and what in it.
    pub fn read<R: Read + Seek>(
        file: impl FnMut(&str) -> io::Result<Option<R>>,
    ) -> Result<Self, FolderError> {
        Self::of(&mut Files(file))
    }

    pub(super) fn of<R: Read + Seek>(
        files: &mut Files<impl FnMut(&str) -> io::Result<Option<R>>>,
    ) -> Result<Self, FolderError> {
        if let Some(bytes) = files.json(INDEX)? {
            other_models::check_index(&Keys::parse(INDEX, &bytes)?)?;
        }
        // Where a part has no folder of its own, its files are in that of the whole.
        let mut config = None;
        for place in &PLACES {
            if config.is_none() {
                config = files.json(place.config)?.map(|bytes| (place, bytes));
            }
        }
        let Some((place, bytes)) = config else {
            let [unet, _, whole] = &PLACES;
            return Err(FolderError::missing([unet.config, whole.config]));
        };
        let keys = Keys::parse(place.config, &bytes)?;
        other_models::check_config(&keys)?;
        let (scheduler, scheduler_json) = scheduler(files)?.unzip();
        let steps = scheduler.as_ref().map_or(STEPS, FolderPath::timesteps);
        Ok(FolderConfig {
            network: unet_config::read(&keys, steps)?,
            scheduler,
            scheduler_json,
            unknown_keys: unknown(&keys),
            place,
        })
    }
}

/// Where the config of a scheduler may be.
pub(super) const SCHEDULERS: [&str; 2] = [SCHEDULER, "scheduler_config.json"];

/// What the scheduler says, if there is one, and the text that says it.
fn scheduler<R: Read + Seek>(
    files: &mut Files<impl FnMut(&str) -> io::Result<Option<R>>>,
) -> Result<Option<(FolderPath, String)>, FolderError> {
    for path in SCHEDULERS {
        if let Some(bytes) = files.json(path)? {
            // Python writes some things that are no JSON, which chapter E reads.
            if let Ok(keys) = Keys::parse(path, &bytes) {
                other_models::check_variance(&keys)?;
            }
            let text = String::from_utf8_lossy(&bytes).into_owned();
            return Ok(Some((FolderPath::read(path, &bytes)?, text)));
        }
    }
    Ok(None)
}

/// The keys that diffusers doesn't know.
fn unknown(keys: &Keys) -> Vec<String> {
    let is_known = |key: &str| {
        key.starts_with('_') || KEYS.contains(&key) || EMA_KEYS.contains(&key)
    };
    let unknown = keys.names().filter(|key| !is_known(key));
    unknown.map(|key| key.escape_debug().to_string()).collect()
}
