//! Solutions of the exercises in chapter J's chapter.

use diffusion_core::mathematics::f64::ln;
use diffusion_core::{generator, points, randn_like};
use diffusion_kernels::distances::column_by_column;
use nalgebra::DMatrix;
use part_e_schedules::flow_sigmas::{
    FlowMatchEuler, FlowSigmasError, Shift, even_sigmas,
};
use part_f_the_way_back::{
    Denoiser, DenoiserError, ExactDenoiser, FlowPath, GaussianPath, NoiseLevel,
    Prediction, PredictionType,
};
use part_h_learning_to_denoise::evaluation::mean;
use part_h_learning_to_denoise::model_file::{Model, ModelPath};
use part_h_learning_to_denoise::{Data, EvaluationSet, LearnedDenoiser};
use part_i_samplers::{Euler, X0Clipping};
use part_j_flow_matching::levels::shifted_levels;
use part_j_flow_matching::{OnFlowPath, Trajectories};

// ANCHOR: how_often_shifted
/// How often even sigmas were shifted, by the noise over signal of one that is in the
/// middle of them.
fn how_often_shifted(sigmas: &[f64], shift: f64) -> Result<f64, FlowSigmasError> {
    let steps = sigmas.len();
    let over = |sigma: f64| sigma / (1.0 - sigma);
    let factor = over(sigmas[steps / 2]) / over(even_sigmas(steps)?[steps / 2]);
    Ok(ln(factor) / ln(shift))
}
// ANCHOR_END: how_often_shifted

#[test]
fn sigmas_tell_how_often_they_were_shifted() {
    let scheduler = FlowMatchEuler { shift: Shift::Fixed(3.0), ..Default::default() };
    let even = even_sigmas(4).unwrap();
    let often = |sigmas: &[f64]| how_often_shifted(&sigmas[..4], 3.0).unwrap();
    let once = scheduler.of_sigmas(&even).unwrap();
    assert!((often(once.sigmas()) - 1.0).abs() < 1e-9);
    let twice = scheduler.of_sigmas(&once.sigmas()[..4]).unwrap();
    assert!((often(twice.sigmas()) - 2.0).abs() < 1e-9);
}

// ANCHOR: other_clock
/// A network whose time is 0 for noise and 1 for data, and which predicts the direction
/// towards the data.
struct OtherClock<D>(D);

impl<D: Denoiser> Denoiser for OtherClock<D> {
    fn predict(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        let theirs = NoiseLevel { t: 1000.0 - at.t, ..at };
        let Prediction { kind, values } = self.0.predict(x, theirs)?;
        Ok(Prediction { kind, values: -values })
    }
}
// ANCHOR_END: other_clock

/// Stands for such a network.
struct Theirs(ExactDenoiser);

impl Denoiser for Theirs {
    fn predict(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        // What a network sees of a level is t only, and it has never seen no noise at all.
        let at = FlowPath::level((1.0 - at.t / 1000.0).max(1e-3));
        let values = -self.0.predict(x, at)?.flow(x, at);
        Ok(Prediction { kind: PredictionType::Flow, values })
    }
}

#[test]
fn a_network_of_the_other_clock_is_mended() {
    let data = points::moons(300, &mut generator(0));
    let noise = randn_like(&data, &mut generator(1));
    let exact = ExactDenoiser::new(&data).unwrap();
    let levels = shifted_levels(20, 1.0).unwrap();
    let samples = |denoiser: &dyn Denoiser| {
        let paths =
            Trajectories::of_sampler(&denoiser, noise.clone(), &Euler, &levels).unwrap();
        paths.samples().clone()
    };
    let expected = samples(&exact);
    let off = |x: &DMatrix<f32>| mean(&column_by_column(x, &expected));
    let theirs = Theirs(exact.clone());
    assert!(off(&samples(&theirs)) > 0.5);
    // Their times are rounded once more.
    assert!(off(&samples(&OtherClock(theirs))) < 1e-3);
}

// ANCHOR: flow_of_noise
/// The flow loss of chapter H's network over the optimal one, at the times 0.05, 0.15, …
/// 0.95.
fn flow_of_noise(model: Model, data: &Data) -> Vec<f64> {
    let Model { network, kind, path: ModelPath::Schedule(scheduler), .. } = model else {
        unreachable!("it has learned with a schedule")
    };
    let denoiser = LearnedDenoiser::unconditional(network, kind);
    let flow = OnFlowPath { denoiser, scheduler, clipping: X0Clipping::None };
    let levels: Vec<NoiseLevel> =
        FlowPath.levels().into_iter().skip(49).step_by(100).collect();
    let rng = &mut generator(0);
    let set = EvaluationSet::draw(500, data, &levels, PredictionType::Flow, rng);
    let losses = set.losses_of(&flow).expect("it knows such states");
    let optimal = set.optimal_loss(data).expect("there are data");
    losses.iter().zip(optimal).map(|(loss, optimal)| loss / optimal).collect()
}
// ANCHOR_END: flow_of_noise

#[test]
fn a_network_for_the_noise_has_the_worst_flow_in_noise() {
    let file =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/evidence/spiral.safetensors");
    let model = Model::from_bytes(&std::fs::read(file).unwrap()).unwrap();
    let data = Data::unlabelled(points::spiral(4000, &mut generator(points::SEED)));
    let ratios = flow_of_noise(model, &data);
    let (last, others) = ratios.split_last().unwrap();
    let worst = others.iter().copied().fold(0.0, f64::max);
    assert!(worst < 1.5 && *last > worst, "{ratios:?}");
}
