//! Does the lesson do what its formulas say?
#![allow(clippy::disallowed_methods, reason = "no run depends on it")]

mod attention;
mod copies;
mod cost;
pub mod diffusers;
mod folder;
mod gradients;
mod judge;
mod mutations;
mod names;
mod published;
mod reference;
mod training;

use diffusion_core::{Generator, randn_like};
use nalgebra::DMatrix;
use part_l_u_net::{ClassEmbedding, NormConfig, TimeFeatures, UNetConfig};

fn normal(rows: usize, columns: usize, rng: &mut Generator) -> DMatrix<f32> {
    randn_like(&DMatrix::zeros(rows, columns), rng)
}

/// A config of these widths, with attention where there is an A on the way down and up, and
/// with blocks to the next size where there is an R. All else is as it is in diffusers if nothing is said.
fn config(widths: &[usize], [down, up]: [&str; 2]) -> UNetConfig {
    let has =
        |which| [down, up].map(|types| types.chars().map(|it| it == which).collect());
    UNetConfig {
        size: [8, 8],
        channels: [3, 3],
        widths: widths.to_vec(),
        attention: has('A'),
        block_resampling: has('R'),
        middle: true,
        attention_in_the_middle: true,
        middle_groups: Some(4),
        head_size: Some(8),
        blocks: 1,
        norm: NormConfig { groups: 4, epsilon: 1e-5, scale_shift: false },
        middle_divisor: 1.0,
        pads_all_round: true,
        skips: true,
        time_features: TimeFeatures::Positional,
        cosines_first: true,
        frequency_shift: 0.0,
        time_values: None,
        centers: false,
        class_embedding: ClassEmbedding::Learned,
        classes: 0,
        steps: 1000,
    }
}

/// As the networks of the DDPM paper were published.
fn as_published(config: UNetConfig) -> UNetConfig {
    UNetConfig {
        head_size: None,
        norm: NormConfig { epsilon: 1e-6, ..config.norm },
        blocks: 2,
        pads_all_round: false,
        skips: true,
        cosines_first: false,
        frequency_shift: 1.0,
        ..config
    }
}
