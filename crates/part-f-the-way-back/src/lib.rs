//! Chapter F: the way back, exactly.
//!
//! If the clean data is known, so is the best way back from noise to data, and nothing
//! has to be learned for it. It takes six things, each in a file of its own, to be read
//! in this order:
//!
//! 1. [`noise_level`]: how much signal and how much noise is in a state.
//! 2. [`posterior`]: where a step came from, if the clean `x0` is known.
//! 3. [`exact_denoiser`]: the best prediction of an `x0` that is not known.
//! 4. [`prediction`]: four ways to say it.
//! 5. [`denoiser`]: one question for every denoiser.
//! 6. [`sampling`]: step by step from noise to data.
//!
//! [`path`] has what chapters H to J need of noise levels that lie on one path.
//!
//! A state is a matrix with one column for each sample, d × n: 2 × n for points in the
//! plane, one row for each value of a picture otherwise.
//!
//! ```
//! use diffusion_core::{generator, points, randn_like};
//! use part_d_alpha_bar_trick::NoiseScheduler;
//! use part_f_the_way_back::{DdpmSampler, ExactDenoiser, Variance};
//!
//! let mut rng = generator(0);
//! let data = points::moons(500, &mut rng);
//! let denoiser = ExactDenoiser::new(&data)?;
//! let scheduler = NoiseScheduler::new(100, 1e-4, 0.2)?;
//! let sampler = DdpmSampler { scheduler, variance: Variance::BetaTilde, clip: false };
//! let samples = sampler.sample(&denoiser, randn_like(&data, &mut rng), &mut rng)?;
//! assert!(samples.amax() < 1.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod denoiser;
pub mod exact_denoiser;
pub mod noise_level;
pub mod path;
pub mod posterior;
pub mod prediction;
pub mod sampling;

pub use denoiser::{Denoiser, DenoiserError};
pub use exact_denoiser::{DataError, ExactDenoiser};
pub use noise_level::NoiseLevel;
pub use part_e_schedules::PredictionType;
pub use path::{FlowPath, GaussianPath};
pub use posterior::{Posterior, Variance};
pub use prediction::Prediction;
pub use sampling::DdpmSampler;
