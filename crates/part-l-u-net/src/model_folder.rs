//! A network as a folder that diffusers opens, and reads it from there: the layout of
//! diffusers 0.42.
//!
//! | file | |
//! |---|---|
//! | `model_index.json` | which classes of diffusers the parts are |
//! | `unet/config.json` | the sizes of the network |
//! | `unet/diffusion_pytorch_model.safetensors` | its numbers, by diffusers' names |
//! | `scheduler/scheduler_config.json` | its schedule and what it predicts, or that it is a flow |
//! | `README.md` | how to use it from Python |
//! | `training.safetensors` | what it takes to go on, if its training was interrupted |
//!
//! What is read may also have the config of the network, its numbers and the config of the
//! schedule in the folder itself, as those that came with the DDPM paper's networks have;
//! the network in `unet_ema`; and its numbers in 16 bits, as
//! `diffusion_pytorch_model.fp16.safetensors`, or in several files. [`FolderConfig`] is
//! what a folder says without its numbers.
//!
//! ```
//! use std::io::Cursor;
//!
//! use diffusion_core::generator;
//! use part_e_schedules::beta_schedule::BetaSchedule;
//! use part_f_the_way_back::PredictionType;
//! use part_l_u_net::model_folder::{FolderPath, Learned, ModelFolder, scheduler_config};
//! use part_l_u_net::{ClassEmbedding, NormConfig, TimeFeatures, UNet, UNetConfig};
//!
//! let config = UNetConfig {
//!     size: [8, 8],
//!     channels: [1, 1],
//!     widths: vec![8, 16],
//!     attention: [vec![false, true], vec![true, false]],
//!     block_resampling: [vec![false; 2], vec![false; 2]],
//!     middle: true,
//!     attention_in_the_middle: true,
//!     middle_groups: Some(4),
//!     head_size: Some(8),
//!     blocks: 1,
//!     norm: NormConfig { groups: 4, epsilon: 1e-5, scale_shift: false },
//!     middle_divisor: 1.0,
//!     pads_all_round: true,
//!     skips: true,
//!     time_features: TimeFeatures::Positional,
//!     cosines_first: true,
//!     frequency_shift: 0.0,
//!     time_values: None,
//!     centers: false,
//!     class_embedding: ClassEmbedding::Learned,
//!     classes: 0,
//!     steps: 1000,
//! };
//! let folder = ModelFolder {
//!     network: UNet::new(config, &mut generator(0)),
//!     scheduler: FolderPath::Schedule(scheduler_config(
//!         &BetaSchedule::Cosine,
//!         1000,
//!         PredictionType::Velocity,
//!     )?),
//!     learned: Learned::default(),
//! };
//! let files = folder.to_files(&[], false)?;
//! let read = ModelFolder::read(|path| {
//!     let file = files.iter().find(|(name, _)| *name == path);
//!     Ok(file.map(|(_, bytes)| Cursor::new(bytes)))
//! })?;
//! assert_eq!(read, folder);
//! # Ok::<(), part_l_u_net::model_folder::FolderError>(())
//! ```

mod error;
mod files;
mod folder_config;
mod keys;
mod other_models;
mod readme;
mod schedule;
mod unet_config;
mod unfinished;
mod weights;

use std::io::{self, Read, Seek};

use part_f_the_way_back::PredictionType;
use serde_json::json;

use crate::u_net::UNet;
use files::Files;
use folder_config::SCHEDULERS;
use weights::Weights;

pub use error::FolderError;
pub use folder_config::FolderConfig;
pub use schedule::{FolderPath, scheduler_config};
pub use unfinished::{Beginning, UnfinishedTraining};

/// The files of a folder, each by its path in it.
pub const INDEX: &str = "model_index.json";
/// See [`INDEX`].
pub const CONFIG: &str = "unet/config.json";
/// See [`INDEX`].
pub const WEIGHTS: &str = "unet/diffusion_pytorch_model.safetensors";
/// See [`INDEX`].
pub const SCHEDULER: &str = "scheduler/scheduler_config.json";
/// See [`INDEX`].
pub const README: &str = "README.md";
/// See [`INDEX`].
pub const UNFINISHED: &str = "training.safetensors";

