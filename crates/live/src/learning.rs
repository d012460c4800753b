//! Learning from points in the plane: a network that gets better with each update, beside
//! the exact denoiser of the same points.

use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::cosine;
use part_f_the_way_back::{Denoiser, ExactDenoiser, NoiseLevel, PredictionType};
use part_h_learning_to_denoise::evaluation::mean;
use part_h_learning_to_denoise::{
    Data, EvaluationSet, LearnedDenoiser, NetworkConfig, ParameterSet, Training,
    TrainingConfig,
};

use crate::plane::{coordinates, grid};
use crate::whole::{whole, yes_or_no};
use crate::{Call, MAX_HIDDEN, Page, Refused};

/// The most examples of an update, and the most updates, so that a page never has to wait
/// long for them.
const MAX_BATCH: usize = 512;
const MAX_UPDATES: usize = 10_000;

/// The furthest that a grid reaches: most of the noise is nearer.
const MAX_REACH: f64 = 4.0;

/// What is learned from, and a network that learns from it.
pub struct Learning {
    pub(crate) data: Data,
    pub(crate) scheduler: NoiseScheduler,
    pub(crate) exact: ExactDenoiser,
    /// The seed of the network, once there is one.
    pub(crate) seed: u64,
    evaluation: Option<EvaluationSet>,
    training: Option<Training>,
}

/// How a network learns, from numbers that a script has: the prediction type by its place
/// in [`PredictionType::ALL`], the batch, the updates and the learning rate.
pub(crate) fn config(
    [prediction, batch, updates, rate]: [f64; 4],
) -> Result<TrainingConfig, Refused> {
    let kind = PredictionType::ALL.get(whole::<usize>(prediction)?);
    Ok(TrainingConfig {
        kind: *kind.ok_or(Refused::OutOfRange)?,
        updates: whole(updates)?,
        batch: whole(batch)?,
        learning_rate: rate,
        ..TrainingConfig::default()
    })
}

impl Learning {
    /// Points to learn from, 2 × m, noised with the cosine schedule of so many steps.
    pub(crate) fn new(x: DMatrix<f32>, steps: usize) -> Result<Self, Refused> {
        Ok(Learning {
            scheduler: cosine(steps)?,
            exact: ExactDenoiser::new(&x).map_err(|_| Refused::OutOfRange)?,
            data: Data::unlabelled(x),
            seed: 0,
            evaluation: None,
            training: None,
        })
    }

    /// A network with hidden layers of so many values that has learned nothing, to
    /// learn as the command lets it. Numbers: how many numbers the network has, and its
    /// loss on the first batch.
    ///
    /// # Errors
    ///
    /// If `hidden` is not from 1 to 256, there are more than 512 examples of an update or
    /// more than 10,000 updates, or they make no training.
    pub(crate) fn begin(
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
        let network = NetworkConfig {
            values: self.data.x.nrows(),
            fourier_features: true,
            steps: self.scheduler.steps(),
            labels: 0,
            hidden,
            residual_layers: 2,
        };
        let (data, scheduler) = (self.data.clone(), self.scheduler.clone());
        let training = Training::new(config, network, data, scheduler, seed.into())
            .map_err(|_| Refused::OutOfRange)?;
        let count = training.network().parameters.count();
        let first = training.clone().update().map_err(|_| Refused::OutOfRange)?;
        (self.training, self.seed) = (Some(training), seed.into());
        self.evaluation = None;
        page.numbers = vec![count as f64, first];
        Ok(())
    }

    /// The network as it is now, as a denoiser.
    pub(crate) fn denoiser(&self) -> Result<LearnedDenoiser, Refused> {
        let training = self.training()?;
        let (network, kind) = (training.ema().clone(), training.config().kind);
        Ok(LearnedDenoiser::unconditional(network, kind))
    }

    fn training(&self) -> Result<&Training, Refused> {
        self.training.as_ref().ok_or(Refused::OutOfRange)
    }
}

/// A figure with a network that learns.
pub trait Learns {
    /// What is learned from, with the network.
    ///
    /// # Errors
    ///
    /// If there is nothing yet.
    fn learning(&self) -> Result<&Learning, Refused>;

