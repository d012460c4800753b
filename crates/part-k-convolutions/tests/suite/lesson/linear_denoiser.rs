//! Is the linear denoiser the best one, and no better than it can be?

use diffusion_core::picture::channels_first;
use diffusion_core::{Picture, generator};
use nalgebra::{DMatrix, DVector};
use part_f_the_way_back::{
    Denoiser, DenoiserError, NoiseLevel, Prediction, PredictionType,
};
use part_k_convolutions::border::counterpart;
use part_k_convolutions::evaluation::errors;
use part_k_convolutions::linear_denoiser::LinearDenoiserError;
use part_k_convolutions::{LinearDenoiser, NetworkConfig, Padding};

use super::in_f64::in_f64;
use super::{config, level, normal, photo};

/// The patches that a network has seen of a photograph, channel by channel, and the values
/// in their middle.
fn patches(config: &NetworkConfig, photo: &Picture) -> Vec<(DVector<f64>, [f64; 3])> {
    let (rows, columns) = (photo.height as usize, photo.width as usize);
    let reach = config.layers;
    let side = 2 * reach + 1;
    let margin = if config.padding == Padding::None { reach } else { 0 };
    let mut patches = Vec::new();
    for row in margin..rows - margin {
        for column in margin..columns - margin {
            let value = |colour: usize, down: usize, right: usize| {
                let row = (row + rows * reach + down - reach) % rows;
                let column = (column + columns * reach + right - reach) % columns;
                f64::from(photo.x[(colour, row * columns + column)])
            };
            let patch = DVector::from_fn(3 * side * side, |place, _| {
                value(place / (side * side), place / side % side, place % side)
            });
            patches.push((patch, [0, 1, 2].map(|colour| value(colour, reach, reach))));
        }
    }
    patches
}

/// The expected squared error of a kernel for one colour, over all patches and all noise:
/// that of a noise of variance 1 is the square of the weights.
fn expected_error(
    patches: &[(DVector<f64>, [f64; 3])],
    colour: usize,
    weights: &DVector<f64>,
    bias: f64,
    at: NoiseLevel,
) -> f64 {
    let square = |(patch, middles): &(DVector<f64>, [f64; 3])| {
        (at.a * weights.dot(patch) + bias - middles[colour]).powi(2)
    };
    let of_patches = patches.iter().map(square).sum::<f64>() / patches.len() as f64;
    of_patches + at.b * at.b * weights.norm_squared()
}

/// The kernel solves the normal equations of all noisy patches and a constant 1, and with
/// any other weights the error is larger.
#[test]
fn the_kernel_is_the_one_of_least_squares() {
    for (padding, layers, size) in [
        (Padding::Circular, 2, [12, 9]),
        (Padding::None, 2, [13, 11]),
        (Padding::Circular, 1, [5, 5]),
    ] {
        let (config, photo) = (config(padding, layers, [8, 8]), photo(size));
        let patches = patches(&config, &photo);
        let values = patches[0].0.len();
        let denoiser = LinearDenoiser::new(&config, &photo).unwrap();
        for t in [1, 5, 9] {
            let at = level(t);
            let kernel = denoiser.kernel(at);
            assert_eq!(kernel.weights.shape(), (values, 3));
            let mut squares = DMatrix::zeros(values + 1, values + 1);
            let mut products = DMatrix::zeros(values + 1, 3);
            for (patch, middles) in &patches {
                let mut inputs = (at.a * patch).push(1.0);
                products += &inputs * DMatrix::from_row_slice(1, 3, middles);
                squares += &inputs * inputs.transpose();
                inputs.fill(0.0);
            }
            squares /= patches.len() as f64;
            products /= patches.len() as f64;
            (0..values).for_each(|i| squares[(i, i)] += at.b * at.b);
            let solved = squares.lu().solve(&products).unwrap();
            for colour in 0..3 {
                let ours = in_f64(kernel.weights.column(colour).as_slice());
                let ours = DVector::from_vec(ours);
                let bias = f64::from(kernel.bias[colour]);
                let column = solved.column(colour);
                let off = (&ours - column.rows(0, values)).norm() / ours.norm();
                assert!(off < 1e-5, "{padding:?}, t = {t}: {off:e}");
                assert!((bias - column[values]).abs() < 1e-5);
                let least = expected_error(&patches, colour, &ours, bias, at);
                let rng = &mut generator(t as u64);
                for size in [1e-3, 1e-2, 0.1] {
                    let by = normal(values, 1, rng).column(0).map(f64::from);
                    let weights = &ours + size * by;
                    let worse = expected_error(&patches, colour, &weights, bias, at);
                    assert!(worse > least, "{padding:?}, t = {t}: {worse} and {least}");
                    for bias in [bias - size, bias + size] {
                        assert!(
                            expected_error(&patches, colour, &ours, bias, at) > least
                        );
                    }
                }
            }
        }
    }
}