/// All files that a folder may have which is written here.
pub const FILES: [&str; 6] = [INDEX, CONFIG, WEIGHTS, SCHEDULER, README, UNFINISHED];

/// The version of diffusers whose files these are.
const VERSION: &str = "0.42.0";

/// A network, and what it takes to use it.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelFolder {
    /// The network.
    pub network: UNet,
    /// The path whose states it has seen, and what it predicts.
    pub scheduler: FolderPath,
    /// How it has learned.
    pub learned: Learned,
}

/// How a network has learned, as far as its folder says it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Learned {
    /// What the data are called.
    pub data: Option<String>,
    /// How many updates it has had.
    pub updates: usize,
    /// How, in words.
    pub training: String,
    /// What it takes to go on, if that was interrupted.
    pub unfinished: Option<UnfinishedTraining>,
}

impl ModelFolder {
    /// The files of the folder, each with its path in it and its bytes: the same for the
    /// same model. The names of the labels, if they have some, are for the reader of its
    /// README. With `half`, the numbers are rounded to 16 bits.
    ///
    /// # Errors
    ///
    /// If diffusers has no such network, or a number is too large for 16 bits.
    pub fn to_files(
        &self,
        label_names: &[String],
        half: bool,
    ) -> Result<Vec<(&'static str, Vec<u8>)>, FolderError> {
        let config = self.network.config();
        let scheduler = self.scheduler.config();
        let is_flow = self.scheduler.prediction() == PredictionType::Flow;
        let index = json!({
            "_class_name": "DDPMPipeline",
            "_diffusers_version": VERSION,
            "scheduler": ["diffusers", scheduler["_class_name"]],
            "unet": ["diffusers", "UNet2DModel"],
        });
        let text = |json: serde_json::Value| format!("{json:#}\n").into_bytes();
        let mut files = vec![
            (INDEX, text(index)),
            (CONFIG, text(unet_config::written(config)?)),
            (WEIGHTS, weights::written(&self.network, &self.learned, half)?),
            (SCHEDULER, text(scheduler)),
            (README, readme::written(config, label_names, is_flow).into_bytes()),
        ];
        if let Some(unfinished) = &self.learned.unfinished {
            files.push((UNFINISHED, unfinished.to_bytes()));
        }
        Ok(files)
    }

    /// Reads a folder. Its files are asked for by their paths in it, with `/` between
    /// folders; there is none where there is no such file. The network's numbers are read
    /// from their file into their place, and are never in memory twice.
    ///
    /// # Errors
    ///
    /// If a file is missing or can't be read, or says something that no network here can
    /// be made of. The error names the file, and what in it.
    pub fn read<R: Read + Seek>(
        file: impl FnMut(&str) -> io::Result<Option<R>>,
    ) -> Result<Self, FolderError> {
        let mut files = Files(file);
        let FolderConfig { network, scheduler, place, .. } =
            FolderConfig::of(&mut files)?;
        let scheduler = scheduler.ok_or_else(|| FolderError::missing(SCHEDULERS))?;
        let weights = Weights::open(&mut files, place)?;
        let network = weights.network(network)?;
        let unfinished = files
            .open(UNFINISHED)?
            .map(|file| UnfinishedTraining::read(file, &network))
            .transpose()
            .map_err(|error| FolderError::Weights { file: UNFINISHED.into(), error })?;
        let said = |key| weights.said(key).map(str::to_owned);
        let learned = Learned {
            data: said("data"),
            updates: said("updates").and_then(|text| text.parse().ok()).unwrap_or(0),
            training: said("training").unwrap_or_default(),
            unfinished,
        };
        Ok(ModelFolder { network, scheduler, learned })
    }
}
