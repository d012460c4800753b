//! What optimal transport does to a flow that is given labels.

use diffusion_core::{Generator, generator, randn_like};
use diffusion_kernels::likelihoods::nearest;
use nalgebra::DMatrix;
use part_h_learning_to_denoise::evaluation::mean;
use part_h_learning_to_denoise::{Data, LearnedDenoiser, TrainingConfig};
use part_j_flow_matching::coupling::assignment_within_labels;
use part_j_flow_matching::{Coupling, Times};
use rand::RngExt;
use rayon::prelude::*;
use xtask_figures::stored::flows::{SAMPLES, noise};
use xtask_figures::stored::learning::spiral;

use super::{BATCH, Values, by_euler, learned_with, usual};

/// The labels by name.
const LABELS: [&str; 2] = ["inner", "outer"];

/// How far the inner label reaches.
const RADIUS: f32 = 0.6;

/// In how many of Euler's steps samples are made.
const STEPS: usize = 20;

/// Which noise each datum of a batch is given.
type Noise<'a> =
    &'a (dyn Fn(&[usize], &DMatrix<f32>, &mut Generator) -> DMatrix<f32> + Sync);

/// How many batches are looked at.
const BATCHES: usize = 200;

/// The spiral, with a label for what is near the middle and one for the rest.
fn labelled() -> Data {
    let x = spiral().x;
    let label = |radius: f32| usize::from(radius >= RADIUS);
    let labels = x
        .column_iter()
        .map(|point| label((point[0] * point[0] + point[1] * point[1]).sqrt()))
        .collect();
    Data { x, labels: Some(labels) }
}

/// `label_noise_std_…`: the root mean square of the noise that mini-batch optimal
/// transport gives to each label. `label_distance_…`: how far samples of a label are from
/// the nearest datum that has it, with each coupling.
pub fn labels() -> Values {
    let data = labelled();
    let mut values = Values::new();
    for (name, std) in LABELS.into_iter().zip(noise_stds(&data)) {
        values.insert(format!("label_noise_std_{name}"), vec![std]);
    }
    let labels = data.labels.as_ref().expect("there are labels");
    let independent = |_: &[usize], x0: &DMatrix<f32>, rng: &mut Generator| {
        Coupling::Independent.noise(&[], x0, rng)
    };
    let transport = |_: &[usize], x0: &DMatrix<f32>, rng: &mut Generator| {
        Coupling::OptimalTransport.noise(&[], x0, rng)
    };
    let within = |drawn: &[usize], x0: &DMatrix<f32>, rng: &mut Generator| {
        let noise = randn_like(x0, rng);
        let labels: Vec<usize> = drawn.iter().map(|&datum| labels[datum]).collect();
        noise.select_columns(&assignment_within_labels(x0, &noise, &labels))
    };
    let couplings: [(&str, Noise); 3] =
        [("independent", &independent), ("transport", &transport), ("within", &within)];
    let distance = |(name, noise): (&str, Noise)| {
        (format!("label_distance_{name}"), vec![distance(&data, noise)])
    };
    values.par_extend(couplings.into_par_iter().map(distance));
    values
}

/// The root mean square of the noise that is given to each label.
fn noise_stds(data: &Data) -> [f64; 2] {
    let mut rng = generator(0);
    let mut sums = [(0.0, 0.0); LABELS.len()];
    let labels = data.labels.as_ref().expect("there are labels");
    for _ in 0..BATCHES {
        let drawn: Vec<usize> = (0..BATCH)
            .map(|_| rng.random_range(0..data.x.ncols() as u64) as usize)
            .collect();
        let x0 = data.x.select_columns(&drawn);
        let noise = Coupling::OptimalTransport.noise(&drawn, &x0, &mut rng);
        for (noise, datum) in noise.column_iter().zip(drawn) {
            let (squares, count) = &mut sums[labels[datum]];
            *squares += noise.iter().map(|&value| f64::from(value * value)).sum::<f64>();
            *count += noise.len() as f64;
        }
    }
    // Around 0, as that of all noise.
    sums.map(|(squares, count): (f64, f64)| (squares / count).sqrt())
}

/// The mean distance of samples of a label from the nearest datum that has it.
fn distance(data: &Data, noise_of: Noise) -> f64 {
    let config = TrainingConfig { batch: BATCH, label_dropout: 0.0, ..usual() };
    let network = learned_with(config, data, Times::Uniform, noise_of);
    let half = SAMPLES / LABELS.len();
    let distances = (0..LABELS.len()).flat_map(|label| {
        let asked =
            LearnedDenoiser::new(network.clone(), config.kind, vec![Some(label)], 1.0);
        let asked = asked.expect("it has these labels");
        let noise: DMatrix<f32> = noise(SAMPLES).columns(label * half, half).into_owned();
        nearest(&by_euler(&asked, noise, STEPS), &data.with_label(Some(label)))
    });
    mean(&distances.collect::<Vec<f64>>())
}
