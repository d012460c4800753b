//! Distances of distributions, and counts of labels.

use diffusion_core::generator;
use nalgebra::DMatrix;
use part_n_to_order::decided::label_probabilities;
use part_n_to_order::judge::{
    agreement, label_fractions, nearest_data, sampling_error, total_variation,
};

use super::normal;

#[test]
fn total_variation_is_what_has_to_be_moved() {
    assert_eq!(total_variation(&[0.5, 0.5, 0.0], &[0.5, 0.0, 0.5]), 0.5);
    assert_eq!(total_variation(&[1.0, 0.0], &[0.0, 1.0]), 1.0);
    assert_eq!(total_variation(&[0.2, 0.8], &[0.2, 0.8]), 0.0);
    assert_eq!(agreement(&[1.0, 0.0]), 1.0);
    assert_eq!(agreement(&[0.25; 4]), 0.25);
    assert_eq!(label_probabilities(&[0.1, 0.6, 0.3], &[1, 0, 1], 3), [0.6, 0.4, 0.0]);
}

/// Draws of a distribution are as far from it as the formula says.
#[test]
fn the_sampling_error_is_what_chance_makes() {
    let truth = [0.5, 0.3, 0.15, 0.05];
    let (runs, draws) = (400, 1000);
    let uniform = normal(runs, draws, &mut generator(0))
        .map(|x| (1.0 + libm_erf(f64::from(x) / std::f64::consts::SQRT_2)) / 2.0);
    let mut sum = 0.0;
    for run in 0..runs {
        let mut counts = [0.0; 4];
        for &value in &uniform.row(run) {
            let mut label = 0;
            let mut below = truth[0];
            while value > below && label < 3 {
                label += 1;
                below += truth[label];
            }
            counts[label] += 1.0 / draws as f64;
        }
        sum += total_variation(&truth, &counts);
    }
    let (measured, expected) = (sum / runs as f64, sampling_error(&truth, draws));
    assert!((measured / expected - 1.0).abs() < 0.1, "{measured} {expected}");
    assert_eq!(sampling_error(&[1.0 + f64::EPSILON, 0.0], draws), 0.0);
}

/// The error function, by its series.
fn libm_erf(x: f64) -> f64 {
    let mut term = x;
    let mut sum = x;
    for n in 1..200 {
        term *= -x * x / n as f64;
        sum += term / (2 * n + 1) as f64;
    }
    2.0 / std::f64::consts::PI.sqrt() * sum
}

#[test]
fn a_sample_has_the_label_of_the_nearest() {
    let data = normal(3, 200, &mut generator(0));
    let x = normal(3, 77, &mut generator(1));
    let nearest = nearest_data(&x, &data);
    for (sample, &datum) in x.column_iter().zip(&nearest) {
        let square = |datum: usize| {
            let difference = sample - data.column(datum);
            difference.dot(&difference)
        };
        assert!((0..200).all(|other| square(datum) <= square(other)));
    }
    let labels: Vec<usize> = (0..200).map(|datum| datum % 3).collect();
    let fractions = label_fractions(&x, (&data, &labels), 3);
    let of_0 = nearest.iter().filter(|&&datum| labels[datum] == 0).count();
    assert!((fractions[0] - of_0 as f64 / 77.0).abs() < 1e-12);
    let same = label_fractions(&data, (&data, &labels), 3);
    assert!((same[1] - 67.0 / 200.0).abs() < 1e-12);
    assert_eq!(nearest_data(&DMatrix::zeros(3, 0), &data), Vec::<usize>::new());
}
