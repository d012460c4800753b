//! Chapter D, live.

use diffusion_core::histogram::densities;
use diffusion_core::noise::VALUES_PER_STREAM;
use diffusion_core::{Generator, Moments, generator, randn_like};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;

use crate::page::push_moments;
use crate::whole::whole;
use crate::{Call, LiveFigure, Page, Refused};

/// The figure of chapter D, and that of the introduction.
#[derive(Default)]
pub struct PartD;

impl LiveFigure for PartD {
    fn call(&mut self, page: &mut Page, call: Call<'_>) -> Result<(), Refused> {
        match call {
            ("jump", &[side, start, end, steps, t, seed]) => {
                let scheduler = NoiseScheduler::new(whole(steps)?, start, end)?;
                self.jump(page, whole(side)?, &scheduler, whole(t)?, whole(seed)?)
            }
            ("schedule", &[start, end, steps]) => {
                self.schedule(page, [start, end], whole(steps)?)
            }
            _ => Err(Refused::Unknown),
        }
    }
}

impl PartD {
    /// Chapter D: three states, the one at `t` and the two terms that it is the sum of,
    /// signal and noise; with the four numbers of the state, `alpha_bar`, the two
    /// scales, and a histogram of the state's values as a density.
    ///
    /// The noise is the one that the command draws for `t`: that of the timesteps
    /// before it is drawn, too, and left out.
    ///
    /// # Errors
    ///
    /// If there is no such picture, or no such timestep.
    pub fn jump(
        &self,
        page: &mut Page,
        side: u32,
        scheduler: &NoiseScheduler,
        t: usize,
        seed: u32,
    ) -> Result<(), Refused> {
        let (a, b) = scheduler.scales(t)?;
        let picture = page.picture(side)?;
        let mut rng = generator(seed.into());
        skip_noise(&picture.x, t, &mut rng);
        let noise = b as f32 * randn_like(&picture.x, &mut rng.clone());
        let signal = a as f32 * &picture.x;
        let x = scheduler.add_noise(&picture.x, t, &mut rng)?;
        let expected = Moments::of(&picture.x).after_noise(a, b);
        page.numbers.clear();
        push_moments(&mut page.numbers, Moments::of(&x), expected);
        page.numbers.extend([scheduler.alpha_bar()[t], a, b]);
        page.numbers.extend(densities(&x));
        page.states = vec![x, signal, noise];
        page.side = side;
        Ok(())
    }

    /// The linear schedule, as numbers: all of `beta`, then all of `alpha_bar`.
    ///
    /// # Errors
    ///
    /// If these are no values of a schedule.
    pub fn schedule(
        &self,
        page: &mut Page,
        [start, end]: [f64; 2],
        steps: usize,
    ) -> Result<(), Refused> {
        let scheduler = NoiseScheduler::new(steps, start, end)?;
        page.numbers = [scheduler.beta(), scheduler.alpha_bar()].concat();
        Ok(())
    }
}

/// Moves the generator on as `times` matrices of noise of the shape of `x` would. One
/// value of each stream is enough for that, since a stream takes one seed however long
/// it is.
fn skip_noise(x: &DMatrix<f32>, times: usize, rng: &mut Generator) {
    let streams = x.len().div_ceil(VALUES_PER_STREAM);
    let one = DMatrix::zeros(1, 1);
    for _ in 0..times * streams {
        randn_like(&one, rng);
    }
}