/// What it predicts are the weighted sums of its kernel, all round the tile.
#[test]
fn it_predicts_with_its_kernel() {
    let (config, photo) = (config(Padding::Circular, 2, [6, 7]), photo([12, 9]));
    let denoiser = LinearDenoiser::new(&config, &photo).unwrap();
    let (at, x) = (level(6), normal(3 * 42, 2, &mut generator(3)));
    let prediction = denoiser.predict(&x, at).unwrap();
    assert_eq!(prediction.kind, PredictionType::X0);
    let kernel = denoiser.kernel(at);
    for picture in 0..2 {
        let noisy =
            DMatrix::from_fn(3, 42, |colour, pixel| x[(colour * 42 + pixel, picture)]);
        let noisy = Picture { x: noisy, width: 7, height: 6 };
        for (pixel, (patch, _)) in patches(&config, &noisy).iter().enumerate() {
            for colour in 0..3 {
                let weights = kernel.weights.column(colour).map(f64::from);
                let expected = weights.dot(patch) + f64::from(kernel.bias[colour]);
                let ours = f64::from(prediction.values[(colour * 42 + pixel, picture)]);
                assert!((ours - expected).abs() < 1e-5, "{ours}, not {expected}");
            }
        }
    }
    let error = denoiser.predict(&normal(9, 1, &mut generator(1)), at).unwrap_err();
    assert!(matches!(error, DenoiserError::Shape { found: 9, expected: 126 }));
}

/// A denoiser that says the same of every pixel.
struct Mean([f32; 3]);

impl Denoiser for Mean {
    fn predict(
        &self,
        x: &DMatrix<f32>,
        _: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        let pixels = x.nrows() / 3;
        let values =
            DMatrix::from_fn(x.nrows(), x.ncols(), |row, _| self.0[row / pixels]);
        Ok(Prediction { kind: PredictionType::X0, values })
    }
}

/// The local denoiser of the same patches is the best there is, and a constant the worst
/// that the linear one could have been. What it should be off by is known exactly.
#[test]
fn its_error_is_between_that_of_the_local_denoiser_and_that_of_the_mean() {
    let size = [16, 16];
    let photo = photo(size);
    let x0 = channels_first(&photo.x);
    for (padding, layers) in [(Padding::Circular, 2), (Padding::None, 3)] {
        let config = config(padding, layers, size);
        let linear = LinearDenoiser::new(&config, &photo).unwrap();
        let local = counterpart(&config, &photo).unwrap();
        let inside = |place: usize| match padding {
            Padding::None => (layers..16 - layers).contains(&place),
            _ => true,
        };
        let counts = |row: usize| inside(row / 16 % 16) && inside(row % 16);
        let patches = patches(&config, &photo);
        let mean = [0, 1, 2].map(|colour| {
            let sum: f64 = patches.iter().map(|(_, middles)| middles[colour]).sum();
            (sum / patches.len() as f64) as f32
        });
        let levels = [2, 5, 7, 9].map(level);
        let denoisers: [&dyn Denoiser; 3] = [&local, &linear, &Mean(mean)];
        for errors in errors(&x0, &denoisers, &levels, 60, counts).unwrap() {
            let [local, linear_error, mean] = errors.from_x0[..] else { panic!() };
            let t = errors.level.t;
            // With t = 9 there is hardly more to see than noise.
            let slack = if t == 9.0 { 1.01 } else { 1.0 };
            assert!(local < slack * linear_error, "t = {t}: {local}, {linear_error}");
            assert!(linear_error < slack * mean, "t = {t}: {linear_error}, {mean}");
            let kernel = linear.kernel(errors.level);
            let of = |colour: usize| {
                let weights = kernel.weights.column(colour).map(f64::from);
                let bias = kernel.bias[colour].into();
                expected_error(&patches, colour, &weights, bias, errors.level)
            };
            let expected = (of(0) + of(1) + of(2)) / 3.0;
            let off = linear_error / expected - 1.0;
            assert!(off.abs() < 0.05, "t = {t}: {linear_error}, not {expected}");
        }
    }
}

