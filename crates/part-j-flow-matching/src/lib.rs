//! Chapter J: flow matching.
//!
//! The path from data to noise is a straight line, and what is learned is its direction.
//! The denoiser is that of chapter F, and the sampler Euler's of chapter I. To be read in
//! this order:
//!
//! 1. [`part_f_the_way_back::path`]: the path, and [`levels`]: where a step is on it.
//! 2. [`trajectories`]: where the flow leads noise, and how far from straight.
//! 3. [`normal_data`]: data for which all is known.
//! 4. [`times`]: at which times a flow is learned.
//! 5. [`coupling`]: which noise belongs to which datum, and reflow; [`crossing`]: how much
//!    the lines cross.
//! 6. [`on_flow_path`]: any denoiser as a flow, and [`renoise`]: one more sampler.
//!
//! Time is 0 for data and 1 for noise, as in Stable Diffusion 3, and the flow is `noise -
//! x0`. A state is a matrix with one column for each sample, d × n.
//!
//! ```
//! use diffusion_core::{generator, points, randn_like};
//! use part_f_the_way_back::ExactDenoiser;
//! use part_i_samplers::{Euler, SamplingConfig, X0Clipping};
//! use part_j_flow_matching::levels::shifted_levels;
//! use part_j_flow_matching::trajectories::Trajectories;
//!
//! let mut rng = generator(0);
//! let data = points::moons(500, &mut rng);
//! let denoiser = ExactDenoiser::new(&data)?;
//! let noise = randn_like(&data, &mut rng);
//! let paths = Trajectories::follow(&denoiser, noise.clone(), 50)?;
//! assert!(paths.length_over_chord() > 1.01, "no path is straight");
//!
//! let levels = shifted_levels(10, 1.0)?;
//! let config = SamplingConfig {
//!     sampler: &Euler, levels: &levels, clipping: X0Clipping::None,
//! };
//! let samples = config.sample(&denoiser, noise, &mut rng)?;
//! assert!(samples.amax() < 1.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod coupling;
pub mod crossing;
pub mod levels;
pub mod normal_data;
pub mod on_flow_path;
pub mod renoise;
pub mod times;
pub mod trajectories;

pub use coupling::{Coupling, Pairs};
pub use on_flow_path::OnFlowPath;
pub use renoise::Renoise;
pub use times::Times;
pub use trajectories::Trajectories;
