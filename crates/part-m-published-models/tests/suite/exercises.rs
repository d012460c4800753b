//! The solutions of the chapter's exercises.

use diffusion_cli::load;
use diffusion_core::{generator, randn_like};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::linear;
use part_f_the_way_back::{NoiseLevel, Prediction, PredictionType, Variance};
use part_h_learning_to_denoise::{ParameterSet, TrainableNetwork};
use part_i_samplers::{Spacing, X0Clipping};
use part_l_u_net::command_line::load_folder;
use part_l_u_net::model_folder::FolderPath;
use part_l_u_net::{UNet, UNetConfig};
use part_m_published_models::{Pipeline, PipelineKind};

// ANCHOR: stride
/// How many steps of a pipeline end where the next one doesn't begin.
fn apart(kind: PipelineKind, spacing: Spacing, steps: usize) -> usize {
    let (clipping, variance) = (X0Clipping::None, Variance::BetaTilde);
    let pipeline = Pipeline { kind, spacing, clipping, variance, ends_clean: true };
    let scheduler = linear(1000).expect("there are steps");
    let steps = pipeline.steps(&scheduler, steps).expect("there are as many");
    steps.windows(2).filter(|pair| pair[0].to != pair[1].from).count()
}

#[test]
fn a_stride_that_is_no_whole_number() {
    assert_eq!(apart(PipelineKind::Ddim, Spacing::Trailing, 20), 0);
    assert_eq!(apart(PipelineKind::Ddim, Spacing::Trailing, 30), 10);
    assert_eq!(apart(PipelineKind::Ddim, Spacing::Trailing, 700), 300);
    // The timesteps that it takes by default have the stride that it goes by.
    assert_eq!(apart(PipelineKind::Ddim, Spacing::Leading { offset: 0 }, 30), 0);
    assert_eq!(apart(PipelineKind::Ddpm, Spacing::Trailing, 30), 0);
}
// ANCHOR_END: stride

// ANCHOR: heads
#[test]
fn no_shape_says_how_many_heads_there_are() {
    let config = UNetConfig::small(1, 8, vec![16, 32], 0);
    let one_head = UNetConfig { head_size: None, ..config.clone() };
    let network = UNet::new(config, &mut generator(0));
    let other = UNet::new(one_head, &mut generator(0));
    let shapes = |network: &UNet| -> Vec<(String, Vec<usize>)> {
        let tensors = network.parameters.tensors().into_iter();
        tensors.map(|tensor| (tensor.name, tensor.shape)).collect()
    };
    assert_eq!(shapes(&network), shapes(&other));
    assert_eq!(network.parameters.slices(), other.parameters.slices());

    let x = randn_like(&DMatrix::zeros(64, 1), &mut generator(1));
    let level = [NoiseLevel { t: 500.0, a: 0.6, b: 0.8 }];
    let outputs = |network: &UNet| network.outputs(&x, &level, &[None]);
    assert_ne!(outputs(&network), outputs(&other));
}
// ANCHOR_END: heads

// ANCHOR: told_apart
/// What a network predicts, by what it makes of noise alone, and of a picture `x0`.
fn told_apart(
    levels: &[NoiseLevel],
    outputs: impl Fn(&DMatrix<f32>, NoiseLevel) -> DMatrix<f32>,
    x0: &DMatrix<f32>,
) -> PredictionType {
    let hands_back = |x: &DMatrix<f32>, at| (outputs(x, at) - x).norm() < 0.5 * x.norm();
    let noise = randn_like(x0, &mut generator(0));
    let (first, last) = (levels[0], levels[levels.len() - 1]);
    match (hands_back(&noise, last), hands_back(x0, first)) {
        (true, _) => PredictionType::Noise,
        (false, true) => PredictionType::X0,
        (false, false) => PredictionType::Velocity,
    }
}
// ANCHOR_END: told_apart

/// As if each kind had been learned, by what the stored network predicts.
#[test]
fn two_evaluations_tell_what_is_predicted() {
    let folder = load_folder(&load::learned("digits-u-net")).unwrap();
    let FolderPath::Schedule(schedule) = folder.scheduler else { panic!("a schedule") };
    let scheduler = schedule.betas().and_then(NoiseScheduler::from_betas).unwrap();
    let x0 = load::mnist().unwrap().columns(0, 4).into_owned();
    for kind in [PredictionType::Noise, PredictionType::X0, PredictionType::Velocity] {
        let outputs = |x: &DMatrix<f32>, at: NoiseLevel| {
            let n = x.ncols();
            let values = folder.network.outputs(x, &vec![at; n], &vec![None; n]);
            let prediction = Prediction { kind: schedule.prediction, values };
            match kind {
                PredictionType::Noise => prediction.noise(x, at),
                PredictionType::X0 => prediction.x0(x, at),
                _ => prediction.velocity(x, at),
            }
        };
        assert_eq!(told_apart(&NoiseLevel::all(&scheduler), outputs, &x0), kind);
    }
}
