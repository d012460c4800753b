//! Chapter I, live: samples from the same noise, with two samplers in as many steps as
//! the reader likes.

use std::collections::BTreeMap;
use std::vec::IntoIter;

use diffusion_core::{Generator, generator, randn_like};
use diffusion_kernels::distances::column_by_column;
use diffusion_kernels::likelihoods::nearest;
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::beta_schedule::PUBLISHED;
use part_f_the_way_back::{Denoiser, ExactDenoiser};
use part_h_learning_to_denoise::evaluation::mean;
use part_i_samplers::{
    DpmSolver, Levels, SAMPLERS, Sampling, SamplingConfig, Step, X0Clipping,
};

use crate::coverage::Coverage;
use crate::named_data::named_data;
use crate::plane::{self, coordinates};
use crate::sampler::with_eta;
use crate::spacings::SPACINGS;
use crate::whole::whole;
use crate::{Call, LiveFigure, MAX_SAMPLER_STEPS, Page, Refused};

/// The timesteps of every schedule.
const TIMESTEPS: usize = 1000;

/// How all samples are sampled, whatever their sampler.
#[derive(Clone, Copy, PartialEq)]
struct Choice {
    /// The number of the schedule in [`PUBLISHED`].
    schedule: usize,
    /// The number of the spacing in [`SPACINGS`].
    spacing: usize,
    /// That of DDIM.
    eta: f64,
}

/// The linear schedule, Karras' levels, and no new noise.
const USUAL: Choice = Choice { schedule: 0, spacing: 3, eta: 0.0 };

/// Samples that are under way.
pub(crate) struct Sampled {
    sampling: Sampling,
    rng: Generator,
    /// For each evaluation that is left, whether a step is over then.
    ends_step: IntoIter<bool>,
    /// How often the denoiser was evaluated for them, and how many steps are over.
    pub(crate) evaluations: usize,
    pub(crate) steps: usize,
}

/// Samples that are under way, and where they were at the end of each step.
struct Trail {
    sampled: Sampled,
    /// The noise, and the state after each step.
    states: Vec<DMatrix<f32>>,
}

/// Some noise, and what becomes of it.
struct Compared {
    data: DMatrix<f32>,
    coverage: Coverage,
    scheduler: NoiseScheduler,
    denoiser: ExactDenoiser,
    noise: DMatrix<f32>,
    /// What new noise is drawn from, as it was when the first noise had been drawn.
    rng: Generator,
    /// The trajectory through all timesteps, whose end is the measure of the others.
    finest: Sampled,
    /// The samples that were asked for, by the number of their sampler in [`SAMPLERS`]
    /// and that of steps.
    samples: BTreeMap<(usize, usize), Trail>,
}

/// The figure of chapter I.
pub struct PartI {
    choice: Choice,
    compared: Option<Compared>,
}

impl Default for PartI {
    fn default() -> Self {
        PartI { choice: USUAL, compared: None }
    }
}

impl LiveFigure for PartI {
    fn call(&mut self, page: &mut Page, call: Call<'_>) -> Result<(), Refused> {
        match call {
            ("begin", &[kind, points, samples, seed]) => {
                let [points, samples] = [whole(points)?, whole(samples)?];
                self.begin(page, whole(kind)?, points, samples, whole(seed)?)
            }
            ("choose", &[schedule, spacing, eta]) => {
                self.choose(page, whole(schedule)?, whole(spacing)?, eta)
            }
            ("finest", []) => self.finest(page),
            ("advance", &[sampler, steps]) => {
                self.advance(page, whole(sampler)?, whole(steps)?)
            }
            ("state", &[sampler, steps]) => {
                self.state(page, whole(sampler)?, whole(steps)?)
            }
            ("coverage", &[sampler, steps]) => {
                self.coverage(page, whole(sampler)?, whole(steps)?)
            }
            ("trail", &[sampler, steps]) => {
                self.trail(page, whole(sampler)?, whole(steps)?)
            }
            _ => Err(Refused::Unknown),
        }
    }
}

