//! Part D, live.

use diffusion_core::histogram::densities;
use diffusion_core::noise::VALUES_PER_STREAM;
use diffusion_core::{Generator, Moments, Walk, generator, randn_like};
use nalgebra::DMatrix;
use part_c_schedule_for_beta::NoiseScheduler as Walker;
use part_d_alpha_bar_trick::NoiseScheduler;

use crate::page::{push_frame, push_moments};
use crate::{Page, Refused};

/// A walk of part C that is made step by step, over several calls.
pub(crate) struct WalkInSteps {
    scheduler: Walker,
    walk: Walk,
}

export!(
    /// See [`Page::part_d`].
    part_d(side: u32, start: f64, end: f64, steps: usize, t: usize, seed: u32)
);
export!(
    /// See [`Page::begin_walk`].
    begin_walk(side: u32, start: f64, end: f64, steps: usize, seed: u32)
);
export!(
    /// See [`Page::step`].
    step(side: u32)
);
export!(
    /// See [`Page::schedule`].
    schedule(start: f64, end: f64, steps: usize)
);

impl Page {
    /// Part D: one frame, the state at `t`, with its four numbers, `alpha_bar`, and a
    /// histogram of its values as a density.
    ///
    /// The noise is the one that the command draws for `t`: that of the timesteps before it is
    /// drawn, too, and left out.
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
        let (a, b) = scheduler.factors(t)?;
        let picture = self.picture(side)?;
        let mut rng = generator(seed.into());
        skip_noise(&picture.x, t, &mut rng);
        let x = scheduler.add_noise(&picture.x, t, &mut rng)?;
        let expected = Moments::of(&picture.x).after_noise(a, b);
        let pixels = picture.pixels_of(&x);
        self.frames.clear();
        self.numbers.clear();
        push_frame(&mut self.frames, &pixels);
        push_moments(&mut self.numbers, Moments::of(&x), expected);
        self.numbers.push(scheduler.alpha_bar()[t]);
        self.numbers.extend(densities(&x));
        Ok(())
    }

    /// Begins a walk of part C that [`Page::step`] goes on with.
    pub fn begin_walk(
        &mut self,
        side: u32,
        start: f64,
        end: f64,
        steps: usize,
        seed: u32,
    ) -> Result<(), Refused> {
        let scheduler = Walker::new(steps, start, end)?;
        let walk = Walk::new(self.picture(side)?.x.clone(), generator(seed.into()));
        self.walk = Some(WalkInSteps { scheduler, walk });
        Ok(())
    }

    /// One step of the walk: one frame, with a histogram as its numbers.
    pub fn step(&mut self, side: u32) -> Result<(), Refused> {
        let WalkInSteps { scheduler, walk } =
            self.walk.as_mut().ok_or(Refused::NoPicture)?;
        let picture = self.pictures.get(&side).ok_or(Refused::NoPicture)?;
        if walk.x().len() != picture.x.len() {
            return Err(Refused::NoPicture);
        }
        let x = walk.try_step(|x, t, rng| scheduler.add_noise(x, t, rng))?;
        self.frames.clear();
        push_frame(&mut self.frames, &picture.pixels_of(x));
        self.numbers = densities(x).to_vec();
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

/// Moves the generator on as `times` matrices of noise of the shape of `x` would. One value of
/// each stream is enough for that, since a stream takes one seed however long it is.
fn skip_noise(x: &DMatrix<f32>, times: usize, rng: &mut Generator) {
    let streams = x.len().div_ceil(VALUES_PER_STREAM);
    let one = DMatrix::zeros(1, 1);
    for _ in 0..times * streams {
        randn_like(&one, rng);
    }
}
