//! diffusers opens the folders, and computes what the lesson does.
//!
//! Needs a Python (`python3`, or what the variable PYTHON names) with PyTorch and diffusers.
//! Where there is none, a line says what is not tested. Where the variable CI is set, it has
//! to be there.

use std::path::Path;

use diffusion_core::generator;
use diffusion_testing::python::{self, Lists};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::beta_schedule::{BetaSchedule, Ends};
use part_f_the_way_back::{NoiseLevel, PredictionType};
use part_h_learning_to_denoise::{LearnedDenoiser, TrainableNetwork};
use part_i_samplers::{Ddim, Levels, Sampling, SamplingConfig, Spacing, X0Clipping};
use part_l_u_net::UNetConfig;
use part_l_u_net::model_folder::{FolderPath, Learned, ModelFolder, scheduler_config};

use super::reference::network;
use super::{as_published, config, normal};

const STEPS: usize = 20;
const PICTURES: usize = 3;

/// What is tested of one folder.
struct Case {
    folder: ModelFolder,
    half: bool,
    labels: Vec<Option<usize>>,
}

fn case(
    config: UNetConfig,
    schedule: BetaSchedule,
    kind: PredictionType,
    half: bool,
) -> Case {
    let labels = match config.classes {
        0 => vec![None],
        // The last is none.
        _ => vec![Some(2), Some(0), None],
    };
    let folder = ModelFolder {
        network: network(config),
        scheduler: FolderPath::Schedule(scheduler_config(&schedule, 1000, kind).unwrap()),
        learned: Learned {
            data: Some("digits".into()),
            updates: 7,
            training: "seven \"updates\"".into(),
            unfinished: None,
        },
    };
    Case { folder, half, labels }
}

fn cases() -> Vec<Case> {
    let cosine = || BetaSchedule::Cosine;
    let linear = || BetaSchedule::Linear(Ends::DDPM);
    let grey = UNetConfig { channels: [1, 1], ..config(&[8, 16], ["DA", "AD"]) };
    let labelled =
        UNetConfig { classes: 4, blocks: 2, ..config(&[16, 8, 8], ["DAD", "DAD"]) };
    let published = as_published(config(&[8, 16, 16], ["DAD", "DAD"]));
    let beta = cosine().betas(1000).unwrap();
    vec![
        case(grey.clone(), cosine(), PredictionType::Velocity, false),
        case(labelled, cosine(), PredictionType::X0, false),
        case(published, linear(), PredictionType::Noise, false),
        case(
            UNetConfig { size: [8, 16], ..grey },
            BetaSchedule::List(beta),
            PredictionType::Velocity,
            true,
        ),
    ]
}

/// How far ours are from theirs, of the largest.
pub fn error(name: &str, ours: &DMatrix<f32>, python: &Lists) -> f64 {
    let theirs = &python[name];
    assert_eq!(theirs.len(), ours.len(), "{name}");
    let largest = theirs.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let pairs = ours.iter().zip(theirs);
    let errors = pairs.map(|(&ours, theirs)| (f64::from(ours) - theirs).abs());
    // No number is the largest of all.
    errors.max_by(f64::total_cmp).unwrap() / largest
}

/// A folder with states for it and what these are to be, as lists for Python, of the folder
/// of this number. Of several labels, none has a number, too.
pub fn as_lists(
    i: usize,
    path: &Path,
    x: &DMatrix<f32>,
    labels: &[Option<usize>],
    none: usize,
) -> [(String, Vec<f32>); 3] {
    let bytes = path.to_str().unwrap().bytes().map(f32::from).collect();
    let numbered = labels.iter().filter(|_| labels.len() > 1);
    let numbered = numbered.map(|label| label.unwrap_or(none) as f32).collect();
    [
        (format!("{i}.path"), bytes),
        (format!("{i}.x"), x.as_slice().to_vec()),
        (format!("{i}.labels"), numbered),
    ]
}

#[test]
fn diffusers_opens_a_folder_and_computes_the_same() {
    let temporary = tempfile::tempdir().unwrap();
    let mut given = vec![("steps".to_owned(), vec![STEPS as f32])];
    let times = [999.0, 17.0, 250.0];
    given.push(("t".to_owned(), times.to_vec()));
    let mut opened = Vec::new();
    for (i, Case { folder, half, labels }) in cases().into_iter().enumerate() {
        let path = temporary.path().join(i.to_string());
        let names: Vec<String> = ["a", "b|c", "d"].map(str::to_owned).to_vec();
        for (name, bytes) in folder.to_files(&names, half).unwrap() {
            let file = path.join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, bytes).unwrap();
        }
        // As it is in the folder, which may be rounded.
        let read = |name: &str| Ok(std::fs::File::open(path.join(name)).ok());
        let read = ModelFolder::read(read).unwrap();
        assert_eq!(read == folder, !half);
        let x = normal(read.network.values(), PICTURES, &mut generator(i as u64));
        given.extend(as_lists(i, &path, &x, &labels, 3));
        opened.push((read, x, labels, path));
    }
    given.push(("folders".to_owned(), vec![opened.len() as f32]));
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/python/opened.py");
    let Some(python) = python::run(script, "diffusers", &given) else { return };

    for (i, (folder, x, labels, path)) in opened.into_iter().enumerate() {
        assert_eq!(python[&format!("{i}.complaints")], [0.0], "{i}");
        let read =
            |name: &str| Ok(std::fs::File::open(path.join("again").join(name)).ok());
        let again = ModelFolder::read(read).unwrap();
        assert!(again.network == folder.network, "{i}");
        assert_eq!(again.scheduler, folder.scheduler, "{i}");
        let levels = times.map(|t| NoiseLevel { t: t.into(), a: 0.6, b: 0.8 });
        let all: Vec<_> = labels.iter().copied().cycle().take(PICTURES).collect();
        let outputs = folder.network.outputs(&x, &levels, &all);
        let forward = error(&format!("{i}.forward"), &outputs, &python);
        assert!(forward < 1e-4, "{i}: {forward}");

        let FolderPath::Schedule(schedule) = &folder.scheduler else {
            panic!("{:?}", folder.scheduler);
        };
        let scheduler = NoiseScheduler::from_betas(schedule.betas().unwrap()).unwrap();
        let timesteps = Spacing::Trailing.timesteps(STEPS, 1000).unwrap();
        let levels = Levels::of_timesteps(&scheduler, &timesteps).unwrap();
        let config = SamplingConfig {
            sampler: &Ddim { eta: 0.0 },
            levels: &levels,
            clipping: X0Clipping::None,
        };
        let kind = folder.scheduler.prediction();
        let denoiser = LearnedDenoiser::new(folder.network, kind, labels.clone(), 1.0);
        let denoiser = denoiser.unwrap();
        let mut sampling = Sampling::new(&config, x).unwrap();
        let mut largest = 0.0_f64;
        for step in 0..STEPS {
            sampling.step(&denoiser, &mut generator(0)).unwrap();
            let error = error(&format!("{i}.ddim.{step}"), sampling.x(), &python);
            largest = largest.max(error);
            assert!(error < 1e-3, "{i}, step {step}: {error}");
        }
        println!("{i}: forward {forward:.1e}, DDIM {largest:.1e}");
        match labels.len() {
            1 if i == 3 => assert_eq!(python["3.pipeline"], [16.0, 8.0]),
            1 => assert_eq!(python[&format!("{i}.pipeline")], [8.0, 8.0]),
            _ => assert_eq!(python[&format!("{i}.pictures")], [4.0]),
        }
    }
}
