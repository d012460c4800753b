//! What a training step does with the jump, with a closure in the place of a network.

use diffusion_core::{generator, randn_like};
use nalgebra::DMatrix;
use part_c_schedule_for_beta::TimestepError;
use part_d_alpha_bar_trick::NoiseScheduler;
use rand::{Rng, RngExt};

// ANCHOR: loss
/// What a training step wants to make small: the mean squared difference between the
/// noise in some noisy data and a network's prediction of it. `x0` has one thing a
/// column.
fn loss(
    network: impl Fn(&DMatrix<f32>, &[usize]) -> DMatrix<f32>,
    scheduler: &NoiseScheduler,
    x0: &DMatrix<f32>,
    rng: &mut impl Rng,
) -> Result<f32, TimestepError> {
    let mut draw_t = || rng.random_range(0..scheduler.steps());
    let t: Vec<usize> = (0..x0.ncols()).map(|_| draw_t()).collect();
    let noise = randn_like(x0, rng);
    let x_t = scheduler.add_given_noise(x0, &noise, &t)?;
    let predicted = network(&x_t, &t);
    Ok((predicted - noise).map(|difference| difference * difference).mean())
}
// ANCHOR_END: loss

/// The loss of a network for points in the plane that are all the same.
fn loss_for_one_point(network: impl Fn(&DMatrix<f32>, &[usize]) -> DMatrix<f32>) -> f32 {
    loss(network, &scheduler(), &same_point(), &mut generator(0)).unwrap()
}

fn scheduler() -> NoiseScheduler {
    NoiseScheduler::new(24, 1e-4, 0.6).unwrap()
}

fn same_point() -> DMatrix<f32> {
    DMatrix::from_fn(2, 50_000, |row, _| [0.7, -0.4][row])
}

#[test]
fn who_guesses_nothing_loses_the_variance_of_the_noise() {
    let loss = loss_for_one_point(|x_t, _| DMatrix::zeros(x_t.nrows(), x_t.ncols()));
    assert!((loss - 1.0).abs() < 0.02, "{loss}");
}

#[test]
fn who_knows_the_clean_data_loses_nothing() {
    let scheduler = scheduler();
    let loss = loss_for_one_point(|x_t, t| {
        let x0 = same_point();
        DMatrix::from_fn(x_t.nrows(), x_t.ncols(), |row, column| {
            let (a, b) = scheduler.scales(t[column]).unwrap();
            (x_t[(row, column)] - a as f32 * x0[(row, column)]) / b as f32
        })
    });
    assert!(loss < 1e-9, "{loss}");
}

/// Of data that is standard normal itself, the best guess is known, too: `b * x_t`. It
/// loses `alpha_bar`, on average over the timesteps, so that all of them have to be drawn
/// equally often.
#[test]
fn every_timestep_is_drawn_equally_often() {
    let scheduler = scheduler();
    let mut rng = generator(1);
    let x0 = randn_like(&DMatrix::zeros(2, 50_000), &mut rng);
    let guess = |x_t: &DMatrix<f32>, t: &[usize]| {
        let b = |column: usize| scheduler.scales(t[column]).unwrap().1 as f32;
        DMatrix::from_fn(x_t.nrows(), x_t.ncols(), |row, column| {
            b(column) * x_t[(row, column)]
        })
    };
    let loss = loss(guess, &scheduler, &x0, &mut rng).unwrap();
    let expected = scheduler.alpha_bar().iter().sum::<f64>() as f32 / 24.0;
    assert!((loss - expected).abs() < 0.01, "{loss} for {expected}");
}
