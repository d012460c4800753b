//! DDIM inversion: the noise that a picture comes from.
//!
//! Without new noise, a sampler's way is one path, and can be gone the other way: from a
//! picture up to the noise from which the sampler would make it. What it finds there need
//! not look like noise that was drawn.

use diffusion_core::generator;
use nalgebra::DMatrix;
use part_f_the_way_back::{Denoiser, NoiseLevel};
use part_i_samplers::{Ddim, Levels, Sampling, SamplingError, Step, X0Clipping};

// ANCHOR: inverted
/// The noise at the first of the levels from which DDIM without new noise makes the data
/// `x0`, d × n (equation N.16; Song, Meng & Ermon 2021, section 5.4).
///
/// Its steps are DDIM's, the other way round. A step up takes what is predicted at its
/// beginning for what is predicted at its end, and so the noise is off by as much as that
/// changes: the less, the more levels there are. The first step begins at the last level,
/// since at the clean one there is no noise to be told.
///
/// # Errors
///
/// If the denoiser predicts nothing.
pub fn inverted(
    denoiser: &impl Denoiser,
    levels: &Levels,
    x0: DMatrix<f32>,
) -> Result<DMatrix<f32>, SamplingError> {
    let rising: Vec<NoiseLevel> = levels.as_slice().iter().rev().copied().collect();
    let steps =
        rising.windows(2).map(|pair| Step { before: None, from: pair[0], to: pair[1] });
    let ddim = Ddim { eta: 0.0 };
    let mut sampling = Sampling::along(steps, &ddim, X0Clipping::None, x0)?;
    while sampling.level().is_some() {
        // It draws no noise.
        sampling.step(denoiser, &mut generator(0))?;
    }
    Ok(sampling.into_x())
}
// ANCHOR_END: inverted
