//! How good a network is, and how good it could be.

use diffusion_core::generator;
use nalgebra::DMatrix;
use part_f_the_way_back::{
    DataError, Denoiser, DenoiserError, ExactDenoiser, GaussianPath, NoiseLevel,
    Prediction, PredictionType,
};
use part_h_learning_to_denoise::evaluation::mean;
use part_h_learning_to_denoise::loss::loss_weight;
use part_h_learning_to_denoise::model_file::Model;
use part_h_learning_to_denoise::{
    Data, EvaluationSet, LearnedDenoiser, Network, NetworkConfig, Parameters,
};

use super::{LABELLED, labelled_data, normal, scheduler, spiral};

/// Of normal data with a standard deviation s, the best prediction of `x0` is off by the
/// variance s² b² / (a² s² + b²), and the loss of another prediction type is as many
/// times that as its weight says.
#[test]
fn of_normal_data_the_optimal_loss_has_a_closed_form() {
    let s = 0.6;
    let scheduler = scheduler(10);
    let data = Data::unlabelled(s * normal(1, 4000, &mut generator(0)));
    let s = f64::from(s);
    for kind in PredictionType::ALL {
        let evaluation = EvaluationSet::draw(
            4000,
            &data,
            &NoiseLevel::all(&scheduler),
            kind,
            &mut generator(1),
        );
        let optimal = evaluation.optimal_loss(&data).unwrap();
        // With less noise, the exact denoiser sees that there are 4,000 data and no more.
        for (t, loss) in optimal.into_iter().enumerate().skip(2) {
            let (a, b) = scheduler.scales(t).unwrap();
            let of_x0 = s * s * b * b / (a * a * s * s + b * b);
            let level = NoiseLevel::of_timestep(&scheduler, t).unwrap();
            let expected = of_x0 * loss_weight(kind, level);
            assert!(
                (loss / expected - 1.0).abs() < 0.1,
                "{kind:?}, t = {t}: {loss}, {expected}"
            );
        }
    }
}

/// Who always answers 0 is as far from the exact denoiser as its answers are from 0.
#[test]
fn what_could_be_learned_is_the_distance_from_the_exact_denoiser() {
    let (data, scheduler) = (labelled_data(40), scheduler(10));
    for kind in [PredictionType::Noise, PredictionType::X0] {
        let evaluation = EvaluationSet::draw(
            50,
            &data,
            &NoiseLevel::all(&scheduler),
            kind,
            &mut generator(5),
        );
        let zeros = Network::with(LABELLED, Parameters::zeros(&LABELLED));
        let loss = evaluation.losses(&zeros);
        let optimal = evaluation.optimal_loss(&data).unwrap();
        let excess = evaluation.excess(&zeros, &data).unwrap();
        // Of what is no answer, only the average over many examples is 0.
        let difference = mean(&loss) - mean(&optimal);
        assert!(
            (mean(&excess) / difference - 1.0).abs() < 0.1,
            "{excess:?} {difference}"
        );
        assert!(mean(&excess) > 0.1);
    }
}

/// A denoiser that moves the exact prediction.
struct Moved<'a>(&'a ExactDenoiser, f32);

impl Denoiser for Moved<'_> {
    fn predict(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        let values = self.0.posterior_mean(x, at).add_scalar(self.1);
        Ok(Prediction { kind: PredictionType::X0, values })
    }
}

#[test]
fn no_other_prediction_is_below_the_optimal_loss() {
    let (data, scheduler) = (spiral(), scheduler(20));
    let evaluation = EvaluationSet::draw(
        400,
        &data,
        &NoiseLevel::all(&scheduler),
        PredictionType::X0,
        &mut generator(2),
    );
    let exact = ExactDenoiser::new(&data.x).unwrap();
    let optimal = evaluation.optimal_loss(&data).unwrap();
    assert_eq!(evaluation.losses_of(&exact).unwrap(), optimal);
    // Moved to either side, it is off by the square of that more, in the mean of the two.
    let moved = |by: f32| evaluation.losses_of(&Moved(&exact, by)).unwrap();
    for ((one, other), optimal) in moved(-0.1).iter().zip(moved(0.1)).zip(&optimal) {
        let more = (one + other) / 2.0 - optimal;
        assert!((more - 0.01).abs() < 1e-5, "{more}");
    }
    let fewer = ExactDenoiser::new(&DMatrix::zeros(1, 1)).unwrap();
    let error = evaluation.losses_of(&fewer);
    assert!(matches!(error, Err(DenoiserError::Shape { found: 2, expected: 1 })));
}

