//! Is the noise standard normal, and the same for the same seed?
#![allow(clippy::disallowed_methods, reason = "the statistics are the test's own")]

use diffusion_core::noise::VALUES_PER_STREAM;
use diffusion_core::{generator, randn_like};
use diffusion_testing::statistics::{correlation, distance_from_normal};
use nalgebra::DMatrix;
use proptest::prelude::*;
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

/// Noise for a picture of 512 × 512 pixels.
fn noise(seed: u64) -> DMatrix<f32> {
    randn_like(&DMatrix::zeros(3, 512 * 512), &mut generator(seed))
}

#[test]
fn mean_and_variance_are_those_of_a_standard_normal() {
    for seed in 0..4 {
        let noise = noise(seed);
        let n = noise.len() as f64;
        let mean = noise.iter().map(|&z| f64::from(z)).sum::<f64>() / n;
        let variance =
            noise.iter().map(|&z| (f64::from(z) - mean).powi(2)).sum::<f64>() / n;
        // Four standard errors: of the mean 1 / sqrt(n), of the variance sqrt(2 / n).
        assert!(mean.abs() < 4.0 / n.sqrt(), "seed {seed}: mean {mean}");
        assert!(
            (variance - 1.0).abs() < 4.0 * (2.0 / n).sqrt(),
            "seed {seed}: {variance}"
        );
    }
}

#[test]
fn distribution_is_normal() {
    for seed in 0..4 {
        let noise = noise(seed);
        let distance = distance_from_normal(noise.as_slice());
        let bound = 1.95 / (noise.len() as f64).sqrt();
        assert!(distance < bound, "seed {seed}: {distance} of at most {bound}");
    }
}

#[test]
fn values_are_not_correlated() {
    for seed in 0..4 {
        let noise = noise(seed);
        let values = noise.as_slice();
        // The next value, the same channel of the next pixel, the pixel below, and the
        // same place in the next stream.
        for distance in [1, 3, 3 * 512, 1 << 14] {
            let pairs = values.iter().copied().zip(values[distance..].iter().copied());
            let r = correlation(pairs);
            assert!(r.abs() < 4.0 / (values.len() as f64).sqrt(), "seed {seed}: {r}");
        }
        for (one, other) in [(0, 1), (0, 2), (1, 2)] {
            let (one, other) = (noise.row(one), noise.row(other));
            let r = correlation(one.iter().copied().zip(other.iter().copied()));
            assert!(r.abs() < 4.0 / (one.len() as f64).sqrt(), "seed {seed}: {r}");
        }
        // The noise of one seed says nothing of another's.
        let other = self::noise(seed + 1);
        let r = correlation(values.iter().copied().zip(other.iter().copied()));
        assert!(r.abs() < 4.0 / (values.len() as f64).sqrt(), "seed {seed}: {r}");
    }
}

/// A checksum of all bits, FNV-1a.
fn checksum(x: &DMatrix<f32>) -> u64 {
    let bytes = x.iter().flat_map(|value| value.to_bits().to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[test]
fn a_seed_names_the_same_noise_forever() {
    // In debug and release, and after any update of a dependency. Should this ever
    // change, every figure and table of the book changes with it.
    let noise = noise(0);
    assert_eq!(noise.as_slice()[..3], FIRST_VALUES);
    assert_eq!(checksum(&noise), CHECKSUM);
}

const FIRST_VALUES: [f32; 3] = [1.8391753, 1.4667306, -0.17331511];
const CHECKSUM: u64 = 9_251_256_560_832_724_871;

#[test]
fn values_are_those_of_another_implementation() {
    // Its table has other last bits, in f64. That changes one value in some 400 million,
    // and none of these.
    for seed in 0..4 {
        let noise = randn_like(&DMatrix::zeros(1 << 4, 1 << 20), &mut generator(seed));
        let mut rng = generator(seed);
        for (n, stream) in noise.as_slice().chunks(VALUES_PER_STREAM).enumerate() {
            let theirs = generator(rng.next_u64()).sample_iter(StandardNormal);
            for (ours, theirs) in stream.iter().zip(theirs) {
                let theirs: f32 = theirs;
                assert_eq!(ours.to_bits(), theirs.to_bits(), "seed {seed}, stream {n}");
            }
        }
    }
}

#[test]
fn noise_does_not_depend_on_the_number_of_threads() {
    let noise_on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| noise(7))
    };
    let on_one = noise_on(1);
    assert!(on_one == noise_on(2));
    assert!(on_one == noise_on(7));
}

#[test]
fn a_generator_goes_on() {
    let x = DMatrix::zeros(2, 100);
    let mut rng = generator(0);
    assert_ne!(randn_like(&x, &mut rng), randn_like(&x, &mut rng));
}

proptest! {
    #[test]
    fn shapes_are_kept(rows in 0..70_usize, columns in 0..400_usize, seed: u64) {
        let x = DMatrix::zeros(rows, columns);
        let noise = randn_like(&x, &mut generator(seed));
        prop_assert_eq!(noise.shape(), x.shape());
        prop_assert!(noise.iter().all(|z| z.is_finite() && *z != 0.0));
    }
}
