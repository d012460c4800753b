//! What zero padding tells of the border.

use std::slice;

use diffusion_core::picture::channels_first;
use nalgebra::DMatrix;
use part_h_learning_to_denoise::LearnedDenoiser;
use part_k_convolutions::border::counterpart;
use part_k_convolutions::evaluation::errors;
use part_k_convolutions::{ConvolutionalNetwork, NetworkConfig, Padding};
use xtask_figures::stored::convolutions::{Row, SIDE, photo};

use super::{
    CONFIG, Measured, TRAINING, as_denoiser, learned, levels, noise, sampled, stored,
};

/// How many pictures a mean picture is the mean of.
const PICTURES: usize = 400;

/// How many noisy copies denoisers are judged by at each level.
const COPIES: usize = 16;

/// Measures a network with zero padding beside the stored one, which wraps round.
pub fn measure(measured: &mut Measured) {
    let photo = photo();
    let config = NetworkConfig { padding: Padding::Zeros, ..CONFIG };
    let zeros = learned(config, TRAINING, slice::from_ref(&photo));
    let circular = as_denoiser(stored().clone());
    let samples = |network: &LearnedDenoiser<ConvolutionalNetwork>| {
        sampled(network, noise(CONFIG.size, PICTURES))
    };
    let (of_circular, of_zeros) = (samples(&circular), samples(&zeros));
    measured.put_row(Row::Zeros, &of_zeros);
    let means = [of_circular.column_mean(), of_zeros.column_mean()];
    measured.put("mean_circular", [spread(means[0].as_slice(), of_circular.as_slice())]);
    measured.put("mean_zeros", [spread(means[1].as_slice(), of_zeros.as_slice())]);
    measured.put_row(Row::Means, &DMatrix::from_columns(&means));

    // At the border, and inside.
    let exact_circular = counterpart(&CONFIG, &photo).expect("there are patches");
    let exact_zeros = counterpart(&config, &photo).expect("there are patches");
    let x0 = channels_first(&photo.x);
    for (name, is_border) in [("border", true), ("inside", false)] {
        let all: [&dyn part_f_the_way_back::Denoiser; 4] =
            [&exact_circular, &circular, &exact_zeros, &zeros];
        let counts = |row: usize| near_border(row % (SIDE * SIDE)) == is_border;
        let judged = errors(&x0, &all, &levels(10), COPIES, counts);
        let judged = judged.expect("they are denoisers of the photograph");
        for (i, of) in
            ["exact_circular", "circular", "exact_zeros", "zeros"].iter().enumerate()
        {
            let errors = judged.iter().map(|errors| errors.from_x0[i]);
            measured.put(&format!("{name}_{of}"), errors);
        }
    }
}

/// Whether the field of view of a pixel reaches beyond the border.
fn near_border(pixel: usize) -> bool {
    let inside = CONFIG.field_of_view() / 2..SIDE - CONFIG.field_of_view() / 2;
    !inside.contains(&(pixel / SIDE)) || !inside.contains(&(pixel % SIDE))
}

/// How much the mean picture differs from place to place, over how much pictures do: the
/// ratio of the variances over all places, colour by colour.
fn spread(mean: &[f32], samples: &[f32]) -> f64 {
    let pixels = SIDE * SIDE;
    let variance = |values: &[f32]| {
        let n = values.len() as f64;
        let mean = values.iter().map(|&value| f64::from(value)).sum::<f64>() / n;
        values.iter().map(|&value| (f64::from(value) - mean).powi(2)).sum::<f64>() / n
    };
    let of_mean: f64 = mean.chunks(pixels).map(variance).sum::<f64>() / 3.0;
    let planes = samples.chunks(pixels);
    let count = planes.len() as f64;
    of_mean / (planes.map(variance).sum::<f64>() / count)
}
