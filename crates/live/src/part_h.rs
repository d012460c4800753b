//! Chapter H, live: a network learns, and samples with what it has learned.

use diffusion_core::{Generator, generator, randn_like};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{DdpmSampler, Variance};
use part_h_learning_to_denoise::{LearnedDenoiser, TrainingConfig};

use crate::learning::{Learning, config};
use crate::named_data::named_data;
use crate::plane::{self, coordinates};
use crate::whole::{whole, yes_or_no};
use crate::{Call, LiveFigure, MAX_STEPS, Page, Refused};

/// Samples that are under way, with a network as it was when they began.
pub(crate) struct Sampled {
    denoiser: LearnedDenoiser,
    sampler: DdpmSampler,
    rng: Generator,
    pub(crate) x: DMatrix<f32>,
    /// How many steps are left to take.
    pub(crate) remaining: usize,
}

/// The figure of chapter H.
#[derive(Default)]
pub struct PartH {
    learning: Option<Learning>,
    sampled: Option<Sampled>,
}

impl LiveFigure for PartH {
    fn call(&mut self, page: &mut Page, call: Call<'_>) -> Result<(), Refused> {
        match call {
            ("data", &[kind, points, steps]) => {
                self.data(page, whole(kind)?, whole(points)?, whole(steps)?)
            }
            ("begin", &[prediction, hidden, batch, updates, rate, seed]) => {
                let config = config([prediction, batch, updates, rate])?;
                self.begin(page, config, whole(hidden)?, whole(seed)?)
            }
            ("optimal_loss", []) => self.optimal_loss(page),
            ("update", []) => self.update(page),
            ("loss", []) => self.loss(page),
            ("sample", &[samples]) => self.sample(page, whole(samples)?),
            ("step", []) => self.step(page),
            ("samples", []) => self.samples(page),
            ("field", &[t, places, reach, learned]) => {
                let by_network = yes_or_no(learned)?;
                self.field(page, whole(t)?, whole(places)?, reach, by_network)
            }
            _ => Err(Refused::Unknown),
        }
    }
}

impl PartH {
    /// Draws what is learned from, as the command does: points of the kind 0 (spiral),
    /// 1 (moons) or 2 (checkerboard). They are noised with the cosine schedule of so
    /// many steps. The numbers are x and y of each point.
    ///
    /// # Errors
    ///
    /// If there are no such data, `points` is not from 1 to 2000, or `steps` not from 1
    /// to 128.
    pub fn data(
        &mut self,
        page: &mut Page,
        kind: usize,
        points: usize,
        steps: usize,
    ) -> Result<(), Refused> {
        plane::check(points)?;
        if steps > 2 * MAX_STEPS {
            return Err(Refused::OutOfRange);
        }
        let learning = Learning::new(named_data(kind, points)?, steps)?;
        page.numbers = coordinates(&learning.data.x);
        (self.learning, self.sampled) = (Some(learning), None);
        Ok(())
    }

    /// A network with hidden layers of so many values that has learned nothing, to
    /// learn as the command lets it. Numbers: how many numbers the network has, and its
    /// loss on the first batch.
    ///
    /// # Errors
    ///
    /// If there are no data, `hidden` is not from 1 to 256, there are more than 512
    /// examples of an update or more than 10,000 updates, or they make no training.
    pub fn begin(
        &mut self,
        page: &mut Page,
        config: TrainingConfig,
        hidden: usize,
        seed: u32,
    ) -> Result<(), Refused> {
        self.learning_mut()?.begin(page, config, hidden, seed)?;
        self.sampled = None;
        Ok(())
    }

    /// Draws the examples that the command judges a network by. The number is the least
    /// loss that is possible on them: that of the exact denoiser.
    ///
    /// # Errors
    ///
    /// If there is no network.
    pub fn optimal_loss(&mut self, page: &mut Page) -> Result<(), Refused> {
        self.learning_mut()?.optimal_loss(page)
    }

