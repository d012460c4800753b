//! A step of each method, against what its formula says of it.

use diffusion_core::{Moments, generator, randn_like};
use nalgebra::DMatrix;
use part_i_samplers::Step;
use part_n_to_order::replacement::replaced;
use part_n_to_order::{
    ConditionalDenoiser, Ddrm, Dps, Measurement, Method, Observation, Order, PiGdm,
    Plain, RePaint, SmoothedData, WithoutJacobian,
};

use super::{level, moons, normal, nothing};

fn step(from: f64, to: f64) -> Step {
    Step { before: None, from: level(from), to: level(to) }
}

fn seen(noise: f64) -> Observation {
    let measurement = Measurement::means([2, 1], 1).unwrap();
    Observation { measurement, y: vec![0.3, -0.2], noise }
}

/// What was seen gets the noise of the level, and the rest stays.
#[test]
fn what_was_seen_takes_its_place() {
    let measurement = Measurement::mask(3, &[0, 2]).unwrap();
    let observation = Observation { measurement, y: vec![0.5, -1.0], noise: 0.4 };
    let mut rng = generator(0);
    let x = normal(3, 40_000, &mut rng);
    let at = level(0.6);
    let new_noise = &mut |x: &DMatrix<f32>| randn_like(x, &mut rng);
    let after = replaced(x.clone(), at, &observation, new_noise);
    assert_eq!(after.row(1), x.row(1));
    for (row, y) in [(0, 0.5), (2, -1.0)] {
        let of = Moments::of(&after.rows(row, 1).into_owned());
        assert!((of.mean - 0.8 * y).abs() < 4.0 * 0.6 / 200.0, "{of:?}");
        assert!((of.std - 0.6).abs() < 4.0 * 0.6 / 280.0, "{of:?}");
    }
}

/// A jump up is the forward process: states have the noise of their level.
#[test]
fn a_jump_up_has_the_noise_of_its_level() {
    let (data, observation) = (moons(0.02), nothing(2));
    let order = Order { denoiser: &data, observation: &observation, eta: 1.0 };
    let up = step(0.2, 0.9);
    let mut rng = generator(1);
    // What comes of a datum at 0.
    let x = up.from.b as f32 * normal(2, 20_000, &mut rng);
    let new_noise = &mut |x: &DMatrix<f32>| randn_like(x, &mut rng);
    let method = RePaint { resamplings: 2, jump: 10 };
    let std = Moments::of(&method.step(&order, &x, &up, new_noise).unwrap()).std;
    assert!((std - 0.9).abs() < 4.0 * 0.9 / 80_000_f64.sqrt(), "{std}");
}

/// Against the derivative of the miss, which differences tell.
#[test]
fn dps_goes_against_the_derivative_of_the_miss() {
    let (data, observation) = (moons(0.3), seen(0.1));
    let order = Order { denoiser: &data, observation: &observation, eta: 0.0 };
    let down = step(0.8, 0.6);
    let x = DMatrix::from_column_slice(2, 1, &[0.4, 0.7]);
    let miss = |x: &DMatrix<f32>| {
        let miss = observation.residual(&data.posterior_mean(x, down.from));
        f64::from(miss.dot(&miss))
    };
    let derivative = |power: f64| {
        let h = 1e-2;
        DMatrix::from_fn(2, 1, |row, _| {
            let at = |by: f32| {
                let mut x = x.clone();
                x[row] += by;
                miss(&x).powf(power)
            };
            ((at(h) - at(-h)) / f64::from(2.0 * h)) as f32
        })
    };
    let none = &mut DMatrix::clone;
    let plain = Plain.step(&order, &x, &down, none).unwrap();
    for (method, power) in [(Dps::Length(0.7), 0.5), (Dps::Square(0.7), 1.0)] {
        let moved = &plain - method.step(&order, &x, &down, none).unwrap();
        let expected = 0.7 * derivative(power);
        assert!((moved - &expected).amax() < 1e-3 * expected.amax(), "{method:?}");
    }
}

/// Of one datum that is standard normal, the variance that it takes for granted is right,
/// and so is the step.
#[test]
fn pigdm_is_exact_for_normal_data() {
    let data = SmoothedData::new(DMatrix::zeros(2, 1), 1.0).unwrap();
    for noise in [0.0, 0.1, 2.0] {
        let observation = seen(noise);
        let exact = ConditionalDenoiser::new(&data, &observation).unwrap();
        let exact = WithoutJacobian(exact);
        let x = normal(2, 30, &mut generator(2));
        let order = Order { denoiser: &data, observation: &observation, eta: 0.5 };
        let with_truth = Order { denoiser: &exact, ..order };
        let down = step(0.9, 0.5);
        let new_noise = &mut |x: &DMatrix<f32>| randn_like(x, &mut generator(3));
        let ours = PiGdm.step(&order, &x, &down, new_noise).unwrap();
        let truth = Plain.step(&with_truth, &x, &down, new_noise).unwrap();
        assert!((ours - truth).amax() < 1e-5, "{noise}");
    }
}

/// Whatever is the better source, there is as much noise as there has to be: with what
/// was seen along one direction, and nothing along the other.
#[test]
fn ddrm_has_the_noise_of_its_level() {
    // A datum at 0, and an observation of it.
    let data = SmoothedData::new(DMatrix::zeros(2, 1), 0.0).unwrap();
    let down = step(0.9, 0.6);
    for noise in [0.0, 0.3, 5.0] {
        let mut rng = generator(1);
        let measurement = Measurement::mask(2, &[0]).unwrap();
        let observation = Observation { measurement, y: vec![0.0], noise };
        let order = Order { denoiser: &data, observation: &observation, eta: 1.0 };
        let x = down.from.b as f32 * normal(2, 20_000, &mut rng);
        let new_noise = &mut |x: &DMatrix<f32>| randn_like(x, &mut rng);
        let method = Ddrm { eta: 0.85, eta_b: 1.0 };
        let x = method.step(&order, &x, &down, new_noise).unwrap();
        // Along what was seen, the noise of y is the same for all, and none here.
        let sigma = down.to.sigma();
        let of_y =
            if noise < sigma { noise } else { sigma * (1.0 - 0.85_f64.powi(2)).sqrt() };
        let expected = down.to.a * (sigma * sigma - of_y * of_y).sqrt();
        for (row, expected) in [(0, expected), (1, 0.6)] {
            let std = Moments::of(&x.rows(row, 1).into_owned()).std;
            assert!((std - expected).abs() < 0.02 * expected, "{noise} {row}: {std}");
        }
    }
}
