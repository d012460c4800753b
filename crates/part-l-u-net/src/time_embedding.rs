//! The time, and the label, as all blocks get them.

use diffusion_core::mathematics::f64::{cos, exp, ln, sin};
use nalgebra::DMatrix;
use part_f_the_way_back::NoiseLevel;
use rand::Rng;

use crate::config::UNetConfig;
use crate::layer::Layer;
use crate::nonlinearity;
use crate::tensors::{Tensor, Tensors};

// ANCHOR: features
/// The features of a time `t`, a timestep or a place between two (equation L.6; Vaswani
/// et al. 2017, section 3.5): `count / 2` sines and as many cosines, with frequencies
/// from 1 down to one over 10,000.
///
/// With a `shift` of 1, the last is one over 10,000; with 0, it is higher. Which
/// half is that of the cosines is another choice that a published network has made.
pub fn features(t: f64, count: usize, shift: f64, cosines_first: bool) -> Vec<f32> {
    let half = count / 2;
    let frequency = |i: usize| exp(-ln(10_000.0) * i as f64 / (half as f64 - shift));
    let sines = (0..half).map(|i| sin(t * frequency(i)) as f32);
    let cosines = (0..half).map(|i| cos(t * frequency(i)) as f32);
    match cosines_first {
        true => cosines.chain(sines).collect(),
        false => sines.chain(cosines).collect(),
    }
}
// ANCHOR_END: features

// ANCHOR: time_embedding
/// From the time and the label to an embedding of both.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeEmbedding {
    linear_1: Layer,
    linear_2: Layer,
    /// What a label adds: a column for each, T × labels.
    labels: Option<DMatrix<f32>>,
    /// How many features of the time there are, and what kind of them.
    features: usize,
    shift: f64,
    cosines_first: bool,
}

impl TimeEmbedding {
    /// The embeddings, T × n, of some noise levels and of labels by their number. They
    /// have passed the nonlinearity that each block has before its linear layer.
    ///
    /// # Panics
    ///
    /// If the network doesn't know one of the labels.
    pub fn forward(
        &self,
        levels: &[NoiseLevel],
        labels: &[usize],
    ) -> (DMatrix<f32>, Activations) {
        let features = levels.iter().flat_map(|level| {
            features(level.t, self.features, self.shift, self.cosines_first)
        });
        let features = DMatrix::from_iterator(self.features, levels.len(), features);
        let (h, silu1) = nonlinearity::forward(self.linear_1.forward(&features));
        let mut embedding = self.linear_2.forward(&h);
        if let Some(of_labels) = &self.labels {
            for (mut embedding, &label) in embedding.column_iter_mut().zip(labels) {
                embedding += of_labels.column(label);
            }
        }
        let (embedding, silu2) = nonlinearity::forward(embedding);
        (embedding, Activations { features, silu1, into_linear_2: h, silu2 })
    }
}
// ANCHOR_END: time_embedding

/// What going backward needs again.
#[derive(Clone, Debug)]
pub struct Activations {
    features: DMatrix<f32>,
    silu1: nonlinearity::Activations,
    into_linear_2: DMatrix<f32>,
    silu2: nonlinearity::Activations,
}

impl TimeEmbedding {
    /// The derivatives with respect to all parameters, into `gradient`, from those with
    /// respect to the embeddings, T × n.
    pub fn backward(
        &self,
        saved: &Activations,
        labels: &[usize],
        d_embedding: &DMatrix<f32>,
        gradient: &mut TimeEmbedding,
    ) {
        let d = nonlinearity::backward(&saved.silu2, d_embedding);
        if let Some(of_labels) = &mut gradient.labels {
            of_labels.fill(0.0);
            for (d, &label) in d.column_iter().zip(labels) {
                let mut sum = of_labels.column_mut(label);
                sum += d;
            }
        }
        let d = self.linear_2.backward(&saved.into_linear_2, &d, &mut gradient.linear_2);
        let d = nonlinearity::backward(&saved.silu1, &d);
        self.linear_1.backward(&saved.features, &d, &mut gradient.linear_1);
    }

    /// One that has learned nothing.
    ///
    /// # Panics
    ///
    /// If a number is 0.
    pub fn new(config: &UNetConfig, rng: &mut impl Rng) -> Self {
        let (features, values) = (config.widths[0], config.time_values());
        let mut linear = |inputs| Layer::linear([inputs, values], [1, 1], rng);
        TimeEmbedding {
            linear_1: linear(features),
            linear_2: linear(values),
            labels: (config.classes > 0).then(|| {
                diffusion_core::randn_like(&DMatrix::zeros(values, config.classes), rng)
            }),
            features,
            shift: config.frequency_shift,
            cosines_first: config.cosines_first,
        }
    }
}

impl Tensors for TimeEmbedding {
    fn tensors<'a>(&'a self, _: &str, all: &mut Vec<Tensor<'a>>) {
        self.linear_1.tensors("time_embedding.linear_1", all);
        self.linear_2.tensors("time_embedding.linear_2", all);
        if let Some(labels) = &self.labels {
            let shape = vec![labels.ncols(), labels.nrows()];
            let name = "class_embedding.weight".to_owned();
            all.push(Tensor::new(name, shape, labels.as_slice()));
        }
    }

    fn slices_mut<'a>(&'a mut self, all: &mut Vec<&'a mut [f32]>) {
        self.linear_1.slices_mut(all);
        self.linear_2.slices_mut(all);
        all.extend(self.labels.as_mut().map(|labels| labels.as_mut_slice()));
    }
}
