//! What is to be learned, and from what: noisy states whose noise is known.
//!
//! The forward process makes as many examples as one likes: it takes a datum, a timestep
//! and noise, and mixes them. Whoever sees the state only has to predict what is in it
//! (Ho et al. 2020, algorithm 1).

use diffusion_core::randn_like;
use nalgebra::{DMatrix, DMatrixView};
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{NoiseLevel, PredictionType};
use rand::{Rng, RngExt};

use crate::data::Data;

// ANCHOR: loss_weight
/// The weight of a prediction type (equation H.2): its loss over the loss of `x0`, for
/// the same prediction.
pub fn loss_weight(kind: PredictionType, NoiseLevel { a, b, .. }: NoiseLevel) -> f64 {
    let root = match kind {
        PredictionType::Noise => a / b,
        PredictionType::X0 => 1.0,
        PredictionType::Velocity => (a * a + b * b) / b,
        PredictionType::Flow => (a + b) / b,
    };
    root * root
}
// ANCHOR_END: loss_weight

// ANCHOR: target
/// The right prediction for a state that was made of `x0` and `noise` at a noise level.
pub fn target(kind: PredictionType, x0: f32, noise: f32, at: NoiseLevel) -> f32 {
    match kind {
        PredictionType::Noise => noise,
        PredictionType::X0 => x0,
        PredictionType::Velocity => at.a as f32 * noise - at.b as f32 * x0,
        PredictionType::Flow => noise - x0,
    }
}
// ANCHOR_END: target

/// At which noise levels a network learns, and how often at each.
pub trait LevelDistribution {
    /// Draws a noise level.
    fn draw(&self, rng: &mut impl Rng) -> NoiseLevel;

    /// How many timesteps the network is told at most: `0 <= t < timesteps`.
    fn timesteps(&self) -> usize;
}

impl LevelDistribution for NoiseScheduler {
    /// Any timestep, each as likely (Ho et al. 2020, algorithm 1, line 3).
    fn draw(&self, rng: &mut impl Rng) -> NoiseLevel {
        let t = below(self.steps(), rng);
        NoiseLevel::of_timestep(self, t).expect("t is in range")
    }

    fn timesteps(&self) -> usize {
        self.steps()
    }
}

// ANCHOR: examples
/// Noisy states, and what to say of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Examples {
    /// The states, d × n.
    pub x: DMatrix<f32>,
    /// The noise level of each of them.
    pub levels: Vec<NoiseLevel>,
    /// The label, if there is one.
    pub labels: Vec<Option<usize>>,
    /// What the network should output, d × n.
    pub targets: DMatrix<f32>,
}

impl Examples {
    /// Draws `n` examples: any datum, a noise level, new noise. A label is left out with
    /// the probability `label_dropout`, from 0 to 1.
    pub fn draw(
        n: usize,
        data: &Data,
        levels: &impl LevelDistribution,
        kind: PredictionType,
        label_dropout: f64,
        rng: &mut impl Rng,
    ) -> Self {
        let (drawn, levels, labels) = choose(n, data, levels, label_dropout, rng);
        Self::of(data.x.select_columns(&drawn), levels, labels, kind, rng)
    }

    /// Examples of these `x0`, d × n, at these noise levels, with new noise.
    ///
    /// # Panics
    ///
    /// If there is not one level and one label for each column.
    pub fn of(
        x0: DMatrix<f32>,
        levels: Vec<NoiseLevel>,
        labels: Vec<Option<usize>>,
        kind: PredictionType,
        rng: &mut impl Rng,
    ) -> Self {
        let noise = randn_like(&x0, rng);
        Self::of_pairs(x0, noise, levels, labels, kind)
    }

