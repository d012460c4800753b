//! How far denoisers are from a picture, and from each other.

use diffusion_core::{Picture, generator, randn_like};
use nalgebra::DMatrix;
use part_f_the_way_back::{Denoiser, DenoiserError, NoiseLevel};

/// The seed of the noise that denoisers are judged by, which is none of a run's.
const SEED: u64 = u64::MAX - 1;

/// What some denoisers predict of the same noisy pictures at one noise level: mean
/// squared differences, over all values that count.
#[derive(Clone, Debug, PartialEq)]
pub struct Errors {
    /// The noise level.
    pub level: NoiseLevel,
    /// Between each denoiser's prediction of `x0` and `x0` itself.
    pub from_x0: Vec<f64>,
    /// Between each denoiser's prediction and that of the first one.
    pub from_first: Vec<f64>,
}

/// The errors of denoisers at some noise levels, from `n` noisy copies of the pictures
/// `x0`, d × m, at each. A value counts if `counts` says so of its row.
///
/// # Errors
///
/// If one of them isn't a denoiser of such pictures.
pub fn errors(
    x0: &DMatrix<f32>,
    denoisers: &[&dyn Denoiser],
    levels: &[NoiseLevel],
    n: usize,
    counts: impl Fn(usize) -> bool,
) -> Result<Vec<Errors>, DenoiserError> {
    let rng = &mut generator(SEED);
    let clean = DMatrix::from_fn(x0.nrows(), n * x0.ncols(), |row, column| {
        x0[(row, column % x0.ncols())]
    });
    let mean_square = |one: &DMatrix<f32>, other: &DMatrix<f32>| {
        let differences = one.iter().zip(other).enumerate();
        let squares: Vec<f64> = differences
            .filter(|(place, _)| counts(place % clean.nrows()))
            .map(|(_, (one, other))| f64::from(one - other))
            .map(|difference| difference * difference)
            .collect();
        squares.iter().sum::<f64>() / squares.len() as f64
    };
    let at = |&level: &NoiseLevel| {
        let noise = randn_like(&clean, rng);
        let x = level.a as f32 * &clean + level.b as f32 * noise;
        let predictions: Vec<DMatrix<f32>> = denoisers
            .iter()
            .map(|denoiser| Ok(denoiser.predict(&x, level)?.x0(&x, level)))
            .collect::<Result<_, DenoiserError>>()?;
        let from = |other: &DMatrix<f32>| {
            predictions.iter().map(|prediction| mean_square(prediction, other)).collect()
        };
        Ok(Errors { level, from_x0: from(&clean), from_first: from(&predictions[0]) })
    };
    levels.iter().map(at).collect()
}

/// The correlation of two pictures, 3 N values each, as deviations from `mean`, a value
/// for each colour: 1 if they deviate alike, 0 if they have nothing to do with each
/// other.
pub fn correlation(one: &[f32], other: &[f32], mean: [f64; 3]) -> f64 {
    let pixels = one.len() / 3;
    let deviation =
        |(place, &value): (usize, &f32)| f64::from(value) - mean[place / pixels];
    let of = |picture: &[f32]| -> Vec<f64> {
        let deviations: Vec<f64> = picture.iter().enumerate().map(deviation).collect();
        let mean = deviations.iter().sum::<f64>() / deviations.len() as f64;
        deviations.into_iter().map(|deviation| deviation - mean).collect()
    };
    let (one, other) = (of(one), of(other));
    let product = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
    product(&one, &other) / (product(&one, &one) * product(&other, &other)).sqrt()
}

/// The [`correlation`] of each picture with the one beside it, both 3 N × n, as
/// deviations from a photograph's mean colour.
pub fn correlations(
    one: &DMatrix<f32>,
    other: &DMatrix<f32>,
    photo: &Picture,
) -> Vec<f64> {
    let mean = [0, 1, 2].map(|colour| {
        let values = photo.x.row(colour);
        values.iter().map(|&value| f64::from(value)).sum::<f64>() / values.len() as f64
    });
    let pairs = one.column_iter().zip(other.column_iter());
    pairs
        .map(|(one, other)| correlation(one.as_slice(), other.as_slice(), mean))
        .collect()
}
