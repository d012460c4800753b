//! Chapter I: fewer steps.
//!
//! The sampler of chapter F undoes every step that the forward process took. It need
//! not. A sampler has three choices, each nearly independent of the others: at which
//! noise levels it evaluates the denoiser, how it goes from one to the next, and
//! whether it adds noise on the way. To be read in this order:
//!
//! 1. [`spacing`]: at which timesteps.
//! 2. [`levels`]: how much noise there is at each, and Karras' way to choose them.
//! 3. [`sampler`]: what all samplers have in common: a step is five coefficients.
//! 4. [`ddpm`], [`ddim`], [`euler`], [`ancestral`], [`heun`], [`dpm_solver`]: the
//!    samplers, a page each; [`sampler_list`] has them by name.
//! 5. [`x0_clipping`]: a prediction of `x0` that is out of the data's range.
//! 6. [`sampling`]: all of it together.
//!
//! A state is a matrix with one column for each sample, d × n, as in chapter F. It is
//! `a * x0 + b * noise`, whichever sampler made it, on any path from data to noise
//! along which the signal-to-noise ratio falls.
//!
//! ```
//! use diffusion_core::{generator, points, randn_like};
//! use part_f_the_way_back::ExactDenoiser;
//! use part_i_samplers::{DpmSolver, Levels, SamplingConfig, X0Clipping};
//!
//! let mut rng = generator(0);
//! let data = points::moons(500, &mut rng);
//! let scheduler = part_e_schedules::linear(1000)?;
//! let levels = Levels::karras(&scheduler, [80.0, 0.02], 10)?;
//! let config = SamplingConfig {
//!     sampler: &DpmSolver, levels: &levels, clipping: X0Clipping::None,
//! };
//! let denoiser = ExactDenoiser::new(&data)?;
//! let samples = config.sample(&denoiser, randn_like(&data, &mut rng), &mut rng)?;
//! assert_eq!(config.evaluations(), 10);
//! assert!(samples.amax() < 1.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod ancestral;
#[cfg(feature = "command")]
pub mod command_line;
pub mod ddim;
pub mod ddpm;
pub mod dpm_solver;
pub mod error;
pub mod euler;
pub mod heun;
pub mod levels;
pub mod sampler;
pub mod sampler_list;
pub mod sampling;
pub mod spacing;
pub mod x0_clipping;

pub use error::SamplingError;
pub use levels::{Levels, Step};
pub use sampler::{Sampler, StepCoefficients};
pub use sampler_list::*;
pub use sampling::{Sampling, SamplingConfig};
pub use spacing::Spacing;
pub use x0_clipping::X0Clipping;
