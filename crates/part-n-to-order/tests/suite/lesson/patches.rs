//! The derivative of chapter G's denoiser against differences, of its own formula in 64
//! bits.

use diffusion_core::Picture;
use diffusion_core::generator;
use diffusion_core::picture::channels_first;
use nalgebra::DMatrix;
use part_f_the_way_back::{Denoiser, NoiseLevel};
use part_g_local_denoiser::{Border, LocalDenoiser, PatchSize};
use part_n_to_order::{Differentiable, DifferentiablePatches};

use super::{level, normal};

const SIZE: [usize; 2] = [6, 5];
const VALUES: usize = 3 * 6 * 5;

fn photo() -> Picture {
    let x = normal(3, 9 * 8, &mut generator(0)).map(|value| value.clamp(-1.0, 1.0));
    Picture { x, width: 9, height: 8 }
}

/// Patches that reach far beyond the border, patches that don't, and such that only a few
/// of the photograph's are likely at all.
const CASES: [(PatchSize, f64); 4] = [
    (PatchSize::Fixed(3), 0.8),
    (PatchSize::Fixed(7), 0.95),
    (PatchSize::Shrinking { side: 8 }, 0.6),
    (PatchSize::Fixed(3), 0.1),
];

/// What is predicted of all pixels, times `factors`, by equations G.2 and G.3.
fn sum(local: &LocalDenoiser, x: &[f32], at: NoiseLevel, factors: &DMatrix<f32>) -> f64 {
    let mut sum = 0.0;
    for pixel in 0..SIZE[0] * SIZE[1] {
        let place = [pixel % SIZE[0], pixel / SIZE[0]];
        let mean = local.posterior_mean_of_pixel(x, at, place);
        for (colour, mean) in mean.into_iter().enumerate() {
            sum += mean * f64::from(factors[colour * SIZE[0] * SIZE[1] + pixel]);
        }
    }
    sum
}

#[test]
fn derivatives_are_the_limit_of_differences() {
    for (patch, b) in CASES {
        let at = level(b);
        let local = LocalDenoiser::new(photo(), SIZE, patch, Border::Mirrored).unwrap();
        let denoiser = DifferentiablePatches::new(photo(), SIZE, patch).unwrap();
        let of_photo = Picture { x: photo().x.columns(0, 30).into_owned(), ..photo() };
        let x = at.a as f32 * channels_first(&of_photo.x)
            + b as f32 * normal(VALUES, 1, &mut generator(1));
        let factors = normal(VALUES, 1, &mut generator(2));
        let [x0, ours] = denoiser.backward(&x, at, &|_| factors.clone()).unwrap();
        assert_eq!(x0, local.predict(&x, at).unwrap().values);
        let largest = f64::from(ours.amax());
        for value in 0..VALUES {
            let moved = |step: f32| {
                let mut x = x.as_slice().to_vec();
                x[value] += step;
                (f64::from(x[value]), sum(&local, &x, at, &factors))
            };
            let h = (b / 10_000.0) as f32;
            let [(above, more), (below, less)] = [h, -h].map(moved);
            let expected = (more - less) / (above - below);
            let miss = (f64::from(ours[value]) - expected).abs();
            assert!(
                miss < 1e-4 * largest,
                "{patch:?}, {b}, {value}: {} of {largest}, not {expected}",
                ours[value]
            );
        }
    }
}

/// Of several pictures, each has the derivative that it has alone, and no derivative
/// depends on how many threads there are.
#[test]
fn each_picture_for_itself() {
    let (patch, b) = CASES[0];
    let denoiser = DifferentiablePatches::new(photo(), SIZE, patch).unwrap();
    let x = normal(VALUES, 3, &mut generator(1));
    let run = |x: &DMatrix<f32>, threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| denoiser.backward(x, level(b), &DMatrix::clone).unwrap())
    };
    let all = run(&x, 3);
    for picture in 0..3 {
        let alone = run(&x.columns(picture, 1).into_owned(), 1);
        let among = all.each_ref().map(|it| it.columns(picture, 1).into_owned());
        assert_eq!(alone, among);
    }
    assert!(
        denoiser
            .backward(&normal(4, 1, &mut generator(0)), level(b), &|x| x.clone())
            .is_err()
    );
}
