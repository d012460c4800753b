//! The command line of networks, which a later part has, too.

mod checkpoint;
mod data_set;
mod labels;

pub use checkpoint::{Checkpoint, network_path};
pub use data_set::{AUTO, DataSet};
pub use labels::LabelArguments;
