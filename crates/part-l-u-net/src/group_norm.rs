//! Group normalization (Wu & He 2018): the channels of a picture, a group at a time, get
//! a mean of 0 and a variance of 1, and then each channel a scale and a shift of its own.
//!
//! It keeps the values in a deep network from growing or dying. Each picture is
//! normalized by itself. But the mean is that of all of its pixels, and so every pixel
//! sees something of all others.

use diffusion_kernels::sums::{sum, sum_of_products};
use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;

use crate::tensors::{Tensor, Tensors};

// ANCHOR: group_norm
/// A normalization of groups of channels.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupNorm {
    /// How many groups there are. With 0, nothing is normalized.
    pub groups: usize,
    /// What keeps the root above 0 where all values are the same.
    pub epsilon: f32,
    /// One for each channel.
    pub scale: DVector<f32>,
    /// One for each channel.
    pub shift: DVector<f32>,
}

impl GroupNorm {
    /// Computes `y = scale (x - mean) / √(variance + ε) + shift` (equation L.1): of `x`,
    /// C P × n for n pictures of C channels and P pixels.
    pub fn forward(&self, x: &DMatrix<f32>) -> (DMatrix<f32>, Activations) {
        let mut normalized = x.clone();
        let mut over_std = DMatrix::zeros(self.groups, x.ncols());
        // A picture has its channels one behind the other, and so its groups, too.
        let size = self.values_of_group(x);
        let groups = normalized.as_mut_slice().par_chunks_exact_mut(size);
        let groups =
            groups.zip(over_std.as_mut_slice()).with_min_len(WORTH_SHARING / size);
        groups.for_each(|(values, over_std)| {
            let mean = mean(values);
            values.iter_mut().for_each(|x| *x -= mean);
            // Over all values, and not all but one.
            let variance = mean_of_products(values, values);
            *over_std = 1.0 / (variance + self.epsilon).sqrt();
            values.iter_mut().for_each(|x| *x *= *over_std);
        });
        let mut y = normalized.clone();
        let planes = y.as_mut_slice().par_chunks_exact_mut(self.pixels(x)).enumerate();
        planes.with_min_len(WORTH_SHARING / self.pixels(x)).for_each(|(plane, y)| {
            let channel = plane % self.scale.len();
            let (scale, shift) = (self.scale[channel], self.shift[channel]);
            y.iter_mut().for_each(|y| *y = scale * *y + shift);
        });
        (y, Activations { normalized, over_std })
    }
}
// ANCHOR_END: group_norm

/// What going backward needs again.
#[derive(Clone, Debug)]
pub struct Activations {
    /// The values before scale and shift, C P × n.
    normalized: DMatrix<f32>,
    /// One over the standard deviation, groups × n.
    over_std: DMatrix<f32>,
}

// ANCHOR: group_norm_backward
impl GroupNorm {
    /// The derivatives with respect to scale and shift, into `gradient`, and those with
    /// respect to `x`, from those with respect to `y`, both C P × n (equation L.2). What
    /// would only move the mean or the variance is taken out.
    pub fn backward(
        &self,
        Activations { normalized, over_std }: &Activations,
        dy: &DMatrix<f32>,
        gradient: &mut GroupNorm,
    ) -> DMatrix<f32> {
        gradient.scale.fill(0.0);
        gradient.shift.fill(0.0);
        let mut dx = dy.clone();
        let planes = normalized.as_slice().chunks_exact(self.pixels(dy));
        let planes = planes.zip(dx.as_mut_slice().chunks_exact_mut(self.pixels(dy)));
        for (plane, (values, d)) in planes.enumerate() {
            let channel = plane % self.scale.len();
            gradient.scale[channel] += sum_of_products(d, values);
            gradient.shift[channel] += sum(d);
            d.iter_mut().for_each(|d| *d *= self.scale[channel]);
        }
        let size = self.values_of_group(dy);
        let groups = normalized.as_slice().chunks_exact(size).zip(over_std);
        for (d, (values, over_std)) in
            dx.as_mut_slice().chunks_exact_mut(size).zip(groups)
        {
            let (mean, along) = (mean(d), mean_of_products(d, values));
            for (d, value) in d.iter_mut().zip(values) {
                *d = over_std * (*d - mean - along * value);
            }
        }
        dx
    }
}
// ANCHOR_END: group_norm_backward

impl GroupNorm {
    /// How many pixels each channel of `x` has, P.
    fn pixels(&self, x: &DMatrix<f32>) -> usize {
        x.nrows() / self.scale.len()
    }

    /// How many values a group has: those of all pixels of its channels.
    fn values_of_group(&self, x: &DMatrix<f32>) -> usize {
        x.nrows() / self.groups.max(1)
    }
}

/// How many values a thread is given at least.
const WORTH_SHARING: usize = 1 << 15;

/// So many values are added in f32, and their sums in f64, so that no digits are lost of
/// large pictures.
const BLOCK: usize = 1024;

fn mean(x: &[f32]) -> f32 {
    let sums = x.chunks(BLOCK).map(|x| f64::from(sum(x)));
    (sums.sum::<f64>() / x.len() as f64) as f32
}

fn mean_of_products(x: &[f32], y: &[f32]) -> f32 {
    let blocks = x.chunks(BLOCK).zip(y.chunks(BLOCK));
    let sums = blocks.map(|(x, y)| f64::from(sum_of_products(x, y)));
    (sums.sum::<f64>() / x.len() as f64) as f32
}

impl GroupNorm {
    /// One that has learned nothing: it normalizes, and that is all.
    ///
    /// # Panics
    ///
    /// If the groups can't be of as many channels each.
    pub fn new(groups: usize, channels: usize, epsilon: f32) -> Self {
        let fits = groups == 0 || channels.is_multiple_of(groups);
        assert!(fits, "{channels} channels, {groups} groups");
        let (scale, shift) =
            (DVector::from_element(channels, 1.0), DVector::zeros(channels));
        GroupNorm { groups, epsilon, scale, shift }
    }
}

impl Tensors for GroupNorm {
    fn tensors<'a>(&'a self, name: &str, all: &mut Vec<Tensor<'a>>) {
        for (which, numbers) in [("weight", &self.scale), ("bias", &self.shift)] {
            let shape = vec![numbers.len()];
            all.push(Tensor::new(format!("{name}.{which}"), shape, numbers.as_slice()));
        }
    }

    fn slices_mut<'a>(&'a mut self, all: &mut Vec<&'a mut [f32]>) {
        all.push(self.scale.as_mut_slice());
        all.push(self.shift.as_mut_slice());
    }
}
