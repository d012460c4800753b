//! Adam, whose means can be taken out and put in: what it takes to go on with a training.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::optim::{
    AdamConfig, AdamState, AdaptiveMomentumState, GradientsParams, Optimizer,
};
use burn::tensor::Tensor;
use part_h_learning_to_denoise::model_file::ModelError;

use crate::UNet;

/// burn's Adam, for all parameters of a network.
///
/// The steps are those of burn's `ModuleOptimizer`. That gives its means away in a file of
/// burn's own only, and puts them on burn's default device when it reads them: a card that
/// this machine may not have.
pub struct Adam {
    rule: burn::optim::Adam,
    /// The means of recent derivatives and of their squares, by parameter.
    moments: [GradientsParams; 2],
    steps: usize,
}

impl Default for Adam {
    /// Before its first step.
    fn default() -> Self {
        Adam {
            // Chapter H's; burn's own epsilon is 1e-5.
            rule: AdamConfig::new().with_epsilon(1e-8).build(),
            moments: [GradientsParams::new(), GradientsParams::new()],
            steps: 0,
        }
    }
}

impl Adam {
    /// The network after one step (equation H.7). What has no derivative stays.
    pub fn step(
        &mut self,
        learning_rate: f64,
        network: UNet,
        gradient: GradientsParams,
    ) -> UNet {
        let network = network.map(&mut Step { adam: self, learning_rate, gradient });
        self.steps += 1;
        network
    }

    /// Its two means, number by number, in the order of chapter L's parameters. Those of
    /// what is not learned are 0.
    ///
    /// # Errors
    ///
    /// If one of them is infinite, or no number.
    pub fn moments(&self, network: &UNet) -> Result<[Vec<f32>; 2], ModelError> {
        let numbers =
            |means| network.valid().map(&mut InPlace { numbers: means }).numbers();
        let [mean, square] = &self.moments;
        Ok([numbers(mean)?, numbers(square)?])
    }

    /// Takes up the means that there were after so many steps, for the parameters of a
    /// network.
    ///
    /// # Panics
    ///
    /// If they are not as many as the parameters.
    pub fn resume(&mut self, moments: &[Vec<f32>; 2], steps: usize, network: &UNet) {
        for (place, numbers) in self.moments.iter_mut().zip(moments) {
            // They travel as numbers of a network, whose parameters have the same ids.
            let mut means = network.valid();
            means.copy_from(numbers);
            *place = by_parameter(&means);
        }
        self.steps = steps;
    }
}

/// The numbers of a network, by parameter.
pub(crate) fn by_parameter(network: &UNet) -> GradientsParams {
    let mut all = Numbers(GradientsParams::new());
    network.visit(&mut all);
    all.0
}

struct Numbers(GradientsParams);

impl ModuleVisitor for Numbers {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.0.register(param.id, param.val());
    }
}

/// One step of all parameters.
struct Step<'a> {
    adam: &'a mut Adam,
    learning_rate: f64,
    gradient: GradientsParams,
}

impl ModuleMapper for Step<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let id = param.id;
        let Some(derivatives) = self.gradient.remove::<D>(id) else { return param };
        let Adam { rule, moments: [means, squares], steps } = &mut *self.adam;
        let state = means.remove(id).zip(squares.remove(id)).map(|(mean, square)| {
            AdamState::new(AdaptiveMomentumState::new(*steps, mean, square))
        });
        param.map(|tensor| {
            let (tensor, state) =
                rule.step(self.learning_rate, tensor.inner(), derivatives, state);
            let AdamState { momentum } = state.expect("Adam has one after each step");
            means.register(id, momentum.moment_1);
            squares.register(id, momentum.moment_2);
            Tensor::from_inner(tensor).require_grad()
        })
    }
}

/// Puts numbers in the place of parameters, and zeros where there are none.
struct InPlace<'a> {
    numbers: &'a GradientsParams,
}

impl ModuleMapper for InPlace<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let numbers = self.numbers.get::<D>(param.id);
        param.map(|number| numbers.unwrap_or_else(|| number.zeros_like()))
    }
}
