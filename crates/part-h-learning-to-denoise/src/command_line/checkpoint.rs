//! A network in a file.

use std::path::{Path, PathBuf};

use diffusion_cli::shown::{Shown, shortened};
use diffusion_cli::{DataArguments, RunError, load};

use super::{AUTO, DataSet};
use part_d_alpha_bar_trick::NoiseScheduler;

use crate::Network;
use crate::model_file::{Model, ModelPath, StoredNetwork};

/// The largest file of a network, in bytes.
const MAX_BYTES: u64 = 1 << 28;

/// Data that have a name, and need no file.
const NAMES: [&str; 6] =
    ["mandrill-points", "spiral", "moons", "checkerboard", "mandrill", "digits"];

/// A network that an option of the command line names.
#[derive(Clone, Debug)]
pub struct Checkpoint<N = Network> {
    /// The network.
    pub model: Model<N>,
    option: &'static str,
    path: PathBuf,
}

impl<N: StoredNetwork> Checkpoint<N> {
    /// Loads it. The `option` that names it is for the reader of an error.
    ///
    /// # Errors
    ///
    /// If the file is not there or too large, or is not one of a network.
    pub fn load(option: &'static str, path: &Path) -> Result<Self, RunError> {
        let refused = |reason: &dyn ToString| {
            let reason = shortened(&reason.to_string());
            let sentence = format!(
                "cannot load '{}': {reason}; expected a network that {} has saved",
                Shown(path),
                N::SAVED_BY
            );
            RunError::Lesson(sentence.into())
        };
        let bytes = load::up_to(MAX_BYTES, path).map_err(|error| refused(&error))?;
        let bytes = bytes.ok_or_else(|| refused(&"it is larger than any"))?;
        let model = Model::from_bytes(&bytes).map_err(|error| refused(&error))?;
        Ok(Checkpoint { model, option, path: path.to_owned() })
    }

    /// The schedule that it has learned with.
    ///
    /// # Errors
    ///
    /// If it has learned along the path of a flow, which has none.
    pub fn schedule(&self) -> Result<&NoiseScheduler, RunError> {
        match &self.model.path {
            ModelPath::Schedule(scheduler) => Ok(scheduler),
            ModelPath::Flow => Err(RunError::Argument(format!(
                "{} '{}' is a network of a flow, which has no schedule; expected one of a schedule, \
                 or the command of chapter I or J",
                self.option,
                Shown(&self.path)
            ))),
        }
    }

    /// What it has learned from, if that has a name.
    pub fn known_data(&self) -> Option<&str> {
        let data = self.model.data.as_str();
        NAMES.contains(&data).then_some(data)
    }

    /// What it has learned from. A file or a folder that only the network names is not
    /// touched.
    ///
    /// # Errors
    ///
    /// If it has no name.
    pub fn data(&self) -> Result<&str, RunError> {
        self.known_data().ok_or_else(|| {
            RunError::Argument(format!(
                "{} '{}' has learned from data of your own, '{}'; expected --data to say where \
                 they are",
                self.option,
                Shown(&self.path),
                shortened(&self.model.data)
            ))
        })
    }

    /// Has the arguments name the data that it has learned from, if they name none.
    ///
    /// # Errors
    ///
    /// If they name others, or these have no name.
    pub fn choose_data(&self, data: &mut DataArguments) -> Result<(), RunError> {
        match self.known_data() {
            _ if data.data == Path::new(AUTO) => data.data = self.data()?.into(),
            Some(known) if data.data != Path::new(known) => {
                return Err(RunError::Argument(format!(
                    "--data '{}': the network that {} names has learned from '{known}'; \
                     expected no --data",
                    Shown(&data.data),
                    self.option
                )));
            }
            _ => {}
        }
        Ok(())
    }
}

impl Checkpoint {
    /// The network, if it is one for these data.
    ///
    /// # Errors
    ///
    /// If it is not.
    pub fn fitting(self, data_set: &DataSet) -> Result<Model, RunError> {
        let config = self.model.network.config();
        let known = [(config.values, "values"), (config.labels, "labels")];
        let found = [data_set.all.x.nrows(), data_set.label_count];
        let other = known.iter().zip(found).find(|((known, _), found)| known != found);
        match other {
            None if data_set.all.are_colour() => Ok(self.model.into_channels_first()),
            None => Ok(self.model),
            Some(((known, what), found)) => Err(RunError::Argument(format!(
                "'{}' has {found} {what}, and the network that {} names has learned from data \
                 with {known}; expected --data like those",
                Shown(Path::new(&data_set.name)),
                self.option
            ))),
        }
    }
}

/// Parses the path of a network, which ends in .safetensors.
pub fn network_path(text: &str) -> Result<PathBuf, &'static str> {
    let path = PathBuf::from(text);
    match path.extension() {
        Some(ending) if ending.eq_ignore_ascii_case("safetensors") => Ok(path),
        _ => Err("expected a path that ends in .safetensors"),
    }
}
