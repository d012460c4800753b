//! Noise levels.

use part_e_schedules::sigma;
use part_i_samplers::levels::karras_sigmas;
use part_i_samplers::{Level, Levels};

use crate::linear;

#[test]
fn a_step_goes_to_the_next_level_and_the_last_to_the_clean_one() {
    let scheduler = linear();
    let levels = Levels::of_timesteps(&scheduler, &[999, 500, 3]).unwrap();
    let steps: Vec<_> = levels.steps().collect();
    assert_eq!(steps.len(), 3);
    assert_eq!(steps[0].before, None);
    assert_eq!(steps[2].before, Some(levels.visited()[1]));
    assert_eq!(steps[1].to, steps[2].from);
    assert_eq!(steps[2].to, Level::CLEAN);
    for level in levels.visited() {
        let alpha_bar = scheduler.alpha_bar()[level.timestep()];
        assert!((level.sigma() - sigma(alpha_bar)).abs() < 1e-12 * level.sigma());
    }
}

/// Equation 5 of Karras et al. 2022, computed with the system's powers.
#[test]
fn karras_levels_are_even_in_the_seventh_root() {
    let sigmas = karras_sigmas(80.0, 0.002, 18);
    assert_eq!(sigmas.len(), 18);
    for (i, sigma) in sigmas.iter().enumerate() {
        let (most, least) = (80_f64.powf(1.0 / 7.0), 0.002_f64.powf(1.0 / 7.0));
        let expected = (most + i as f64 / 17.0 * (least - most)).powi(7);
        assert!((sigma / expected - 1.0).abs() < 1e-12, "{i}: {sigma}, not {expected}");
    }
    assert_eq!(karras_sigmas(80.0, 0.002, 1).len(), 1);
}

#[test]
fn a_sigma_lies_between_two_timesteps() {
    let scheduler = linear();
    let of = |t: usize| Level::of_timestep(&scheduler, t).unwrap();
    let (low, high) = (of(400), of(401));
    let between = (low.sigma() * high.sigma()).sqrt();
    let levels =
        Levels::of_sigmas(&scheduler, &[of(999).sigma(), between, low.sigma()]).unwrap();
    let [last, middle, first] = levels.visited() else { panic!("three levels") };
    assert!((middle.t - 400.5).abs() < 1e-6, "{middle:?}");
    assert!((middle.sigma() / between - 1.0).abs() < 1e-12);
    assert!((middle.a * middle.a + middle.b * middle.b - 1.0).abs() < 1e-12);
    assert!((last.t - 999.0).abs() < 1e-9 && (first.t - 400.0).abs() < 1e-9);
    // Beyond the schedule, it is the nearest timestep.
    let levels = Levels::of_sigmas(&scheduler, &[1e4, 1e-4]).unwrap();
    assert_eq!((levels.visited()[0].t, levels.visited()[1].t), (999.0, 0.0));
}

#[test]
fn karras_levels_are_moved_to_timesteps() {
    let scheduler = linear();
    let exact = Levels::karras(&scheduler, 999, 0, 10).unwrap();
    let rounded = exact.rounded(&scheduler).unwrap();
    assert_eq!(rounded.visited().len(), 10);
    for (exact, rounded) in exact.visited().iter().zip(rounded.visited()) {
        assert!((exact.t - rounded.t).abs() <= 0.5);
        assert_eq!(*rounded, Level::of_timestep(&scheduler, rounded.timestep()).unwrap());
    }
}
