//! The ground floor of *Into the Noise and Back*: whatever several parts need and none of
//! them teaches.
//!
//! An image file comes in as a matrix `x` ([`picture`]), noise is drawn in its shape
//! ([`noise`]), the mean and standard deviation of a state are measured ([`moments`]) and its
//! values counted ([`histogram`]), and states go out side by side as a [`filmstrip`], each
//! file either whole or untouched ([`save`]). [`command`] is the command line that all parts
//! share.
//!
//! The state `x` is a matrix with one column for each point. A picture of N pixels is 3 ×
//! N, its rows red, green and blue, its values in [-1, 1].

#[cfg(feature = "command")]
pub mod command;
#[cfg(feature = "command")]
pub mod filmstrip;
pub mod histogram;
pub mod mathematics;
pub mod matrix_product;
mod memory;
pub mod moments;
pub mod noise;
pub mod picture;
#[cfg(feature = "command")]
pub mod save;

pub use moments::Moments;
pub use noise::{Generator, generator, randn_like};
pub use picture::Picture;