    /// The same, to learn.
    ///
    /// # Errors
    ///
    /// If there is nothing yet.
    fn learning_mut(&mut self) -> Result<&mut Learning, Refused>;

    /// Calls one of the methods that all such figures have.
    ///
    /// # Errors
    ///
    /// As [`LiveFigure::call`](crate::LiveFigure::call).
    fn call_learning(&mut self, page: &mut Page, call: Call<'_>) -> Result<(), Refused> {
        match call {
            ("optimal_loss", []) => self.optimal_loss(page),
            ("update", &[updates]) => self.update(page, whole(updates)?),
            ("loss", []) => self.loss(page),
            ("field", &[t, places, reach, learned]) => {
                let by_network = yes_or_no(learned)?;
                self.field(page, whole(t)?, whole(places)?, reach, by_network)
            }
            _ => Err(Refused::Unknown),
        }
    }

    /// Draws the examples that the command judges a network by. The number is the least
    /// loss that is possible on them: that of the exact denoiser.
    ///
    /// # Errors
    ///
    /// If there is no network.
    fn optimal_loss(&mut self, page: &mut Page) -> Result<(), Refused> {
        let learning = self.learning_mut()?;
        let kind = learning.training()?.config().kind;
        let evaluation = EvaluationSet::new(&learning.data, &learning.scheduler, kind);
        let optimal = evaluation.optimal_loss(&learning.data);
        let optimal = optimal.map_err(|_| Refused::OutOfRange)?;
        learning.evaluation = Some(evaluation);
        page.numbers = vec![mean(&optimal)];
        Ok(())
    }

    /// So many updates, or as many as are left. The numbers are the loss of each on its
    /// batch, before it.
    ///
    /// # Errors
    ///
    /// If there is no network or no update left, `updates` is 0, or with a reason in
    /// [`Page::text`] if a loss is no number.
    fn update(&mut self, page: &mut Page, updates: usize) -> Result<(), Refused> {
        let training = self.learning_mut()?.training.as_mut();
        let training = training.filter(|training| !training.is_done());
        let training = training.ok_or(Refused::OutOfRange)?;
        if updates == 0 {
            return Err(Refused::OutOfRange);
        }
        let mut losses = Vec::new();
        while losses.len() < updates && !training.is_done() {
            losses.push(training.update().map_err(|error| page.explain(error))?);
        }
        page.numbers = losses;
        Ok(())
    }

    /// The loss on the examples of [`optimal_loss`](Self::optimal_loss), of the network
    /// as it is now.
    ///
    /// # Errors
    ///
    /// If there is no network, or there are no such examples.
    fn loss(&self, page: &mut Page) -> Result<(), Refused> {
        let learning = self.learning()?;
        let evaluation = learning.evaluation.as_ref().ok_or(Refused::OutOfRange)?;
        page.numbers = vec![mean(&evaluation.losses(learning.training()?.ema()))];
        Ok(())
    }

    /// What is predicted of `x0` at a timestep, by the exact denoiser or by the network
    /// as it is now, of states at `places` × `places` places from `-reach` to `reach`,
    /// row by row from the bottom. The numbers are x and y of each prediction, which is
    /// not clipped.
    ///
    /// # Errors
    ///
    /// If there are no data or no such timestep, `places` is not from 2 to 80, `reach` not above 0
    /// and at most 4, or there is no network.
    fn field(
        &self,
        page: &mut Page,
        t: usize,
        places: usize,
        reach: f64,
        by_network: bool,
    ) -> Result<(), Refused> {
        if !(reach > 0.0 && reach <= MAX_REACH) {
            return Err(Refused::OutOfRange);
        }
        let learning = self.learning()?;
        let x = grid(places, reach as f32)?;
        let level = NoiseLevel::of_timestep(&learning.scheduler, t)?;
        let prediction = match by_network {
            true => learning.denoiser()?.predict(&x, level)?,
            false => learning.exact.predict(&x, level)?,
        };
        page.numbers = coordinates(&prediction.x0(&x, level));
        Ok(())
    }
}
