//! A network's derivatives against differences of its own predictions.

use diffusion_core::generator;
use nalgebra::{DMatrix, DVector};
use part_f_the_way_back::{
    Denoiser, DenoiserError, FlowPath, NoiseLevel, PredictionType,
};
use part_h_learning_to_denoise::LearnedDenoiser;
use part_i_samplers::X0Clipping;
use part_l_u_net::{UNet, UNetConfig};
use part_n_to_order::{Differentiable, DifferentiableNetwork, OrderError};

use super::normal;

/// More than two chunks, the last of them not full.
const PICTURES: usize = 10;

/// Each prediction type at a level of a path of its own: one that keeps the variance, one
/// that doesn't, and a flow's.
fn kinds() -> [(PredictionType, NoiseLevel); 5] {
    let at = NoiseLevel { t: 431.5, a: 0.8, b: 0.6 };
    let growing = NoiseLevel { t: 700.0, a: 0.9, b: 1.7 };
    [
        (PredictionType::Noise, at),
        (PredictionType::X0, at),
        (PredictionType::Velocity, at),
        (PredictionType::Velocity, growing),
        (PredictionType::Flow, FlowPath::level(0.4)),
    ]
}

fn network(centers: bool) -> UNet {
    let config = UNetConfig { centers, ..UNetConfig::small(1, 8, vec![8, 16], 3) };
    UNet::new(config, &mut generator(0))
}

fn differentiable(kind: PredictionType, centers: bool) -> DifferentiableNetwork {
    DifferentiableNetwork::new(network(centers), kind, f32::INFINITY).unwrap()
}

/// The squared miss of each column from a picture, halved.
fn errors(x0: &DMatrix<f32>, picture: &DVector<f32>) -> Vec<f64> {
    let square = |(x0, y): (&f32, &f32)| (f64::from(*x0) - f64::from(*y)).powi(2) / 2.0;
    x0.column_iter().map(|x0| x0.iter().zip(picture).map(square).sum()).collect()
}

/// Its derivative.
fn misses(mut x0: DMatrix<f32>, picture: &DVector<f32>) -> DMatrix<f32> {
    x0.column_iter_mut().for_each(|mut x0| x0 -= picture);
    x0
}

/// In any direction, an error has to change as the derivatives say: in that of the
/// derivatives themselves, in which it grows the fastest, and in one at random.
#[test]
fn derivatives_are_those_of_its_predictions() {
    for ((kind, at), centers) in
        kinds().into_iter().flat_map(|kind| [(kind, false), (kind, true)])
    {
        let denoiser = differentiable(kind, centers);
        let x = normal(64, PICTURES, &mut generator(1));
        let picture = normal(64, 1, &mut generator(2)).column(0).into_owned();
        let error = |x0: &DMatrix<f32>| misses(x0.clone(), &picture);
        let [_, derivatives] = denoiser.backward(&x, at, &error).unwrap();
        let any = normal(64, PICTURES, &mut generator(3));
        for mut direction in [derivatives.clone(), any] {
            for mut column in direction.column_iter_mut() {
                column.normalize_mut();
            }
            let h = 0.003;
            let moved = |step: f64| {
                let x = &x + step as f32 * &direction;
                errors(&denoiser.predict(&x, at).unwrap().values, &picture)
            };
            for (column, (more, less)) in moved(h).iter().zip(moved(-h)).enumerate() {
                let slope = (more - less) / (2.0 * h);
                let derivative = derivatives.column(column).map(f64::from);
                let along = derivative.dot(&direction.column(column).map(f64::from));
                let miss = (slope - along).abs() / derivative.norm();
                assert!(miss < 2e-3, "{kind:?}, {centers}: {slope}, not {along}");
            }
        }
    }
}

