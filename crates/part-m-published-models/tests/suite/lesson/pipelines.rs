//! The states in `pipelines.csv`, which `pipelines.py` computed with diffusers.

use std::io::Cursor;

use diffusion_testing::formula::{noise, numbers};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{Denoiser, NoiseLevel};
use part_h_learning_to_denoise::{LearnedDenoiser, ParameterSet};
use part_i_samplers::{
    Coordinate, DpmSolver, Euler, Heun, Levels, Sampler, Sampling, Spacing, Step,
    X0Clipping,
};
use part_l_u_net::UNet;
use part_l_u_net::initial::Zeros;
use part_l_u_net::model_folder::{FolderConfig, FolderPath};
use part_m_published_models::{Pipeline, PipelineKind};
use serde_json::{Value, json};

const STEPS: usize = 10;

/// A network and its schedule, from the configs of a folder.
struct Published {
    name: &'static str,
    network: LearnedDenoiser<UNet>,
    scheduler: NoiseScheduler,
    scheduler_json: String,
}

impl Published {
    fn new(name: &'static str, keys: Value, scheduler: Value) -> Self {
        let mut config = json!({
            "norm_num_groups": 4, "layers_per_block": 1, "sample_size": 4, "in_channels": 1,
            "out_channels": 1,
        });
        let object = config.as_object_mut().unwrap();
        object.extend(keys.as_object().unwrap().clone());
        let files =
            [("config.json", config), ("scheduler_config.json", scheduler.clone())];
        let read = FolderConfig::read(|path| {
            let file = files.iter().find(|(name, _)| *name == path);
            Ok(file.map(|(_, json)| Cursor::new(json.to_string())))
        });
        let FolderConfig { network, scheduler: path, scheduler_json, .. } = read.unwrap();
        let Some(FolderPath::Schedule(schedule)) = path else { panic!("a schedule") };
        let mut network = UNet::new(network, &mut Zeros);
        let tensors = network.parameters.tensors().into_iter();
        let all = tensors.flat_map(|tensor| numbers(&tensor.name, &tensor.shape));
        let all: Vec<f32> = all.collect();
        network.parameters.copy_from(&all);
        Published {
            name,
            network: LearnedDenoiser::unconditional(network, schedule.prediction),
            scheduler: NoiseScheduler::from_betas(schedule.betas().unwrap()).unwrap(),
            scheduler_json: scheduler_json.unwrap(),
        }
    }

    fn drawn(&self, what: &str) -> DMatrix<f32> {
        let values = noise(&format!("{} {what}", self.name)).map(|value| 4.0 * value);
        DMatrix::from_iterator(16, 1, values.take(16))
    }

    fn pipeline(&self, kind: PipelineKind) -> Pipeline {
        Pipeline::parse(kind, &self.scheduler_json).unwrap()
    }

    /// Compares the state after each evaluation.
    fn check(
        &self,
        pipeline: &str,
        steps: Vec<Step>,
        sampler: &dyn Sampler,
        clipping: X0Clipping,
        scale: fn(NoiseLevel) -> f64,
    ) {
        // Where they go by the state over a, they begin with sigma times the noise.
        let first = steps[0].from;
        let factor = if scale(first) == 1.0 { 1.0 } else { first.b };
        let noise = factor as f32 * self.drawn("x");
        let mut under_way =
            Sampling::along(steps.clone(), sampler, clipping, noise).unwrap();
        let expected = read(self.name, pipeline);
        let mut ends = ends(&steps, sampler).into_iter();
        for (i, expected) in expected.iter().enumerate() {
            let level = under_way.level().expect("as many evaluations as in diffusers");
            let prediction = self.network.predict(under_way.x(), level).unwrap();
            let draw = |_: &DMatrix<f32>| self.drawn(&i.to_string());
            under_way.advance(prediction, draw).unwrap();
            // In their coordinate.
            let factor = scale(ends.next().unwrap());
            let largest = expected.iter().fold(0.0_f64, |most, it| most.max(it.abs()));
            for (ours, expected) in under_way.x().iter().zip(expected) {
                let error = (factor * f64::from(*ours) - expected).abs() / largest;
                assert!(error < 1e-3, "{} {pipeline} {i}: {error:e}", self.name);
            }
        }
        assert_eq!(under_way.level(), None);
    }
}

