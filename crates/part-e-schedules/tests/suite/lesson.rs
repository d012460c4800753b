//! Does the lesson do what its formulas say?

#![allow(clippy::disallowed_methods, reason = "the tests compute in their own way")]

use std::fs;
use std::path::Path;

use part_c_schedule_for_beta::{ScheduleError, linear_schedule};
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::{
    Summary, cosine_schedule, log_snr, scaled_linear_schedule, sigma, sigmoid_schedule,
    signal_to_noise_ratio, zero_terminal_snr,
};
use proptest::prelude::*;

fn scheduler(beta: Vec<f64>) -> NoiseScheduler {
    NoiseScheduler::from_betas(beta).unwrap()
}

#[test]
fn three_names_for_one_curve() {
    assert_eq!((signal_to_noise_ratio(0.5), log_snr(0.5), sigma(0.5)), (1.0, 0.0, 1.0));
    for alpha_bar in [1e-300, 1e-9, 4.04e-5, 0.1, 0.5, 0.9, 0.9999] {
        let ratio = signal_to_noise_ratio(alpha_bar);
        assert!((sigma(alpha_bar).powi(-2) / ratio - 1.0).abs() < 1e-12);
        assert!((log_snr(alpha_bar).exp() / ratio - 1.0).abs() < 1e-12);
        // The state, divided by the picture's factor.
        let (a, b) = (alpha_bar.sqrt(), (1.0 - alpha_bar).sqrt());
        assert!((b / a / sigma(alpha_bar) - 1.0).abs() < 1e-12);
    }
    assert_eq!(signal_to_noise_ratio(0.0), 0.0);
    assert_eq!((log_snr(0.0), sigma(0.0)), (f64::NEG_INFINITY, f64::INFINITY));
    assert_eq!((log_snr(1.0), sigma(1.0)), (f64::INFINITY, 0.0));
}

/// Against `data/reference/schedules.csv`, where the formulas are computed in Python.
#[test]
fn schedules_agree_with_their_formulas() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text =
        fs::read_to_string(here.join("../../data/reference/schedules.csv")).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("schedule,steps,zero_snr,t,beta,alpha_bar"));
    let mut count = 0;
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let steps = cells[1].parse().unwrap();
        let beta = match cells[0] {
            "linear" => linear_schedule(steps, 1e-4, 0.02),
            "scaled_linear" => scaled_linear_schedule(steps, 0.000_85, 0.012),
            "cosine" => cosine_schedule(steps),
            "sigmoid" => sigmoid_schedule(steps, 1e-4, 0.02),
            other => panic!("{other}"),
        };
        let mut beta = beta.unwrap();
        if cells[2] == "1" {
            beta = zero_terminal_snr(&beta).unwrap();
        }
        let scheduler = scheduler(beta);
        let t: usize = cells[3].parse().unwrap();
        let is_close = |value: f64, cell: &str, absolute: f64| {
            let reference: f64 = cell.parse().unwrap();
            (value - reference).abs() <= (1e-12 * reference).max(absolute)
        };
        // A mended beta is 1 less a number that is nearly 1, whose last bits are rounded.
        let rounding = if cells[2] == "1" { 4.0 * f64::EPSILON } else { 0.0 };
        assert!(is_close(scheduler.beta()[t], cells[4], rounding), "{line}");
        assert!(is_close(scheduler.alpha_bar()[t], cells[5], 0.0), "{line}");
        count += 1;
    }
    assert_eq!(count, 4 * 2 * (24 + 50 + 36));
}

#[test]
fn a_schedule_with_one_step_has_its_first_beta() {
    assert_eq!(sigmoid_schedule(1, 0.1, 0.9).unwrap().len(), 1);
    assert!((sigmoid_schedule(1, 0.1, 0.9).unwrap()[0] - 0.102).abs() < 1e-3);
    assert!((scaled_linear_schedule(1, 0.1, 0.9).unwrap()[0] - 0.1).abs() < 1e-15);
    assert_eq!(cosine_schedule(1), Ok(vec![0.999]));
}

