//! Does the lesson do what its formula says?

use diffusion_core::generator;
use diffusion_testing::reference;
use nalgebra::DMatrix;
use part_c_schedule_for_beta::{
    NoiseScheduler, SMALLEST_BETA, ScheduleError, TimestepError, linear_schedule,
};
use proptest::prelude::*;

#[test]
fn schedules_agree_with_numpy() {
    for (steps, beta_end) in [(24, 0.6), (1000, 0.02)] {
        let scheduler = NoiseScheduler::new(steps, 1e-4, beta_end).unwrap();
        assert_eq!(scheduler.steps(), steps);
        let beta = linear_schedule(steps, 1e-4, beta_end).unwrap();
        reference::assert_close(&beta, &reference::linear(steps).beta);
        assert_eq!(scheduler.beta(), beta);
    }
}

#[test]
fn a_single_step_has_beta_start() {
    assert_eq!(linear_schedule(1, 0.1, 0.9), Ok(vec![0.1]));
}

#[test]
fn a_step_is_one_of_part_b_with_beta_of_t() {
    let scheduler = NoiseScheduler::new(24, 1e-4, 0.6).unwrap();
    let x = DMatrix::from_fn(3, 100, |row, column| (row * column) as f32 / 200.0 - 0.5);
    for t in 0..24 {
        let beta = scheduler.beta()[t];
        let expected =
            part_b_fixed_beta_values::add_noise(&x, beta, &mut generator(t as u64));
        assert_eq!(scheduler.add_noise(&x, t, &mut generator(t as u64)), Ok(expected));
    }
}

#[test]
fn timesteps_are_counted_from_0() {
    let scheduler = NoiseScheduler::new(24, 1e-4, 0.6).unwrap();
    let x = DMatrix::zeros(3, 4);
    let mut rng = generator(0);
    assert!(scheduler.add_noise(&x, 0, &mut rng).is_ok());
    assert!(scheduler.add_noise(&x, 23, &mut rng).is_ok());
    let error = scheduler.add_noise(&x, 24, &mut rng).unwrap_err();
    assert_eq!(error, TimestepError { t: 24, steps: 24 });
    assert_eq!(
        error.to_string(),
        "there is no timestep 24; with 24 steps, t is from 0 to 23"
    );
}

#[test]
fn values_that_make_no_sense_make_no_scheduler() {
    assert_eq!(NoiseScheduler::new(0, 0.1, 0.2), Err(ScheduleError::NoSteps));
    for beta in [0.0, 1.0, -0.1, 1.1, f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
        let is_out_of_range = |result, wrong| matches!(result, Err(ScheduleError::BetaOutOfRange { name, .. }) if name == wrong);
        assert!(is_out_of_range(NoiseScheduler::new(24, beta, 0.5), "beta_start"));
        assert!(is_out_of_range(NoiseScheduler::new(24, 0.5, beta), "beta_end"));
    }
    let too_small = ScheduleError::TooSmall { beta: 9e-17 };
    assert_eq!(NoiseScheduler::new(24, 9e-17, 0.5), Err(too_small));
    let smallest = NoiseScheduler::new(24, SMALLEST_BETA, SMALLEST_BETA).unwrap();
    assert!(smallest.beta().iter().all(|beta| 1.0 - beta < 1.0));
    let falling = ScheduleError::Falling { beta_start: 0.5, beta_end: 0.4 };
    assert_eq!(NoiseScheduler::new(24, 0.5, 0.4), Err(falling));
    assert!(NoiseScheduler::new(24, 0.5, 0.5).is_ok(), "a fixed beta is a schedule, too");
}

proptest! {
    #[test]
    fn any_schedule_rises_evenly_within_its_ends(
        steps in 2..2000_usize,
        one in 1e-6..1.0_f64,
        other in 1e-6..1.0_f64,
    ) {
        let (start, end) = (one.min(other), one.max(other));
        let beta = linear_schedule(steps, start, end).unwrap();
        prop_assert_eq!(beta.len(), steps);
        prop_assert_eq!(beta[0], start);
        prop_assert!((beta[steps - 1] - end).abs() < 1e-15);
        let step = (end - start) / (steps - 1) as f64;
        prop_assert!(beta.windows(2).all(|pair| (pair[1] - pair[0] - step).abs() < 1e-12));
        prop_assert!(beta.iter().all(|&beta| 0.0 < beta && beta < 1.0));
    }

    #[test]
    fn shapes_are_kept(
        (rows, columns) in prop_oneof![Just((3, 8 * 8)), (Just(2), 1..1000_usize), Just((1, 1))],
        t in 0..24_usize,
        seed: u64,
    ) {
        let scheduler = NoiseScheduler::new(24, 1e-4, 0.6).unwrap();
        let x = DMatrix::from_element(rows, columns, 0.25);
        let noisy = scheduler.add_noise(&x, t, &mut generator(seed)).unwrap();
        prop_assert_eq!(noisy.shape(), (rows, columns));
    }
}
