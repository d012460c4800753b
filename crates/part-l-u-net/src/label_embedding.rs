//! What a label adds to the embedding of the time: one of the three kinds that diffusers
//! has.

use nalgebra::DMatrix;

use crate::config::{ClassEmbedding, UNetConfig};
use crate::initial::Initial;
use crate::tensors::{Tensor, Tensors};
use crate::time_embedding::{OfTwoLayers, TwoLayers};
use crate::time_features::Features;

/// What makes an embedding of a label; see [`ClassEmbedding`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum LabelEmbedding {
    /// A column for each, T × labels. The last is that for *no label*.
    Learned(DMatrix<f32>),
    /// Two layers of the features of a label, taken as a time.
    Timestep(Box<TwoLayers>),
    /// As [`Learned`](Self::Learned), but there is none for *no label*, and nothing is
    /// learned.
    Given(DMatrix<f32>),
}

impl LabelEmbedding {
    /// Adds the embeddings of some labels to those of times, T × n.
    ///
    /// # Panics
    ///
    /// If there is no embedding for a label.
    pub(crate) fn add(
        &self,
        labels: &[Option<usize>],
        features: &Features,
        embedding: &mut DMatrix<f32>,
    ) -> Option<OfTwoLayers> {
        match self {
            LabelEmbedding::Learned(table) | LabelEmbedding::Given(table) => {
                for (mut embedding, &label) in embedding.column_iter_mut().zip(labels) {
                    if let Some(column) = self.column(label) {
                        embedding += table.column(column);
                    }
                }
                None
            }
            LabelEmbedding::Timestep(layers) => {
                let (of_labels, saved) = layers.forward(features.of(&as_times(labels)));
                *embedding += of_labels;
                Some(saved)
            }
        }
    }

    /// The derivatives with respect to all parameters, into `gradient`, and those with
    /// respect to features that are learned, which are added to `d_features`, from those
    /// with respect to the embeddings, T × n.
    pub(crate) fn backward(
        &self,
        saved: Option<&OfTwoLayers>,
        labels: &[Option<usize>],
        d: &DMatrix<f32>,
        gradient: &mut LabelEmbedding,
        d_features: &mut Features,
    ) {
        match (self, saved, gradient) {
            (LabelEmbedding::Learned(_), _, LabelEmbedding::Learned(table)) => {
                table.fill(0.0);
                for (d, &label) in d.column_iter().zip(labels) {
                    if let Some(column) = self.column(label) {
                        let mut sum = table.column_mut(column);
                        sum += d;
                    }
                }
            }
            (
                LabelEmbedding::Timestep(layers),
                Some(saved),
                LabelEmbedding::Timestep(gradient),
            ) => {
                let d = layers.backward(saved, d, gradient);
                d_features.add(&as_times(labels), &d);
            }
            _ => {}
        }
    }

    /// Which column of the table is that of a label.
    fn column(&self, label: Option<usize>) -> Option<usize> {
        match self {
            LabelEmbedding::Learned(table) => Some(label.unwrap_or(table.ncols() - 1)),
            _ => label,
        }
    }

    pub(crate) fn new(
        config: &UNetConfig,
        features: &Features,
        initial: &mut impl Initial,
    ) -> Option<Self> {
        let values = config.time_values();
        match config.class_embedding {
            ClassEmbedding::Learned if config.classes == 0 => None,
            ClassEmbedding::Learned => {
                Some(LabelEmbedding::Learned(initial.table(values, config.classes)))
            }
            ClassEmbedding::Timestep => {
                let layers = TwoLayers::new(features.count(), values, initial);
                Some(LabelEmbedding::Timestep(Box::new(layers)))
            }
            ClassEmbedding::Given => {
                Some(LabelEmbedding::Given(DMatrix::zeros(values, 0)))
            }
        }
    }
}

/// Labels by their number, and 0 for none.
fn as_times(labels: &[Option<usize>]) -> Vec<f64> {
    labels.iter().map(|label| label.unwrap_or(0) as f64).collect()
}

impl Tensors for LabelEmbedding {
    fn tensors<'a>(&'a self, name: &str, all: &mut Vec<Tensor<'a>>) {
        match self {
            LabelEmbedding::Learned(table) => {
                let shape = vec![table.ncols(), table.nrows()];
                all.push(Tensor::new(format!("{name}.weight"), shape, table.as_slice()));
            }
            LabelEmbedding::Timestep(layers) => layers.tensors(name, all),
            LabelEmbedding::Given(_) => {}
        }
    }

    fn slices_mut<'a>(&'a mut self, all: &mut Vec<&'a mut [f32]>) {
        match self {
            LabelEmbedding::Learned(table) => all.push(table.as_mut_slice()),
            LabelEmbedding::Timestep(layers) => layers.slices_mut(all),
            LabelEmbedding::Given(_) => {}
        }
    }
}
