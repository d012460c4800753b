//! Attention (Vaswani et al. 2017): every pixel compares what it looks for with what all
//! others have, and takes from those that fit.

use crate::initial::Initial;
use diffusion_kernels::matrix_product::{mul, mul_tr, tr_mul};
use diffusion_kernels::softmax;
use nalgebra::DMatrix;

use crate::group_norm::{self, GroupNorm};
use crate::layer::Layer;
use crate::tensors::{Tensor, Tensors};

// ANCHOR: attention
/// Attention of all pixels of a picture to each other. What went in is added to what
/// comes out.
#[derive(Clone, Debug, PartialEq)]
pub struct Attention {
    /// Nearly always there is one.
    norm: Option<GroupNorm>,
    /// What a pixel looks for, what it has, and what it gives.
    query: Layer,
    key: Layer,
    value: Layer,
    out: Layer,
    /// The channels are cut into so many heads, each of which compares by itself.
    heads: usize,
    /// What the sum is divided by.
    divisor: f32,
}

impl Attention {
    /// What comes out (equation L.4) of pictures `x`, C P × n, in the same shape.
    pub fn forward(&self, x: &DMatrix<f32>) -> (DMatrix<f32>, Activations) {
        let (normalized, norm) = self.normalized(x);
        let query = self.query.forward(&normalized);
        let key = self.key.forward(&normalized);
        let value = self.value.forward(&normalized);
        let mut into_out = DMatrix::zeros(x.nrows(), x.ncols());
        let places = into_out.as_mut_slice().chunks_exact_mut(x.nrows() / self.heads);
        let heads = self.heads_of(&query).zip(self.heads_of(&key));
        let heads = heads.zip(self.heads_of(&value));
        let mut weights = Vec::new();
        for (((query, key), value), place) in heads.zip(places) {
            // A column for each pixel that looks: how well it fits what all pixels have.
            let mut of_head = mul_tr(&key, &query) * scale(&query);
            softmax::of_columns(&mut of_head);
            place.copy_from_slice(tr_mul(&of_head, &value).as_slice());
            weights.push(of_head);
        }
        let y = (self.out.forward(&into_out) + x) / self.divisor;
        (y, Activations { norm, normalized, query, key, value, weights, into_out })
    }
}

/// One over the root of the channels of a head, P × channels. It keeps the weights from
/// being all or nothing, however many channels there are.
fn scale(query: &DMatrix<f32>) -> f32 {
    1.0 / (query.ncols() as f32).sqrt()
}
// ANCHOR_END: attention

/// What going backward needs again.
#[derive(Clone, Debug)]
pub struct Activations {
    norm: Option<group_norm::Activations>,
    normalized: DMatrix<f32>,
    query: DMatrix<f32>,
    key: DMatrix<f32>,
    value: DMatrix<f32>,
    /// How much each pixel takes from each other one, of each head of each picture, P × P:
    /// a column for each pixel that takes.
    weights: Vec<DMatrix<f32>>,
    into_out: DMatrix<f32>,
}