    /// Examples of pairs, each of a clean `x0` and a noise, both d × n, at these noise
    /// levels.
    ///
    /// # Panics
    ///
    /// If there is not one noise, one level and one label for each column.
    pub fn of_pairs(
        x0: DMatrix<f32>,
        noise: DMatrix<f32>,
        levels: Vec<NoiseLevel>,
        labels: Vec<Option<usize>>,
        kind: PredictionType,
    ) -> Self {
        assert_eq!(noise.shape(), x0.shape(), "one noise for each column");
        assert_eq!(levels.len(), x0.ncols(), "one noise level for each column");
        assert_eq!(labels.len(), x0.ncols(), "one label for each column");
        let (mut x, mut targets) = (x0, noise);
        for (column, &level) in levels.iter().enumerate() {
            for row in 0..x.nrows() {
                let (x0, noise) = (x[(row, column)], targets[(row, column)]);
                x[(row, column)] = level.a as f32 * x0 + level.b as f32 * noise;
                targets[(row, column)] = target(kind, x0, noise, level);
            }
        }
        Examples { x, levels, labels, targets }
    }
}

/// Chooses `n` data by their number, a noise level for each, and whether it has a label.
fn choose(
    n: usize,
    data: &Data,
    levels: &impl LevelDistribution,
    label_dropout: f64,
    rng: &mut impl Rng,
) -> (Vec<usize>, Vec<NoiseLevel>, Vec<Option<usize>>) {
    let drawn: Vec<usize> = (0..n).map(|_| below(data.x.ncols(), rng)).collect();
    let levels = (0..n).map(|_| levels.draw(rng)).collect();
    let label = |&datum: &usize| {
        let label = data.labels.as_ref()?[datum];
        (rng.random::<f64>() >= label_dropout).then_some(label)
    };
    let labels = drawn.iter().map(label).collect();
    (drawn, levels, labels)
}
// ANCHOR_END: examples

impl Examples {
    /// Draws `n` examples as [`draw`](Self::draw) does, but with a noise of one's own for
    /// each. It may depend on which data were drawn, and on them, d × n.
    pub fn draw_with<R: Rng>(
        n: usize,
        data: &Data,
        levels: &impl LevelDistribution,
        (kind, label_dropout): (PredictionType, f64),
        rng: &mut R,
        noise: impl FnOnce(&[usize], &DMatrix<f32>, &mut R) -> DMatrix<f32>,
    ) -> Self {
        let (drawn, levels, labels) = choose(n, data, levels, label_dropout, rng);
        let x0 = data.x.select_columns(&drawn);
        let noise = noise(&drawn, &x0, rng);
        Self::of_pairs(x0, noise, levels, labels, kind)
    }

    /// Those that have this label.
    pub fn with_label(&self, label: Option<usize>) -> Self {
        let columns = 0..self.labels.len();
        let these: Vec<usize> =
            columns.filter(|&column| self.labels[column] == label).collect();
        Examples {
            x: self.x.select_columns(&these),
            levels: these.iter().map(|&column| self.levels[column]).collect(),
            labels: vec![label; these.len()],
            targets: self.targets.select_columns(&these),
        }
    }
}

/// Any number below `end`, which is at least 1: each as likely, and the same one where a
/// `usize` is shorter.
fn below(end: usize, rng: &mut impl Rng) -> usize {
    rng.random_range(0..end as u64) as usize
}

// ANCHOR: loss
/// The squared error of some outputs, summed over all their values (equation H.1; Ho
/// et al. 2020, equation 14). The loss of a batch is the sum over all of it, divided by
/// `count`, the number of its values.
///
/// Into `derivatives` goes the derivative of the loss with respect to each output.
///
/// # Panics
///
/// If the three have not the same shape.
pub fn squared_error(
    outputs: &DMatrix<f32>,
    targets: DMatrixView<f32>,
    count: usize,
    derivatives: &mut DMatrix<f32>,
) -> f64 {
    assert_eq!(outputs.shape(), targets.shape(), "a target for each output");
    assert_eq!(outputs.shape(), derivatives.shape(), "a derivative for each output");
    let scale = 2.0 / count as f32;
    let mut sum = 0.0;
    for ((output, target), derivative) in outputs.iter().zip(&targets).zip(derivatives) {
        let error = output - target;
        sum += f64::from(error) * f64::from(error);
        *derivative = scale * error;
    }
    sum
}
// ANCHOR_END: loss
