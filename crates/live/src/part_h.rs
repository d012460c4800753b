//! Chapter H, live: a network learns, and samples with what it has learned.

use diffusion_core::{Generator, generator, randn_like};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::cosine;
use part_f_the_way_back::{DdpmSampler, PredictionType, Variance};
use part_h_learning_to_denoise::evaluation::mean;
use part_h_learning_to_denoise::{
    Data, EvaluationSet, LearnedDenoiser, NetworkConfig, ParameterSet, Training,
    TrainingConfig,
};

use crate::learned_digits::MAX_HIDDEN;
use crate::plane::{self, coordinates};
use crate::whole::whole;
use crate::{Call, LiveFigure, MAX_STEPS, Page, Refused};

/// The most points there can be, so that a page never has to wait long for a step back.
const MAX_POINTS: usize = 2000;

/// The most examples of an update, and the most updates, for the same reason.
const MAX_BATCH: usize = 512;
const MAX_UPDATES: usize = 10_000;

/// What is learned from, and a network that learns from it.
struct Learning {
    data: Data,
    scheduler: NoiseScheduler,
    evaluation: Option<EvaluationSet>,
    training: Option<Training>,
    seed: u64,
    sampled: Option<Sampled>,
}

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
}

impl LiveFigure for PartH {
    fn call(&mut self, page: &mut Page, call: Call<'_>) -> Result<(), Refused> {
        match call {
            ("data", &[kind, points, steps]) => {
                self.data(page, whole(kind)?, whole(points)?, whole(steps)?)
            }
            ("begin", &[prediction, hidden, batch, updates, rate, seed]) => {
                let kind = PredictionType::ALL.get(whole::<usize>(prediction)?);
                let config = TrainingConfig {
                    kind: *kind.ok_or(Refused::OutOfRange)?,
                    updates: whole(updates)?,
                    batch: whole(batch)?,
                    learning_rate: rate,
                    ..TrainingConfig::default()
                };
                self.begin(page, config, whole(hidden)?, whole(seed)?)
            }
            ("optimal_loss", []) => self.optimal_loss(page),
            ("update", []) => self.update(page),
            ("loss", []) => self.loss(page),
            ("sample", &[samples]) => self.sample(page, whole(samples)?),
            ("step", []) => self.step(page),
            ("samples", []) => self.samples(page),
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
        if !(1..=MAX_POINTS).contains(&points) || steps > 2 * MAX_STEPS {
            return Err(Refused::OutOfRange);
        }
        let x = plane::data(kind, points)?;
        page.numbers = coordinates(&x);
        self.learning = Some(Learning {
            data: Data::unlabelled(x),
            scheduler: cosine(steps)?,
            evaluation: None,
            training: None,
            seed: 0,
            sampled: None,
        });
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
        let TrainingConfig { updates, batch, learning_rate, .. } = config;
        let is_allowed = (1..=MAX_HIDDEN).contains(&hidden)
            && batch <= MAX_BATCH
            && updates <= MAX_UPDATES
            && learning_rate > 0.0
            && learning_rate.is_finite();
        if !is_allowed {
            return Err(Refused::OutOfRange);
        }
        let learning = self.learning_mut()?;
        let Learning { data, scheduler, .. } = learning;
        let network = NetworkConfig {
            values: data.x.nrows(),
            fourier_features: true,
            steps: scheduler.steps(),
            labels: 0,
            hidden,
            residual_layers: 2,
        };
        let (data, scheduler) = (data.clone(), scheduler.clone());
        let training = Training::new(config, network, data, scheduler, seed.into())
            .map_err(|_| Refused::OutOfRange)?;
        let count = training.network().parameters.count();
        let first = training.clone().update().map_err(|_| Refused::OutOfRange)?;
        learning.training = Some(training);
        learning.seed = seed.into();
        (learning.evaluation, learning.sampled) = (None, None);
        page.numbers = vec![count as f64, first];
        Ok(())
    }

    /// Draws the examples that the command judges a network by. The number is the least
    /// loss that is possible on them: that of the exact denoiser.
    ///
    /// # Errors
    ///
    /// If there is no network.
    pub fn optimal_loss(&mut self, page: &mut Page) -> Result<(), Refused> {
        let learning = self.learning_mut()?;
        let kind = learning.training()?.config().kind;
        let Learning { data, scheduler, .. } = learning;
        let evaluation = EvaluationSet::new(data, scheduler, kind);
        let optimal = evaluation.optimal_loss(data).map_err(|_| Refused::OutOfRange)?;
        learning.evaluation = Some(evaluation);
        page.numbers = vec![mean(&optimal)];
        Ok(())
    }

    /// One update. The number is the loss on its batch, before it.
    ///
    /// # Errors
    ///
    /// If there is no network or no update left, or with a reason in [`Page::text`] if
    /// the loss is no number.
    pub fn update(&mut self, page: &mut Page) -> Result<(), Refused> {
        let training = self.learning_mut()?.training.as_mut();
        let training = training.filter(|training| !training.is_done());
        match training.ok_or(Refused::OutOfRange)?.update() {
            Ok(loss) => {
                page.numbers = vec![loss];
                Ok(())
            }
            Err(error) => Err(page.explain(error)),
        }
    }

    /// The loss on the examples of [`optimal_loss`](Self::optimal_loss), of the network
    /// as it is now.
    ///
    /// # Errors
    ///
    /// If there is no network, or there are no such examples.
    pub fn loss(&self, page: &mut Page) -> Result<(), Refused> {
        let learning = self.learning()?;
        let evaluation = learning.evaluation.as_ref().ok_or(Refused::OutOfRange)?;
        page.numbers = vec![mean(&evaluation.losses(learning.training()?.ema()))];
        Ok(())
    }

    /// Begins with so many points of noise, to be sampled with the network as it is
    /// now. The number is how many steps there are.
    ///
    /// # Errors
    ///
    /// If there is no network, or `samples` is not from 1 to 2000.
    pub fn sample(&mut self, page: &mut Page, samples: usize) -> Result<(), Refused> {
        if !(1..=MAX_POINTS).contains(&samples) {
            return Err(Refused::OutOfRange);
        }
        let learning = self.learning_mut()?;
        let training = learning.training()?;
        let (network, kind) = (training.ema().clone(), training.config().kind);
        let denoiser = LearnedDenoiser::unconditional(network, kind);
        let clip = learning.data.are_clipped();
        let scheduler = learning.scheduler.clone();
        let sampled = Sampled::new(denoiser, scheduler, clip, samples, learning.seed);
        let remaining = sampled.remaining;
        learning.sampled = Some(sampled);
        page.numbers = vec![remaining as f64];
        Ok(())
    }

    /// Takes one step back. The number is how many are left.
    ///
    /// # Errors
    ///
    /// If no sampling has begun, or no step is left.
    pub fn step(&mut self, page: &mut Page) -> Result<(), Refused> {
        let sampled = self.learning_mut()?.sampled.as_mut();
        let sampled = sampled.ok_or(Refused::OutOfRange)?;
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
        let sampled = self.learning()?.sampled.as_ref().ok_or(Refused::OutOfRange)?;
        page.numbers = coordinates(&sampled.x);
        Ok(())
    }

    fn learning(&self) -> Result<&Learning, Refused> {
        self.learning.as_ref().ok_or(Refused::OutOfRange)
    }

    fn learning_mut(&mut self) -> Result<&mut Learning, Refused> {
        self.learning.as_mut().ok_or(Refused::OutOfRange)
    }
}

impl Learning {
    fn training(&self) -> Result<&Training, Refused> {
        self.training.as_ref().ok_or(Refused::OutOfRange)
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
