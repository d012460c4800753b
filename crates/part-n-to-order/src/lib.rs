//! Chapter N: to order.
//!
//! A denoiser makes data. What if some of a datum was seen, and the rest is to be made
//! so that it fits? With data that are all known, the true answer is known as well, and
//! every method in use can be held to it. To be read in this order:
//!
//! 1. [`measurement`]: what is seen of a datum.
//! 2. [`smoothed_data`] and [`conditional`]: the exact denoiser of what was seen; and
//!    [`jacobian`]: how a prediction changes with the state.
//! 3. [`method`](mod@method): what all methods have in common; [`replacement`],
//!    [`repaint`], [`ddrm`], [`dps`], [`pigdm`]: a page each; [`method_list`] has them by
//!    name. What they ask may also be a [`network`], or
//!    the [`patches`] of a photograph.
//! 4. [`judge`]: how far from the truth they are.
//! 5. [`sdedit`] and [`inversion`]: a picture that is changed.
//! 6. [`guidance`], and [`decided`]: when it is too late for it.
//!
//! A state is a matrix with one column for each sample, d × n, as in chapter F. All
//! samples are to fit one observation.
//!
//! ```
//! use diffusion_core::{generator, points, randn_like};
//! use part_i_samplers::{Levels, Spacing};
//! use part_n_to_order::{Measurement, Observation, Order, PiGdm, SmoothedData};
//!
//! let mut rng = generator(0);
//! let data = SmoothedData::new(points::moons(500, &mut rng), 0.0)?;
//! // Of a point, its height was seen.
//! let measurement = Measurement::mask(2, &[1])?;
//! let observation = Observation::of(&[0.0, 0.4], measurement, 0.05, &mut rng)?;
//! let scheduler = part_e_schedules::linear(1000)?;
//! let timesteps = Spacing::Trailing.timesteps(50, 1000)?;
//! let levels = Levels::of_timesteps(&scheduler, &timesteps)?;
//! let order = Order { denoiser: &data, observation: &observation, eta: 1.0 };
//! let noise = randn_like(data.data(), &mut rng);
//! let samples = order.sample(&PiGdm, &levels, noise, &mut |x| randn_like(x, &mut rng))?;
//! assert!((samples.row(1).mean() - observation.y[0]).abs() < 0.1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod conditional;
pub mod ddrm;
pub mod decided;
pub mod dps;
pub mod error;
pub mod guidance;
pub mod inversion;
pub mod jacobian;
pub mod judge;
mod likely;
pub mod measurement;
pub mod method;
pub mod method_list;
pub mod network;
pub mod patches;
pub mod pigdm;
pub mod repaint;
pub mod replacement;
pub mod sdedit;
pub mod smoothed_data;

pub use conditional::ConditionalDenoiser;
pub use ddrm::Ddrm;
pub use dps::Dps;
pub use error::OrderError;
pub use guidance::Guided;
pub use jacobian::{Differentiable, WithoutJacobian};
pub use measurement::{Measurement, Observation};
pub use method::{Method, NewNoise, Order, Plain};
pub use method_list::{METHODS, NamedMethod};
pub use network::DifferentiableNetwork;
pub use patches::DifferentiablePatches;
pub use pigdm::PiGdm;
pub use repaint::RePaint;
pub use replacement::Replacement;
pub use smoothed_data::SmoothedData;
