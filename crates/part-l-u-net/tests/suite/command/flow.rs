//! diffusers opens the folder of a flow, and samples as chapter J does.
//!
//! Needs a Python (`python3`, or what the variable PYTHON names) with PyTorch and diffusers.
//! Where there is none, a line says what is not tested. Where the variable CI is set, it has
//! to be there.

use std::fs;
use std::path::Path;

use diffusion_core::{generator, randn_like};
use diffusion_testing::python;
use diffusion_testing::transcript::Terminal;
use nalgebra::DMatrix;
use part_f_the_way_back::{FlowPath, PredictionType};
use part_h_learning_to_denoise::{LearnedDenoiser, TrainableNetwork};
use part_i_samplers::{Euler, Levels, Sampling, SamplingConfig, X0Clipping};
use part_l_u_net::model_folder::{FolderPath, ModelFolder};

use super::{PROGRAM, QUICK, TRAIN, write_picture};
use crate::lesson::diffusers::{as_lists, error};

const STEPS: usize = 5;
const PICTURES: usize = 3;

pub fn read(folder: &Path) -> ModelFolder {
    ModelFolder::read(|name| Ok(fs::File::open(folder.join(name)).ok())).unwrap()
}

#[test]
fn diffusers_opens_a_flow_and_samples_the_same() {
    let terminal = Terminal::new(PROGRAM);
    write_picture(&terminal.folder().join("pictures/0.png"), [200, 40, 0]);
    let train = format!("{TRAIN} --path flow {QUICK}");
    terminal.succeeds(&format!("{train} --save-diffusers labelled"));
    let train = train.replace("--data digits", "--pictures pictures --size 8");
    terminal.succeeds(&format!("{train} --save-diffusers plain"));
    let mut given =
        vec![("folders".to_owned(), vec![2.0]), ("steps".to_owned(), vec![STEPS as f32])];
    let labels = [vec![Some(2), Some(0), None], vec![None]];
    let mut opened = Vec::new();
    for (i, (name, labels)) in ["labelled", "plain"].into_iter().zip(labels).enumerate() {
        let path = terminal.folder().join(name);
        let folder = read(&path);
        assert_eq!(folder.scheduler, FolderPath::Flow);
        let zeros = DMatrix::zeros(folder.network.values(), PICTURES);
        let x = randn_like(&zeros, &mut generator(i as u64));
        given.extend(as_lists(i, &path, &x, &labels, 10));
        opened.push((folder, x, labels, path));
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/python/flow.py");
    let Some(python) = python::run(script, "diffusers", &given) else { return };

    for (i, (folder, x, labels, path)) in opened.into_iter().enumerate() {
        assert_eq!(python[&format!("{i}.complaints")], [0.0], "{i}");
        let again = read(&path.join("again"));
        assert!(again.network == folder.network, "{i}");
        assert_eq!(again.scheduler, FolderPath::Flow);

        let time = |step| 1.0 - step as f64 / STEPS as f64;
        let levels =
            Levels::new((0..STEPS).map(|step| FlowPath::level(time(step))).collect());
        let levels = levels.unwrap();
        let config = SamplingConfig {
            sampler: &Euler,
            levels: &levels,
            clipping: X0Clipping::None,
        };
        let count = labels.len();
        let denoiser =
            LearnedDenoiser::new(folder.network, PredictionType::Flow, labels, 1.0)
                .unwrap();
        let mut sampling = Sampling::new(&config, x).unwrap();
        for step in 0..STEPS {
            sampling.step(&denoiser, &mut generator(0)).unwrap();
            let error = error(&format!("{i}.euler.{step}"), sampling.x(), &python);
            assert!(error < 1e-3, "{i}, step {step}: {error}");
        }
        let pictures = if count > 1 { 4.0 } else { 1.0 };
        assert_eq!(python[&format!("{i}.pictures")], [pictures]);
    }
    assert_eq!(python["1.pipeline"], [8.0, 8.0]);
}
