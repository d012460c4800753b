//! Chapter H: learning to denoise.
//!
//! The exact denoiser of chapter F needs all data at hand, and knows nothing but them.
//! A network says nearly the same with numbers that it has to find by itself. These
//! files say how, and are to be read in this order:
//!
//! 1. [`data`] and [`loss`]: what is learned from, and what is to be learned.
//! 2. [`features`]: what the network sees of a state and a timestep.
//! 3. [`layers`]: what it is made of, each piece with its derivatives.
//! 4. [`parameters`] and [`network`]: the pieces put together.
//! 5. [`optimizer`]: how the derivatives change the parameters.
//! 6. [`trainable`] and [`training`]: all of that, again and again.
//! 7. [`learned_denoiser`] and [`guidance`]: the network takes the exact denoiser's
//!    place.
//! 8. [`evaluation`]: how good it is, and how good it could be.
//!
//! A state is a column, as in chapter F, and a batch is a matrix d × n. Whatever is
//! computed depends on the arguments alone: the bits are the same on any machine and
//! any number of threads.
//!
//! ```
//! use diffusion_core::{generator, points, randn_like};
//! use nalgebra::DMatrix;
//! use part_f_the_way_back::{DdpmSampler, PredictionType, Variance};
//! use part_h_learning_to_denoise::{
//!     Data, LearnedDenoiser, NetworkConfig, Training, TrainingConfig,
//! };
//!
//! let scheduler = part_e_schedules::cosine(50)?;
//! let data = Data::unlabelled(points::moons(500, &mut generator(0)));
//! let network = NetworkConfig {
//!     values: 2,
//!     fourier_features: true,
//!     steps: 50,
//!     labels: 0,
//!     hidden: 32,
//!     residual_layers: 2,
//! };
//! let config = TrainingConfig { updates: 100, batch: 64, ..TrainingConfig::default() };
//! let mut training = Training::new(config, network, data, scheduler.clone(), 0)?;
//! let first = training.update()?;
//! let mut last = first;
//! while !training.is_done() {
//!     last = training.update()?;
//! }
//! assert!(last < first / 2.0);
//!
//! let network = training.ema().clone();
//! let denoiser = LearnedDenoiser::unconditional(network, PredictionType::Noise);
//! let sampler = DdpmSampler { scheduler, variance: Variance::BetaTilde, clip: true };
//! let mut rng = generator(1);
//! let noise = randn_like(&DMatrix::zeros(2, 100), &mut rng);
//! let samples = sampler.sample(&denoiser, noise, &mut rng)?;
//! assert_eq!(samples.shape(), (2, 100));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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
pub mod trainable;
pub mod training;

pub use data::Data;
pub use evaluation::EvaluationSet;
pub use learned_denoiser::{LearnedDenoiser, LearnedDenoiserError};
pub use loss::Examples;
pub use network::Network;
pub use parameters::{NetworkConfig, Parameters};
pub use trainable::{ParameterSet, TrainableNetwork};
pub use training::{Training, TrainingConfig, TrainingError, Unfinished};
