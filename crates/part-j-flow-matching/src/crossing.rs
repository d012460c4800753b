//! How much the straight lines of some pairs cross.
//!
//! Where two lines meet, a state doesn't tell which of them it is on, and the velocity
//! there is a mean of both. So what can't be told is what bends the paths.

use diffusion_core::mathematics::f64::exp;
use diffusion_kernels::distances::square;
use rayon::prelude::*;

use crate::coupling::Pairs;

// ANCHOR: crossing
/// The part of the pairs' velocities that their states at a `time` don't tell (equation
/// J.10): the mean square of `noise - x0` less its mean at that state, over that of
/// `noise - x0`. It is 0 if no lines cross there.
///
/// The mean is estimated from the other pairs by the Nadaraya-Watson estimator: each
/// counts by a normal density of its distance, of the standard deviation `bandwidth`. So
/// lines that pass each other within a bandwidth count as crossing, and the estimate is a
/// little too large. It takes time in proportion to n².
///
/// NaN if there are fewer than 2 pairs.
pub fn crossing(pairs: &Pairs, time: f64, bandwidth: f64) -> f64 {
    let velocities = &pairs.noise - &pairs.x0;
    let x = &pairs.x0 + time as f32 * &velocities;
    let off = (0..x.ncols()).into_par_iter().map(|i| {
        let others = || (0..x.ncols()).filter(|&j| j != i);
        let distance = |j: usize| square(x.column(i), x.column(j));
        // Relative to the nearest, whose weight is 1: so not all of them are 0.
        let nearest = others().map(distance).fold(f64::INFINITY, f64::min);
        let (mut mean, mut weights) = (vec![0.0; x.nrows()], 0.0);
        for j in others() {
            let weight = exp((nearest - distance(j)) / (2.0 * bandwidth * bandwidth));
            weights += weight;
            for (mean, &velocity) in mean.iter_mut().zip(&velocities.column(j)) {
                *mean += weight * f64::from(velocity);
            }
        }
        let velocity = velocities.column(i);
        let off =
            velocity.iter().zip(mean).map(|(&v, mean)| f64::from(v) - mean / weights);
        off.map(|off| off * off).sum::<f64>()
    });
    // In their order, so that the sum is the same on any number of threads.
    let off: Vec<f64> = off.collect();
    off.iter().sum::<f64>() / pairs.cost() / x.ncols() as f64
}
// ANCHOR_END: crossing
