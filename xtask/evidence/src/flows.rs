//! What part J learns and measures: flows with networks, what straightens them, and how
//! much the lines of their pairs cross.

mod labels;
mod learned;
pub mod pairs;
mod straightened;

use std::collections::BTreeMap;

use diffusion_core::{Generator, generator};
use nalgebra::DMatrix;
use part_f_the_way_back::{Denoiser, FlowPath, PredictionType};
use part_h_learning_to_denoise::{
    Data, LearnedDenoiser, Network, NetworkConfig, Training, TrainingConfig,
};
use part_i_samplers::Euler;
use part_j_flow_matching::levels::shifted_levels;
use part_j_flow_matching::{Coupling, Times, Trajectories};
use rayon::prelude::*;
use xtask_figures::stored::flows::{FINEST, SAMPLES, noise};

/// Values by name.
pub type Values = BTreeMap<String, Vec<f64>>;

/// The text of [`xtask_figures::stored::flows::VALUES`].
pub fn csv() -> String {
    // Those that take the longest first.
    let all: [fn() -> Values; 9] = [
        straightened::of_exact,
        straightened::of_learned,
        learned::kinds,
        learned::times,
        straightened::by_transport,
        labels::labels,
        pairs::crossing,
        pairs::costs_of_whole_sets,
        pairs::costs_of_batches,
    ];
    let values: Vec<Values> = all.into_par_iter().map(|compute| compute()).collect();
    let header = "name,value\n".to_owned();
    header + &values.into_iter().map(lines).collect::<String>()
}

/// A line for each of some values.
pub fn lines(values: Values) -> String {
    let mut csv = String::new();
    for (name, values) in values {
        let values: Vec<String> = values.iter().map(f64::to_string).collect();
        csv += &format!("{name},{}\n", values.join(","));
    }
    csv
}

/// How a network learns a flow, if it is not told otherwise: as the command's `--train`
/// has it.
fn usual() -> TrainingConfig {
    TrainingConfig { kind: PredictionType::Flow, ..TrainingConfig::default() }
}

/// The batches of mini-batch optimal transport.
const BATCH: usize = 64;

/// A network that has learned these data from the default seed, as the command does.
fn learned(
    config: TrainingConfig,
    data: &Data,
    times: Times,
    coupling: &Coupling,
) -> Network {
    learned_with(config, data, times, |drawn, x0, rng| coupling.noise(drawn, x0, rng))
}

/// The same with a noise of one's own for each datum.
fn learned_with(
    config: TrainingConfig,
    data: &Data,
    times: Times,
    noise: impl Fn(&[usize], &DMatrix<f32>, &mut Generator) -> DMatrix<f32>,
) -> Network {
    let mut rng = generator(0);
    let labels = data.labels.as_ref().and_then(|labels| labels.iter().max());
    let network = NetworkConfig {
        values: 2,
        fourier_features: true,
        steps: FlowPath::TIMESTEPS,
        labels: labels.map_or(0, |last| last + 1),
        hidden: 128,
        residual_layers: 2,
    };
    let network = Network::new(network, &mut rng);
    let training = Training::of_network(config, network, data.clone(), times, rng);
    let mut training = training.expect("the config fits");
    while !training.is_done() {
        training.update_with(&noise).expect("the loss is finite");
    }
    training.ema().clone()
}

/// The same as a denoiser, of a flow that is learned at all times alike.
fn learned_flow(
    config: TrainingConfig,
    data: &Data,
    coupling: &Coupling,
) -> LearnedDenoiser {
    let network = learned(config, data, Times::Uniform, coupling);
    LearnedDenoiser::unconditional(network, config.kind)
}

/// Where a flow leads the noise that flows are judged by.
fn finest(flow: &impl Denoiser) -> Trajectories {
    let followed = Trajectories::follow(flow, noise(SAMPLES), FINEST);
    followed.expect("a flow can be followed")
}

/// What so many of Euler's steps make of `noise`, 2 × n.
fn by_euler(flow: &impl Denoiser, noise: DMatrix<f32>, steps: usize) -> DMatrix<f32> {
    let levels = shifted_levels(steps, 1.0).expect("there are steps");
    let sampled = Trajectories::of_sampler(flow, noise, &Euler, &levels);
    sampled.expect("Euler's method takes any levels").samples().clone()
}
