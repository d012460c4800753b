//! Tests of latents.

mod autoencoder;
