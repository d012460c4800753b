//! Noise levels.

use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::{sigma, zero_terminal_snr};
use part_f_the_way_back::NoiseLevel;
use part_i_samplers::Levels;
use part_i_samplers::levels::{karras_sigmas, sigma_range};

use super::{level, linear};

#[test]
fn a_step_goes_to_the_next_level_and_the_last_to_the_clean_one() {
    let scheduler = linear();
    let levels = Levels::of_timesteps(&scheduler, &[999, 500, 3]).unwrap();
    let steps: Vec<_> = levels.steps().collect();
    assert_eq!(steps.len(), 3);
    assert_eq!(steps[0].before, None);
    assert_eq!(steps[2].before, Some(levels.as_slice()[1]));
    assert_eq!(steps[1].to, steps[2].from);
    assert_eq!(steps[2].to, NoiseLevel::CLEAN);
    for level in levels.as_slice() {
        let alpha_bar = scheduler.alpha_bar()[level.t as usize];
        assert!((level.sigma() - sigma(alpha_bar)).abs() < 1e-12 * level.sigma());
    }
}

/// Equation 5 of Karras et al. 2022, computed with the system's powers.
#[test]
fn karras_levels_are_even_in_the_seventh_root() {
    let sigmas = karras_sigmas(80.0, 0.002, 18);
    assert_eq!(sigmas.len(), 18);
    for (i, sigma) in sigmas.iter().enumerate() {
        let (max, min) = (80_f64.powf(1.0 / 7.0), 0.002_f64.powf(1.0 / 7.0));
        let expected = (max + i as f64 / 17.0 * (min - max)).powi(7);
        assert!((sigma / expected - 1.0).abs() < 1e-12, "{i}: {sigma}, not {expected}");
    }
    assert_eq!(karras_sigmas(80.0, 0.002, 1).len(), 1);
}

#[test]
fn a_sigma_lies_between_two_timesteps() {
    let scheduler = linear();
    let of = |t: usize| level(&scheduler, t);
    let (low, high) = (of(400), of(401));
    let between = (low.sigma() * high.sigma()).sqrt();
    let levels =
        Levels::of_sigmas(&scheduler, &[of(999).sigma(), between, low.sigma()]).unwrap();
    let [last, middle, first] = levels.as_slice() else { panic!("three levels") };
    assert!((middle.t - 400.5).abs() < 1e-6, "{middle:?}");
    assert!((middle.sigma() / between - 1.0).abs() < 1e-12);
    assert!((middle.a * middle.a + middle.b * middle.b - 1.0).abs() < 1e-12);
    assert!((last.t - 999.0).abs() < 1e-9 && (first.t - 400.0).abs() < 1e-9);
    // Beyond the schedule, it is the nearest timestep.
    let levels = Levels::of_sigmas(&scheduler, &[1e4, 1e-4]).unwrap();
    assert_eq!((levels.as_slice()[0].t, levels.as_slice()[1].t), (999.0, 0.0));
}

/// As many as one likes, from the first sigma to the last, wherever that is between
/// timesteps.
#[test]
fn karras_levels_need_no_timesteps() {
    let scheduler = linear();
    for (sigmas, steps) in [(sigma_range(&scheduler), 2000), ([80.0, 0.002], 18)] {
        let levels = Levels::karras(&scheduler, sigmas, steps).unwrap();
        let levels = levels.as_slice();
        assert_eq!(levels.len(), steps);
        for (level, sigma) in [(levels[0], sigmas[0]), (levels[steps - 1], sigmas[1])] {
            assert!((level.sigma() / sigma - 1.0).abs() < 1e-9);
        }
        assert!(levels.iter().all(|level| (0.0..=999.0).contains(&level.t)));
        assert!(levels.iter().any(|level| level.t.fract() != 0.0));
    }
    let zero_snr = zero_terminal_snr(linear().beta()).unwrap();
    let ends_in_noise = NoiseScheduler::from_betas(zero_snr).unwrap();
    assert_eq!(sigma_range(&ends_in_noise)[0], f64::INFINITY);
    // Between the last timestep, which has no finite sigma, and the one before it.
    let levels = Levels::karras(&ends_in_noise, [1e6, 0.01], 5).unwrap();
    assert_eq!(levels.as_slice()[0].t, 998.0);
}

/// On any path, what counts is noise over signal.
#[test]
fn levels_on_any_path_have_less_noise_over_signal_each_time() {
    let flow = |t: f64| NoiseLevel { t: 1000.0 * t, a: 1.0 - t, b: t };
    assert!(Levels::new([1.0, 0.7, 0.2].map(flow).to_vec()).is_ok());
    assert!(Levels::new([0.2, 0.7].map(flow).to_vec()).is_err());
    assert!(Levels::new([1.0, 1.0].map(flow).to_vec()).is_err());
    // The noise may even grow, if the signal grows more.
    let growing = [(0.1, 1.0), (1.0, 2.0)].map(|(a, b)| NoiseLevel { t: 0.0, a, b });
    assert!(Levels::new(growing.to_vec()).is_ok());
}
