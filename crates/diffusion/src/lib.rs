//! Diffusion models in Rust: the lessons of *Into the Noise and Back* as one crate.
//!
//! A forward process turns data into noise, along the levels that a schedule has. A
//! denoiser predicts what is in a noisy state. A sampler goes from noise to data, by
//! evaluating a denoiser at one noise level after the other. Each of the three is one
//! thing here, and any can be put together with any:
//!
//! ```
//! use diffusion::{DpmSolver, ExactDenoiser, Levels, SamplingConfig, X0Clipping};
//! use diffusion::{generator, points, randn_like, schedules};
//!
//! let data = points::spiral(1000, &mut generator(0));
//! let denoiser = ExactDenoiser::new(&data)?;
//! let levels = Levels::karras(&schedules::cosine(1000)?, [80.0, 0.02], 20)?;
//! let clipping = X0Clipping::None;
//! let config = SamplingConfig { sampler: &DpmSolver, levels: &levels, clipping };
//! let noise = randn_like(&data, &mut generator(1));
//! let samples = config.sample(&denoiser, noise, &mut generator(2))?;
//! assert!(samples.amax() < 1.1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! States are matrices d × n, a column for each sample. A picture is a column of 3 N
//! values, all of red, then green, then blue, each row by row; several are a tensor NCHW
//! in memory.
//!
//! | what | where |
//! |---|---|
//! | schedules, as papers and as a model's `scheduler_config.json` have them | [`schedules`], [`NoiseScheduler`], [`SchedulerConfig`] |
//! | the sigmas of flow models | [`flow_sigmas`], [`FlowConfig`] |
//! | where a denoiser is evaluated, and what it predicts | [`NoiseLevel`], [`Denoiser`], [`Prediction`], [`PredictionType`] |
//! | the exact denoiser of all data, that of the patches of a photograph, and networks | [`ExactDenoiser`], [`LocalDenoiser`], [`LearnedDenoiser`] |
//! | a U-Net, from a folder that diffusers opens | [`u_net`] |
//! | training a network, and judging it by the optimal loss | [`Training`], [`EvaluationSet`] |
//! | at which levels to evaluate it | [`Spacing`], [`Levels`] |
//! | inpainting, deblurring and other orders, and guidance | [`to_order`] |
//! | samplers, and sampling with them | [`Sampler`], [`SamplingConfig`], [`Sampling`] |
//!
//! Your own denoiser takes one function:
//!
//! ```
//! use diffusion::{Ddim, Denoiser, DenoiserError, Levels, NoiseLevel, Prediction};
//! use diffusion::{PredictionType, SamplingConfig, Spacing, X0Clipping};
//! use diffusion::{generator, randn_like, schedules};
//! use nalgebra::DMatrix;
//!
//! /// Of data that are standard normal, `x0` is expected to be `a x / (a² + b²)`.
//! struct Normal;
//!
//! impl Denoiser for Normal {
//!     fn predict(
//!         &self,
//!         x: &DMatrix<f32>,
//!         NoiseLevel { a, b, .. }: NoiseLevel,
//!     ) -> Result<Prediction, DenoiserError> {
//!         let values = (a / (a * a + b * b)) as f32 * x;
//!         Ok(Prediction { kind: PredictionType::X0, values })
//!     }
//! }
//!
//! let scheduler = schedules::linear(1000)?;
//! let timesteps = Spacing::Trailing.timesteps(50, scheduler.steps())?;
//! let levels = Levels::of_timesteps(&scheduler, &timesteps)?;
//! let (sampler, clipping) = (&Ddim { eta: 0.0 }, X0Clipping::None);
//! let config = SamplingConfig { sampler, levels: &levels, clipping };
//! let noise = randn_like(&DMatrix::zeros(1, 10), &mut generator(0));
//! let samples = config.sample(&Normal, noise.clone(), &mut generator(1))?;
//! // Noise of such data is one of them already.
//! assert!((samples - &noise).amax() < 0.05 * noise.amax());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

/// The published schedules, each as a scheduler of so many steps; and what makes one of
/// betas.
pub mod schedules {
    pub use part_c_schedule_for_beta::{ScheduleError, linear_schedule};
    pub use part_e_schedules::{
        cosine, cosine_schedule, linear, scaled_linear, scaled_linear_schedule, sigmoid,
        sigmoid_schedule, zero_terminal_snr,
    };
}

pub use diffusion_core::{
    Generator, Moments, Picture, generator, picture, points, randn_like,
};
pub use part_c_schedule_for_beta::TimestepError;
pub use part_d_alpha_bar_trick::NoiseScheduler;
pub use part_e_schedules::config::{
    ConfigError, FlowConfig, FlowScheduler, FlowShift, ModelConfig, SchedulerConfig,
    TimeShift,
};
pub use part_e_schedules::flow_sigmas;
pub use part_e_schedules::{log_snr, sigma, signal_to_noise_ratio};
pub use part_f_the_way_back::{
    DataError, DdpmSampler, Denoiser, DenoiserError, ExactDenoiser, FlowPath,
    GaussianPath, NoiseLevel, Posterior, Prediction, PredictionType, Variance,
};
pub use part_g_local_denoiser::{Border, LocalDenoiser, PatchSize};
pub use part_h_learning_to_denoise::loss::LevelDistribution;
pub use part_h_learning_to_denoise::model_file::{Model, ModelError, ModelPath};
pub use part_h_learning_to_denoise::{
    Data, EvaluationSet, LearnedDenoiser, LearnedDenoiserError, Network, NetworkConfig,
    ParameterSet, TrainableNetwork, Training, TrainingConfig, TrainingError,
};
pub use part_i_samplers::levels::sigma_range;
pub use part_i_samplers::sampler_list::*;
pub use part_i_samplers::{
    Levels, Sampler, Sampling, SamplingConfig, SamplingError, Spacing, Step,
    StepCoefficients, X0Clipping,
};
pub use part_j_flow_matching::levels::{flow_levels, shifted_levels};
pub use part_j_flow_matching::{
    Coupling, OnFlowPath, Pairs, Renoise, Times, Trajectories,
};

/// Networks of convolutions, and what they are held to.
pub mod convolutions {
    pub use part_k_convolutions::border::counterpart;
    pub use part_k_convolutions::{
        ConvolutionalNetwork, LinearDenoiser, NetworkConfig, Padding,
    };
}

/// The U-Net, which is diffusers' `UNet2DModel`, and its folders.
pub mod u_net {
    pub use part_l_u_net::model_folder::{FolderConfig, FolderError, ModelFolder};
    pub use part_l_u_net::{NormConfig, UNet, UNetConfig};
}

/// Samples that fit what was seen, and guidance.
pub mod to_order {
    pub use part_n_to_order::inversion::inverted;
    pub use part_n_to_order::sdedit::{begun, levels_of_strength};
    pub use part_n_to_order::{
        ConditionalDenoiser, Ddrm, Differentiable, DifferentiableNetwork,
        DifferentiablePatches, Dps, Guided, METHODS, Measurement, Method, NamedMethod,
        Observation, Order, OrderError, PiGdm, Plain, RePaint, Replacement, SmoothedData,
        WithoutJacobian,
    };
}
