//! What is learned from.

use diffusion_cli::shown::Shown;
use diffusion_cli::{DataArguments, RunError, load};

use crate::data::Data;

/// What stands for the data of a saved network, or for the usual ones.
pub const AUTO: &str = "auto";

/// The most values of a datum that a network learns.
const MAX_VALUES: usize = 4096;

/// One digit in so many is held out.
const HELD_OUT: usize = 10;

/// Data, and what is learned from them.
#[derive(Clone, Debug)]
pub struct DataSet {
    /// All of them, and what they look like.
    pub all: diffusion_cli::Data,
    /// What they are called.
    pub name: String,
    /// What is learned from.
    pub learned: Data,
    /// What is not.
    pub held_out: Option<Data>,
    /// How many labels there are.
    pub label_count: usize,
}

impl DataSet {
    /// Loads the data that are named.
    ///
    /// # Errors
    ///
    /// If they can't be loaded, or have too many values to be learned.
    pub fn load(arguments: &DataArguments) -> Result<Self, RunError> {
        let all = arguments.load()?;
        if all.x.nrows() > MAX_VALUES {
            return Err(RunError::Argument(format!(
                "--data '{}' has {} values in each datum, too many to learn; expected at most \
                 {MAX_VALUES}, or a smaller --size",
                Shown(&arguments.data),
                all.x.nrows()
            )));
        }
        let name = arguments.data.to_string_lossy().into_owned();
        if name != "digits" {
            let learned = Data::unlabelled(all.x.clone());
            return Ok(DataSet { all, name, learned, held_out: None, label_count: 0 });
        }
        let digits = Data { x: all.x.clone(), labels: Some(load::digit_labels()?) };
        let (learned, held_out) = digits.hold_out(HELD_OUT);
        Ok(DataSet { all, name, learned, held_out: Some(held_out), label_count: 10 })
    }
}
