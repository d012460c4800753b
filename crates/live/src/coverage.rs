//! How much of the data samples have reached.
//!
//! A mean distance from the nearest datum says how near samples are to the data, and
//! nothing of the data that no sample is near to. The coverage (Naeem et al., *Reliable
//! fidelity and diversity metrics for generative models*, 2020, with k = 5) says that: a
//! datum is covered if a sample is nearer to it than its fifth nearest neighbour among
//! the data.

use std::cell::OnceCell;
use std::mem;

use nalgebra::DMatrix;

/// Which neighbour of a datum is as far as a sample can be that covers it, as the paper
/// has it.
const NEIGHBOURS: usize = 5;

/// Data in the plane, and from each the distance of its fifth nearest neighbour.
pub(crate) struct Coverage {
    data: Vec<[f32; 2]>,
    /// The squares of those distances, once somebody has asked.
    radii: OnceCell<Vec<f64>>,
}

impl Coverage {
    /// Of these data, 2 × m.
    pub(crate) fn of(data: &DMatrix<f32>) -> Self {
        Coverage { data: points(data).to_vec(), radii: OnceCell::new() }
    }

    /// The fraction of the data that some sample covers, of samples 2 × n. No number if
    /// there are not enough data for each to have a fifth neighbour.
    pub(crate) fn fraction(&self, samples: &DMatrix<f32>) -> f64 {
        if self.data.len() <= NEIGHBOURS {
            return f64::NAN;
        }
        let radii = self.radii.get_or_init(|| {
            (0..self.data.len()).map(|datum| self.radius(datum)).collect()
        });
        let is_covered = |(datum, radius): &(&[f32; 2], &f64)| {
            points(samples).iter().any(|sample| square(datum, sample) < **radius)
        };
        let covered = self.data.iter().zip(radii).filter(is_covered).count();
        covered as f64 / self.data.len() as f64
    }

    /// The squared distance of the fifth nearest neighbour of a datum.
    fn radius(&self, datum: usize) -> f64 {
        let mut nearest = [f64::INFINITY; NEIGHBOURS];
        for (other, place) in self.data.iter().enumerate() {
            if other == datum {
                continue;
            }
            // In among those that are nearer, which moves the others on.
            let mut distance = square(&self.data[datum], place);
            for nearer in &mut nearest {
                if distance < *nearer {
                    mem::swap(&mut distance, nearer);
                }
            }
        }
        nearest[NEIGHBOURS - 1]
    }
}

fn points(x: &DMatrix<f32>) -> &[[f32; 2]] {
    x.as_slice().as_chunks().0
}

fn square(one: &[f32; 2], other: &[f32; 2]) -> f64 {
    let [x, y] = [0, 1].map(|row| f64::from(one[row] - other[row]));
    x * x + y * y
}
