//! Learning: examples, gradient, update, again and again.

use diffusion_core::{Generator, generator};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::PredictionType;
use rand::Rng;
use rayon::prelude::*;
use thiserror::Error;

use crate::data::Data;
use crate::loss::{Examples, LevelDistribution};
use crate::network::Network;
use crate::optimizer::{Adam, clip_gradient, learning_rate, update_ema};
use crate::parameters::NetworkConfig;
use crate::trainable::{ParameterSet, TrainableNetwork};

/// How a network learns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrainingConfig {
    /// What it is trained to predict.
    pub kind: PredictionType,
    /// How many updates there are to be, at least 1.
    pub updates: usize,
    /// How many examples are seen at each update, at least 1.
    pub batch: usize,
    /// How far an update goes, at most, above 0.
    pub learning_rate: f64,
    /// How much of the EMA of the parameters is kept at an update, from 0 to 1.
    pub ema_decay: f64,
    /// How often a label is left out, from 0 to 1.
    pub label_dropout: f64,
    /// The largest norm of a gradient, above 0, if longer ones are clipped.
    pub max_gradient_norm: Option<f64>,
}

impl Default for TrainingConfig {
    fn default() -> Self {
        TrainingConfig {
            kind: PredictionType::Noise,
            updates: 4000,
            batch: 256,
            learning_rate: 8e-3,
            ema_decay: 0.999,
            label_dropout: 0.1,
            max_gradient_norm: None,
        }
    }
}

