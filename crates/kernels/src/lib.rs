//! Arithmetic that much time is spent in, compiled for several kinds of processor, with
//! the same bits on each ([`Instructions`]).
//!
//! Matrices are multiplied ([`matrix_product`]), and with the feature `convolution`
//! pictures are convolved. It is weighed which data led to a state ([`likelihoods`],
//! [`weighted_means`]), and which patches of a photograph to a picture ([`patch_means`]).
//! [`elementwise`] are functions of all values of an array, and [`distances`] are those of
//! columns.
//!
//! It is a crate of its own, so that nobody compiles it who only adds noise.

#[cfg(feature = "convolution")]
pub mod convolution;
pub mod distances;
pub mod elementwise;
mod instructions;
pub mod likelihoods;
pub mod matrix_product;
pub mod patch_means;
pub mod softmax;
pub mod sums;
pub mod weighted_means;

pub use instructions::Instructions;
