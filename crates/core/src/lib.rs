//! The ground floor of *Into the Noise and Back*: what several parts compute and none of
//! them teaches. Nothing here knows of files or of a command line.
//!
//! A picture in memory is a matrix `x` ([`picture`]), noise is drawn in its shape
//! ([`noise`]), a [`trajectory`] makes each state from the one before, and of a state the
//! mean and standard deviation are measured ([`moments`]) and the values counted
//! ([`histogram`]). [`points`] are data to try it with, [`timesteps`] says which of many
//! states are shown, [`cancellation`] ends what takes long, and [`mathematics`] has the
//! functions whose bits would differ from one system to the next.
//!
//! The state `x` is a matrix with one column for each point. A picture of N pixels is 3 ×
//! N, its rows red, green and blue, its values in [-1, 1].

pub mod cancellation;
pub mod histogram;
pub mod mathematics;
pub mod moments;
pub mod noise;
pub mod picture;
pub mod points;
pub mod timesteps;
pub mod trajectory;

pub use moments::Moments;
pub use noise::{Generator, generator, randn_like};
pub use picture::Picture;
pub use trajectory::Trajectory;
