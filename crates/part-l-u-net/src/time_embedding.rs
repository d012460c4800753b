//! The time, and the label, as all blocks get them.

use diffusion_core::mathematics::f64::{cos, exp, ln, sin};
use nalgebra::DMatrix;
use part_f_the_way_back::NoiseLevel;

use crate::config::UNetConfig;
use crate::initial::Initial;
use crate::label_embedding::LabelEmbedding;
use crate::layer::Layer;
use crate::nonlinearity;
use crate::tensors::{Tensor, Tensors};
use crate::time_features::Features;

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
    features: Features,
    layers: TwoLayers,
    label: Option<LabelEmbedding>,
}

impl TimeEmbedding {
    /// The embeddings, T × n, of some noise levels and labels. They have passed the
    /// nonlinearity that each block has before its linear layer.
    ///
    /// # Panics
    ///
    /// If the network doesn't know one of the labels.
    pub fn forward(
        &self,
        levels: &[NoiseLevel],
        labels: &[Option<usize>],
    ) -> (DMatrix<f32>, Activations) {
        let times: Vec<f64> = levels.iter().map(|level| level.t).collect();
        let (mut embedding, layers) = self.layers.forward(self.features.of(&times));
        let label = match &self.label {
            Some(label) => label.add(labels, &self.features, &mut embedding),
            None => None,
        };
        let (embedding, silu) = nonlinearity::forward(embedding);
        (embedding, Activations { times, layers, label, silu })
    }
}

/// Two linear layers with a nonlinearity between them, from features to an embedding.
#[derive(Clone, Debug, PartialEq)]
pub struct TwoLayers {
    linear_1: Layer,
    linear_2: Layer,
}

impl TwoLayers {
    /// The embeddings, T × n, of features, one column for each.
    pub fn forward(&self, features: DMatrix<f32>) -> (DMatrix<f32>, OfTwoLayers) {
        let (h, silu) = nonlinearity::forward(self.linear_1.forward(&features));
        (self.linear_2.forward(&h), OfTwoLayers { features, silu, into_linear_2: h })
    }
}
// ANCHOR_END: time_embedding

/// What going backward needs again.
#[derive(Clone, Debug)]
pub struct Activations {
    times: Vec<f64>,
    layers: OfTwoLayers,
    label: Option<OfTwoLayers>,
    silu: nonlinearity::Activations,
}

/// What going backward needs again of [`TwoLayers`].
#[derive(Clone, Debug)]
pub struct OfTwoLayers {
    features: DMatrix<f32>,
    silu: nonlinearity::Activations,
    into_linear_2: DMatrix<f32>,
}

impl TimeEmbedding {
    /// The derivatives with respect to all parameters, into `gradient`, from those with
    /// respect to the embeddings, T × n.
    pub fn backward(
        &self,
        saved: &Activations,
        labels: &[Option<usize>],
        d_embedding: &DMatrix<f32>,
        gradient: &mut TimeEmbedding,
    ) {
        let d = nonlinearity::backward(&saved.silu, d_embedding);
        let d_features = self.layers.backward(&saved.layers, &d, &mut gradient.layers);
        gradient.features.fill(0.0);
        gradient.features.add(&saved.times, &d_features);
        if let (Some(label), Some(gradient_of_label)) = (&self.label, &mut gradient.label)
        {
            let of_label = saved.label.as_ref();
            let features = &mut gradient.features;
            label.backward(of_label, labels, &d, gradient_of_label, features);
        }
    }

    /// One that has learned nothing.
    ///
    /// # Panics
    ///
    /// If a number is 0.
    pub fn new(config: &UNetConfig, initial: &mut impl Initial) -> Self {
        let features = Features::new(config, initial);
        let layers = TwoLayers::new(features.count(), config.time_values(), initial);
        let label = LabelEmbedding::new(config, &features, initial);
        TimeEmbedding { features, layers, label }
    }

    /// See [`UNet::with_label_embeddings`](crate::UNet::with_label_embeddings).
    pub(crate) fn give_labels(&mut self, embeddings: DMatrix<f32>) {
        if let Some(LabelEmbedding::Given(given)) = &mut self.label {
            *given = embeddings;
        }
    }

    /// How many labels have an embedding that was given.
    pub(crate) fn given_labels(&self) -> usize {
        match &self.label {
            Some(LabelEmbedding::Given(given)) => given.ncols(),
            _ => 0,
        }
    }
}

impl TwoLayers {
    /// The derivatives with respect to all parameters, into `gradient`, and those with
    /// respect to the features, from those with respect to the embeddings, T × n.
    pub fn backward(
        &self,
        saved: &OfTwoLayers,
        d: &DMatrix<f32>,
        gradient: &mut TwoLayers,
    ) -> DMatrix<f32> {
        let d = self.linear_2.backward(&saved.into_linear_2, d, &mut gradient.linear_2);
        let d = nonlinearity::backward(&saved.silu, &d);
        self.linear_1.backward(&saved.features, &d, &mut gradient.linear_1)
    }

    /// Those that have learned nothing: from so many features to T values.
    ///
    /// # Panics
    ///
    /// If a number is 0.
    pub fn new(features: usize, values: usize, initial: &mut impl Initial) -> Self {
        let mut linear = |inputs| Layer::linear([inputs, values], [1, 1], initial);
        TwoLayers { linear_1: linear(features), linear_2: linear(values) }
    }
}

impl Tensors for TimeEmbedding {
    fn tensors<'a>(&'a self, _: &str, all: &mut Vec<Tensor<'a>>) {
        self.features.tensors("time_proj", all);
        self.layers.tensors("time_embedding", all);
        if let Some(label) = &self.label {
            label.tensors("class_embedding", all);
        }
    }

    fn slices_mut<'a>(&'a mut self, all: &mut Vec<&'a mut [f32]>) {
        self.features.slices_mut(all);
        self.layers.slices_mut(all);
        if let Some(label) = &mut self.label {
            label.slices_mut(all);
        }
    }
}

impl Tensors for TwoLayers {
    fn tensors<'a>(&'a self, name: &str, all: &mut Vec<Tensor<'a>>) {
        self.linear_1.tensors(&format!("{name}.linear_1"), all);
        self.linear_2.tensors(&format!("{name}.linear_2"), all);
    }

    fn slices_mut<'a>(&'a mut self, all: &mut Vec<&'a mut [f32]>) {
        self.linear_1.slices_mut(all);
        self.linear_2.slices_mut(all);
    }
}
