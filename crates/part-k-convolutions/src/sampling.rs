//! How pictures are made from noise.

use diffusion_core::timesteps::evenly_spaced;
use part_f_the_way_back::GaussianPath;
use part_i_samplers::{Ddim, Levels, SamplingConfig, SamplingError, X0Clipping};

/// The noise levels of so many steps, at least 2, spaced evenly from the last timestep of
/// a path to the first.
///
/// # Errors
///
/// If the noise doesn't grow with the timestep.
pub fn levels(path: &impl GaussianPath, steps: usize) -> Result<Levels, SamplingError> {
    let last = path.levels().len() - 1;
    let mut timesteps: Vec<usize> = evenly_spaced(steps, last).collect();
    timesteps.reverse();
    Levels::of_timesteps(path, &timesteps)
}

/// Steps of DDIM without new noise, and with values as a picture has them.
pub fn ddim(levels: &Levels) -> SamplingConfig<'_> {
    SamplingConfig {
        sampler: &Ddim { eta: 0.0 },
        levels,
        clipping: X0Clipping::Fixed { bound: 1.0 },
    }
}
