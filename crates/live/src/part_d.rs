//! Part D, live.

use diffusion_core::histogram::densities;
use diffusion_core::noise::VALUES_PER_STREAM;
use diffusion_core::{Generator, Moments, generator, randn_like};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;

use crate::page::push_moments;
use crate::{Page, Refused};

export!(
    /// See [`Page::part_d`].
    part_d(side: u32, start: f64, end: f64, steps: usize, t: usize, seed: u32)
);
export!(
    /// See [`Page::schedule`].
    schedule(start: f64, end: f64, steps: usize)
);

impl Page {
    /// Part D: three states, the one at `t` and the two terms that it is the sum of,
    /// signal and noise; with the four numbers of the state, `alpha_bar`, the two scales,
    /// and a histogram of the state's values as a density.
    ///
    /// The noise is the one that the command draws for `t`: that of the timesteps before
    /// it is drawn, too, and left out.
    pub fn part_d(
        &mut self,
        side: u32,
        start: f64,
        end: f64,
        steps: usize,
        t: usize,
        seed: u32,
    ) -> Result<(), Refused> {
        let scheduler = NoiseScheduler::new(steps, start, end)?;
        let (a, b) = scheduler.scales(t)?;
        let picture = self.picture(side)?;
        let mut rng = generator(seed.into());
        skip_noise(&picture.x, t, &mut rng);
        let noise = b as f32 * randn_like(&picture.x, &mut rng.clone());
        let signal = a as f32 * &picture.x;
        let x = scheduler.add_noise(&picture.x, t, &mut rng)?;
        let expected = Moments::of(&picture.x).after_noise(a, b);
        self.numbers.clear();
        push_moments(&mut self.numbers, Moments::of(&x), expected);
        self.numbers.extend([scheduler.alpha_bar()[t], a, b]);
        self.numbers.extend(densities(&x));
        self.states = vec![x, signal, noise];
        self.side = side;
        Ok(())
    }

    /// The linear schedule, as numbers: all of `beta`, then all of `alpha_bar`.
    pub fn schedule(
        &mut self,
        start: f64,
        end: f64,
        steps: usize,
    ) -> Result<(), Refused> {
        let scheduler = NoiseScheduler::new(steps, start, end)?;
        self.numbers = [scheduler.beta(), scheduler.alpha_bar()].concat();
        Ok(())
    }
}

/// Moves the generator on as `times` matrices of noise of the shape of `x` would. One
/// value of each stream is enough for that, since a stream takes one seed however long it
/// is.
fn skip_noise(x: &DMatrix<f32>, times: usize, rng: &mut Generator) {
    let streams = x.len().div_ceil(VALUES_PER_STREAM);
    let one = DMatrix::zeros(1, 1);
    for _ in 0..times * streams {
        randn_like(&one, rng);
    }
}
