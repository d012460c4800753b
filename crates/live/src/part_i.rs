//! Chapter I, live: samples from the same noise, with two samplers in as many steps as
//! the reader likes.

use std::collections::BTreeMap;

use diffusion_core::{Generator, generator, randn_like};
use diffusion_kernels::distances::column_by_column;
use diffusion_kernels::likelihoods::nearest;
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::linear;
use part_f_the_way_back::{Denoiser, ExactDenoiser};
use part_h_learning_to_denoise::evaluation::mean;
use part_i_samplers::levels::karras_range;
use part_i_samplers::{
    DpmSolver, Levels, SAMPLERS, Sampling, SamplingConfig, X0Clipping,
};

use crate::plane::{self, coordinates};
use crate::whole::whole;
use crate::{Call, LiveFigure, Page, Refused};

/// The most data and the most points of noise, so that a page never has to wait long
/// for an evaluation.
const MAX_POINTS: usize = 2000;

/// The most steps of a sampler.
pub(crate) const MAX_STEPS: usize = 50;

/// Samples that are under way, and how often the denoiser was evaluated for them.
pub(crate) struct Sampled {
    sampling: Sampling,
    rng: Generator,
    pub(crate) evaluations: usize,
}

/// Some noise, and what becomes of it.
struct Compared {
    data: DMatrix<f32>,
    scheduler: NoiseScheduler,
    denoiser: ExactDenoiser,
    noise: DMatrix<f32>,
    /// What new noise is drawn from, as it was when the first noise had been drawn.
    rng: Generator,
    /// The trajectory through all timesteps, whose end is the measure of the others.
    finest: Sampled,
    /// The samples that were asked for, by the number of their sampler in [`SAMPLERS`]
    /// and that of steps.
    samples: BTreeMap<(usize, usize), Sampled>,
}

/// The figure of chapter I.
#[derive(Default)]
pub struct PartI {
    compared: Option<Compared>,
}

impl LiveFigure for PartI {
    fn call(&mut self, page: &mut Page, call: Call<'_>) -> Result<(), Refused> {
        match call {
            ("begin", &[kind, points, samples, seed]) => {
                let [points, samples] = [whole(points)?, whole(samples)?];
                self.begin(page, whole(kind)?, points, samples, whole(seed)?)
            }
            ("finest", []) => self.finest(page),
            ("advance", &[sampler, steps]) => {
                self.advance(page, whole(sampler)?, whole(steps)?)
            }
            ("state", &[sampler, steps]) => {
                self.state(page, whole(sampler)?, whole(steps)?)
            }
            _ => Err(Refused::Unknown),
        }
    }
}

impl PartI {
    /// Draws noise, as the command does, to become points of the kind 0 (spiral), 1
    /// (moons) or 2 (checkerboard), with the linear schedule of 1000 timesteps. The
    /// numbers are the data, x and y of each.
    ///
    /// # Errors
    ///
    /// If there are no such data, or `points` or `samples` is not from 1 to 2000.
    pub fn begin(
        &mut self,
        page: &mut Page,
        kind: usize,
        points: usize,
        samples: usize,
        seed: u32,
    ) -> Result<(), Refused> {
        let is_allowed = |count| (1..=MAX_POINTS).contains(&count);
        if !is_allowed(points) || !is_allowed(samples) {
            return Err(Refused::OutOfRange);
        }
        let data = plane::data(kind, points)?;
        let scheduler = linear(1000)?;
        let levels = Levels::of_all_timesteps(&scheduler)?;
        let denoiser = ExactDenoiser::new(&data).map_err(|_| Refused::OutOfRange)?;
        let mut rng = generator(seed.into());
        let noise = randn_like(&DMatrix::zeros(2, samples), &mut rng);
        let (from, same) = (noise.clone(), rng.clone());
        let clipping = X0Clipping::None;
        let config = SamplingConfig { sampler: &DpmSolver, levels: &levels, clipping };
        let finest = Sampled::new(&config, from, same)?;
        page.numbers = coordinates(&data);
        let samples = BTreeMap::new();
        self.compared =
            Some(Compared { data, scheduler, denoiser, noise, rng, finest, samples });
        Ok(())
    }

