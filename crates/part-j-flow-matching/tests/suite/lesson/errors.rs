//! What makes no sense, each an error in a sentence.

use diffusion_core::generator;
use nalgebra::DMatrix;
use part_f_the_way_back::{DenoiserError, ExactDenoiser};
use part_i_samplers::{
    Coordinate, Euler, Heun, Levels, Sampler, SamplingConfig, SamplingError, X0Clipping,
};
use part_j_flow_matching::levels::{flow_levels, shifted_levels};
use part_j_flow_matching::{OnFlowPath, Pairs, Trajectories};

use super::{Bent, normal};

fn refusal(result: Result<impl Sized, SamplingError>) -> String {
    result.err().expect("an error").to_string()
}

fn sigma(sigma: impl std::fmt::Display) -> String {
    format!("sigma is {sigma}; expected a finite number above 0")
}

#[test]
fn no_steps_and_too_many() {
    assert!(matches!(flow_levels(&[]), Err(SamplingError::NoSteps)));
    for shift in [1.0, 3.0] {
        assert!(matches!(shifted_levels(0, shift), Err(SamplingError::NoSteps)));
    }
    shifted_levels(10_000, 1.0).unwrap();
    assert_eq!(
        refusal(shifted_levels(10_001, 1.0)),
        "10001 steps are more than the 10000 of the schedule; expected at most as many"
    );
}

#[test]
fn a_shift_that_is_none() {
    for shift in [0.0, -0.0, -0.5, -1.0, -3.0, f64::NAN, f64::INFINITY, -f64::INFINITY] {
        for steps in [1, 2, 10] {
            let error = shifted_levels(steps, shift).expect_err("no shift");
            assert!(matches!(error, SamplingError::Sigma(_)), "{shift}: {error}");
        }
    }
    // So large that all times become 1, or so small that they become 0.
    let error = shifted_levels(3, f64::MAX).expect_err("all the same");
    assert!(matches!(error, SamplingError::Unordered { .. }), "{error}");
    for shift in [1e-300, 5e-324] {
        if let Ok(levels) = shifted_levels(3, shift) {
            assert!(levels.as_slice().iter().all(|level| level.b > 0.0));
        }
    }
}

#[test]
fn times_that_are_none_or_do_not_fall() {
    for time in [0.0, -0.5] {
        assert_eq!(refusal(flow_levels(&[1.0, time])), sigma(time / (1.0 - time)));
        assert_eq!(refusal(flow_levels(&[time])), sigma(time / (1.0 - time)));
    }
    assert_eq!(refusal(flow_levels(&[1.5, 0.5])), sigma(-3));
    for time in [1.001, f64::INFINITY, f64::NAN] {
        for times in [&[time][..], &[time, 0.5], &[1.0, time]] {
            flow_levels(times).expect_err("no time");
        }
    }
    assert_eq!(
        refusal(flow_levels(&[0.5, 0.75])),
        "after sigma 1 comes sigma 3; expected levels with less noise over signal each time"
    );
    for times in [&[0.5, 0.5][..], &[1.0, 1.0], &[1.0, 0.25, 0.5], &[0.9, f64::NAN, 0.1]]
    {
        let error = flow_levels(times).expect_err("they don't fall");
        assert!(matches!(error, SamplingError::Unordered { .. }), "{times:?}: {error}");
    }
    flow_levels(&[1.0]).unwrap();
    flow_levels(&[1.0, 1e-300]).unwrap();
}

#[test]
fn a_flow_is_followed_in_two_steps_or_more() {
    let noise = normal(2, 4, &mut generator(0));
    let follow = |steps| Trajectories::follow(&Bent, noise.clone(), steps);
    assert_eq!(refusal(follow(0)), "sampling takes at least 1 step");
    let one = "Heun's method needs 2 steps to be of second order, and there is 1; \
               expected more";
    assert_eq!(refusal(follow(1)), one);
    follow(2).unwrap();
    assert_eq!(refusal(Pairs::of_flow(&Bent, noise.clone(), 1)), one);
    let heun = Heun { coordinate: Coordinate::FlowTime };
    let levels = flow_levels(&[1.0]).unwrap();
    assert_eq!(refusal(Trajectories::of_sampler(&Bent, noise, &heun, &levels)), one);
}

/// Heun's method in sigma can't begin in noise alone.
#[test]
fn a_sampler_that_cannot_take_the_levels() {
    let noise = normal(2, 4, &mut generator(0));
    let levels = shifted_levels(5, 3.0).unwrap();
    let heun = Heun { coordinate: Coordinate::Sigma };
    let error = Trajectories::of_sampler(&Bent, noise, &heun, &levels).unwrap_err();
    assert!(matches!(error, SamplingError::InfiniteSigma { t: 1000.0 }), "{error}");
}

#[test]
fn a_denoiser_of_another_shape() {
    let exact = ExactDenoiser::new(&normal(3, 5, &mut generator(0))).unwrap();
    let noise = normal(2, 4, &mut generator(0));
    let is_shape = |error: SamplingError| {
        let expected =
            "states of 2 values were given to a denoiser of 3; expected as many";
        assert_eq!(error.to_string(), expected);
        let of = SamplingError::Denoiser(DenoiserError::Shape { found: 2, expected: 3 });
        assert_eq!(std::mem::discriminant(&error), std::mem::discriminant(&of));
    };
    is_shape(Trajectories::follow(&exact, noise.clone(), 5).unwrap_err());
    is_shape(Pairs::of_flow(&exact, noise.clone(), 5).unwrap_err());
    let scheduler = part_e_schedules::linear(100).unwrap();
    let behind = OnFlowPath { denoiser: &exact, scheduler, clipping: X0Clipping::None };
    is_shape(Trajectories::follow(&behind, noise.clone(), 5).unwrap_err());
    let sample = |levels: &Levels, sampler: &dyn Sampler| {
        let config = SamplingConfig { sampler, levels, clipping: X0Clipping::None };
        config.sample(&behind, noise.clone(), &mut generator(0))
    };
    is_shape(sample(&flow_levels(&[1.0]).unwrap(), &Euler).unwrap_err());
}

/// No columns, or no rows: nothing to do, and no panic.
#[test]
fn no_noise_at_all() {
    for (rows, columns) in [(2, 0), (0, 0), (0, 3)] {
        let noise = DMatrix::zeros(rows, columns);
        let paths = Trajectories::follow(&Bent, noise.clone(), 3).unwrap();
        assert_eq!(paths.samples().shape(), (rows, columns));
        assert!(paths.straightness().is_nan() && paths.length_over_chord().is_nan());
        assert_eq!(Pairs::of_flow(&Bent, noise, 3).unwrap().x0.shape(), (rows, columns));
    }
}
