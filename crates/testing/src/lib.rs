//! What the tests of several crates share.
#![allow(clippy::disallowed_methods, reason = "no run depends on it")]

pub mod checkpoints;
mod command_tests;
pub mod formula;
pub mod memory;
pub mod missing;
pub mod python;
pub mod reference;
pub mod statistics;
pub mod transcript;

use diffusion_cli::load;
use diffusion_core::Picture;

pub use diffusion_cli::keep_freed_blocks;
#[doc(hidden)]
pub use insta;

/// The mandrill as it is, 512 × 512 pixels.
pub fn mandrill() -> Picture {
    load::picture(&load::mandrill(), None).expect("the repository has its picture")
}
