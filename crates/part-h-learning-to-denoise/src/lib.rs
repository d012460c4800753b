//! Part H: learning to denoise.
//!
//! The exact denoiser of part F needs all data at hand, and knows nothing but them. A network says
//! nearly the same in far fewer numbers, and it has to find them by itself. It takes eight steps,
//! each in a file of its own, to be read in this order:
//!
//! 1. [`loss`]: what is to be learned, from which examples.
//! 2. [`features`]: what the network sees of a state and a timestep.
//! 3. [`layers`]: what it is made of, each piece with its derivatives.
//! 4. [`network`]: the pieces put together.
//! 5. [`optimizer`]: how the derivatives change the weights.
//! 6. [`training`]: all of that, again and again.
//! 7. [`learned_denoiser`] and [`guidance`]: the network walks back.
//! 8. [`evaluation`]: how good it is, and how good it could be.
//!
//! A state is a column, as in part F, and a batch is a matrix d × n. Whatever is computed depends
//! on the arguments alone: the bits are the same on any machine and any number of threads.

pub mod evaluation;
pub mod features;
pub mod guidance;
pub mod layers;
pub mod learned_denoiser;
pub mod loss;
#[cfg(feature = "model-file")]
pub mod model_file;
pub mod network;
pub mod optimizer;
pub mod training;

pub use evaluation::HeldOut;
pub use learned_denoiser::LearnedDenoiser;
pub use loss::{Data, Examples, Target};
pub use network::{Network, Shape};
pub use training::{Settings, Training, TrainingError};
