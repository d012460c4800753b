//! The command line of networks, which a later part has, too.

mod checkpoint;
mod data_set;
mod labels;
mod prediction_type;
mod train;

pub use checkpoint::{Checkpoint, network_path};
pub use data_set::{AUTO, DataSet};
pub use labels::LabelArguments;
pub use prediction_type::prediction_type;
pub use train::{TrainingEnd, train};
