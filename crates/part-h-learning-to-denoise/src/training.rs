//! Learning: examples, gradient, update, again and again.

use diffusion_core::{Generator, generator};
use part_d_alpha_bar_trick::NoiseScheduler;
use rayon::prelude::*;
use thiserror::Error;

use crate::data::Data;
use crate::loss::{Examples, Target};
use crate::network::{Network, PART, Pass};
use crate::optimizer::{Adam, average, learning_rate};
use crate::parameters::{Parameters, Shape};

/// How a network learns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// What it is asked for.
    pub target: Target,
    /// How many updates there are to be, at least 1.
    pub updates: usize,
    /// How many examples are seen at each update, at least 1.
    pub batch: usize,
    /// How far an update goes, at most, above 0.
    pub learning_rate: f64,
    /// How much of the average of the parameters is kept at an update, from 0 to 1.
    pub decay: f64,
    /// How often a label is left out, from 0 to 1.
    pub label_dropout: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            target: Target::Noise,
            updates: 4000,
            batch: 256,
            learning_rate: 8e-3,
            decay: 0.999,
            label_dropout: 0.1,
        }
    }
}

/// Why a network doesn't learn.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum TrainingError {
    /// There is nothing to learn from.
    #[error(
        "there are no data to learn from; expected at least one datum of at least one value"
    )]
    NoData,
    /// Data, labels or timesteps that the network is not made for.
    #[error("the network is not made for these data, labels and timesteps")]
    OtherShape,
    /// There is nothing to learn with.
    #[error("there is nothing to do; expected at least one update, and examples in each")]
    NoUpdates,
    /// The parameters have become so large that the loss is no number.
    #[error(
        "the loss of update {update} is no number; expected data of about the scale of the \
         noise, which is 1, and a smaller learning rate"
    )]
    Diverged {
        /// Which update, counted from 0.
        update: usize,
    },
}

/// A network that learns.
#[derive(Clone, Debug)]
pub struct Training {
    settings: Settings,
    data: Data,
    scheduler: NoiseScheduler,
    rng: Generator,
    network: Network,
    average: Network,
    adam: Adam,
    /// How many updates there have been.
    update: usize,
    parts: Vec<Part>,
    gradient: Parameters,
}

/// A part of each batch: where it begins, and a place to compute in.
#[derive(Clone, Debug)]
struct Part {
    first: usize,
    pass: Pass,
    gradient: Parameters,
    loss: f64,
}

impl Training {
    /// A network of this shape that is to learn from these data, d × m. All random
    /// numbers come from `seed`.
    ///
    /// # Errors
    ///
    /// If there are no data or no updates, or the shape does not fit data and scheduler.
    pub fn new(
        settings: Settings,
        shape: Shape,
        data: Data,
        scheduler: NoiseScheduler,
        seed: u64,
    ) -> Result<Self, TrainingError> {
        let mut rng = generator(seed);
        let network = Network::new(shape, &mut rng);
        Self::of_network(settings, network, data, scheduler, rng)
    }

    /// The same for a network that has learned already, and goes on. The optimizer starts
    /// anew.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new).
    pub fn of_network(
        settings: Settings,
        network: Network,
        data: Data,
        scheduler: NoiseScheduler,
        rng: Generator,
    ) -> Result<Self, TrainingError> {
        let shape = *network.shape();
        if data.x.is_empty() {
            return Err(TrainingError::NoData);
        }
        if settings.updates == 0 || settings.batch == 0 {
            return Err(TrainingError::NoUpdates);
        }
        let labels = data.labels.as_deref().unwrap_or_default();
        let has_shape = shape.values == data.x.nrows()
            && shape.steps == scheduler.steps()
            && labels.iter().all(|&label| label < shape.labels)
            && data.labels.as_ref().is_none_or(|labels| labels.len() == data.x.ncols());
        if !has_shape {
            return Err(TrainingError::OtherShape);
        }
        let gradient = Parameters::zeros(&shape);
        let parts = (0..settings.batch).step_by(PART).map(|first| Part {
            first,
            pass: Pass::new(&shape, PART.min(settings.batch - first)),
            gradient: gradient.clone(),
            loss: 0.0,
        });
        Ok(Training {
            settings,
            data,
            scheduler,
            rng,
            average: network.clone(),
            network,
            adam: Adam::new(&shape),
            update: 0,
            parts: parts.collect(),
            gradient,
        })
    }

    // ANCHOR: training
    /// One update: the network sees new examples, and each of its numbers goes a little
    /// down the slope of the loss. Returns the loss before that.
    ///
    /// # Errors
    ///
    /// If the loss is no number. Then nothing is changed.
    pub fn update(&mut self) -> Result<f64, TrainingError> {
        let Settings { target, batch, label_dropout, .. } = self.settings;
        let examples = Examples::draw(
            batch,
            &self.data,
            &self.scheduler,
            target,
            label_dropout,
            &mut self.rng,
        );
        let loss = self.loss_and_gradient(&examples);
        if !loss.is_finite() {
            return Err(TrainingError::Diverged { update: self.update });
        }
        let Settings { updates, learning_rate: peak, decay, .. } = self.settings;
        let rate = learning_rate(self.update, updates, peak);
        self.adam.update(&mut self.network.parameters, &self.gradient, rate);
        let parameters = &self.network.parameters;
        average(&mut self.average.parameters, parameters, self.update, decay);
        self.update += 1;
        Ok(loss)
    }

    // ANCHOR_END: training

    /// The loss of a batch, and its gradient. The parts are computed on all cores, and
    /// then added one after the other, whichever was done first.
    fn loss_and_gradient(&mut self, examples: &Examples) -> f64 {
        let network = &self.network;
        self.parts.par_iter_mut().for_each(|Part { first, pass, gradient, loss }| {
            *loss = network.loss_and_gradient(examples, *first, pass, gradient);
        });
        let gradients: Vec<_> =
            self.parts.iter().map(|part| part.gradient.slices()).collect();
        let sums = self.gradient.slices_mut().into_par_iter().enumerate();
        sums.for_each(|(i, sums)| {
            sums.fill(0.0);
            for gradient in &gradients {
                for (sum, number) in sums.iter_mut().zip(gradient[i]) {
                    *sum += number;
                }
            }
        });
        let loss: f64 = self.parts.iter().map(|part| part.loss).sum();
        loss / examples.targets.len() as f64
    }

    /// How it learns.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The data that it learns from.
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// The forward process that it learns to walk back.
    pub fn scheduler(&self) -> &NoiseScheduler {
        &self.scheduler
    }

    /// How many updates there have been.
    pub fn updates_done(&self) -> usize {
        self.update
    }

    /// Whether all updates are done.
    pub fn is_done(&self) -> bool {
        self.update >= self.settings.updates
    }

    /// The network after the last update.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The network with the average of its parameters: the one to use.
    pub fn average(&self) -> &Network {
        &self.average
    }
}