// ANCHOR: attention_backward
impl Attention {
    /// The derivatives (equation L.5) with respect to all parameters, into `gradient`,
    /// and those with respect to `x`, from those with respect to what came out, `dy`,
    /// both C P × n.
    pub fn backward(
        &self,
        saved: &Activations,
        dy: DMatrix<f32>,
        gradient: &mut Attention,
    ) -> DMatrix<f32> {
        let dy = dy / self.divisor;
        let d_out = self.out.backward(&saved.into_out, &dy, &mut gradient.out);
        let mut d = [&saved.query, &saved.key, &saved.value].map(DMatrix::clone);
        let size = dy.nrows() / self.heads;
        let heads = self.heads_of(&saved.query).zip(self.heads_of(&saved.key));
        let heads = heads.zip(self.heads_of(&saved.value)).zip(self.heads_of(&d_out));
        for (i, (((query, key), value), d_out)) in heads.enumerate() {
            let d_value = mul(&saved.weights[i], &d_out);
            let mut d_fit = mul_tr(&value, &d_out);
            softmax::backward_of_columns(&saved.weights[i], &mut d_fit);
            d_fit *= scale(&query);
            let (d_query, d_key) = (tr_mul(&d_fit, &key), mul(&d_fit, &query));
            for (place, d) in d.iter_mut().zip([d_query, d_key, d_value]) {
                place.as_mut_slice()[i * size..][..size].copy_from_slice(d.as_slice());
            }
        }
        let [d_query, d_key, d_value] = d;
        let x = &saved.normalized;
        let d = self.query.backward(x, &d_query, &mut gradient.query)
            + self.key.backward(x, &d_key, &mut gradient.key)
            + self.value.backward(x, &d_value, &mut gradient.value);
        match (&self.norm, &saved.norm, &mut gradient.norm) {
            (Some(norm), Some(saved), Some(gradient)) => {
                norm.backward(saved, &d, gradient) + dy
            }
            _ => d + dy,
        }
    }
}
// ANCHOR_END: attention_backward

impl Attention {
    /// What goes into queries, keys and values.
    fn normalized(
        &self,
        x: &DMatrix<f32>,
    ) -> (DMatrix<f32>, Option<group_norm::Activations>) {
        let Some(norm) = &self.norm else { return (x.clone(), None) };
        let (normalized, activations) = norm.forward(x);
        (normalized, Some(activations))
    }

    /// Each head of each picture: pixels × channels of a head.
    fn heads_of<'a>(
        &'a self,
        x: &'a DMatrix<f32>,
    ) -> impl Iterator<Item = DMatrix<f32>> + 'a {
        let [_, channels] = self.query.channels();
        let (pixels, channels) = (x.nrows() / channels, channels / self.heads);
        let heads = x.as_slice().chunks_exact(pixels * channels);
        heads.map(move |head| DMatrix::from_column_slice(pixels, channels, head))
    }

    /// One that has learned nothing: for pictures of so many channels, rows and columns.
    ///
    /// # Panics
    ///
    /// If a number is 0, or if heads can't have as many channels each.
    pub fn new(
        channels: usize,
        size: [usize; 2],
        heads: usize,
        norm: Option<GroupNorm>,
        initial: &mut impl Initial,
    ) -> Self {
        assert!(channels.is_multiple_of(heads), "{channels} channels, {heads} heads");
        let mut linear = || Layer::linear([channels, channels], size, initial);
        Attention {
            norm,
            query: linear(),
            key: linear(),
            value: linear(),
            out: linear(),
            heads,
            divisor: 1.0,
        }
    }

    /// The same, for pictures of so many rows and columns.
    pub(crate) fn resize(&mut self, size: [usize; 2]) {
        let Attention { query, key, value, out, .. } = self;
        [query, key, value, out].into_iter().for_each(|layer| layer.resize(size));
    }

    /// The same, with the sum divided.
    pub fn divided_by(mut self, divisor: f32) -> Self {
        self.divisor = divisor;
        self
    }
}

impl Tensors for Attention {
    fn tensors<'a>(&'a self, name: &str, all: &mut Vec<Tensor<'a>>) {
        if let Some(norm) = &self.norm {
            norm.tensors(&format!("{name}.group_norm"), all);
        }
        self.query.tensors(&format!("{name}.to_q"), all);
        self.key.tensors(&format!("{name}.to_k"), all);
        self.value.tensors(&format!("{name}.to_v"), all);
        self.out.tensors(&format!("{name}.to_out.0"), all);
    }

    fn slices_mut<'a>(&'a mut self, all: &mut Vec<&'a mut [f32]>) {
        if let Some(norm) = &mut self.norm {
            norm.slices_mut(all);
        }
        self.query.slices_mut(all);
        self.key.slices_mut(all);
        self.value.slices_mut(all);
        self.out.slices_mut(all);
    }
}
