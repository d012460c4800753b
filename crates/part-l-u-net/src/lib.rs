//! Chapter L: a U-Net.
//!
//! Its pieces, in the order in which they are understood best: [`group_norm`],
//! [`resnet_block`], [`time_embedding`], [`attention`] and [`resampling`]; what it is put
//! together from, [`config`], [`initial`] and [`parameters`]; all of it, forward and backward, [`u_net`];
//! and what it costs, [`cost`]. Whether what it makes is new: [`copies`].

pub mod attention;
#[cfg(feature = "command")]
pub mod command_line;
pub mod config;
pub mod copies;
pub mod cost;
pub mod group_norm;
pub mod initial;
pub mod judge;
mod label_embedding;
pub mod layer;
mod memory;
#[cfg(feature = "model-folder")]
pub mod model_folder;
pub mod nonlinearity;
pub mod parameters;
pub mod resampling;
pub mod resnet_block;
pub mod tensors;
pub mod time_embedding;
mod time_features;
pub mod u_net;

pub use config::{ClassEmbedding, NormConfig, TimeFeatures, UNetConfig};
pub use parameters::Parameters;
pub use u_net::UNet;
