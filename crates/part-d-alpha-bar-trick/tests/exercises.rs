//! Solutions of the exercises in part D's chapter.

use diffusion_core::{Moments, generator, randn_like};
use diffusion_testing::mandrill;
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use rand::Rng;

// ANCHOR: signal_to_noise_ratio
/// The variance of the signal over that of the noise, for every timestep.
fn signal_to_noise_ratio(scheduler: &NoiseScheduler) -> Vec<f64> {
    let alpha_bar = scheduler.alpha_bar().iter();
    alpha_bar.map(|alpha_bar| alpha_bar / (1.0 - alpha_bar)).collect()
}

#[test]
fn noise_takes_over_at_t_7() {
    let scheduler = NoiseScheduler::new(24, 1e-4, 0.6).unwrap();
    let ratio = signal_to_noise_ratio(&scheduler);
    assert!(ratio.windows(2).all(|pair| pair[1] < pair[0]), "it always falls");
    assert_eq!(ratio.iter().position(|&ratio| ratio < 1.0), Some(7));
}
// ANCHOR_END: signal_to_noise_ratio

// ANCHOR: jump_between
/// Jumps from the state after step `s` to that after a later step `t`. Between the two,
/// `alpha_bar[t] / alpha_bar[s]` of the variance is kept.
fn jump_between(
    scheduler: &NoiseScheduler,
    x_s: &DMatrix<f32>,
    s: usize,
    t: usize,
    rng: &mut impl Rng,
) -> DMatrix<f32> {
    let kept = scheduler.alpha_bar()[t] / scheduler.alpha_bar()[s];
    kept.sqrt() as f32 * x_s + (1.0 - kept).sqrt() as f32 * randn_like(x_s, rng)
}

#[test]
fn two_jumps_are_like_one() {
    let x0 = mandrill().x;
    let scheduler = NoiseScheduler::new(24, 1e-4, 0.6).unwrap();
    let mut rng = generator(0);
    let x_4 = scheduler.add_noise(&x0, 4, &mut rng).unwrap();
    let two_jumps = Moments::of(&jump_between(&scheduler, &x_4, 4, 12, &mut rng));
    let one_jump = Moments::of(&scheduler.add_noise(&x0, 12, &mut rng).unwrap());
    assert!((two_jumps.mean - one_jump.mean).abs() < 0.005);
    assert!((two_jumps.std - one_jump.std).abs() < 0.005);
}
// ANCHOR_END: jump_between
