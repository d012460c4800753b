//! The schedule that figures of several parts are drawn with.

use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::cosine_schedule;

/// The cosine schedule of so many steps.
pub fn cosine(steps: usize) -> NoiseScheduler {
    let beta = cosine_schedule(steps).expect("there are steps");
    NoiseScheduler::from_betas(beta).expect("the schedule makes sense")
}
