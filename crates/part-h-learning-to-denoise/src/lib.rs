//! Part H: learning to denoise.
//!
//! The exact denoiser of part F needs all data at hand, and knows nothing but them. A network
//! says nearly the same with numbers that it has to find by itself. These files say how, and are
//! to be read in this order:
//!
//! 1. [`data`] and [`loss`]: what is learned from, and what is to be learned.
//! 2. [`features`]: what the network sees of a state and a timestep.
//! 3. [`layers`]: what it is made of, each piece with its derivatives.
//! 4. [`parameters`] and [`network`]: the pieces put together.
//! 5. [`optimizer`]: how the derivatives change the parameters.
//! 6. [`training`]: all of that, again and again.
//! 7. [`learned_denoiser`] and [`guidance`]: the network takes the exact denoiser's place.
//! 8. [`evaluation`]: how good it is, and how good it could be.
//!
//! A state is a column, as in part F, and a batch is a matrix d × n. Whatever is computed depends
//! on the arguments alone: the bits are the same on any machine and any number of threads.

#[cfg(feature = "command")]
pub mod command_line;
pub mod data;
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
pub mod parameters;
pub mod training;

pub use data::Data;
pub use evaluation::HeldOut;
pub use learned_denoiser::LearnedDenoiser;
pub use loss::{Examples, Target};
pub use network::Network;
pub use parameters::{Parameters, Shape};
pub use training::{Settings, Training, TrainingError};
