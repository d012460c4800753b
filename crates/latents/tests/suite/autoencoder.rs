//! Does a linear autoencoder keep what it should, at the right scale?

use diffusion_core::{Generator, Moments, generator, randn_like};
use diffusion_latents::{AutoencoderError, LinearAutoencoder};
use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;

fn normal(rows: usize, columns: usize, rng: &mut Generator) -> DMatrix<f32> {
    randn_like(&DMatrix::zeros(rows, columns), rng)
}

/// Data of so many values that differ more in some directions than in others, and are not
/// around 0.
fn data(values: usize, seed: u64) -> DMatrix<f32> {
    let rng = &mut generator(seed);
    let mix = normal(values, values, rng);
    let mut x = mix * normal(values, 100, rng);
    x.add_scalar_mut(3.0);
    x
}

fn of_rows<const N: usize>(rows: &[[f32; N]]) -> DMatrix<f32> {
    DMatrix::from_row_slice(rows.len(), N, rows.as_flattened())
}

fn squared_error(x: &DMatrix<f32>, decoded: &DMatrix<f32>) -> f64 {
    (x - decoded).iter().map(|&error| f64::from(error * error)).sum()
}

/// What is left if the data, less their mean, are seen from these directions only: at
/// right angles, and of length 1.
fn error_from(directions: &DMatrix<f32>, x: &DMatrix<f32>) -> f64 {
    let mut x = x.clone();
    let mean = x.column_mean();
    x.column_iter_mut().for_each(|mut x| x -= &mean);
    squared_error(&x, &(directions * (directions.transpose() * &x)))
}

proptest! {
    /// Equation M.2: the mean is taken out, and the rest seen from each direction.
    #[test]
    fn latents_are_where_a_picture_lies(seed: u64) {
        let x = data(6, seed);
        let autoencoder = LinearAutoencoder::fit(&x, 4).unwrap();
        let z = autoencoder.encode(&x);
        prop_assert_eq!(z.shape(), (4, 100));
        // Directions and mean, by what becomes of a latent with a single value.
        let origin = autoencoder.decode(&DMatrix::zeros(4, 1));
        let unit = |i| {
            let one = DMatrix::from_fn(4, 1, |row, _| f32::from(u8::from(row == i)));
            (autoencoder.decode(&one) - &origin) * autoencoder.scale_factor
        };
        let size = x.amax();
        for i in 0..4 {
            let direction = unit(i);
            prop_assert!((direction.norm() - 1.0).abs() < 1e-4);
            for (x, z) in x.column_iter().zip(z.column_iter()) {
                let along: f32 = (x - origin.column(0)).dot(&direction.column(0));
                let expected = autoencoder.scale_factor * along;
                prop_assert!((z[i] - expected).abs() < 1e-4 * size, "{} {}", z[i], expected);
            }
        }
    }

    #[test]
    fn latents_have_a_standard_deviation_of_1(seed: u64, values in 1..6_usize) {
        let x = data(6, seed);
        let mut autoencoder = LinearAutoencoder::fit(&x, values).unwrap();
        let moments = Moments::of(&autoencoder.encode(&x));
        prop_assert!(moments.mean.abs() < 1e-4, "{}", moments.mean);
        prop_assert!((moments.std - 1.0).abs() < 1e-4, "{}", moments.std);
        autoencoder.scale_factor *= 3.0;
        let moments = Moments::of(&autoencoder.encode(&x));
        prop_assert!((moments.std - 3.0).abs() < 1e-3, "{}", moments.std);
    }

    #[test]
    fn no_other_directions_lose_less(seed: u64, values in 1..6_usize) {
        let x = data(6, seed);
        let autoencoder = LinearAutoencoder::fit(&x, values).unwrap();
        let ours = squared_error(&x, &autoencoder.decode(&autoencoder.encode(&x)));
        let rng = &mut generator(seed ^ 1);
        for _ in 0..20 {
            let directions = normal(6, values, rng).qr().q();
            let other = error_from(&directions, &x);
            prop_assert!(ours <= other * (1.0 + 1e-4), "{ours}, {other}");
        }
    }

    /// Equation M.3: with as many values as a picture has, nothing is lost.
    #[test]
    fn all_directions_lose_nothing(seed: u64) {
        let x = data(6, seed);
        let autoencoder = LinearAutoencoder::fit(&x, 6).unwrap();
        let decoded = autoencoder.decode(&autoencoder.encode(&x));
        prop_assert!((decoded - &x).amax() < 1e-4 * x.amax());
    }

    /// What is encoded and decoded doesn't tell its scale.
    #[test]
    fn any_scale_loses_as_much(seed: u64, times in prop::sample::select(vec![1.0 / 32.0, 0.25, 8.0, 64.0])) {
        let x = data(6, seed);
        let mut autoencoder = LinearAutoencoder::fit(&x, 3).unwrap();
        let before = autoencoder.decode(&autoencoder.encode(&x));
        autoencoder.scale_factor *= times;
        prop_assert_eq!(before, autoencoder.decode(&autoencoder.encode(&x)));
    }
}

/// A cloud that is ten times as long as wide, along a direction that is known.
#[test]
fn it_finds_the_long_side_of_a_cloud() {
    let rng = &mut generator(0);
    let long = DVector::from_vec(vec![0.6_f32, 0.8]);
    let across = DVector::from_vec(vec![-0.8_f32, 0.6]);
    let x = &long * normal(1, 4000, rng) * 10.0 + &across * normal(1, 4000, rng);
    let autoencoder = LinearAutoencoder::fit(&x, 1).unwrap();
    let direction =
        autoencoder.decode(&of_rows(&[[1.0]])) - autoencoder.decode(&of_rows(&[[0.0]]));
    let cosine = direction.column(0).dot(&long) / direction.norm();
    assert!(cosine.abs() > 0.9999, "{cosine}");
    // What lies across is lost.
    let lost = squared_error(&x, &autoencoder.decode(&autoencoder.encode(&x))) / 4000.0;
    assert!((lost - 1.0).abs() < 5.0 * (2.0 / 4000.0_f64).sqrt(), "{lost}");
}

#[test]
fn what_has_no_latents_is_refused() {
    let refused = |x: &DMatrix<f32>, values| {
        LinearAutoencoder::fit(x, values).unwrap_err().to_string()
    };
    let x = of_rows(&[[1.0, 2.0, 3.0], [0.0, 1.0, 0.0]]);
    assert_eq!(
        LinearAutoencoder::fit(&DMatrix::zeros(2, 0), 1),
        Err(AutoencoderError::Empty)
    );
    assert_eq!(
        refused(&x, 3),
        "a latent can't have 3 values; expected from 1 to the 2 of a datum"
    );
    assert!(refused(&x, 0).starts_with("a latent can't have 0 values"));
    assert_eq!(
        refused(&of_rows(&[[0.7, 0.7], [0.1, 0.1]]), 1),
        "all data are the same; expected some that differ"
    );
    for value in [f32::NAN, f32::INFINITY, 1e19] {
        assert_eq!(
            LinearAutoencoder::fit(&of_rows(&[[0.0, value]]), 1),
            Err(AutoencoderError::OutOfRange)
        );
    }
    assert_eq!(
        LinearAutoencoder::fit(&of_rows(&[[0.0, 1e-45]]), 1),
        Err(AutoencoderError::NoVariance)
    );
}
