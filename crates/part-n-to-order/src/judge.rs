//! How far samples are from the posterior: by their labels, which can be counted.

use diffusion_kernels::likelihoods::{Likelihoods, STATES};
use nalgebra::DMatrix;
use rayon::prelude::*;

// ANCHOR: total_variation
/// The total variation distance of two distributions of labels (equation N.6): from 0,
/// if they are the same, to 1, if no label is in both. So much of the one would have to
/// be moved to get the other.
///
/// # Panics
///
/// If they have not as many labels.
pub fn total_variation(one: &[f64], other: &[f64]) -> f64 {
    assert_eq!(one.len(), other.len(), "the same labels");
    one.iter().zip(other).map(|(one, other)| (one - other).abs()).sum::<f64>() / 2.0
}

/// How far a sample of this size is from its own distribution, on average: the total
/// variation distance that chance alone makes, by the normal approximation.
pub fn sampling_error(probabilities: &[f64], samples: usize) -> f64 {
    let of_label = |p: &f64| {
        // A sum of weights may be above 1 by its rounding.
        let variance = (p * (1.0 - p)).max(0.0) / samples as f64;
        (variance * 2.0 / std::f64::consts::PI).sqrt()
    };
    probabilities.iter().map(of_label).sum::<f64>() / 2.0
}

/// How sure a distribution is (equation N.7): how likely it is that two draws have the
/// same label, 1 if there is only one.
pub fn agreement(probabilities: &[f64]) -> f64 {
    probabilities.iter().map(|p| p * p).sum()
}
// ANCHOR_END: total_variation

/// The fraction of each label among samples, d × n, each with the label of the datum that
/// is nearest: `data` are d × m, with a label below `count` for each.
///
/// # Panics
///
/// If there are no samples, or a label is not below `count`.
pub fn label_fractions(
    samples: &DMatrix<f32>,
    (data, labels): (&DMatrix<f32>, &[usize]),
    count: usize,
) -> Vec<f64> {
    let mut fractions = vec![0.0; count];
    for datum in nearest_data(samples, data) {
        fractions[labels[datum]] += 1.0 / samples.ncols() as f64;
    }
    fractions
}

/// Which of the data, d × m, is the nearest to each of the samples, d × n.
pub fn nearest_data(samples: &DMatrix<f32>, data: &DMatrix<f32>) -> Vec<usize> {
    let blocks = (0..samples.ncols()).into_par_iter().step_by(STATES);
    let blocks = blocks.map(|first| {
        let count = STATES.min(samples.ncols() - first);
        let mut likelihoods = Likelihoods::new(samples.columns(first, count), 0.0);
        likelihoods.weigh(data);
        let relative = likelihoods.relative();
        let of = |sample: usize| relative.row(sample).transpose().argmax().0;
        (0..count).map(of).collect::<Vec<_>>()
    });
    blocks.collect::<Vec<_>>().concat()
}
