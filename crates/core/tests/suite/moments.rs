//! Are mean and standard deviation measured and predicted right?

use diffusion_core::{Moments, generator, randn_like};
use nalgebra::DMatrix;
use proptest::prelude::*;

#[test]
fn known_values() {
    let x = DMatrix::from_row_slice(2, 4, &[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
    assert_eq!(Moments::of(&x), Moments { mean: 5.0, std: 2.0 });
    assert_eq!(
        Moments::of(&DMatrix::from_element(1, 1, -0.5)),
        Moments { mean: -0.5, std: 0.0 }
    );
}

#[test]
fn the_limit_is_what_repeated_steps_come_to() {
    let start = Moments { mean: 0.0, std: 0.39 };
    for (a, b) in
        [(0.5, 0.1), (0.8, 0.6), (0.99, 0.17), (0.0, 0.3), (0.9, 0.0), (1.0, 0.0)]
    {
        let end = (0..4000).fold(start, |moments, _| moments.after_noise(a, b)).std;
        let limit = start.limit_of_std(a, b);
        assert!((end - limit).abs() < 1e-9, "a = {a}, b = {b}: {end}, {limit}");
    }
    for (a, b) in [(1.0, 0.1), (1.1, 0.0)] {
        assert_eq!(start.limit_of_std(a, b), f64::INFINITY);
    }
    assert_eq!(Moments { mean: 0.0, std: 0.0 }.limit_of_std(1.1, 0.0), 0.0);
}

#[test]
fn large_states_are_summed_without_loss() {
    // In f32, the sum of so many values would be off in its third digit.
    let x = DMatrix::from_fn(3, 1 << 20, |row, _| [1.0, 1.0, 1.0 + 3.0 / 1024.0][row]);
    let Moments { mean, std } = Moments::of(&x);
    assert!((mean - (1.0 + 1.0 / 1024.0)).abs() < 1e-12);
    assert!((std - 2.0_f64.sqrt() / 1024.0).abs() < 1e-12);
}

#[test]
fn moments_do_not_depend_on_the_number_of_threads() {
    let x = randn_like(&DMatrix::zeros(3, 100_003), &mut generator(0));
    let moments_on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| Moments::of(&x))
    };
    assert_eq!(moments_on(1), moments_on(2));
    assert_eq!(moments_on(1), moments_on(7));
}

proptest! {
    /// `n` values with mean 0 and standard deviation 1 that are not correlated with
    /// another such sample: the prediction is then exact, up to rounding.
    #[test]
    fn prediction_is_what_is_measured(a in 0.0..2.0_f32, b in 0.0..2.0_f32, shift in -1.0..1.0_f32) {
        let x = [1.0, 1.0, -1.0, -1.0].map(|value| value + shift);
        let noise = [1.0, -1.0, 1.0, -1.0_f32];
        let noisy = DMatrix::from_fn(1, 4, |_, i| a * x[i] + b * noise[i]);
        let predicted =
            Moments::of(&DMatrix::from_row_slice(1, 4, &x)).after_noise(a.into(), b.into());
        let measured = Moments::of(&noisy);
        prop_assert!((predicted.mean - measured.mean).abs() < 1e-6);
        prop_assert!((predicted.std - measured.std).abs() < 1e-6);
    }
}
