//! Part I, live: digits out of the same noise, with each sampler.

use diffusion_core::{Moments, generator, randn_like};
use nalgebra::DMatrix;
use part_h_learning_to_denoise::LearnedDenoiser;
use part_i_samplers::{Levels, Range, Spacing};

use crate::learned_digits::{SIDE, sheet};
use crate::part_i::{MAX_STEPS, SAMPLERS, Walk};
use crate::{Page, Refused};

/// Digits on their way out of the same noise, with each of the samplers.
pub(crate) struct LedDigits {
    denoiser: LearnedDenoiser,
    walks: Vec<Walk>,
}

export!(
    /// See [`Page::part_i_digits`].
    part_i_digits(label: u32, guidance: f32, samples: usize, steps: usize, seed: u32)
);
export!(
    /// See [`Page::part_i_digits_walk`].
    part_i_digits_walk()
);
export!(
    /// See [`Page::part_i_digits_look`].
    part_i_digits_look(sampler: u32, columns: usize)
);

impl Page {
    /// Begins with noise, to become so many digits with each sampler in so many steps, at trailing timesteps. Their
    /// label is as for those of part H. The number is how many walks aren't over.
    pub fn part_i_digits(
        &mut self,
        label: u32,
        guidance: f32,
        samples: usize,
        steps: usize,
        seed: u32,
    ) -> Result<(), Refused> {
        let model = self.learned_digits.as_ref().ok_or(Refused::OutOfRange)?;
        let denoiser = model.denoiser(label as usize, guidance, samples)?;
        if steps > MAX_STEPS {
            return Err(Refused::OutOfRange);
        }
        let scheduler = &denoiser.scheduler;
        let timesteps = Spacing::Trailing.choose(steps, scheduler.steps())?;
        let levels = Levels::of_timesteps(scheduler, &timesteps)?;
        let mut rng = generator(seed.into());
        let noise = randn_like(&DMatrix::zeros(SIDE * SIDE, samples), &mut rng);
        let range = Range::Clipped { bound: 1.0 };
        let walks = SAMPLERS.map(|sampler| {
            Walk::new(sampler, &levels, range, noise.clone(), rng.clone())
        });
        let walks = walks.into_iter().collect::<Result<Vec<Walk>, Refused>>()?;
        self.numbers = vec![walks.len() as f64];
        self.led_digits = Some(LedDigits { denoiser, walks });
        Ok(())
    }

    /// Goes on with the first walk that isn't over, by one look at the network. The number is how
    /// many aren't over then.
    pub fn part_i_digits_walk(&mut self) -> Result<(), Refused> {
        let LedDigits { denoiser, walks } =
            self.led_digits.as_mut().ok_or(Refused::OutOfRange)?;
        if let Some(walk) = walks.iter_mut().find(|walk| !walk.is_over()) {
            walk.look(denoiser)?;
        }
        let left = walks.iter().filter(|walk| !walk.is_over()).count();
        self.numbers = vec![left as f64];
        Ok(())
    }

    /// A sheet of the digits of a sampler, so many in a row, with a dark line between two. Numbers: how
    /// often it has asked the network for each, and the contrast: the standard deviation of all
    /// pixels, which go from -1 to 1.
    pub fn part_i_digits_look(
        &mut self,
        sampler: u32,
        columns: usize,
    ) -> Result<(), Refused> {
        let walks = &self.led_digits.as_ref().ok_or(Refused::OutOfRange)?.walks;
        let walk = walks.get(sampler as usize).ok_or(Refused::OutOfRange)?;
        let picture = sheet(walk.x(), columns)?;
        self.numbers = vec![walk.evaluations as f64, Moments::of(walk.x()).std];
        self.show(&picture.pixels_of(&picture.x));
        Ok(())
    }
}