/// What is predicted on the way is chapter L's prediction, to the last bit.
#[test]
fn predictions_are_those_of_the_network() {
    for (kind, at) in kinds() {
        let x = normal(64, PICTURES, &mut generator(1));
        let learned = LearnedDenoiser::unconditional(network(false), kind);
        let expected = learned.predict(&x, at).unwrap().x0(&x, at);
        let denoiser = differentiable(kind, false);
        assert_eq!(denoiser.predict(&x, at).unwrap().x0(&x, at), expected);
        assert_eq!(denoiser.backward(&x, at, &DMatrix::clone).unwrap()[0], expected);
    }
}

/// Clipped, predictions are chapter I's, and where they are, no error counts.
#[test]
fn what_is_clipped_does_not_change() {
    let (kind, at) = kinds()[2];
    let x = normal(64, PICTURES, &mut generator(1));
    let bound = 0.4;
    let free = differentiable(kind, false);
    let clipped = DifferentiableNetwork::new(network(false), kind, bound).unwrap();
    let [x0, _] = free.backward(&x, at, &DMatrix::clone).unwrap();
    let is_in = |x0: f32| x0.abs() < bound;
    let count = x0.iter().filter(|x0| is_in(**x0)).count();
    assert!((100..540).contains(&count), "{count} of 640");
    let [ours, derivatives] = clipped.backward(&x, at, &|x0| x0.map(|_| 0.7)).unwrap();
    let counts = |x0: &DMatrix<f32>| x0.map(|x0| if is_in(x0) { 0.7 } else { 0.0 });
    assert_eq!(derivatives, free.backward(&x, at, &counts).unwrap()[1]);
    let mut expected = x0;
    X0Clipping::Fixed { bound }.apply(&mut expected);
    assert_eq!(ours, expected);
    assert_eq!(clipped.predict(&x, at).unwrap().values, expected);
}

#[test]
fn the_same_bits_on_any_number_of_threads() {
    let denoiser = differentiable(PredictionType::Velocity, false);
    let x = normal(64, PICTURES, &mut generator(1));
    let (_, at) = kinds()[0];
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| denoiser.backward(&x, at, &DMatrix::clone).unwrap())
    };
    let one = run(1);
    assert_eq!(one, run(3));
    // And a picture's are the same whichever are beside it.
    let alone = x.columns(5, 1).into_owned();
    let alone = denoiser.backward(&alone, at, &DMatrix::clone).unwrap();
    assert_eq!(one.map(|all| all.columns(5, 1).into_owned()), alone);
}

#[test]
fn what_it_cannot_take_is_said() {
    let said = |result: Result<DifferentiableNetwork, OrderError>| {
        result.unwrap_err().to_string()
    };
    let kind = PredictionType::Noise;
    let bound = |bound: f32| DifferentiableNetwork::new(network(false), kind, bound);
    assert!(said(bound(0.0)).starts_with("x0 is kept within 0"));
    assert!(said(bound(f32::NAN)).starts_with("x0 is kept within NaN"));
    let config =
        UNetConfig { channels: [1, 2], ..UNetConfig::small(1, 8, vec![8, 16], 0) };
    let other = UNet::new(config, &mut generator(0));
    let other = DifferentiableNetwork::new(other, kind, 1.0);
    assert!(said(other).starts_with("the network leads from 1 to 2 channels"));

    let (denoiser, at) = (differentiable(kind, false), kinds()[0].1);
    let of = |rows: usize, at: NoiseLevel| {
        let x = normal(rows, 2, &mut generator(0));
        denoiser.backward(&x, at, &DMatrix::clone).unwrap_err()
    };
    let shape = OrderError::Denoiser(DenoiserError::Shape { found: 63, expected: 64 });
    assert_eq!(of(63, at).to_string(), shape.to_string());
    let beyond = of(64, NoiseLevel { t: 1000.0, ..at }).to_string();
    assert!(beyond.contains("1000"), "{beyond}");
    let none = denoiser.backward(&DMatrix::zeros(64, 0), at, &DMatrix::clone).unwrap();
    assert!(none.iter().all(|it| it.shape() == (64, 0)));
}
