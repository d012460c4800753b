//! Which noise belongs to which datum.
//!
//! The flow is learned from pairs of a datum and a noise. They may be drawn independently
//! of each other. Or the noise of a datum is the one that is near, or the one from which a
//! flow leads to it.

use std::collections::BTreeSet;

use diffusion_core::randn_like;
use diffusion_kernels::distances::square;
use nalgebra::DMatrix;
use part_f_the_way_back::Denoiser;
use part_i_samplers::SamplingError;
use pathfinding::matrix::Matrix;
use pathfinding::prelude::kuhn_munkres_min;
use rand::Rng;

use crate::trajectories::Trajectories;

// ANCHOR: pairs
/// Pairs of a noise and a datum.
#[derive(Clone, Debug, PartialEq)]
pub struct Pairs {
    /// The noises, d × n.
    pub noise: DMatrix<f32>,
    /// The data, d × n.
    pub x0: DMatrix<f32>,
}

impl Pairs {
    /// The pairs of a flow: each noise, d × n, with the sample that the flow leads it to
    /// in so many steps. They are what the next flow is learned from (Liu et al. 2023,
    /// *reflow*).
    ///
    /// # Errors
    ///
    /// As for [`Trajectories::follow`].
    pub fn of_flow(
        denoiser: &impl Denoiser,
        noise: DMatrix<f32>,
        steps: usize,
    ) -> Result<Self, SamplingError> {
        let x0 = Trajectories::follow(denoiser, noise.clone(), steps)?.samples().clone();
        Ok(Pairs { noise, x0 })
    }

    /// The transport cost: the mean squared distance of a noise from its datum.
    pub fn cost(&self) -> f64 {
        let square = (&self.noise - &self.x0).map(|value| value * value);
        square.iter().map(|&value| f64::from(value)).sum::<f64>() / square.ncols() as f64
    }
}
// ANCHOR_END: pairs

// ANCHOR: coupling
/// How the noise of a batch is drawn for its data.
#[derive(Clone, Debug, PartialEq)]
pub enum Coupling {
    /// Independently of them.
    Independent,
    /// Mini-batch optimal transport (Tong et al. 2024, algorithm 3): independently, and
    /// then given to the data such that the cost of the batch is the least.
    OptimalTransport,
    /// The noise that each of the data came from: d × m, a column for each datum.
    Given(DMatrix<f32>),
}

impl Coupling {
    /// The noise for the data `x0`, d × n, which are those that were `drawn` of all.
    pub fn noise(
        &self,
        drawn: &[usize],
        x0: &DMatrix<f32>,
        rng: &mut impl Rng,
    ) -> DMatrix<f32> {
        match self {
            Coupling::Independent => randn_like(x0, rng),
            Coupling::OptimalTransport => {
                let noise = randn_like(x0, rng);
                let nearest = optimal_assignment(x0, &noise);
                noise.select_columns(&nearest)
            }
            Coupling::Given(noise) => noise.select_columns(drawn),
        }
    }
}

/// Which column of `noise` belongs to each column of `x0`, both d × n, such that the
/// squared distances together are the least (equation J.11), by the Hungarian algorithm
/// (Kuhn 1955, Munkres 1957). It takes time in proportion to n³.
///
/// Distances are rounded to a millionth, so that the result is the same everywhere.
///
/// # Panics
///
/// If the shapes differ, or a squared distance is not below 1e9.
pub fn optimal_assignment(x0: &DMatrix<f32>, noise: &DMatrix<f32>) -> Vec<usize> {
    assert_eq!(x0.shape(), noise.shape(), "a noise for each datum");
    if x0.ncols() == 0 {
        return Vec::new();
    }
    let costs = x0
        .column_iter()
        .map(|x0| noise.column_iter().map(move |noise| rounded(square(x0, noise))));
    kuhn_munkres_min(&Matrix::from_rows(costs).expect("each row is as long")).1
}
// ANCHOR_END: coupling

// ANCHOR: within_labels
/// The same within each label only: a datum is given one of as many noises as there are
/// data with its label. So each label is given all kinds of noise, as many of each as
/// there are.
///
/// # Panics
///
/// If there is not one noise and one label for each column of `x0`.
pub fn assignment_within_labels(
    x0: &DMatrix<f32>,
    noise: &DMatrix<f32>,
    labels: &[usize],
) -> Vec<usize> {
    assert_eq!(labels.len(), x0.ncols(), "a label for each datum");
    let mut assigned = vec![0; labels.len()];
    let different: BTreeSet<&usize> = labels.iter().collect();
    for label in different {
        let all = 0..labels.len();
        let with: Vec<usize> = all.filter(|&column| labels[column] == *label).collect();
        let (x0, noise) = (x0.select_columns(&with), noise.select_columns(&with));
        for (&column, nearest) in with.iter().zip(optimal_assignment(&x0, &noise)) {
            assigned[column] = with[nearest];
        }
    }
    assigned
}
// ANCHOR_END: within_labels

fn rounded(cost: f64) -> i64 {
    assert!(cost < 1e9, "a squared distance below 1e9");
    (cost * 1e6).round() as i64
}