/// Two data, each with its label: whoever is told the label knows the datum.
#[test]
fn labels_lower_the_optimal_loss() {
    let scheduler = scheduler(10);
    let x = DMatrix::from_row_slice(1, 2, &[-0.2, 0.2]);
    let told = Data { x: x.clone(), labels: Some(vec![1, 4]) };
    let untold = Data::unlabelled(x);
    let optimal = |data: &Data| {
        let evaluation = EvaluationSet::draw(
            500,
            data,
            &NoiseLevel::all(&scheduler),
            PredictionType::X0,
            &mut generator(3),
        );
        evaluation.optimal_loss(data).unwrap()
    };
    assert!(optimal(&told).iter().all(|&loss| loss < 1e-12));
    let expected = 0.04;
    assert!((optimal(&untold)[9] / expected - 1.0).abs() < 0.1, "{:?}", optimal(&untold));
    let none = Data::unlabelled(DMatrix::zeros(1, 0));
    let evaluation = EvaluationSet::draw(
        1,
        &untold,
        &NoiseLevel::all(&scheduler),
        PredictionType::X0,
        &mut generator(3),
    );
    assert_eq!(evaluation.optimal_loss(&none), Err(DataError::Empty));
}

/// A network of zeros answers 0, and is off by all of the noise.
#[test]
fn the_loss_of_a_network_is_its_mean_squared_error() {
    let scheduler = scheduler(10);
    let data = labelled_data(50);
    let evaluation = EvaluationSet::draw(
        2000,
        &data,
        &NoiseLevel::all(&scheduler),
        PredictionType::Noise,
        &mut generator(4),
    );
    let zeros = Network::with(LABELLED, Parameters::zeros(&LABELLED));
    let losses = evaluation.losses(&zeros);
    assert_eq!(losses.len(), 10);
    assert!(losses.iter().all(|loss| (loss - 1.0).abs() < 0.06), "{losses:?}");
    assert!((mean(&losses) - 1.0).abs() < 0.02);
    assert_eq!(mean(&[1.0, 2.0, 6.0]), 3.0);

    // It is the loss of the same network as a denoiser, if that is told no label either.
    let config = NetworkConfig { labels: 0, ..LABELLED };
    let network = Network::new(config, &mut generator(5));
    let unlabelled = Data::unlabelled(data.x);
    let evaluation = EvaluationSet::draw(
        100,
        &unlabelled,
        &NoiseLevel::all(&scheduler),
        PredictionType::Noise,
        &mut generator(4),
    );
    let denoiser = LearnedDenoiser::unconditional(network.clone(), PredictionType::Noise);
    assert_eq!(evaluation.losses(&network), evaluation.losses_of(&denoiser).unwrap());
}

/// Networks learn at whole timesteps, and are evaluated between them, too. They have seen
/// no states from there, and yet are as near to the exact denoiser as at the timesteps.
#[test]
fn between_two_timesteps_a_network_is_as_good_as_at_them() {
    let repository = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/evidence/");
    let file = std::fs::read(format!("{repository}spiral.safetensors")).unwrap();
    let model = <Model>::from_bytes(&file).unwrap();
    let levels = model.path.levels();
    let between: Vec<NoiseLevel> = levels
        .windows(2)
        .map(|pair| {
            // Halfway in the logarithm of sigma.
            let sigma = (pair[0].sigma() * pair[1].sigma()).sqrt();
            let a = 1.0 / (1.0 + sigma * sigma).sqrt();
            NoiseLevel { t: (pair[0].t + pair[1].t) / 2.0, a, b: sigma * a }
        })
        .collect();
    let data = spiral();
    let ratio = |levels: &[NoiseLevel]| {
        let rng = &mut generator(6);
        let evaluation = EvaluationSet::draw(300, &data, levels, model.kind, rng);
        let optimal = mean(&evaluation.optimal_loss(&data).unwrap());
        mean(&evaluation.losses(&model.network)) / optimal
    };
    let (at_timesteps, between) = (ratio(&levels), ratio(&between));
    assert!((1.0..1.02).contains(&at_timesteps), "{at_timesteps}");
    assert!((1.0..1.02).contains(&between), "{between}");
}
