//! A network that learns a flow.

use diffusion_core::{generator, points};
use nalgebra::DMatrix;
use part_f_the_way_back::{FlowPath, GaussianPath, NoiseLevel, PredictionType};
use part_h_learning_to_denoise::evaluation::mean;
use part_h_learning_to_denoise::{
    Data, EvaluationSet, Network, NetworkConfig, ParameterSet, Training, TrainingConfig,
};
use part_j_flow_matching::{Coupling, Times};

use super::normal;

fn training(updates: usize, data: DMatrix<f32>) -> Training<Times> {
    let network = NetworkConfig {
        values: 2,
        fourier_features: true,
        steps: FlowPath::TIMESTEPS,
        labels: 0,
        hidden: 32,
        residual_layers: 2,
    };
    let kind = PredictionType::Flow;
    // So that a few hundred updates count.
    let (batch, ema_decay) = (128, 0.95);
    let config = TrainingConfig { kind, updates, batch, ema_decay, ..Default::default() };
    Training::new(config, network, Data::unlabelled(data), Times::Uniform, 0).unwrap()
}

fn moons() -> DMatrix<f32> {
    points::moons(200, &mut generator(0))
}

/// The loss of a network at every fiftieth level, and the least possible.
fn losses(network: &Network, data: DMatrix<f32>) -> [f64; 2] {
    let levels: Vec<NoiseLevel> = FlowPath.levels().into_iter().step_by(50).collect();
    let (data, kind) = (Data::unlabelled(data), PredictionType::Flow);
    let set = EvaluationSet::draw(128, &data, &levels, kind, &mut generator(7));
    [mean(&set.losses(network)), mean(&set.optimal_loss(&data).unwrap())]
}

/// Of pairs that are drawn independently: the least is what the exact flow leaves.
#[test]
fn a_network_learns_a_flow() {
    let mut training = training(400, moons());
    let [first, least] = losses(training.network(), moons());
    while !training.is_done() {
        training.update().unwrap();
    }
    let [loss, _] = losses(training.ema(), moons());
    assert!(loss > least, "{loss} is less than the least, {least}");
    let left = (loss - least) / (first - least);
    assert!(left < 0.25, "from {first} to {loss}, and {least} is possible: {left}");
}

/// If each datum has the noise beside it, the flow is one everywhere, and nothing is left
/// of the loss. With a noise that is drawn, half of it is.
#[test]
fn a_network_learns_from_the_noise_that_is_given() {
    let data = moons();
    let noise = DMatrix::from_fn(2, 200, |row, i| data[(row, i)] + [0.8, -1.1][row]);
    let last = |coupling: Coupling| {
        let mut training = training(300, data.clone());
        let mut losses = Vec::new();
        while !training.is_done() {
            let noise = |drawn: &[usize], x0: &DMatrix<f32>, rng: &mut _| {
                coupling.noise(drawn, x0, rng)
            };
            losses.push(training.update_with(noise).unwrap());
        }
        mean(&losses[280..]) / losses[0]
    };
    let given = last(Coupling::Given(noise));
    assert!(given < 2e-3, "{given}");
    let independent = last(Coupling::Independent);
    assert!(independent > 0.4, "{independent}");
}

/// What is handed to the coupling is what was drawn, and what it returns is learned from.
#[test]
fn the_coupling_is_asked_for_the_data_of_the_batch() {
    let data = moons();
    let mut one = training(3, data.clone());
    let mut other = one.clone();
    one.update_with(|drawn, x0, rng| {
        assert_eq!(x0, &data.select_columns(drawn));
        assert_eq!(drawn.len(), 128);
        Coupling::Independent.noise(drawn, x0, rng)
    })
    .unwrap();
    other.update().unwrap();
    assert_eq!(bits(one.network()), bits(other.network()), "both draw it alike");
    one.update_with(|_, x0, rng| 2.0 * normal(x0.nrows(), x0.ncols(), rng)).unwrap();
    other.update().unwrap();
    assert_ne!(bits(one.network()), bits(other.network()));
}

fn bits(network: &Network) -> Vec<u32> {
    network.parameters.slices().concat().into_iter().map(f32::to_bits).collect()
}

#[test]
fn the_number_of_threads_changes_nothing() {
    for coupling in [Coupling::Independent, Coupling::OptimalTransport] {
        let learned = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.unwrap().install(|| {
                let mut training = training(10, moons());
                while !training.is_done() {
                    let noise = |drawn: &[usize], x0: &DMatrix<f32>, rng: &mut _| {
                        coupling.noise(drawn, x0, rng)
                    };
                    training.update_with(noise).unwrap();
                }
                bits(training.ema())
            })
        };
        assert!(learned(1) == learned(2), "{coupling:?}");
    }
}
