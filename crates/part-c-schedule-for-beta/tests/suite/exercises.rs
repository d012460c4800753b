//! Solutions of the exercises in chapter C's chapter.

use part_c_schedule_for_beta::{NoiseScheduler, ScheduleError, linear_schedule};

// ANCHOR: scaled_linear_schedule
/// A schedule of your own: evenly spaced square roots of beta, so that beta grows
/// slowly at first and faster later.
fn scaled_linear_schedule(
    steps: usize,
    beta_start: f64,
    beta_end: f64,
) -> Result<Vec<f64>, ScheduleError> {
    let roots = linear_schedule(steps, beta_start.sqrt(), beta_end.sqrt())?;
    Ok(roots.iter().map(|root| root * root).collect())
}

#[test]
fn both_schedules_meet_at_their_ends_only() {
    let scaled = scaled_linear_schedule(24, 1e-4, 0.6).unwrap();
    let linear = linear_schedule(24, 1e-4, 0.6).unwrap();
    assert!((scaled[0] - linear[0]).abs() < 1e-12);
    assert!((scaled[23] - linear[23]).abs() < 1e-12);
    assert!((1..23).all(|t| scaled[t] < linear[t]));
}
// ANCHOR_END: scaled_linear_schedule

// ANCHOR: scaled_to_steps
/// The paper's schedule for another number of steps: fewer steps, each of them larger.
fn scaled_to_steps(steps: usize) -> Result<NoiseScheduler, ScheduleError> {
    let scale = 1000.0 / steps as f64;
    NoiseScheduler::new(steps, scale * 1e-4, scale * 0.02)
}

#[test]
fn scaling_works_down_to_21_steps() {
    let share_left = |scheduler: NoiseScheduler| -> f64 {
        scheduler.beta().iter().map(|beta| 1.0 - beta).product()
    };
    assert!(share_left(scaled_to_steps(250).unwrap()) < 1e-4);
    assert!(scaled_to_steps(21).is_ok());
    // 20 steps would need a beta of 1, which leaves nothing of the state before.
    assert!(scaled_to_steps(20).is_err());
}
// ANCHOR_END: scaled_to_steps

// ANCHOR: schedule_with_a_bug
/// A linear schedule with a bug: nothing happens until the last step.
fn schedule_with_a_bug(steps: usize, beta_start: f64, beta_end: f64) -> Vec<f64> {
    let beta = |t: usize| {
        let progress = t / (steps - 1);
        beta_start + (beta_end - beta_start) * progress as f64
    };
    (0..steps).map(beta).collect()
}
// ANCHOR_END: schedule_with_a_bug

// ANCHOR: schedule_without_the_bug
/// The same, with a division of numbers that have a fraction.
fn schedule(steps: usize, beta_start: f64, beta_end: f64) -> Vec<f64> {
    let beta = |t: usize| {
        let progress = t as f64 / (steps - 1) as f64;
        beta_start + (beta_end - beta_start) * progress
    };
    (0..steps).map(beta).collect()
}

#[test]
fn whole_numbers_divide_to_whole_numbers() {
    let broken = schedule_with_a_bug(24, 1e-4, 0.6);
    assert!(broken[..23].iter().all(|&beta| beta == 1e-4), "{broken:?}");
    assert_eq!(broken[23], 0.6);

    let lesson = linear_schedule(24, 1e-4, 0.6).unwrap();
    for (one, other) in schedule(24, 1e-4, 0.6).iter().zip(lesson) {
        assert!((one - other).abs() < 1e-15);
    }
}
// ANCHOR_END: schedule_without_the_bug