    /// One update. The number is the loss on its batch, before it.
    ///
    /// # Errors
    ///
    /// If there is no network or no update left, or with a reason in [`Page::text`] if
    /// the loss is no number.
    pub fn update(&mut self, page: &mut Page) -> Result<(), Refused> {
        self.learning_mut()?.update(page, 1)
    }

    /// The loss on the examples of [`optimal_loss`](Self::optimal_loss), of the network
    /// as it is now.
    ///
    /// # Errors
    ///
    /// If there is no network, or there are no such examples.
    pub fn loss(&self, page: &mut Page) -> Result<(), Refused> {
        self.learning()?.loss(page)
    }

    /// Begins with so many points of noise, to be sampled with the network as it is
    /// now. The number is how many steps there are.
    ///
    /// # Errors
    ///
    /// If there is no network, or `samples` is not from 1 to 2000.
    pub fn sample(&mut self, page: &mut Page, samples: usize) -> Result<(), Refused> {
        plane::check(samples)?;
        let learning = self.learning()?;
        let denoiser = learning.denoiser()?;
        let clip = learning.data.are_clipped();
        let scheduler = learning.scheduler.clone();
        let sampled = Sampled::new(denoiser, scheduler, clip, samples, learning.seed);
        page.numbers = vec![sampled.remaining as f64];
        self.sampled = Some(sampled);
        Ok(())
    }

    /// Takes one step back. The number is how many are left.
    ///
    /// # Errors
    ///
    /// If no sampling has begun, or no step is left.
    pub fn step(&mut self, page: &mut Page) -> Result<(), Refused> {
        let sampled = self.sampled.as_mut().ok_or(Refused::OutOfRange)?;
        sampled.step()?;
        page.numbers = vec![sampled.remaining as f64];
        Ok(())
    }

    /// Where the samples have come to: x and y of each point.
    ///
    /// # Errors
    ///
    /// If no sampling has begun.
    pub fn samples(&self, page: &mut Page) -> Result<(), Refused> {
        let sampled = self.sampled.as_ref().ok_or(Refused::OutOfRange)?;
        page.numbers = coordinates(&sampled.x);
        Ok(())
    }

    /// What is predicted of `x0` at a timestep, by the exact denoiser or by the network
    /// as it is now, of states at `places` × `places` places from `-reach` to `reach`,
    /// row by row from the bottom. The numbers are x and y of each prediction, which is
    /// not clipped.
    ///
    /// # Errors
    ///
    /// If there are no data or no such timestep, `places` is not from 2 to 80, `reach`
    /// not above 0 and at most 4, or there is no network.
    pub fn field(
        &self,
        page: &mut Page,
        t: usize,
        places: usize,
        reach: f64,
        by_network: bool,
    ) -> Result<(), Refused> {
        self.learning()?.field(page, t, places, reach, by_network)
    }

    fn learning(&self) -> Result<&Learning, Refused> {
        self.learning.as_ref().ok_or(Refused::OutOfRange)
    }

    fn learning_mut(&mut self) -> Result<&mut Learning, Refused> {
        self.learning.as_mut().ok_or(Refused::OutOfRange)
    }
}

impl Sampled {
    /// Begins with so many states of noise. All random numbers come from `seed`.
    pub(crate) fn new(
        denoiser: LearnedDenoiser,
        scheduler: NoiseScheduler,
        clip: bool,
        samples: usize,
        seed: u64,
    ) -> Self {
        let mut rng = generator(seed);
        let values = denoiser.network().config().values;
        Sampled {
            x: randn_like(&DMatrix::zeros(values, samples), &mut rng),
            remaining: scheduler.steps(),
            sampler: DdpmSampler { scheduler, variance: Variance::BetaTilde, clip },
            denoiser,
            rng,
        }
    }

    pub(crate) fn step(&mut self) -> Result<(), Refused> {
        let t = self.remaining.checked_sub(1).ok_or(Refused::OutOfRange)?;
        self.x = self.sampler.step(&self.denoiser, &self.x, t, &mut self.rng)?;
        self.remaining = t;
        Ok(())
    }
}
