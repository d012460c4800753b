//! Guidance: more of a label than the data have.
//!
//! A network that was now and then not told what a datum is can do both, predict with the
//! label and without. The difference is what the label says. Taken further, it gives
//! samples that are more clearly of their kind (Ho & Salimans 2022).

use nalgebra::DMatrix;

// ANCHOR: guided
/// What a network predicts with a label, beyond what it predicts without
/// (equation H.12; Ho & Salimans 2022, equation 6, with `scale = w + 1`).
///
/// A guidance scale of 0 is the output without the label, 1 the one with it, and more
/// than 1 goes beyond it, in the same direction.
///
/// # Panics
///
/// If the outputs have not the same shape.
pub fn guided(
    with_label: &DMatrix<f32>,
    without: &DMatrix<f32>,
    scale: f32,
) -> DMatrix<f32> {
    without + scale * (with_label - without)
}
// ANCHOR_END: guided
