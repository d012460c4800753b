//! The exact denoiser of what was seen, against sums that are written down otherwise.

use diffusion_core::{generator, points};
use nalgebra::{DMatrix, DVector};
use part_f_the_way_back::{ExactDenoiser, NoiseLevel};
use part_n_to_order::{ConditionalDenoiser, Measurement, Observation, SmoothedData};

use super::{level, moons, normal, nothing};

/// What is known of `x0` from a state and an observation, by the rule for normal
/// distributions of any dimension: of a prior with this mean, and `spread` in each value,
/// the logarithm of how likely both are, and the mean given both.
fn by_the_rule(
    (mean, spread): (&DVector<f64>, f64),
    (x, at): (&[f32], NoiseLevel),
    observation: &Observation,
) -> (f64, DVector<f64>) {
    let (d, k) = (x.len(), observation.y.len());
    let identity = DMatrix::<f64>::identity(d, d);
    let along = observation.measurement.along(&DMatrix::identity(d, d));
    // All that is seen, one below the other: the state, and the observation.
    let mut linear = DMatrix::zeros(d + k, d);
    linear.rows_mut(0, d).copy_from(&(at.a * identity));
    let mut seen = DVector::zeros(d + k);
    let mut noise = DMatrix::zeros(d + k, d + k);
    for row in 0..d + k {
        let of_state = row < d;
        let value = if of_state { x[row] } else { observation.y[row - d] };
        seen[row] = f64::from(value);
        let std = if of_state { at.b } else { observation.noise };
        noise[(row, row)] = std * std;
    }
    for row in 0..k {
        let gain = f64::from(observation.measurement.gains()[row]);
        linear.row_mut(d + row).copy_from(&(gain * along.row(row).map(f64::from)));
    }
    let covariance = &linear * spread * spread * linear.transpose() + noise;
    let miss = &seen - &linear * mean;
    let (solved, determinant) = solve(covariance, miss.clone());
    let log = -miss.dot(&solved) / 2.0 - determinant.ln() / 2.0;
    (log, mean + spread * spread * linear.transpose() * solved)
}

/// The solution of `a x = b` for an `a` that is positive definite, by elimination, and
/// the determinant of `a`.
fn solve(mut a: DMatrix<f64>, mut b: DVector<f64>) -> (DVector<f64>, f64) {
    let n = b.len();
    for pivot in 0..n {
        for row in pivot + 1..n {
            let factor = a[(row, pivot)] / a[(pivot, pivot)];
            for column in pivot..n {
                a[(row, column)] -= factor * a[(pivot, column)];
            }
            b[row] -= factor * b[pivot];
        }
    }
    let determinant = a.diagonal().product();
    for row in (0..n).rev() {
        let known: f64 = (row + 1..n).map(|column| a[(row, column)] * b[column]).sum();
        b[row] = (b[row] - known) / a[(row, row)];
    }
    (b, determinant)
}

#[test]
fn it_is_bayes_rule() {
    let rng = &mut generator(3);
    let measurements = [
        Measurement::mask(4, &[1, 2]).unwrap(),
        Measurement::means([2, 2], 2).unwrap(),
        Measurement::blur([2, 2], 1),
        Measurement::projection(&[1.0, -2.0, 0.5, 0.0]).unwrap(),
    ];
    for (measurement, noise, spread, b) in measurements
        .iter()
        .flat_map(|measurement| [(measurement, 0.3, 0.0), (measurement, 0.0, 0.2)])
        .chain(measurements.iter().map(|measurement| (measurement, 0.5, 0.3)))
        .flat_map(|(m, noise, spread)| [0.3, 0.9].map(|b| (m, noise, spread, b)))
    {
        let data = SmoothedData::new(normal(4, 6, rng), spread).unwrap();
        let x0 = normal(4, 1, rng);
        let observation =
            Observation::of(x0.as_slice(), measurement.clone(), noise, rng).unwrap();
        let denoiser = ConditionalDenoiser::new(&data, &observation).unwrap();
        let (x, at) = (normal(4, 1, rng), level(b));
        let all: Vec<(f64, DVector<f64>)> = data
            .data()
            .map(f64::from)
            .column_iter()
            .map(|mean| {
                let mean = mean.into_owned();
                by_the_rule((&mean, spread), (x.as_slice(), at), &observation)
            })
            .collect();
        let largest = all.iter().map(|(log, _)| *log).fold(f64::MIN, f64::max);
        let sum: f64 = all.iter().map(|(log, _)| (log - largest).exp()).sum();
        let weights = denoiser.weights(x.as_slice(), at);
        let mut expected = DVector::zeros(4);
        for ((log, mean), weight) in all.iter().zip(weights) {
            let by_rule = (log - largest).exp() / sum;
            assert!((weight - by_rule).abs() < 1e-6, "{weight} and {by_rule}");
            expected += by_rule * mean;
        }
        let ours = denoiser.posterior_mean(&x, at).map(f64::from);
        assert!((ours - expected).amax() < 1e-5);
    }
}

