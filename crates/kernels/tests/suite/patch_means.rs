//! Are the means of patches the same bits however they are computed? Whether they are
//! right, chapter G tests, where they are written down.

use diffusion_core::{Picture, generator, randn_like};
use diffusion_kernels::Instructions;
use diffusion_kernels::patch_means::{Border, Comparison, PatchMeans};
use nalgebra::DMatrix;
use proptest::prelude::*;

const ALL: [Instructions; 3] =
    [Instructions::Plain, Instructions::Avx2, Instructions::Avx512];
const BORDERS: [Border; 3] = [Border::Mirrored, Border::Wrapped, Border::Seen];

fn normal(pixels: usize, seed: u64) -> DMatrix<f32> {
    randn_like(&DMatrix::zeros(3, pixels), &mut generator(seed))
}

/// Everything that is known after a comparison, as bits.
fn everything(mut means: PatchMeans) -> (Vec<u32>, Vec<u32>, Vec<[usize; 2]>) {
    means.finish();
    let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect();
    let numbers = means.effective_numbers();
    (bits(means.means().as_slice()), bits(&numbers), means.nearest())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn nothing_but_the_comparison_matters(
        side in 1..18_usize,
        width in prop_oneof![1..20_usize, 60..140_usize],
        height in 1..20_usize,
        patch in 0..9_usize,
        border in prop::sample::select(&BORDERS),
        angle in prop::sample::select(&[0.0, 1e-3, 0.1, 0.8, 1.5]),
        blocks in 2..40_usize,
        seed: u64,
    ) {
        let patch = 2 * patch + 1;
        let photo = Picture {
            x: normal(side * side, seed),
            width: side as u32,
            height: side as u32,
        };
        let (width, height) =
            if patch > side.min(width).min(height) { (side, side) } else { (width, height) };
        prop_assume!(border.fits(patch, [side; 2], [width, height]));
        let x = normal(width * height, seed ^ 1);
        // A cosine and a sine, without asking the system.
        let b: f64 = angle - angle * angle * angle / 6.0;
        let scales = ((1.0 - b * b).sqrt(), b);
        let comparison = Comparison { photo: &photo, x: &x, width, patch, border, scales };
        let expected = everything(PatchMeans::with(Instructions::fastest(), &comparison, 1));
        for instructions in ALL {
            let means = PatchMeans::with(instructions, &comparison, blocks);
            prop_assert!(everything(means) == expected, "{instructions:?}");
        }
        let mut means = PatchMeans::with(Instructions::fastest(), &comparison, blocks);
        for _ in 0..means.remaining() / 2 {
            prop_assert!(means.advance());
        }
        prop_assert!(everything(means) == expected);
    }
}

#[test]
#[should_panic(expected = "fits")]
fn a_patch_larger_than_the_photograph_is_refused() {
    let photo = Picture { x: normal(9, 0), width: 3, height: 3 };
    let x = normal(9, 1);
    let (border, scales) = (Border::Mirrored, (0.6, 0.8));
    let comparison =
        Comparison { photo: &photo, x: &x, width: 3, patch: 5, border, scales };
    PatchMeans::new(&comparison);
}
