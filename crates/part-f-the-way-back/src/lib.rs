//! Part F: the way back, exactly.
//!
//! If the clean data is known, so is the best way back from noise to data, and nothing has to be
//! learned for it. It takes four things, each in a file of its own, to be read in this order:
//!
//! 1. [`posterior`]: where a step came from, if the clean `x0` is known.
//! 2. [`exact_denoiser`]: the best guess of an `x0` that is not known.
//! 3. [`prediction`]: three ways to say that guess.
//! 4. [`sampling`]: step by step from noise to data.
//!
//! A state is a matrix with one column for each sample, d × n: 2 × n for points in the plane, one
//! row for each value of a picture otherwise.

pub mod exact_denoiser;
pub mod posterior;
pub mod prediction;
pub mod sampling;

pub use exact_denoiser::{DataError, ExactDenoiser};
pub use posterior::{Posterior, Variance};
pub use prediction::{Denoiser, Prediction};
pub use sampling::DdpmSampler;