impl PartI {
    /// Draws noise, as the command does, to become points of the kind 0 (spiral), 1
    /// (moons) or 2 (checkerboard), with 1000 timesteps of the linear schedule, or of
    /// the one that has been chosen. The numbers are the data, x and y of each.
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
        plane::check(points)?;
        plane::check(samples)?;
        let data = named_data(kind, points)?;
        let scheduler = self.choice.scheduler()?;
        let denoiser = ExactDenoiser::new(&data).map_err(|_| Refused::OutOfRange)?;
        let mut rng = generator(seed.into());
        let noise = randn_like(&DMatrix::zeros(2, samples), &mut rng);
        let finest = finest(&scheduler, &noise, &rng)?;
        page.numbers = coordinates(&data);
        self.compared = Some(Compared {
            coverage: Coverage::of(&data),
            data,
            scheduler,
            denoiser,
            noise,
            rng,
            finest,
            samples: BTreeMap::new(),
        });
        Ok(())
    }

    /// Chooses how all samples are sampled from now on: with a schedule of [`PUBLISHED`],
    /// at the levels of a spacing of [`SPACINGS`], and DDIM with this eta. Samples that
    /// have begun otherwise begin anew, from the same noise; so does the finest
    /// trajectory if the schedule is another. There are no numbers.
    ///
    /// # Errors
    ///
    /// If there is no such schedule or spacing, or `eta` is not from 0 to 1.
    pub fn choose(
        &mut self,
        page: &mut Page,
        schedule: usize,
        spacing: usize,
        eta: f64,
    ) -> Result<(), Refused> {
        let choice = Choice { schedule, spacing, eta };
        if spacing >= SPACINGS.len() || !(0.0..=1.0).contains(&eta) {
            return Err(Refused::OutOfRange);
        }
        let scheduler = choice.scheduler()?;
        page.numbers.clear();
        if let Some(compared) = &mut self.compared
            && choice != self.choice
        {
            if schedule != self.choice.schedule {
                let Compared { noise, rng, .. } = compared;
                compared.finest = finest(&scheduler, noise, rng)?;
                compared.scheduler = scheduler;
            }
            compared.samples.clear();
        }
        self.choice = choice;
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

    /// Goes on with a sampler in so many steps, at Karras' levels or those of the spacing
    /// that has been chosen, by one evaluation of the denoiser. The number is 0 when it is over, and 1 before.
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
        let choice = self.choice;
        let compared = self.compared_mut()?;
        if !compared.samples.contains_key(&(sampler, steps)) {
            let trail = compared.begin(choice, sampler, steps)?;
            compared.samples.insert((sampler, steps), trail);
        }
        let Compared { denoiser, samples, .. } = compared;
        let trail = samples.get_mut(&(sampler, steps)).ok_or(Refused::OutOfRange)?;
        trail.advance(denoiser)?;
        page.numbers = vec![f64::from(u8::from(!trail.sampled.is_over()))];
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
        let (Compared { data, finest, .. }, Trail { sampled, .. }) =
            self.sampled(sampler, steps)?;
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

    /// How much of the data the samples have reached. The number is the fraction of the
    /// data to which a sample is nearer than their fifth nearest neighbour among the
    /// data; no number if there are fewer than six data.
    ///
    /// # Errors
    ///
    /// If these samples have not begun.
    pub fn coverage(
        &self,
        page: &mut Page,
        sampler: usize,
        steps: usize,
    ) -> Result<(), Refused> {
        let (compared, trail) = self.sampled(sampler, steps)?;
        page.numbers = vec![compared.coverage.fraction(trail.sampled.x())];
        Ok(())
    }

    /// Where the samples have been. Numbers: how many states there are, which is one more
    /// than the steps that are over; and x and y of each point, first of the noise and
    /// then of the state after each step.
    ///
    /// # Errors
    ///
    /// If these samples have not begun.
    pub fn trail(
        &self,
        page: &mut Page,
        sampler: usize,
        steps: usize,
    ) -> Result<(), Refused> {
        let (_, Trail { states, .. }) = self.sampled(sampler, steps)?;
        let mut numbers = vec![states.len() as f64];
        numbers.extend(states.iter().flat_map(coordinates));
        page.numbers = numbers;
        Ok(())
    }

    fn sampled(
        &self,
        sampler: usize,
        steps: usize,
    ) -> Result<(&Compared, &Trail), Refused> {
        let compared = self.compared.as_ref().ok_or(Refused::OutOfRange)?;
        let trail = compared.samples.get(&(sampler, steps));
        Ok((compared, trail.ok_or(Refused::OutOfRange)?))
    }

    fn compared_mut(&mut self) -> Result<&mut Compared, Refused> {
        self.compared.as_mut().ok_or(Refused::OutOfRange)
    }
}