/// Points of which nothing was seen: the bits are not chapter F's, the numbers are.
#[test]
fn without_an_observation_it_is_chapter_f() {
    let data = points::moons(300, &mut generator(0));
    let (exact, smoothed) =
        (ExactDenoiser::new(&data).unwrap(), SmoothedData::new(data, 0.0).unwrap());
    let nothing = nothing(2);
    let conditional = ConditionalDenoiser::new(&smoothed, &nothing).unwrap();
    for b in [0.02, 0.3, 0.8, 1.0] {
        let (x, at) = (normal(2, 70, &mut generator(1)), level(b));
        let expected = exact.posterior_mean(&x, at);
        assert!((smoothed.posterior_mean(&x, at) - &expected).amax() < 1e-5);
        assert!((conditional.posterior_mean(&x, at) - &expected).amax() < 1e-5);
        let [one, other] = [&smoothed, &smoothed].map(|it| it.weights(&[0.1, 0.2], at));
        assert_eq!(one, other);
        let weights = exact.weights(&[0.1, 0.2], at);
        assert!(one.iter().zip(weights).all(|(one, other)| (one - other).abs() < 1e-12));
    }
}

/// The mean of all states is that of the data, and what is seen pulls it.
#[test]
fn everything_seen_is_what_is_predicted() {
    let data = moons(0.1);
    let measurement = Measurement::mask(2, &[0, 1]).unwrap();
    let observation = Observation { measurement, y: vec![0.2, 0.4], noise: 0.0 };
    let denoiser = ConditionalDenoiser::new(&data, &observation).unwrap();
    let x = normal(2, 40, &mut generator(1));
    for b in [0.1, 0.5, 1.0] {
        let x0 = denoiser.posterior_mean(&x, level(b));
        for sample in x0.column_iter() {
            assert!((sample[0] - 0.2).abs() < 1e-5 && (sample[1] - 0.4).abs() < 1e-5);
        }
    }
}

/// A density integrates to 1, and its derivative is the score.
#[test]
fn the_density_is_one() {
    let (data, at) = (moons(0.05), level(0.4));
    let side = 400;
    let cell = 6.0 / side as f64;
    let place = |i: usize| ((i as f64 + 0.5) * cell - 3.0) as f32;
    let cells = (0..side).flat_map(|i| (0..side).map(move |j| [place(i), place(j)]));
    let sum: f64 = cells.map(|x| data.log_density(&x, at).exp()).sum();
    assert!((sum * cell * cell - 1.0).abs() < 1e-4, "{}", sum * cell * cell);

    let x = [0.3_f32, -0.2];
    let x0 = data.posterior_mean(&DMatrix::from_column_slice(2, 1, &x), at);
    let h = 1e-2_f32;
    let slope =
        data.log_density(&[x[0] + h, x[1]], at) - data.log_density(&[x[0] - h, x[1]], at);
    let score = (at.a * f64::from(x0[0]) - f64::from(x[0])) / (at.b * at.b);
    assert!((slope / f64::from(2.0 * h) - score).abs() < 1e-2, "{slope} {score}");
}
