//! The ground floor of *Into the Noise and Back*: what several parts compute and none of them
//! teaches. Nothing here knows of files or of a command line.
//!
//! A picture in memory is a matrix `x` ([`picture`]), noise is drawn in its shape
//! ([`noise`]), a [`walk`] makes each state from the one before, and of a state the mean and
//! standard deviation are measured ([`moments`]) and the values counted ([`histogram`]).
//! Matrices are multiplied with the same bits everywhere ([`matrix_product`]), and so it is
//! weighed which data led to a state ([`likelihoods`], [`weighted_means`]), or which patches
//! to a picture ([`patch_means`]). [`elementwise`] are functions of all values of an array.
//! [`points`] are data to try it with, and [`timesteps`] says
//! which of many states are shown.
//!
//! The state `x` is a matrix with one column for each point. A picture of N pixels is 3 ×
//! N, its rows red, green and blue, its values in [-1, 1].

pub mod elementwise;
pub mod histogram;
pub mod likelihoods;
pub mod mathematics;
pub mod matrix_product;
pub mod moments;
pub mod noise;
pub mod patch_means;
pub mod picture;
pub mod points;
pub mod timesteps;
pub mod walk;
pub mod weighted_means;

pub use moments::Moments;
pub use noise::{Generator, generator, randn_like};
pub use picture::Picture;
pub use walk::Walk;
