//! What a network sees of the time, before any layer: one of the three kinds that
//! diffusers has.

use std::f64::consts::TAU;

use diffusion_core::mathematics::f64::{cos, ln, sin};
use nalgebra::DMatrix;

use crate::config::{TimeFeatures, UNetConfig};
use crate::initial::Initial;
use crate::tensors::{Tensor, Tensors};
use crate::time_embedding::features;

/// The features of times, and what they are made of.
///
/// As a part of a gradient, the table of [`Learned`](Self::Learned) has the derivatives;
/// that of [`Fourier`](Self::Fourier) has zeros, as its frequencies are never learned.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Features {
    /// Chapter L's; see [`features`].
    Positional { count: usize, shift: f64, cosines_first: bool },
    /// The sine and the cosine of `2π f ln t` for each frequency `f`, C × 1 (Song et al.
    /// 2021, appendix C, where the noise's standard deviation is the time).
    Fourier(DMatrix<f32>),
    /// A column for each timestep, C × timesteps.
    Learned(DMatrix<f32>),
}

impl Features {
    /// The features of some times, a column for each.
    ///
    /// A time between two timesteps gets what was learned for the nearer one, and a time
    /// beyond the last that of the last. The logarithm wants a time above 0.
    pub(crate) fn of(&self, times: &[f64]) -> DMatrix<f32> {
        let count = self.count();
        let of_one = |&t: &f64| match self {
            &Features::Positional { count, shift, cosines_first } => {
                features(t, count, shift, cosines_first)
            }
            Features::Fourier(frequencies) => {
                let angles = frequencies.iter().map(|&f| TAU * f64::from(f) * ln(t));
                let sines = angles.clone().map(|angle| sin(angle) as f32);
                sines.chain(angles.map(|angle| cos(angle) as f32)).collect()
            }
            Features::Learned(table) => {
                table.column(timestep(t, table)).iter().copied().collect()
            }
        };
        DMatrix::from_iterator(count, times.len(), times.iter().flat_map(of_one))
    }

    /// Adds to the derivatives with respect to what is learned those of the features of
    /// some times, a column for each.
    pub(crate) fn add(&mut self, times: &[f64], d_features: &DMatrix<f32>) {
        if let Features::Learned(table) = self {
            for (d, &t) in d_features.column_iter().zip(times) {
                let timestep = timestep(t, table);
                let mut sum = table.column_mut(timestep);
                sum += d;
            }
        }
    }

    pub(crate) fn fill(&mut self, value: f32) {
        if let Features::Fourier(numbers) | Features::Learned(numbers) = self {
            numbers.fill(value);
        }
    }

    /// How many there are of a time.
    pub(crate) fn count(&self) -> usize {
        match self {
            Features::Positional { count, .. } => *count,
            Features::Fourier(frequencies) => 2 * frequencies.nrows(),
            Features::Learned(table) => table.nrows(),
        }
    }

    pub(crate) fn new(config: &UNetConfig, initial: &mut impl Initial) -> Self {
        let count = config.widths[0];
        match config.time_features {
            TimeFeatures::Positional => Features::Positional {
                count,
                shift: config.frequency_shift,
                cosines_first: config.cosines_first,
            },
            // As wide as diffusers draws them.
            TimeFeatures::Fourier => Features::Fourier(initial.table(count, 1) * 16.0),
            TimeFeatures::Learned(timesteps) => {
                Features::Learned(initial.table(count, timesteps))
            }
        }
    }
}

/// The timestep that is nearest to a time, of those that a table has.
fn timestep(t: f64, table: &DMatrix<f32>) -> usize {
    (t.round() as usize).min(table.ncols() - 1)
}

impl Tensors for Features {
    fn tensors<'a>(&'a self, name: &str, all: &mut Vec<Tensor<'a>>) {
        let (shape, numbers) = match self {
            Features::Positional { .. } => return,
            Features::Fourier(frequencies) => (vec![frequencies.nrows()], frequencies),
            Features::Learned(table) => (vec![table.ncols(), table.nrows()], table),
        };
        all.push(Tensor::new(format!("{name}.weight"), shape, numbers.as_slice()));
    }

    fn slices_mut<'a>(&'a mut self, all: &mut Vec<&'a mut [f32]>) {
        if let Features::Fourier(numbers) | Features::Learned(numbers) = self {
            all.push(numbers.as_mut_slice());
        }
    }
}
