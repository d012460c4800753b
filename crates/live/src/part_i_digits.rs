//! Chapter I, live: digits out of the same noise, with each sampler.

use std::mem;

use diffusion_core::{Moments, generator, randn_like};
use nalgebra::DMatrix;
use part_h_learning_to_denoise::LearnedDenoiser;
use part_i_samplers::{Levels, SAMPLERS, SamplingConfig, Spacing, X0Clipping};

use crate::digits::{SIDE, sheet};
use crate::learned_digits::LearnedDigits;
use crate::part_i::Sampled;
use crate::whole::whole;
use crate::{Call, LiveFigure, MAX_SAMPLER_STEPS, Page, Refused};

/// Digits that are sampled from the same noise, with each of the samplers.
struct ComparedDigits {
    denoiser: LearnedDenoiser,
    samples: Vec<Sampled>,
}

/// The figure of chapter I's digits.
#[derive(Default)]
pub struct PartIDigits {
    learned: Option<LearnedDigits>,
    compared: Option<ComparedDigits>,
}

impl LiveFigure for PartIDigits {
    fn call(&mut self, page: &mut Page, call: Call<'_>) -> Result<(), Refused> {
        match call {
            ("network", []) => self.network(&mem::take(&mut page.given)),
            ("begin", &[label, guidance, samples, steps, seed]) => {
                let (guidance, samples) = (guidance as f32, whole(samples)?);
                self.begin(
                    page,
                    whole(label)?,
                    guidance,
                    samples,
                    whole(steps)?,
                    whole(seed)?,
                )
            }
            ("advance", []) => self.advance(page),
            ("sheet", &[sampler, columns]) => {
                self.sheet(page, whole(sampler)?, whole(columns)?)
            }
            _ => Err(Refused::Unknown),
        }
    }
}

impl PartIDigits {
    /// Takes a network that has learned digits, as [`LearnedDigits::to_bytes`] writes
    /// it.
    ///
    /// # Errors
    ///
    /// If the bytes are not those of one.
    pub fn network(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        self.learned = Some(LearnedDigits::from_bytes(bytes)?);
        Ok(())
    }

    /// Begins with noise, to become so many digits with each sampler in so many steps,
    /// at trailing timesteps. Their label is as for those of chapter H. The number is 0:
    /// no step is over.
    ///
    /// # Errors
    ///
    /// If there is no network or label, the guidance scale is not from 0 to 100,
    /// `samples` not from 2 to 100, or one of the samplers can't take so many steps, or
    /// these are more than 50.
    pub fn begin(
        &mut self,
        page: &mut Page,
        label: usize,
        guidance: f32,
        samples: usize,
        steps: usize,
        seed: u32,
    ) -> Result<(), Refused> {
        let model = self.learned.as_ref().ok_or(Refused::OutOfRange)?;
        let denoiser = model.denoiser(label, guidance, samples)?;
        if steps > MAX_SAMPLER_STEPS {
            return Err(Refused::OutOfRange);
        }
        let scheduler = &model.scheduler;
        let timesteps = Spacing::Trailing.timesteps(steps, scheduler.steps())?;
        let levels = Levels::of_timesteps(scheduler, &timesteps)?;
        let mut rng = generator(seed.into());
        let noise = randn_like(&DMatrix::zeros(SIDE * SIDE, samples), &mut rng);
        let clipping = X0Clipping::Fixed { bound: 1.0 };
        let samples = SAMPLERS.iter().map(|named| {
            let config =
                SamplingConfig { sampler: named.sampler, levels: &levels, clipping };
            Sampled::new(&config, noise.clone(), rng.clone())
        });
        let samples = samples.collect::<Result<Vec<Sampled>, Refused>>()?;
        page.numbers = vec![0.0];
        self.compared = Some(ComparedDigits { denoiser, samples });
        Ok(())
    }

    /// Goes on with the first of the samplers that have taken the fewest steps, by one
    /// evaluation of the network. The number is how many steps each has taken then, at
    /// least.
    ///
    /// # Errors
    ///
    /// If it has not begun.
    pub fn advance(&mut self, page: &mut Page) -> Result<(), Refused> {
        let ComparedDigits { denoiser, samples } =
            self.compared.as_mut().ok_or(Refused::OutOfRange)?;
        let least = |samples: &[Sampled]| samples.iter().map(|one| one.steps).min();
        let behind = least(samples);
        if let Some(sampled) = samples.iter_mut().find(|one| Some(one.steps) == behind) {
            sampled.advance(denoiser)?;
        }
        page.numbers = vec![least(samples).unwrap_or(0) as f64];
        Ok(())
    }

    /// A sheet of the digits of a sampler, so many in a row, with a dark line between
    /// two. Numbers: how often the network was evaluated for each, and the contrast:
    /// the standard deviation of all pixels, which go from -1 to 1.
    ///
    /// # Errors
    ///
    /// If it has not begun, there is no such sampler, or `columns` is not from 1 to
    /// 100.
    pub fn sheet(
        &self,
        page: &mut Page,
        sampler: usize,
        columns: usize,
    ) -> Result<(), Refused> {
        let compared = self.compared.as_ref().ok_or(Refused::OutOfRange)?;
        let sampled = compared.samples.get(sampler).ok_or(Refused::OutOfRange)?;
        let picture = sheet(sampled.x(), columns)?;
        page.numbers = vec![sampled.evaluations as f64, Moments::of(sampled.x()).std];
        page.show(&picture.pixels_of(&picture.x));
        Ok(())
    }
}
