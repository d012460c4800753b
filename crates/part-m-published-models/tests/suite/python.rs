//! The Python of the page "the same in diffusers", run on a folder that is written here: it
//! makes what the command makes.

use std::fs;

use diffusion_core::{generator, randn_like};
use diffusion_testing::python::{self, Lists};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::beta_schedule::BetaSchedule;
use part_f_the_way_back::{NoiseLevel, PredictionType};
use part_h_learning_to_denoise::{LearnedDenoiser, TrainableNetwork};
use part_i_samplers::Sampling;
use part_l_u_net::model_folder::{
    FolderPath, Learned, ModelFolder, SCHEDULER, scheduler_config,
};
use part_l_u_net::{NormConfig, UNet, UNetConfig};
use part_m_published_models::{Pipeline, PipelineKind};
use tempfile::tempdir;

const STEPS: usize = 10;

/// What the Python makes of a folder with these files in so many steps, or of none the
/// outputs of the network at [`T`].
fn run(
    files: &[(&str, Vec<u8>)],
    x: &DMatrix<f32>,
    steps: usize,
    labels: Vec<f32>,
) -> Option<Lists> {
    let place = tempdir().unwrap();
    for (path, bytes) in files {
        let path = place.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let path = place.path().to_str().unwrap().bytes().map(f32::from).collect();
    let given = [
        ("folder", path),
        ("x", x.as_slice().to_vec()),
        ("steps", vec![steps as f32]),
        ("t", vec![T]),
        ("labels", labels),
    ];
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/python.py");
    let given = given.map(|(name, values)| (name.to_owned(), values));
    python::run(script, "diffusers", &given)
}

/// A timestep.
const T: f32 = 321.0;

#[test]
fn diffusers_goes_the_same_way() {
    let kind = PredictionType::Velocity;
    let schedule = scheduler_config(&BetaSchedule::Cosine, 1000, kind).unwrap();
    let config = UNetConfig::small(1, 8, vec![8, 16], 4);
    let folder = ModelFolder {
        network: UNet::new(config, &mut generator(0)),
        scheduler: FolderPath::Schedule(schedule.clone()),
        learned: Learned::default(),
    };
    let files = folder.to_files(&[], false).unwrap();
    let x = randn_like(&DMatrix::zeros(64, 2), &mut generator(1));
    let labels = vec![3.0, 4.0];
    let Some(python) = run(&files, &x, STEPS, labels) else { return };

    let (_, json) = files.iter().find(|(name, _)| *name == SCHEDULER).unwrap();
    let json = std::str::from_utf8(json).unwrap();
    let pipeline = Pipeline::parse(PipelineKind::Ddim, json).unwrap();
    let scheduler = schedule.betas().and_then(NoiseScheduler::from_betas).unwrap();
    let steps = pipeline.steps(&scheduler, STEPS).unwrap();
    let labels = vec![Some(3), None];
    let denoiser = LearnedDenoiser::new(folder.network, kind, labels, 1.0).unwrap();
    let sampler = pipeline.sampler();
    let mut sampling = Sampling::along(steps, &*sampler, pipeline.clipping, x).unwrap();
    while sampling.level().is_some() {
        sampling.step(&denoiser, &mut generator(2)).unwrap();
    }
    let largest = sampling.x().amax();
    for (ours, theirs) in sampling.x().iter().zip(&python["samples"]) {
        assert!(
            (f64::from(*ours) - theirs).abs() < 1e-3 * f64::from(largest),
            "{ours}, {theirs}"
        );
    }
    for (value, pixel) in sampling.x().iter().zip(&python["pixels"]) {
        let expected = f64::from((value + 1.0) * 127.5).clamp(0.0, 255.0);
        assert!((expected - pixel).abs() < 0.7, "{value} as {pixel}");
    }
}

/// Networks of the shapes of google/ddpm-cifar10-32 and of the butterflies of the Hugging
/// Face course, in full.
#[test]
fn the_shapes_of_published_networks() {
    let of = |widths: &[usize], attended: &[usize]| {
        let down: Vec<bool> = (0..widths.len()).map(|i| attended.contains(&i)).collect();
        let up = down.iter().rev().copied().collect();
        UNetConfig {
            blocks: 2,
            attention: [down, up],
            norm: NormConfig { groups: 32, epsilon: 1e-5, scale_shift: false },
            middle_groups: Some(32),
            ..UNetConfig::small(3, 32, widths.to_vec(), 0)
        }
    };
    let cifar10 = of(&[128, 256, 256, 256], &[1]);
    let cifar10 = UNetConfig {
        norm: NormConfig { epsilon: 1e-6, ..cifar10.norm },
        head_size: None,
        pads_all_round: false,
        cosines_first: false,
        frequency_shift: 1.0,
        ..cifar10
    };
    for config in [cifar10, of(&[64, 128, 128, 256], &[2, 3])] {
        let kind = PredictionType::Noise;
        let schedule = scheduler_config(&BetaSchedule::Cosine, 1000, kind).unwrap();
        let folder = ModelFolder {
            network: UNet::new(config, &mut generator(0)),
            scheduler: FolderPath::Schedule(schedule),
            learned: Learned::default(),
        };
        let x = DMatrix::zeros(folder.network.values(), 2);
        let x = randn_like(&x, &mut generator(1));
        let files = folder.to_files(&[], false).unwrap();
        let Some(python) = run(&files, &x, 0, Vec::new()) else { return };
        let at = NoiseLevel { t: f64::from(T), a: 0.6, b: 0.8 };
        let outputs = folder.network.outputs(&x, &[at; 2], &[None; 2]);
        let largest = f64::from(outputs.amax());
        for (ours, theirs) in outputs.iter().zip(&python["outputs"]) {
            assert!(
                (f64::from(*ours) - theirs).abs() < 1e-4 * largest,
                "{ours}, {theirs}"
            );
        }
    }
}