    /// Goes on with the finest trajectory, by one evaluation of the denoiser. As long
    /// as it isn't over there are no numbers; then they are x and y of each point where
    /// it has ended.
    ///
    /// # Errors
    ///
    /// If it has not begun.
    pub fn finest(&mut self, page: &mut Page) -> Result<(), Refused> {
        let Compared { denoiser, finest, .. } = self.compared_mut()?;
        finest.advance(denoiser)?;
        let ended = if finest.is_over() { coordinates(finest.x()) } else { Vec::new() };
        page.numbers = ended;
        Ok(())
    }

    /// Goes on with a sampler in so many steps, at Karras' levels, by one evaluation of
    /// the denoiser. The number is 0 when it is over, and 1 before.
    ///
    /// # Errors
    ///
    /// If there is no such sampler, or it can't take so many steps, or these are more
    /// than 50.
    pub fn advance(
        &mut self,
        page: &mut Page,
        sampler: usize,
        steps: usize,
    ) -> Result<(), Refused> {
        let compared = self.compared_mut()?;
        if !compared.samples.contains_key(&(sampler, steps)) {
            let sampled = compared.begin(sampler, steps)?;
            compared.samples.insert((sampler, steps), sampled);
        }
        let Compared { denoiser, samples, .. } = compared;
        let sampled = samples.get_mut(&(sampler, steps)).ok_or(Refused::OutOfRange)?;
        sampled.advance(denoiser)?;
        page.numbers = vec![f64::from(u8::from(!sampled.is_over()))];
        Ok(())
    }

    /// Where the samples have come to. Numbers: how often the denoiser was evaluated;
    /// how far a point is from the nearest datum, on average; how far from the end of
    /// the finest trajectory from the same noise (no number before that is over); and x
    /// and y of each point.
    ///
    /// # Errors
    ///
    /// If these samples have not begun.
    pub fn state(
        &self,
        page: &mut Page,
        sampler: usize,
        steps: usize,
    ) -> Result<(), Refused> {
        let Compared { data, finest, samples, .. } =
            self.compared.as_ref().ok_or(Refused::OutOfRange)?;
        let sampled = samples.get(&(sampler, steps)).ok_or(Refused::OutOfRange)?;
        let distance = mean(&nearest(sampled.x(), data));
        let error = match finest.is_over() {
            true => mean(&column_by_column(sampled.x(), finest.x())),
            false => f64::NAN,
        };
        let mut numbers = vec![sampled.evaluations as f64, distance, error];
        numbers.extend(coordinates(sampled.x()));
        page.numbers = numbers;
        Ok(())
    }

    fn compared_mut(&mut self) -> Result<&mut Compared, Refused> {
        self.compared.as_mut().ok_or(Refused::OutOfRange)
    }
}

impl Compared {
    fn begin(&self, sampler: usize, steps: usize) -> Result<Sampled, Refused> {
        let sampler = SAMPLERS.get(sampler).ok_or(Refused::OutOfRange)?.sampler;
        if steps > MAX_STEPS {
            return Err(Refused::OutOfRange);
        }
        let range = karras_range(&self.scheduler);
        let levels = Levels::karras(&self.scheduler, range, steps)?;
        let config =
            SamplingConfig { sampler, levels: &levels, clipping: X0Clipping::None };
        Sampled::new(&config, self.noise.clone(), self.rng.clone())
    }
}

impl Sampled {
    pub(crate) fn new(
        config: &SamplingConfig,
        noise: DMatrix<f32>,
        rng: Generator,
    ) -> Result<Self, Refused> {
        Ok(Sampled { sampling: Sampling::new(config, noise)?, rng, evaluations: 0 })
    }

    /// Evaluates the denoiser once and goes on, if there is anything left to do.
    pub(crate) fn advance(&mut self, denoiser: &impl Denoiser) -> Result<(), Refused> {
        let Sampled { sampling, rng, evaluations } = self;
        let Some(level) = sampling.level() else { return Ok(()) };
        let prediction = denoiser.predict(sampling.x(), level)?;
        sampling.advance(prediction, |x| randn_like(x, rng))?;
        *evaluations += 1;
        Ok(())
    }

    pub(crate) fn is_over(&self) -> bool {
        self.sampling.level().is_none()
    }

    pub(crate) fn x(&self) -> &DMatrix<f32> {
        self.sampling.x()
    }
}
