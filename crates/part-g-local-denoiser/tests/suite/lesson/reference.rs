//! The values in `reference.csv`, which `reference.py` computed with PyTorch.

use diffusion_core::Picture;
use diffusion_core::picture::channels_first;
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_g_local_denoiser::Border;

use super::one_by_one::Patches;
use super::{denoiser, level, mean};

const WIDTH: usize = 11;
const HEIGHT: usize = 9;

fn values(value: impl Fn(usize) -> f64) -> DMatrix<f32> {
    DMatrix::from_iterator(
        3,
        WIDTH * HEIGHT,
        (0..3 * WIDTH * HEIGHT).map(|i| value(i) as f32),
    )
}

/// Holds posterior means against them, for all borders, three sizes of patches and four
/// noise levels.
pub fn check() {
    let x = values(|i| (i * i * 7 + i * 13) as f64 % 256.0 / 127.5 - 1.0);
    let photo = Picture { x, width: WIDTH as u32, height: HEIGHT as u32 };
    let noisy = values(|i| (i * i * 5 + i * 29) as f64 % 193.0 / 64.0 - 1.5);
    let scheduler = NoiseScheduler::from_betas(vec![0.01, 0.1, 0.3, 0.7]).unwrap();
    let mut lines = 0;
    for line in include_str!("reference.csv").lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let border = match cells[0] {
            "mirrored" => Border::Mirrored,
            "wrapped" => Border::Wrapped,
            _ => Border::Seen,
        };
        let [patch, t, pixel] = [1, 2, 3].map(|cell: usize| cells[cell].parse().unwrap());
        let denoiser = denoiser(&photo, [WIDTH, HEIGHT], patch, border);
        let at = level(&scheduler, t);
        let mean = mean(&denoiser, &noisy, at);
        let sample = channels_first(&noisy);
        let place = [pixel % WIDTH, pixel / WIDTH];
        let one = denoiser.posterior_mean_of_pixel(sample.as_slice(), at, place);
        let bound = Patches::of(&denoiser, [WIDTH, HEIGHT], &noisy, at, border)
            .mean_and_bound([pixel % WIDTH, pixel / WIDTH])
            .1;
        for (colour, cell) in cells[4..].iter().enumerate() {
            let reference: f64 = cell.parse().unwrap();
            let error = (f64::from(mean[(colour, pixel)]) - reference).abs();
            assert!(error < bound, "{line}: off by {error}, bound {bound}");
            // The photograph and the state are f32 here.
            assert!((one[colour] - reference).abs() < bound, "{line}: {}", one[colour]);
        }
        lines += 1;
    }
    assert_eq!(lines, 3 * 3 * 4 * 15);
}
