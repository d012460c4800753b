//! How likely each of some means led to each of some states, for means that come in
//! parts.
//!
//! With normal noise of the standard deviation b, the likelihood of a mean m to have led
//! to a state x is exp(-|x - m|² / 2b²), up to a factor. Most of them are too small for
//! any float. So each is computed relative to that of the nearest mean, as log-sum-exp
//! does; and as the nearest of all is not known before the last part, relative to the
//! nearest so far (Milakov & Gimelshein, *Online normalizer calculation for softmax*,
//! 2018).

use std::f64::consts::LOG2_E;

use diffusion_core::cancellation::checkpoint;
use diffusion_core::mathematics::f32::quick_exp2;
use multiversion::multiversion;
use nalgebra::{DMatrix, DMatrixView};
use rayon::prelude::*;

use crate::Instructions;

/// The most states that are weighed at once: as many as stay in the registers.
pub const STATES: usize = 32;

/// How many rows are gone through at once.
const ROWS: usize = 64;

/// How many means are measured at once, to find the nearest: as many as stay in a cache.
const MEANS: usize = 256;

/// The likelihoods of states, for means that come in parts.
///
/// All squares are sums in f32 of differences, not of products: |x|² - 2xm + |m|² would
/// lose what is left of them at little noise. The same states and means give the same
/// bits on every machine, whatever its [`Instructions`].
#[derive(Clone, Debug)]
pub struct Likelihoods<'a> {
    instructions: Instructions,
    states: DMatrixView<'a, f32>,
    /// The factor of the squared distance in an exponent of 2.
    scale: f64,
    /// From each state to the nearest mean so far, squared.
    nearest: [f64; STATES],
    /// Some rows of all states.
    rows: Vec<[f32; STATES]>,
    /// From each state to each mean of a part, squared.
    distances: Vec<[f32; STATES]>,
    relative: DMatrix<f32>,
    faded: [f32; STATES],
}

impl<'a> Likelihoods<'a> {
    /// For these states, d × n with n at most [`STATES`], and noise of the standard
    /// deviation `std`, which may be 0: then only the nearest mean is likely.
    ///
    /// # Panics
    ///
    /// If there are more states, or if they have no rows.
    pub fn new(states: DMatrixView<'a, f32>, std: f64) -> Self {
        Self::with(Instructions::fastest(), states, std)
    }

    /// States as [`new`](Self::new) takes them, for these instructions.
    ///
    /// # Panics
    ///
    /// If there are more states, or if they have no rows.
    pub fn with(
        instructions: Instructions,
        states: DMatrixView<'a, f32>,
        std: f64,
    ) -> Self {
        assert!(states.ncols() <= STATES, "at most {STATES} states are weighed at once");
        assert!(states.nrows() > 0, "a state has at least one row");
        Likelihoods {
            instructions,
            states,
            scale: scale(std),
            nearest: [f64::INFINITY; STATES],
            rows: vec![[0.0; STATES]; ROWS.min(states.nrows())],
            distances: Vec::new(),
            relative: DMatrix::zeros(0, 0),
            faded: [0.0; STATES],
        }
    }

    /// Weighs a part of the means, d × m: the result is [`relative`](Self::relative) and
    /// [`faded`](Self::faded).
    ///
    /// # Panics
    ///
    /// If the means have not as many rows as the states.
    pub fn weigh(&mut self, means: &DMatrix<f32>) {
        let shape = (self.states.ncols(), means.ncols());
        if self.relative.shape() != shape {
            self.relative = DMatrix::zeros(shape.0, shape.1);
        }
        assert_eq!(self.states.nrows(), means.nrows(), "means have the shape of states");
        self.compute(means.as_slice(), true);
    }

    /// How likely each mean of the last part led to each state, n × m: from 0 to 1,
    /// relative to the nearest mean so far. NaN or 0 for a state that is not finite.
    pub fn relative(&self) -> &DMatrix<f32> {
        &self.relative
    }

    /// What became of the likelihoods of earlier parts, for each state: relative to the
    /// nearest mean so far, they are so many times what they were, 1 if the last part had
    /// none that is nearer.
    pub fn faded(&self) -> &[f32] {
        &self.faded[..self.states.ncols()]
    }

    /// Measures the means of a part, one after the other, and weighs them if that is
    /// wanted.
    fn compute(&mut self, means: &[f32], weigh: bool) {
        checkpoint();
        self.distances.resize(means.len() / self.states.nrows(), [0.0; STATES]);
        match self.instructions {
            Instructions::Plain => plain(self, means, weigh),
            Instructions::Avx2 => avx2(self, means, weigh),
            Instructions::Avx512 => avx512(self, means, weigh),
        }
    }
}

/// The factor of a squared distance in an exponent of 2, for noise of this standard
/// deviation. Not infinite, so that the nearest, which is no further than itself, is
/// likely.
pub(crate) fn scale(std: f64) -> f64 {
    (0.5 * LOG2_E / (std * std)).min(f32::MAX.into())
}

