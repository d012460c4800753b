//! Part I, live: digits out of the same noise, with each sampler.

use diffusion_core::{Moments, generator, randn_like};
use nalgebra::DMatrix;
use part_h_learning_to_denoise::LearnedDenoiser;
use part_i_samplers::{Levels, SAMPLERS, SamplingConfig, Spacing, X0Clipping};

use crate::learned_digits::{SIDE, sheet};
use crate::part_i::{MAX_STEPS, Sampled};
use crate::{Page, Refused};

/// Digits that are sampled from the same noise, with each of the samplers.
pub(crate) struct ComparedDigits {
    denoiser: LearnedDenoiser,
    samples: Vec<Sampled>,
}

export!(
    /// See [`Page::part_i_digits`].
    part_i_digits(label: u32, guidance: f32, samples: usize, steps: usize, seed: u32)
);
export!(
    /// See [`Page::part_i_digits_advance`].
    part_i_digits_advance()
);
export!(
    /// See [`Page::part_i_digits_sheet`].
    part_i_digits_sheet(sampler: u32, columns: usize)
);

impl Page {
    /// Begins with noise, to become so many digits with each sampler in so many steps, at
    /// trailing timesteps. Their label is as for those of part H. The number is how many
    /// samplers aren't done.
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
        let scheduler = &model.scheduler;
        let timesteps = Spacing::Trailing.timesteps(steps, scheduler.steps())?;
        let levels = Levels::of_timesteps(scheduler, &timesteps)?;
        let mut rng = generator(seed.into());
        let noise = randn_like(&DMatrix::zeros(SIDE * SIDE, samples), &mut rng);
        let clipping = X0Clipping::Fixed { bound: 1.0 };
        let samples = SAMPLERS.map(|named| {
            let sampler = named.sampler;
            let config = SamplingConfig { sampler, levels: &levels, clipping };
            Sampled::new(&config, noise.clone(), rng.clone())
        });
        let samples = samples.into_iter().collect::<Result<Vec<Sampled>, Refused>>()?;
        self.numbers = vec![samples.len() as f64];
        self.compared_digits = Some(ComparedDigits { denoiser, samples });
        Ok(())
    }

    /// Goes on with the first sampler that isn't done, by one evaluation of the network.
    /// The number is how many aren't done then.
    pub fn part_i_digits_advance(&mut self) -> Result<(), Refused> {
        let ComparedDigits { denoiser, samples } =
            self.compared_digits.as_mut().ok_or(Refused::OutOfRange)?;
        if let Some(sampled) = samples.iter_mut().find(|sampled| !sampled.is_over()) {
            sampled.advance(denoiser)?;
        }
        let remaining = samples.iter().filter(|sampled| !sampled.is_over()).count();
        self.numbers = vec![remaining as f64];
        Ok(())
    }

    /// A sheet of the digits of a sampler, so many in a row, with a dark line between
    /// two. Numbers: how often the network was evaluated for each, and the contrast: the
    /// standard deviation of all pixels, which go from -1 to 1.
    pub fn part_i_digits_sheet(
        &mut self,
        sampler: u32,
        columns: usize,
    ) -> Result<(), Refused> {
        let compared = self.compared_digits.as_ref().ok_or(Refused::OutOfRange)?;
        let sampled =
            compared.samples.get(sampler as usize).ok_or(Refused::OutOfRange)?;
        let picture = sheet(sampled.x(), columns)?;
        self.numbers = vec![sampled.evaluations as f64, Moments::of(sampled.x()).std];
        self.show(&picture.pixels_of(&picture.x));
        Ok(())
    }
}
