//! Flows that are learned from pairs of another flow, or from pairs that are near each
//! other.

use diffusion_core::{generator, randn_like};
use diffusion_kernels::distances::column_by_column;
use nalgebra::DMatrix;
use part_f_the_way_back::Denoiser;
use part_h_learning_to_denoise::evaluation::mean;
use part_h_learning_to_denoise::{Data, LearnedDenoiser, TrainingConfig};
use part_j_flow_matching::{Coupling, Pairs, Trajectories};
use xtask_figures::stored::flows::{
    DRAWN, FINEST, PATHS, SAMPLES, STRIDE, exact, noise, state_name,
};
use xtask_figures::stored::learning::spiral;

use super::{BATCH, Values, by_euler, finest, learned_flow, usual};

/// How many pairs of a flow the next one is learned from, and in how many steps each is
/// made, as in the command.
const PAIRS: usize = 10_000;
const STEPS: usize = 50;

/// How many steps a straightened flow has.
const FEW: [usize; 3] = [1, 2, 5];

/// A flow that has learned from the pairs of another: the command's `reflow`, of that
/// number.
fn reflow(flow: &impl Denoiser, number: u64) -> LearnedDenoiser {
    let noise = randn_like(&DMatrix::zeros(2, PAIRS), &mut generator(number));
    let pairs = Pairs::of_flow(flow, noise, STEPS).expect("a flow can be followed");
    let data = Data::unlabelled(pairs.x0);
    learned_flow(usual(), &data, &Coupling::Given(pairs.noise))
}

fn apart(one: &DMatrix<f32>, other: &DMatrix<f32>) -> f64 {
    mean(&column_by_column(one, other))
}

/// How far the samples of a straightened flow are from those of the first one: in few of
/// Euler's steps, and in many of Heun's. And how far one step is from where it leads
/// itself.
fn put_distances(
    values: &mut Values,
    name: &str,
    flow: &LearnedDenoiser,
    paths: &Trajectories,
    first: &DMatrix<f32>,
) {
    let mut put = |of: &str, value| values.insert(format!("{name}_{of}"), vec![value]);
    for steps in FEW {
        let x = by_euler(flow, noise(SAMPLES), steps);
        put(&steps.to_string(), apart(&x, first));
        if steps == 1 {
            put("curvature_1", apart(&x, paths.samples()));
        }
    }
    put("fine", apart(paths.samples(), first));
}

/// As exactly as a place in a figure can be seen.
fn four_decimals(value: f32) -> f64 {
    (1e4 * f64::from(value)).round() / 1e4
}

/// And the places of its paths, if they are drawn.
fn put_straightness(values: &mut Values, name: &str, paths: &Trajectories) {
    values.insert(format!("straightness_{name}"), vec![paths.straightness()]);
    if DRAWN.contains(&name) {
        for stride in 0..=FINEST / STRIDE {
            let state = &paths.states[stride * STRIDE];
            let some = state.columns(0, PATHS);
            let places = some.iter().map(|&value| four_decimals(value)).collect();
            values.insert(state_name(name, stride), places);
        }
    }
}

/// Straightened once and twice, beginning with the exact flow.
pub fn of_exact() -> Values {
    let mut values = Values::new();
    let exact = exact();
    let first = finest(&exact);
    let once = reflow(&exact, 1);
    let twice = reflow(&once, 2);
    for (name, distances, flow) in
        [("reflow", "reflow_exact", once), ("reflow2", "reflow2_exact", twice)]
    {
        let paths = finest(&flow);
        put_distances(&mut values, distances, &flow, &paths, first.samples());
        put_straightness(&mut values, name, &paths);
    }
    values
}

/// Straightened once, beginning with a learned flow.
pub fn of_learned() -> Values {
    let mut values = Values::new();
    let learned = learned_flow(usual(), &spiral(), &Coupling::Independent);
    let first = finest(&learned);
    put_straightness(&mut values, "learned", &first);
    let flow = reflow(&learned, 1);
    let paths = finest(&flow);
    put_distances(&mut values, "reflow_learned", &flow, &paths, first.samples());
    put_straightness(&mut values, "reflow_learned", &paths);
    values
}

/// Learned with mini-batch optimal transport.
pub fn by_transport() -> Values {
    let config = TrainingConfig { batch: BATCH, ..usual() };
    let flow = learned_flow(config, &spiral(), &Coupling::OptimalTransport);
    let mut values = Values::new();
    let paths = finest(&flow);
    for steps in [1, 2] {
        let x = by_euler(&flow, noise(SAMPLES), steps);
        values.insert(format!("transport_{steps}"), vec![apart(&x, paths.samples())]);
    }
    put_straightness(&mut values, "transport", &paths);
    values
}
