//! When it is decided what a sample will be.
//!
//! On the way from noise to data there is a level from which on it is as good as certain
//! of which label a sample will be, and a later one from which on it is certain which
//! datum (Biroli et al. 2024, *Dynamical Regimes of Diffusion Models*, call the two
//! speciation and collapse). Guidance can change the label before the first of them only.

use part_f_the_way_back::NoiseLevel;

/// How likely each label is: the sum of the weights of its data.
/// `labels` has one for each weight, below `count`.
///
/// # Panics
///
/// If a label is not.
pub fn label_probabilities(weights: &[f64], labels: &[usize], count: usize) -> Vec<f64> {
    let mut probabilities = vec![0.0; count];
    for (weight, &label) in weights.iter().zip(labels) {
        probabilities[label] += weight;
    }
    probabilities
}

// ANCHOR: decided
/// How sure one has to be.
pub const CERTAIN: f64 = 0.9;

/// The sigma from which on it is decided, for good: that of the first level from which on
/// the same outcome has a probability of [`CERTAIN`] or more. For each level, the most
/// noise first, `outcomes` has the likeliest and how likely it is. None if it is open to
/// the end.
///
/// # Panics
///
/// If there are not as many outcomes as levels.
pub fn decided(levels: &[NoiseLevel], outcomes: &[(usize, f64)]) -> Option<f64> {
    assert_eq!(levels.len(), outcomes.len(), "an outcome at each level");
    let last = outcomes.last()?.0;
    let is_settled =
        |&(outcome, likely): &(usize, f64)| outcome == last && likely >= CERTAIN;
    let settled = outcomes.iter().rev().take_while(|outcome| is_settled(outcome)).count();
    let first = levels.len() - settled;
    levels.get(first).map(|level| level.sigma())
}
// ANCHOR_END: decided