impl TrainingConfig {
    /// Draws the examples of an update, as [`Examples::draw`] does.
    pub fn draw(
        &self,
        data: &Data,
        levels: &impl LevelDistribution,
        rng: &mut impl Rng,
    ) -> Examples {
        let TrainingConfig { kind, batch, label_dropout, .. } = *self;
        Examples::draw(batch, data, levels, kind, label_dropout, rng)
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

/// What it takes to go on with a training that was interrupted, beside the network with
/// the EMA, and how many updates there have been.
#[derive(Clone, Debug, PartialEq)]
pub struct Unfinished {
    /// How it learns.
    pub config: TrainingConfig,
    /// The seed of all its random numbers.
    pub seed: u64,
    /// The parameters after the last update.
    pub network: Vec<f32>,
    /// The two means of [`Adam`].
    pub moments: [Vec<f32>; 2],
}

/// A network that learns, at the timesteps of a schedule or at other noise levels.
#[derive(Clone, Debug)]
pub struct Training<L = NoiseScheduler, N: TrainableNetwork = Network> {
    config: TrainingConfig,
    data: Data,
    levels: L,
    rng: Generator,
    network: N,
    ema: N,
    adam: Adam<N::Parameters>,
    /// How many updates there have been.
    update: usize,
    chunks: Vec<Chunk<N::Activations>>,
    /// A place for those of the chunks that are computed at once.
    gradients: Vec<N::Parameters>,
    gradient: N::Parameters,
}

/// A chunk of each batch: where it begins, and a place to compute in.
#[derive(Clone, Debug)]
struct Chunk<A> {
    first: usize,
    activations: A,
    loss: f64,
}

/// How many chunks are computed at once, at most. The gradient of each takes as much
/// memory as the network.
const AT_ONCE: usize = 16;

impl<L: LevelDistribution> Training<L> {
    /// A network with this config that is to learn from these data, d × m, at these noise
    /// levels. All random numbers come from `seed`.
    ///
    /// # Errors
    ///
    /// If there are no data or no updates, or the network does not fit data and levels.
    pub fn new(
        config: TrainingConfig,
        network_config: NetworkConfig,
        data: Data,
        levels: L,
        seed: u64,
    ) -> Result<Self, TrainingError> {
        let mut rng = generator(seed);
        let network = Network::new(network_config, &mut rng);
        Self::of_network(config, network, data, levels, rng)
    }
}

impl<L: LevelDistribution, N: TrainableNetwork> Training<L, N> {
    /// More training for a network that has learned already. The optimizer starts anew.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new).
    pub fn of_network(
        config: TrainingConfig,
        network: N,
        data: Data,
        levels: L,
        rng: Generator,
    ) -> Result<Self, TrainingError> {
        if data.x.is_empty() {
            return Err(TrainingError::NoData);
        }
        if config.updates == 0 || config.batch == 0 {
            return Err(TrainingError::NoUpdates);
        }
        let labels = data.labels.as_deref().unwrap_or_default();
        let fits = network.values() == data.x.nrows()
            && network.timesteps() == levels.timesteps()
            && labels.iter().all(|&label| label < network.labels())
            && data.labels.as_ref().is_none_or(|labels| labels.len() == data.x.ncols());
        if !fits {
            return Err(TrainingError::OtherShape);
        }
        let gradient = network.parameters().zeros_like();
        let chunks = (0..config.batch).step_by(N::CHUNK).map(|first| Chunk {
            first,
            activations: network.activations(N::CHUNK.min(config.batch - first)),
            loss: 0.0,
        });
        let chunks: Vec<Chunk<N::Activations>> = chunks.collect();
        Ok(Training {
            config,
            data,
            levels,
            rng,
            ema: network.clone(),
            adam: Adam::new(network.parameters()),
            network,
            update: 0,
            gradients: vec![gradient.clone(); chunks.len().min(AT_ONCE)],
            chunks,
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
        let examples = self.config.draw(&self.data, &self.levels, &mut self.rng);
        self.learn_from(&examples)
    }

    /// One update on a batch of examples.
    fn learn_from(&mut self, examples: &Examples) -> Result<f64, TrainingError> {
        let loss = self.loss_and_gradient(examples);
        if !loss.is_finite() {
            return Err(TrainingError::Diverged { update: self.update });
        }
        if let Some(max_norm) = self.config.max_gradient_norm {
            clip_gradient(&mut self.gradient, max_norm);
        }
        let TrainingConfig { updates, learning_rate: peak, ema_decay, .. } = self.config;
        let rate = learning_rate(self.update, updates, peak);
        self.adam.update(self.network.parameters_mut(), &self.gradient, rate);
        let parameters = self.network.parameters();
        update_ema(self.ema.parameters_mut(), parameters, self.update, ema_decay);
        self.update += 1;
        Ok(loss)
    }
    // ANCHOR_END: training

    /// One update on examples of one's own.
    ///
    /// # Errors
    ///
    /// If the loss is no number. Then no parameter is changed.
    pub fn update_on(
        &mut self,
        draw: impl FnOnce(&TrainingConfig, &Data, &L, &mut Generator) -> Examples,
    ) -> Result<f64, TrainingError> {
        let examples = draw(&self.config, &self.data, &self.levels, &mut self.rng);
        self.learn_from(&examples)
    }

    /// One update as [`update`](Self::update) makes it, but with a noise of one's own for
    /// each datum, as [`Examples::draw_with`] takes it.
    ///
    /// # Errors
    ///
    /// If the loss is no number. Then no parameter is changed.
    pub fn update_with(
        &mut self,
        noise: impl FnOnce(&[usize], &DMatrix<f32>, &mut Generator) -> DMatrix<f32>,
    ) -> Result<f64, TrainingError> {
        self.update_on(|config, data, levels, rng| {
            let TrainingConfig { kind, batch, label_dropout, .. } = *config;
            Examples::draw_with(batch, data, levels, (kind, label_dropout), rng, noise)
        })
    }

    /// Goes on where a training was interrupted after so many updates. This one has to be
    /// new, of the network with the EMA, and as the other was when it began. All that was
    /// drawn until then is drawn once more, by the same `draw` as for
    /// [`update_on`](Self::update_on), or by [`TrainingConfig::draw`] as for
    /// [`update`](Self::update): what comes after has the same bits as without an
    /// interrupt.
    pub fn resume(
        &mut self,
        unfinished: &Unfinished,
        updates: usize,
        mut draw: impl FnMut(&TrainingConfig, &Data, &L, &mut Generator) -> Examples,
    ) {
        let Unfinished { network, moments, .. } = unfinished;
        self.network.parameters_mut().copy_from(network);
        self.adam.resume(moments, updates);
        for _ in 0..updates {
            draw(&self.config, &self.data, &self.levels, &mut self.rng);
        }
        self.update = updates;
    }

    /// What it takes to go on with it.
    pub fn unfinished(&self, seed: u64) -> Unfinished {
        let network = self.network.parameters().slices().concat();
        Unfinished { config: self.config, seed, network, moments: self.adam.moments() }
    }

    /// The loss of a batch, and its gradient. The chunks are computed on all cores, and
    /// then added one after the other, whichever was done first.
    fn loss_and_gradient(&mut self, examples: &Examples) -> f64 {
        let network = &self.network;
        self.gradient.slices_mut().into_iter().for_each(|sums| sums.fill(0.0));
        for chunks in self.chunks.chunks_mut(AT_ONCE) {
            let gradients = &mut self.gradients[..chunks.len()];
            chunks.par_iter_mut().zip(&mut *gradients).for_each(|(chunk, gradient)| {
                let Chunk { first, activations, loss } = chunk;
                *loss =
                    network.loss_and_gradient(examples, *first, activations, gradient);
            });
            let gradients: Vec<_> = gradients.iter().map(N::Parameters::slices).collect();
            let sums = self.gradient.slices_mut().into_par_iter().enumerate();
            sums.for_each(|(i, sums)| {
                for gradient in &gradients {
                    for (sum, number) in sums.iter_mut().zip(gradient[i]) {
                        *sum += number;
                    }
                }
            });
        }
        let loss: f64 = self.chunks.iter().map(|chunk| chunk.loss).sum();
        loss / examples.targets.len() as f64
    }

    /// How it learns.
    pub fn config(&self) -> &TrainingConfig {
        &self.config
    }

    /// The data that it learns from.
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// The same, which it has been lent for as long as it learned.
    pub fn into_data(self) -> Data {
        self.data
    }

    /// The noise levels that it learns at.
    pub fn levels(&self) -> &L {
        &self.levels
    }

    /// How many updates there have been.
    pub fn updates_done(&self) -> usize {
        self.update
    }

    /// Whether all updates are done.
    pub fn is_done(&self) -> bool {
        self.update >= self.config.updates
    }

    /// The network after the last update.
    pub fn network(&self) -> &N {
        &self.network
    }

    /// The network with the EMA of its parameters: the one to use.
    pub fn ema(&self) -> &N {
        &self.ema
    }
}
