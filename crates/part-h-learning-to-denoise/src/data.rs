//! What is learned from.

use std::collections::BTreeSet;

use nalgebra::DMatrix;

/// Data, and what each of them is, if that is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Data {
    /// The data, d × m with one column for each.
    pub x: DMatrix<f32>,
    /// A label for each: a number from 0.
    pub labels: Option<Vec<usize>>,
}

impl Data {
    /// Data without labels.
    pub fn unlabelled(x: DMatrix<f32>) -> Self {
        Data { x, labels: None }
    }

    /// Whether predictions of `x0` are clipped to [-1, 1]: if hardly any value is
    /// outside.
    pub fn are_clipped(&self) -> bool {
        self.x.amax() <= 1.1
    }

    /// Holds out every `n`th of the data: the others, and those held out.
    pub fn hold_out(&self, n: usize) -> (Self, Self) {
        let all = 0..self.x.ncols();
        let (held_out, others): (Vec<usize>, Vec<usize>) =
            all.partition(|datum| datum % n == n - 1);
        (self.select(&others), self.select(&held_out))
    }

    fn select(&self, these: &[usize]) -> Self {
        let label =
            |labels: &Vec<usize>| these.iter().map(|&datum| labels[datum]).collect();
        Data { x: self.x.select_columns(these), labels: self.labels.as_ref().map(label) }
    }

    /// The labels that there are, or none, once, if the data have none.
    pub fn different_labels(&self) -> Vec<Option<usize>> {
        let Some(labels) = &self.labels else { return vec![None] };
        let labels: BTreeSet<usize> = labels.iter().copied().collect();
        labels.into_iter().map(Some).collect()
    }

    /// The data that have this label, d × n: all if there are no labels.
    pub fn with_label(&self, label: Option<usize>) -> DMatrix<f32> {
        let label_of = |datum: usize| self.labels.as_ref().map(|labels| labels[datum]);
        let these: Vec<usize> =
            (0..self.x.ncols()).filter(|&datum| label_of(datum) == label).collect();
        self.x.select_columns(&these)
    }
}
