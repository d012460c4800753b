//! The command line of networks, which a later part has, too.

mod labels;
mod material;
mod saved;

pub use labels::LabelArguments;
pub use material::{AUTO, Material};
pub use saved::{Saved, network_path};
