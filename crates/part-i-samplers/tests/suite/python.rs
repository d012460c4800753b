//! The Python of the way back in the chapter "Coming from PyTorch", run on the lessons'
//! noise: it makes the samples that the lessons make.

use diffusion_core::{generator, randn_like};
use diffusion_testing::python;
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{
    DdpmSampler, Denoiser, DenoiserError, NoiseLevel, Prediction, PredictionType,
    Variance,
};
use part_i_samplers::{Ddim, Levels, SamplingConfig, Spacing, X0Clipping};

const STEPS: usize = 20;

/// In the place of a network, a part of the state.
struct Part;

impl Denoiser for Part {
    fn predict(
        &self,
        x: &DMatrix<f32>,
        _at: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        Ok(Prediction { kind: PredictionType::X0, values: 0.6 * x })
    }
}

#[test]
fn pytorch_makes_the_samples_of_the_lessons() {
    let scheduler = NoiseScheduler::new(STEPS, 0.01, 0.4).unwrap();
    let shape = DMatrix::zeros(2, 50);
    let x = randn_like(&shape, &mut generator(0));
    let mut rng = generator(1);
    let drawn: Vec<DMatrix<f32>> =
        (1..STEPS).map(|_| randn_like(&shape, &mut rng)).collect();
    let timesteps = Spacing::Trailing.timesteps(5, STEPS).unwrap();
    let given = [
        ("x", x.as_slice().to_vec()),
        ("noise", drawn.iter().flat_map(|noise| noise.iter().copied()).collect()),
        ("beta", scheduler.beta().iter().map(|&beta| beta as f32).collect()),
        ("timesteps", timesteps.iter().map(|&t| t as f32).collect()),
    ];
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/python.py");
    let given = given.map(|(name, values)| (name.to_owned(), values));
    let Some(python) = python::run(script, "torch", &given) else { return };

    let levels = Levels::of_timesteps(&scheduler, &timesteps).unwrap();
    let clipping = X0Clipping::None;
    let ddim = SamplingConfig { sampler: &Ddim { eta: 0.0 }, levels: &levels, clipping };
    let ddim = ddim.sample(&Part, x.clone(), &mut generator(1)).unwrap();
    let ddpm = DdpmSampler { scheduler, variance: Variance::BetaTilde, clip: false };
    let ddpm = ddpm.sample(&Part, x, &mut generator(1)).unwrap();
    for (name, ours) in [("ddpm", ddpm), ("ddim", ddim)] {
        assert_eq!(python[name].len(), ours.len());
        for (theirs, &ours) in python[name].iter().zip(ours.iter()) {
            assert!((theirs - f64::from(ours)).abs() < 1e-5, "{name}: {theirs}, {ours}");
        }
    }
}
