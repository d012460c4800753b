//! Chapter L: a U-Net.
//!
//! Its pieces, in the order in which they are understood best: [`group_norm`],
//! [`resnet_block`], [`time_embedding`], [`attention`] and [`resampling`]; what it is put
//! together from, [`config`] and [`parameters`]; all of it, forward and backward, [`u_net`];
//! and what it costs, [`cost`].

pub mod attention;
pub mod config;
pub mod cost;
pub mod group_norm;
pub mod judge;
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
pub mod u_net;

pub use config::{NormConfig, UNetConfig};
pub use parameters::Parameters;
pub use u_net::UNet;