/// The distance of each state from the nearest mean; of all columns of `states`, d × n,
/// from those of `means`, d × m. Infinite where there is no mean, or no distance that is
/// finite.
///
/// # Panics
///
/// If they have not the same number of rows, at least one.
pub fn nearest(states: &DMatrix<f32>, means: &DMatrix<f32>) -> Vec<f64> {
    assert_eq!(states.nrows(), means.nrows(), "means have the shape of states");
    let blocks = (0..states.ncols()).into_par_iter().step_by(STATES).map(|first| {
        let count = STATES.min(states.ncols() - first);
        let mut block = Likelihoods::new(states.columns(first, count), 1.0);
        for part in means.as_slice().chunks(MEANS * means.nrows()) {
            block.compute(part, false);
        }
        block.nearest[..count].to_vec()
    });
    let squares: Vec<Vec<f64>> = blocks.collect();
    squares.into_iter().flatten().map(f64::sqrt).collect()
}

/// How many of the largest weights add up to this fraction of all; together they are 1.
pub fn count_of_fraction(weights: &[f64], fraction: f64) -> usize {
    let mut weights = weights.to_vec();
    weights.sort_by(|one, other| other.total_cmp(one));
    let mut sum = 0.0;
    let is_short = |weight: &&f64| {
        let is_short = sum < fraction;
        sum += **weight;
        is_short
    };
    weights.iter().take_while(is_short).count()
}

fn plain(likelihoods: &mut Likelihoods, means: &[f32], weigh: bool) {
    compute(likelihoods, means, weigh);
}

#[multiversion(targets("x86_64+avx2"))]
fn avx2(likelihoods: &mut Likelihoods, means: &[f32], weigh: bool) {
    compute(likelihoods, means, weigh);
}

#[multiversion(targets("x86_64+avx512f"))]
fn avx512(likelihoods: &mut Likelihoods, means: &[f32], weigh: bool) {
    compute(likelihoods, means, weigh);
}

/// All loops over the states have a length that is known, and so become vectors.
#[inline(always)]
fn compute(likelihoods: &mut Likelihoods, means: &[f32], weigh: bool) {
    let Likelihoods { states, scale, nearest, rows, distances, relative, faded, .. } =
        likelihoods;
    let (least, common) = measure(states, means, rows, distances);
    let mut offset = [0.0; STATES];
    for state in 0..STATES {
        let here = common[state] + f64::from(least[state]);
        let before = nearest[state];
        let now = if here < before { here } else { before };
        nearest[state] = now;
        faded[state] = quick_exp2(((now - before) * *scale) as f32);
        offset[state] = ((now - here) * *scale) as f32;
    }
    if !weigh {
        return;
    }
    let scale = *scale as f32;
    let of_all = |distances: &[f32; STATES], relative: &mut [f32; STATES]| {
        for state in 0..STATES {
            let further = distances[state] - least[state];
            relative[state] = quick_exp2(offset[state] - further * scale);
        }
    };
    let count = states.ncols();
    if count == STATES {
        let (relative, _) = relative.as_mut_slice().as_chunks_mut();
        for (relative, distances) in relative.iter_mut().zip(distances) {
            of_all(distances, relative);
        }
    } else {
        for (mut relative, distances) in relative.column_iter_mut().zip(distances) {
            let mut all = [0.0; STATES];
            of_all(distances, &mut all);
            relative.copy_from_slice(&all[..count]);
        }
    }
}

/// Computes the squared distance of each mean from each state, except for what they have
/// in common: where there are many rows, that is large, and would leave few bits for the
/// differences. Returns the least of them for each state, and what they have in common.
#[inline(always)]
fn measure(
    states: &DMatrixView<f32>,
    means: &[f32],
    rows: &mut [[f32; STATES]],
    distances: &mut [[f32; STATES]],
) -> ([f32; STATES], [f64; STATES]) {
    let height = states.nrows();
    let (mut least, mut common) = ([0.0; STATES], [0.0; STATES]);
    for first in (0..height).step_by(ROWS) {
        let count = ROWS.min(height - first);
        // Side by side, all of one row, all of the next.
        for (state, column) in states.column_iter().enumerate() {
            for (row, values) in rows[..count].iter_mut().enumerate() {
                values[state] = column[first + row];
            }
        }
        let taken_off = least;
        for state in 0..STATES {
            common[state] += f64::from(taken_off[state]);
        }
        least = [f32::INFINITY; STATES];
        for (mean, distances) in means.chunks_exact(height).zip(&mut *distances) {
            let mut sums = [0.0; STATES];
            if first > 0 {
                for state in 0..STATES {
                    sums[state] = distances[state] - taken_off[state];
                }
            }
            *distances = add_squares(sums, &rows[..count], &mean[first..][..count]);
            least = lesser(least, distances);
        }
    }
    (least, common)
}

/// The lesser of two, side by side. A function of its own, and with an argument by value,
/// to have the values in registers.
#[inline(always)]
pub(crate) fn lesser<const N: usize>(
    mut least: [f32; N],
    distances: &[f32; N],
) -> [f32; N] {
    for i in 0..N {
        let (one, other) = (distances[i], least[i]);
        least[i] = if one < other { one } else { other };
    }
    least
}

/// Adds to the sums of states the squares of their differences from a mean.
#[inline(always)]
fn add_squares(
    mut sums: [f32; STATES],
    states: &[[f32; STATES]],
    mean: &[f32],
) -> [f32; STATES] {
    for (states, &mean) in states.iter().zip(mean) {
        for state in 0..STATES {
            let difference = states[state] - mean;
            sums[state] += difference * difference;
        }
    }
    sums
}
