//! Part I: fewer steps.
//!
//! The walk back of part F takes every step that the forward process took. It need not. A walk
//! has three choices, each nearly independent of the others: at which timesteps it looks, how it
//! goes from one to the next, and whether it adds noise on the way. To be read in this order:
//!
//! 1. [`spacing`]: at which timesteps.
//! 2. [`levels`]: how much noise there is at each, and Karras' way to choose them.
//! 3. [`sampler`]: what all samplers have in common: a step is a mixture.
//! 4. [`ddpm`], [`ddim`], [`euler`], [`ancestral`], [`heun`], [`dpm_solver`]: the samplers, a
//!    page each.
//! 5. [`range`]: a guess of `x0` that is out of the data's range.
//! 6. [`sampling`]: the walk.
//!
//! A state is a matrix with one column for each sample, d × n, as in part F. It is `a * x0 + b *
//! noise` with `a² + b² = 1`, whichever sampler made it.

pub mod ancestral;
pub mod ddim;
pub mod ddpm;
pub mod dpm_solver;
pub mod error;
pub mod euler;
pub mod heun;
pub mod levels;
pub mod range;
pub mod sampler;
pub mod sampling;
pub mod spacing;

pub use ancestral::EulerAncestral;
pub use ddim::Ddim;
pub use ddpm::Ddpm;
pub use dpm_solver::DpmSolver;
pub use error::WalkError;
pub use euler::Euler;
pub use heun::Heun;
pub use levels::{Level, Levels, Step};
pub use range::Range;
pub use sampler::{Mixture, Sampler};
pub use sampling::{Way, sample};
pub use spacing::Spacing;
