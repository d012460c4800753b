//! The network in the chapter "Coming from PyTorch", trained on the batches that the
//! lesson draws: it learns what the lesson's network learns.
//!
//! Needs a Python (`python3`, or what the variable PYTHON names) with PyTorch. Where
//! there is none, a line says what is not tested. Where the variable CI is set, it has to
//! be there.
#![allow(clippy::disallowed_methods, reason = "no run depends on it")]

use diffusion_core::{generator, randn_like};
use diffusion_testing::python::{self, Lists};
use nalgebra::DMatrix;
use part_h_learning_to_denoise::{
    Data, Examples, Network, NetworkConfig, Parameters, Training, TrainingConfig,
};

const SHAPE: NetworkConfig = NetworkConfig {
    values: 2,
    fourier_features: true,
    steps: 10,
    labels: 3,
    hidden: 12,
    residual_layers: 2,
};
const SEED: u64 = 3;

/// The parameters by the names that the Python has for them. A matrix goes row by row.
fn lists(parameters: &Parameters) -> Vec<(String, Vec<f32>)> {
    let residual = (0..SHAPE.residual_layers).map(|i| format!("residual.{i}"));
    let names = ["first".to_owned()].into_iter().chain(residual).chain(["last".into()]);
    let layers = names.zip(&parameters.layers).flat_map(|(name, layer)| {
        let weights = layer.weights.transpose().as_slice().to_vec();
        let bias = layer.bias.as_slice().to_vec();
        [(format!("{name}.weight"), weights), (format!("{name}.bias"), bias)]
    });
    let labels = parameters.labels.as_slice().to_vec();
    layers.chain([("labels.weight".to_owned(), labels)]).collect()
}

/// How far the lesson's parameters are from the Python's, relative to how far learning
/// has moved them: the largest of all layers.
fn largest_error(
    of: &str,
    learned: &Parameters,
    begin: &Parameters,
    python: &Lists,
) -> f64 {
    let length =
        |of: &mut dyn Iterator<Item = f64>| of.map(|d| d * d).sum::<f64>().sqrt();
    let errors =
        lists(learned).into_iter().zip(lists(begin)).map(|((name, ours), begin)| {
            let theirs = &python[&format!("{of}.{name}")];
            assert_eq!(theirs.len(), ours.len(), "{name}");
            let off =
                ours.iter().zip(theirs).map(|(&ours, theirs)| f64::from(ours) - theirs);
            let moved = begin
                .1
                .iter()
                .zip(theirs)
                .map(|(&begin, theirs)| theirs - f64::from(begin));
            let (mut off, mut moved) = (off, moved);
            length(&mut off) / length(&mut moved)
        });
    errors.fold(0.0, f64::max)
}

#[test]
fn pytorch_learns_what_training_learns() {
    let x = randn_like(&DMatrix::zeros(SHAPE.values, 60), &mut generator(1));
    let data = Data { x, labels: Some((0..60).map(|datum| datum % 3).collect()) };
    let scheduler = part_e_schedules::cosine(SHAPE.steps).unwrap();
    // So many that the learning rate has got up to speed, and falls again.
    let config = TrainingConfig { updates: 150, batch: 40, ..TrainingConfig::default() };

    // The batches that the training is going to draw.
    let mut rng = generator(SEED);
    let begin = Network::new(SHAPE, &mut rng).parameters;
    let batches: Vec<Examples> = (0..config.updates)
        .map(|_| {
            let TrainingConfig { kind, batch, label_dropout, .. } = config;
            Examples::draw(batch, &data, &scheduler, kind, label_dropout, &mut rng)
        })
        .collect();

    let of_all =
        |values: fn(&Examples) -> Vec<f32>| batches.iter().flat_map(values).collect();
    let sizes = [
        SHAPE.values,
        SHAPE.steps,
        SHAPE.labels,
        SHAPE.hidden,
        SHAPE.residual_layers,
        config.updates,
        config.batch,
    ];
    let mut given = lists(&begin);
    given.extend([
        ("sizes".to_owned(), sizes.map(|size| size as f32).to_vec()),
        ("peak".to_owned(), vec![config.learning_rate as f32]),
        ("x".to_owned(), of_all(|batch| batch.x.as_slice().to_vec())),
        ("targets".to_owned(), of_all(|batch| batch.targets.as_slice().to_vec())),
        (
            "t".to_owned(),
            of_all(|batch| batch.levels.iter().map(|level| level.t as f32).collect()),
        ),
        (
            "labels".to_owned(),
            of_all(|batch| {
                let number = |label: &Option<usize>| label.unwrap_or(SHAPE.labels) as f32;
                batch.labels.iter().map(number).collect()
            }),
        ),
    ]);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/python.py");
    let Some(python) = python::run(script, "torch", &given) else { return };

    let mut training = Training::new(config, SHAPE, data, scheduler, SEED).unwrap();
    while !training.is_done() {
        training.update().unwrap();
    }
    for (of, learned) in [("network", training.network()), ("average", training.ema())] {
        let error = largest_error(of, &learned.parameters, &begin, &python);
        println!("{of}: {error:e}");
        assert!(error < 1e-4, "{of}: {error}");
    }
}
