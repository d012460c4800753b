//! Chapter O: on an engine.
//!
//! Chapter L's U-Net once more, on burn, which has the layers and knows all derivatives. To
//! be read in this order:
//!
//! 1. [`resnet_block`], [`attention`], [`resampling`], [`time_embedding`] and [`u_net`]:
//!    the forward pass, and nothing else.
//! 2. [`weights`]: from chapter L's network to the engine's, and back, bit for bit.
//! 3. [`training`]: chapter H's loop, on one device or on several; [`precision`]: with 16
//!    bits; [`optimizer`]: its Adam, which can go on after an interrupt.
//! 4. [`denoiser`]: for chapter I's samplers.
//! 5. [`device`]: what it runs on, another machine included; and [`duration`]: for how long.
//!
//! The engine is off by default. It comes with any of the features `flex`, which computes
//! on the processor, `wgpu`, `vulkan`, `metal`, `cuda` and `rocm`, and with `remote` and
//! `remote-server` for another machine.
#![cfg_attr(
    not(feature = "engine"),
    doc = "\n\nThis documentation is made without it.",
    allow(rustdoc::broken_intra_doc_links)
)]
#![recursion_limit = "256"]

#[cfg(feature = "engine")]
pub mod attention;
#[cfg(feature = "engine")]
pub mod denoiser;
#[cfg(feature = "engine")]
pub mod device;
pub mod duration;
#[cfg(feature = "engine")]
pub mod optimizer;
#[cfg(feature = "engine")]
pub mod precision;
#[cfg(feature = "engine")]
pub mod resampling;
#[cfg(feature = "engine")]
pub mod resnet_block;
#[cfg(feature = "engine")]
pub mod time_embedding;
#[cfg(feature = "engine")]
pub mod training;
#[cfg(feature = "engine")]
pub mod u_net;
#[cfg(feature = "engine")]
pub mod weights;

#[cfg(feature = "engine")]
pub use burn;
#[cfg(feature = "engine")]
pub use u_net::UNet;
