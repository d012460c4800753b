//! Chapter K: a network that sees patches.
//!
//! The local denoiser of chapter G compares the patch around each pixel with all patches
//! of a photograph. A network of convolutions sees patches, too, and learns from the
//! photograph what to predict. These files say how, and are to be read in this order:
//!
//! 1. [`kernel`]: a convolution is one linear layer for the patch around each pixel.
//! 2. [`field_of_view`]: how far several of them see.
//! 3. [`modulation`]: how a layer is told the time.
//! 4. [`parameters`], [`activations`] and [`network`]: the pieces put together.
//! 5. [`border`] and [`crops`]: what a network is taught of the border of a picture, and
//!    which of chapter G's denoisers it is to be held to.
//! 6. [`linear_denoiser`]: the best that a single convolution can do.
//! 7. [`evaluation`]: how far denoisers are from a picture, and from each other.
//!
//! How it learns is chapter H's, unchanged. A state is a column of C H W values, channel by
//! channel, each row by row; n pictures are a matrix with n columns.
//!
//! ```
//! use diffusion_core::picture::channels_first;
//! use diffusion_core::{Picture, generator};
//! use nalgebra::DMatrix;
//! use part_f_the_way_back::{Denoiser, GaussianPath, PredictionType};
//! use part_h_learning_to_denoise::{Data, LearnedDenoiser, Training, TrainingConfig};
//! use part_k_convolutions::border::counterpart;
//! use part_k_convolutions::evaluation::errors;
//! use part_k_convolutions::{ConvolutionalNetwork, NetworkConfig, Padding};
//!
//! // A photograph of 8 × 8 pixels, dark above and bright below.
//! let x = DMatrix::from_fn(3, 64, |_, pixel| if pixel < 32 { -1.0 } else { 1.0 });
//! let photo = Picture { x, width: 8, height: 8 };
//! let padding = Padding::Circular;
//! let config = NetworkConfig { size: [8, 8], channels: 8, layers: 3, padding, steps: 20 };
//! let mut rng = generator(0);
//! let network = ConvolutionalNetwork::new(config, &mut rng);
//!
//! let kind = PredictionType::Velocity;
//! let training = TrainingConfig { kind, updates: 300, batch: 8, ..Default::default() };
//! let data = Data::unlabelled(channels_first(&photo.x));
//! let scheduler = part_e_schedules::cosine(20)?;
//! let mut training =
//!     Training::of_network(training, network, data.clone(), scheduler.clone(), rng)?;
//! let first = training.update()?;
//! let mut last = first;
//! while !training.is_done() {
//!     last = training.update()?;
//! }
//! assert!(last < first / 2.0);
//!
//! // It is held to the best that sees no more.
//! let network = LearnedDenoiser::unconditional(training.ema().clone(), kind);
//! let exact = counterpart(&config, &photo)?;
//! let all: [&dyn Denoiser; 2] = [&exact, &network];
//! let noisy = errors(&data.x, &all, &scheduler.levels()[15..], 4, |_| true)?;
//! for errors in noisy {
//!     assert!(errors.from_x0[0] <= errors.from_x0[1]);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod activations;
pub mod border;
pub mod crops;
pub mod evaluation;
pub mod field_of_view;
pub mod kernel;
pub mod linear_denoiser;
#[cfg(feature = "model-file")]
pub mod model_file;
pub mod modulation;
pub mod network;
pub mod parameters;
pub mod sampling;

pub use diffusion_kernels::convolution::Padding;
pub use linear_denoiser::LinearDenoiser;
pub use network::ConvolutionalNetwork;
pub use parameters::{NetworkConfig, Parameters};