impl Compared {
    fn begin(
        &self,
        Choice { spacing, eta, .. }: Choice,
        sampler: usize,
        steps: usize,
    ) -> Result<Trail, Refused> {
        let named = SAMPLERS.get(sampler).ok_or(Refused::OutOfRange)?;
        if steps > MAX_SAMPLER_STEPS {
            return Err(Refused::OutOfRange);
        }
        let sampler = with_eta(named, eta);
        let spacing = SPACINGS.get(spacing).ok_or(Refused::OutOfRange)?;
        let levels = (spacing.levels)(&self.scheduler, steps)?;
        let clipping = X0Clipping::None;
        let config = SamplingConfig { sampler: &*sampler, levels: &levels, clipping };
        Ok(Trail {
            sampled: Sampled::new(&config, self.noise.clone(), self.rng.clone())?,
            states: vec![self.noise.clone()],
        })
    }
}

/// The trajectory through all timesteps of a schedule.
fn finest(
    scheduler: &NoiseScheduler,
    noise: &DMatrix<f32>,
    rng: &Generator,
) -> Result<Sampled, Refused> {
    let levels = Levels::of_all_timesteps(scheduler)?;
    let clipping = X0Clipping::None;
    let config = SamplingConfig { sampler: &DpmSolver, levels: &levels, clipping };
    Sampled::new(&config, noise.clone(), rng.clone())
}

impl Choice {
    fn scheduler(self) -> Result<NoiseScheduler, Refused> {
        let published = PUBLISHED.get(self.schedule).ok_or(Refused::OutOfRange)?;
        let betas = published.schedule().betas(TIMESTEPS)?;
        Ok(NoiseScheduler::from_betas(betas)?)
    }
}

impl Trail {
    /// Evaluates the denoiser once and goes on, if there is anything left to do.
    fn advance(&mut self, denoiser: &impl Denoiser) -> Result<(), Refused> {
        self.sampled.advance(denoiser)?;
        if self.sampled.steps == self.states.len() {
            self.states.push(self.sampled.x().clone());
        }
        Ok(())
    }
}

impl Sampled {
    pub(crate) fn new(
        config: &SamplingConfig,
        noise: DMatrix<f32>,
        rng: Generator,
    ) -> Result<Self, Refused> {
        let is_twice = |step: &Step| config.sampler.second_coefficients(step).is_some();
        let ends_step: Vec<bool> = config
            .levels
            .steps()
            .flat_map(|step| if is_twice(&step) { vec![false, true] } else { vec![true] })
            .collect();
        Ok(Sampled {
            sampling: Sampling::new(config, noise)?,
            rng,
            ends_step: ends_step.into_iter(),
            evaluations: 0,
            steps: 0,
        })
    }

    /// Evaluates the denoiser once and goes on, if there is anything left to do.
    pub(crate) fn advance(&mut self, denoiser: &impl Denoiser) -> Result<(), Refused> {
        let Sampled { sampling, rng, ends_step, evaluations, steps } = self;
        let Some(level) = sampling.level() else { return Ok(()) };
        let prediction = denoiser.predict(sampling.x(), level)?;
        sampling.advance(prediction, |x| randn_like(x, rng))?;
        *evaluations += 1;
        *steps += usize::from(ends_step.next() == Some(true));
        Ok(())
    }

    pub(crate) fn is_over(&self) -> bool {
        self.sampling.level().is_none()
    }

    pub(crate) fn x(&self) -> &DMatrix<f32> {
        self.sampling.x()
    }
}