/// The levels at which the states after each evaluation are.
fn ends(steps: &[Step], sampler: &dyn Sampler) -> Vec<NoiseLevel> {
    let of = |step: &Step| {
        let count = 1 + usize::from(sampler.second_coefficients(step).is_some());
        vec![step.to; count]
    };
    steps.iter().flat_map(of).collect()
}

/// All states of a run.
fn read(network: &str, pipeline: &str) -> Vec<Vec<f64>> {
    let begin = format!("{network},{pipeline},");
    let lines = include_str!("pipelines.csv").lines();
    let lines = lines.filter_map(|line| line.strip_prefix(&begin));
    let states: Vec<Vec<f64>> = lines
        .map(|line| line.split(',').skip(1).map(|cell| cell.parse().unwrap()).collect())
        .collect();
    assert!(states.len() >= 7, "{begin}");
    states
}

fn all() -> [Published; 3] {
    let [da, ad] = [["DownBlock2D", "AttnDownBlock2D"], ["AttnUpBlock2D", "UpBlock2D"]];
    [
        Published::new(
            "ddpm",
            json!({
                "block_out_channels": [8, 16], "down_block_types": da, "up_block_types": ad,
                "attention_head_dim": null, "downsample_padding": 0,
                "flip_sin_to_cos": false, "freq_shift": 1, "norm_eps": 1e-6,
            }),
            json!({"_class_name": "DDPMScheduler", "variance_type": "fixed_large"}),
        ),
        Published::new(
            "butterflies",
            json!({"block_out_channels": [8, 16], "down_block_types": da, "up_block_types": ad}),
            json!({"_class_name": "DDPMScheduler", "beta_schedule": "squaredcos_cap_v2"}),
        ),
        Published::new(
            "velocity",
            json!({
                "block_out_channels": [8, 8], "resnet_time_scale_shift": "scale_shift",
                "down_block_types": ["AttnDownBlock2D", "DownBlock2D"],
                "up_block_types": ["UpBlock2D", "AttnUpBlock2D"],
            }),
            json!({
                "_class_name": "DDPMScheduler", "prediction_type": "v_prediction",
                "timestep_spacing": "trailing", "steps_offset": 1, "clip_sample": false,
                "beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012,
            }),
        ),
    ]
}

fn as_it_is(_: NoiseLevel) -> f64 {
    1.0
}

#[test]
fn as_they_are() {
    for published in all() {
        for (name, kind, steps) in [
            ("ddpm", PipelineKind::Ddpm, STEPS),
            ("ddim", PipelineKind::Ddim, STEPS),
            ("ddim 7", PipelineKind::Ddim, 7),
        ] {
            let ends_clean = steps == STEPS;
            let pipeline = Pipeline { ends_clean, ..published.pipeline(kind) };
            let steps = pipeline.steps(&published.scheduler, steps).unwrap();
            let sampler = pipeline.sampler();
            published.check(name, steps, &*sampler, pipeline.clipping, as_it_is);
        }
    }
}

#[test]
fn with_other_schedulers() {
    for published in all() {
        let timesteps = Spacing::Trailing.timesteps(STEPS, 1000).unwrap();
        let levels = Levels::of_timesteps(&published.scheduler, &timesteps).unwrap();
        let steps: Vec<Step> = levels.steps().collect();
        let none = X0Clipping::None;
        published.check("dpm-solver++", steps.clone(), &DpmSolver, none, as_it_is);
        // Theirs is the state over a.
        let scale = |level: NoiseLevel| 1.0 / level.a;
        published.check("euler", steps.clone(), &Euler, none, scale);
        let heun = Heun { coordinate: Coordinate::Sigma };
        published.check("heun", steps, &heun, none, scale);
    }
}
