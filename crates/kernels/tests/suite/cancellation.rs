//! Does everything that takes long end when it is asked to?

use diffusion_core::cancellation::Cancelled;
use diffusion_core::{Picture, generator, randn_like};
use diffusion_kernels::distances::nearest_two;
use diffusion_kernels::likelihoods::nearest;
use diffusion_kernels::matrix_product::tr_mul;
use diffusion_kernels::patch_means::{Border, Comparison, PatchMeans};
use diffusion_kernels::weighted_means::WeightedMeans;
use diffusion_testing::checkpoints::{cancelled_after, counted};
use nalgebra::DMatrix;

/// Of so many checkpoints at least, a computation passes few after it is asked to end.
fn ends_early<T: Send>(least: usize, compute: impl Fn() -> T + Sync) {
    let (_, all) = counted(&compute);
    assert!(all >= least, "{all}");
    let (result, passed) = cancelled_after(3, &compute);
    assert!(matches!(result, Err(Cancelled)));
    assert!((4..all / 2).contains(&passed), "{passed} of {all}");
}

fn noise(rows: usize, columns: usize) -> DMatrix<f32> {
    randn_like(&DMatrix::zeros(rows, columns), &mut generator(0))
}

#[test]
fn weighted_means_are_cancelled() {
    let (data, x) = (WeightedMeans::new(&noise(2, 2560)), noise(2, 32));
    ends_early(20, || data.of(&x, (0.6, 0.8)));
}

#[test]
fn distances_are_cancelled() {
    let (states, means) = (noise(2, 32), noise(2, 5120));
    ends_early(20, || nearest(&states, &means));
}

#[test]
fn patch_means_are_cancelled() {
    let photo = Picture { x: noise(3, 400), width: 20, height: 20 };
    let comparison = Comparison {
        photo: &photo,
        x: &noise(3, 400),
        width: 20,
        patch: 3,
        border: Border::Wrapped,
        scales: (0.6, 0.8),
    };
    ends_early(20, || PatchMeans::new(&comparison).finish());
}

/// What comes in one piece is not begun.
#[test]
fn pieces_are_not_begun() {
    let x = noise(2, 10);
    assert_eq!(cancelled_after(0, || nearest_two(&x)).0, Err(Cancelled));
    assert_eq!(cancelled_after(0, || tr_mul(&x, &x)).0, Err(Cancelled));
}

/// A panic is none, and goes its way.
#[test]
#[should_panic(expected = "a panic")]
fn a_panic_stays_one() {
    let _ = diffusion_core::cancellation::catch(|| panic!("a panic"));
}