#[test]
fn values_that_make_no_sense_make_no_schedule() {
    assert_eq!(cosine_schedule(0), Err(ScheduleError::NoSteps));
    for schedule in [scaled_linear_schedule, sigmoid_schedule] {
        assert_eq!(schedule(0, 0.1, 0.2), Err(ScheduleError::NoSteps));
        let too_large = ScheduleError::BetaOutOfRange { name: "beta_end", beta: 4.0 };
        assert_eq!(schedule(9, 0.1, 4.0), Err(too_large));
        assert!(schedule(9, f64::NAN, 0.2).is_err());
        let falling = ScheduleError::Falling { beta_start: 0.2, beta_end: 0.1 };
        assert_eq!(schedule(9, 0.2, 0.1), Err(falling));
    }
    assert_eq!(zero_terminal_snr(&[]), Err(ScheduleError::NoSteps));
    assert_eq!(zero_terminal_snr(&[0.5]), Err(ScheduleError::OneStep));
    assert!(zero_terminal_snr(&[0.5, 1.5]).is_err());
    for steps in [3, 100] {
        assert_eq!(zero_terminal_snr(&vec![1e-16; steps]), Err(ScheduleError::TooEven));
    }
}

#[test]
fn only_the_last_beta_of_the_cosine_schedule_is_clipped() {
    for steps in [24, 50, 1000] {
        let beta = cosine_schedule(steps).unwrap();
        assert_eq!(beta[steps - 1], 0.999);
        assert!(beta[..steps - 1].iter().all(|&beta| beta < 0.999));
    }
}

#[test]
fn linear_and_cosine_cross_once() {
    let linear = scheduler(linear_schedule(1000, 1e-4, 0.02).unwrap());
    let cosine = scheduler(cosine_schedule(1000).unwrap());
    let is_above: Vec<bool> = (0..1000)
        .map(|t| log_snr(cosine.alpha_bar()[t]) > log_snr(linear.alpha_bar()[t]))
        .collect();
    let crossings: Vec<usize> =
        (1..1000).filter(|&t| is_above[t] != is_above[t - 1]).collect();
    assert_eq!((crossings, is_above[500]), (vec![995], true));
}

#[test]
fn a_summary_is_that_of_the_schedule() {
    let summary = |beta| Summary::of(&scheduler(beta)).to_string();
    let linear = linear_schedule(1000, 1e-4, 0.02).unwrap();
    assert_eq!(
        summary(linear.clone()),
        "Signal and noise are equal between t = 258 and 259; at the end, t = 999, 4.04e-5 of \
         the picture's variance is left, a factor of 0.0064: that is noise."
    );
    let published = scaled_linear_schedule(1000, 0.000_85, 0.012).unwrap();
    let published = Summary::of(&scheduler(published));
    assert!((published.fraction - 0.0047).abs() < 5e-5 && !published.ends_in_noise());
    assert!(published.to_string().ends_with(
        "a factor of 0.0683: that is not noise, which has a factor below 0.01."
    ));
    let mended = summary(zero_terminal_snr(&linear).unwrap());
    assert!(
        mended.ends_with("nothing is left of the picture: it is noise alone."),
        "{mended}"
    );
    assert!(
        summary(vec![0.1])
            .starts_with("There is more signal than noise at every timestep")
    );
    assert!(
        summary(vec![0.5])
            .starts_with("There is no less noise than signal from the start")
    );
}

fn any_schedule() -> impl Strategy<Value = Vec<f64>> {
    let ends = (2..1200_usize, 1e-5..0.01_f64, 0.011..0.4_f64);
    let own = prop::collection::vec(1e-6..0.9_f64, 2..100);
    prop_oneof![
        (2..1200_usize).prop_map(|steps| cosine_schedule(steps).unwrap()),
        ends.clone()
            .prop_map(|(steps, start, end)| linear_schedule(steps, start, end).unwrap()),
        ends.clone()
            .prop_map(
                |(steps, start, end)| scaled_linear_schedule(steps, start, end).unwrap()
            ),
        ends.prop_map(|(steps, start, end)| sigmoid_schedule(steps, start, end).unwrap()),
        own,
    ]
}

proptest! {
    #[test]
    fn alpha_bar_falls_strictly(beta in any_schedule()) {
        let scheduler = scheduler(beta);
        prop_assert!(scheduler.alpha_bar().windows(2).all(|pair| pair[1] < pair[0]));
    }

    #[test]
    fn mended_schedules_start_as_they_were_and_end_in_noise(beta in any_schedule()) {
        let mended = zero_terminal_snr(&beta).unwrap();
        prop_assert_eq!(mended[0], beta[0]);
        prop_assert_eq!(mended.len(), beta.len());
        let scheduler = scheduler(mended.clone());
        prop_assert_eq!(scheduler.alpha_bar()[beta.len() - 1], 0.0);
        prop_assert!(scheduler.alpha_bar()[..beta.len() - 1].iter().all(|&left| left > 0.0));
        prop_assert_eq!(zero_terminal_snr(&mended), Ok(mended));
    }
}
