//! How well a flow is learned: at which times, and by what is predicted.

use diffusion_core::generator;
use diffusion_kernels::likelihoods::nearest;
use part_f_the_way_back::{FlowPath, GaussianPath, PredictionType};
use part_h_learning_to_denoise::evaluation::mean;
use part_h_learning_to_denoise::{EvaluationSet, LearnedDenoiser, TrainingConfig};
use part_j_flow_matching::{Coupling, Times};
use rayon::prelude::*;
use xtask_figures::stored::learning::spiral;

use super::{Values, finest, learned, usual};

/// Distributions of times by name, with the numbers that the command has for them.
const TIMES: [(&str, Times); 4] = [
    ("uniform", Times::Uniform),
    ("logit_normal", Times::LogitNormal { mean: 0.0, std: 1.0 }),
    ("mode", Times::Mode { scale: 1.29 }),
    ("shifted", Times::Shifted { shift: 3.0 }),
];

/// How many of the times 0.001, 0.002, … are the cleanest, and how many the noisiest.
const AT_AN_END: usize = 50;

/// How many examples of each time networks are judged by: more than the command has, as
/// some differ by little.
const EXAMPLES: usize = 120;

/// What networks are judged by, whatever they predict: the loss of the flow.
fn judge() -> EvaluationSet {
    let levels = FlowPath.levels();
    let mut rng = generator(1);
    EvaluationSet::draw(EXAMPLES, &spiral(), &levels, PredictionType::Flow, &mut rng)
}

fn optimal_loss(judge: &EvaluationSet) -> Vec<f64> {
    judge.optimal_loss(&spiral()).expect("there are data")
}

/// `ratio_…`: the loss of a network over the optimal one, all times together, if it learns
/// at these times. `distance_…`: how far samples are from the nearest datum, where the
/// flow that it has learned leads.
pub fn times() -> Values {
    let judge = judge();
    let optimal = mean(&optimal_loss(&judge));
    let ratio = |(name, times): (&str, Times)| {
        let network = learned(usual(), &spiral(), times, &Coupling::Independent);
        let loss = mean(&judge.losses(&network));
        let flow = LearnedDenoiser::unconditional(network, usual().kind);
        let distance = mean(&nearest(finest(&flow).samples(), &spiral().x));
        [("ratio", loss / optimal), ("distance", distance)]
            .map(|(what, value)| (format!("{what}_{name}"), vec![value]))
    };
    TIMES.into_par_iter().flat_map_iter(ratio).collect()
}

/// The loss of the flow over the optimal one for networks that predict something else:
/// `flow_loss_of_…` at all times, and `clean_of_…` and `noisy_of_…` at those of each end.
/// Without the time 1, where a prediction of the noise says nothing of the flow.
pub fn kinds() -> Values {
    let judge = judge();
    let optimal = optimal_loss(&judge);
    let last = optimal.len() - 1;
    let of_kind = |&kind: &PredictionType| {
        let config = TrainingConfig { kind, ..usual() };
        let network = learned(config, &spiral(), Times::Uniform, &Coupling::Independent);
        let denoiser = LearnedDenoiser::unconditional(network, kind);
        let losses = judge.losses_of(&denoiser).expect("it has all times");
        let (all, clean, noisy) = (0..last, 0..AT_AN_END, last - AT_AN_END..last);
        [("flow_loss", all), ("clean", clean), ("noisy", noisy)].map(|(name, times)| {
            let ratio = mean(&losses[times.clone()]) / mean(&optimal[times]);
            (format!("{name}_of_{}", kind.name()), vec![ratio])
        })
    };
    PredictionType::ALL.par_iter().flat_map_iter(of_kind).collect()
}
