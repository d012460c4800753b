//! At which noise level the mean value of a picture is decided, and what comes of a
//! beginning that leaves that level out.

use diffusion_core::generator;
use nalgebra::{DMatrix, DVector};
use part_f_the_way_back::Denoiser;
use part_h_learning_to_denoise::LearnedDenoiser;
use part_i_samplers::{Levels, Sampling, Spacing};
use part_k_convolutions::sampling::ddim;
use xtask_figures::stored::u_net::{Row, STEPS};

use super::judged::samples;
use super::{DIGITS, Measured, TRAINING, asked_in_turn, levels_of, noise, stored};
use crate::convolutions;

/// How many pictures are compared.
const COMPARED: usize = 100;

/// How many steps they take.
const FINE: usize = 50;

/// Measures it.
pub fn measure(measured: &mut Measured) {
    let network = stored().network.clone();
    let digits = LearnedDenoiser::unconditional(network.clone(), TRAINING.kind);
    let levels = levels_of(Spacing::Trailing, FINE);
    let of_digits = decided(&digits, &levels, noise(COMPARED, 2), 1);
    measured.put("decided_t", of_digits.timesteps);
    measured.put("decided_mean", of_digits.mean);
    measured.put("decided_pixels", of_digits.pixels);
    let (photo, levels, noise_of_photos) = convolutions::sampling(COMPARED);
    let of_photos = decided(&photo, &levels, noise_of_photos, 3);
    measured.put("decided_photo_t", of_photos.timesteps);
    measured.put("decided_photo_mean", of_photos.mean);
    measured.put("decided_photo_pixels", of_photos.pixels);

    let trailing = samples();
    let leading = levels_of(Spacing::Leading { offset: 0 }, STEPS);
    let noise = noise(trailing.ncols(), 0);
    let denoiser = asked_in_turn(network);
    let leading = crate::measured::sampled(&ddim(&leading), &denoiser, noise);
    measured.put_row(Row::Leading, &leading);
    measured.put("light_of_trailing", light(trailing));
    measured.put("light_of_leading", light(&leading));
    measured.put("light_of_data", light(&DIGITS.held_out.x));
}

/// The mean of the pictures' mean values, their standard deviation, and the mean of the
/// standard deviations in a picture.
pub fn light(x: &DMatrix<f32>) -> [f64; 3] {
    let means: Vec<f64> = x.column_iter().map(|it| f64::from(it.mean())).collect();
    let inside = x.column_iter().map(|it| f64::from(it.variance().sqrt()));
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let of_means = mean(&means);
    let squares: Vec<f64> = means.iter().map(|it| (it - of_means).powi(2)).collect();
    [of_means, mean(&squares).sqrt(), mean(&inside.collect::<Vec<f64>>())]
}

/// By timestep, how much of what a picture will be is there in its prediction.
struct Decided {
    timesteps: Vec<f64>,
    /// Of the mean values of its channels.
    mean: Vec<f64>,
    /// Of its values.
    pixels: Vec<f64>,
}

/// Follows pictures of so many channels from their noise.
fn decided(
    denoiser: &impl Denoiser,
    levels: &Levels,
    noise: DMatrix<f32>,
    channels: usize,
) -> Decided {
    let config = ddim(levels);
    let mut under_way = Sampling::new(&config, noise).expect("there are levels");
    let (mut predictions, mut rng) = (Vec::new(), generator(0));
    while let Some(level) = under_way.level() {
        let prediction = denoiser.predict(under_way.x(), level);
        let prediction = prediction.expect("it takes these levels");
        let mut x0 = prediction.x0(under_way.x(), level);
        x0.apply(|value| *value = value.clamp(-1.0, 1.0));
        predictions.push((level.t, x0));
        under_way.step(denoiser, &mut rng).expect("it takes these levels");
    }
    let end = under_way.x().clone();
    let means = |x: &DMatrix<f32>| {
        let pixels = x.nrows() / channels;
        DMatrix::from_fn(channels, x.ncols(), |channel, column| {
            x.column(column).rows(channel * pixels, pixels).mean()
        })
    };
    let end_means = means(&end);
    Decided {
        timesteps: predictions.iter().map(|(t, _)| *t).collect(),
        mean: predictions
            .iter()
            .map(|(_, x)| correlation(&means(x), &end_means))
            .collect(),
        pixels: predictions.iter().map(|(_, x)| correlation(x, &end)).collect(),
    }
}

/// The correlation of what makes each picture differ from the mean of all.
pub fn correlation(one: &DMatrix<f32>, other: &DMatrix<f32>) -> f64 {
    let deviations = |x: &DMatrix<f32>| {
        let mean: DVector<f32> = x.column_mean();
        DMatrix::from_fn(x.nrows(), x.ncols(), |row, column| {
            f64::from(x[(row, column)] - mean[row])
        })
    };
    let (one, other) = (deviations(one), deviations(other));
    one.dot(&other) / (one.norm() * other.norm())
}