/// Without noise, a pixel is what it is, also if there are fewer patches than values of
/// one, or all patches are the same.
#[test]
fn without_noise_it_changes_nothing() {
    let of_one_colour =
        Picture { x: DMatrix::from_element(3, 64, 0.25), width: 8, height: 8 };
    for (photo, layers) in [
        (photo([30, 32]), 2),
        (photo([30, 32]), 3),
        (photo([8, 8]), 2),
        (photo([8, 8]), 3),
        (photo([3, 3]), 2),
        (of_one_colour, 2),
    ] {
        let config = config(Padding::Circular, layers, [8, 8]);
        let denoiser = LinearDenoiser::new(&config, &photo).unwrap();
        let clean = match photo.width == 8 {
            true => channels_first(&photo.x),
            false => normal(3 * 64, 1, &mut generator(1)),
        };
        let nearly = NoiseLevel { t: 0.0, a: 1.0 - 1e-12, b: 1e-6 };
        for at in [NoiseLevel::CLEAN, NoiseLevel { a: 0.5, ..NoiseLevel::CLEAN }, nearly]
        {
            let x = at.a as f32 * &clean;
            let predicted = denoiser.predict(&x, at).unwrap().x0(&x, at);
            if at == nearly && photo.width != 8 {
                continue; // Another picture than the one it knows.
            }
            // One of its weights is 1 over the scale, and there is no large one beside it.
            assert!(denoiser.kernel(at).weights.amax() < 2.001);
            let off = (predicted - &clean).amax();
            assert!(
                off < 1e-4,
                "{} x {}, {layers} layers, {at:?}: {off}",
                photo.height,
                photo.width
            );
        }
    }
}

#[test]
fn with_noise_alone_it_is_the_mean() {
    let (config, photo) = (config(Padding::Circular, 3, [8, 8]), photo([8, 10]));
    let denoiser = LinearDenoiser::new(&config, &photo).unwrap();
    let only_noise = NoiseLevel { t: 10.0, a: 0.0, b: 1.0 };
    let noise = normal(3 * 64, 1, &mut generator(1));
    let values = denoiser.predict(&noise, only_noise).unwrap().values;
    for colour in 0..3 {
        let mean = photo.x.row(colour).mean();
        let plane = values.rows(colour * 64, 64);
        assert!(plane.iter().all(|value| (value - mean).abs() < 1e-6));
    }
}

#[test]
fn what_has_no_single_best_kernel_is_refused() {
    for size in [[8, 6], [6, 8]] {
        let photo = photo(size);
        let refused = |padding, layers| {
            LinearDenoiser::new(&config(padding, layers, [8, 8]), &photo).map(|_| ())
        };
        assert_eq!(refused(Padding::Zeros, 2), Err(LinearDenoiserError::Border));
        assert_eq!(refused(Padding::ZerosAfter, 2), Err(LinearDenoiserError::Border));
        assert_eq!(refused(Padding::None, 2), Ok(()));
        assert_eq!(refused(Padding::None, 3), Err(LinearDenoiserError::NoPatch(7)));
        assert_eq!(refused(Padding::None, 5), Err(LinearDenoiserError::NoPatch(11)));
        // A tile has no border, however small it is.
        assert_eq!(refused(Padding::Circular, 5), Ok(()));
    }
}
