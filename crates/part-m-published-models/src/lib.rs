//! Chapter M: published models.
//!
//! A published network is chapter L's U-Net with other numbers. What is new is all that
//! stands around it, to be read in this order:
//!
//! 1. [`explanation`]: what a network is and costs, from its config alone.
//! 2. [`pipeline`]: what diffusers does with a folder that is run as it is.
//! 3. [`setup`]: all that has to be right before there are pictures.
//! 4. [`fault`]: one mistake at a time.
//! 5. [`recall`]: what a network has kept of its data.

pub mod explanation;
pub mod fault;
pub mod pipeline;
pub mod recall;
pub mod setup;

pub use explanation::{Explanation, LevelExplanation};
pub use fault::{FAULTS, Fault};
pub use pipeline::{Pipeline, PipelineError, PipelineKind};
pub use recall::Recall;
pub use setup::Setup;
