//! What can't be done is said in a sentence.

use diffusion_core::generator;
use nalgebra::DMatrix;
use part_f_the_way_back::Denoiser;
use part_n_to_order::{
    ConditionalDenoiser, Dps, Measurement, Method, Observation, Order, OrderError, Plain,
    SmoothedData, WithoutJacobian,
};

use super::{level, levels, moons, normal};

#[test]
fn measurements_that_make_no_sense() {
    let said = |error: Result<Measurement, OrderError>| error.unwrap_err().to_string();
    assert_eq!(
        said(Measurement::mask(4, &[1, 4])),
        "place 4 is seen twice or is not there; expected places below 4, each at most once"
    );
    assert!(said(Measurement::mask(4, &[1, 1])).starts_with("place 1 is seen twice"));
    let blocks =
        "blocks of 3 x 3 do not fill 8 x 9 pixels; expected a side that divides both";
    assert_eq!(said(Measurement::means([8, 9], 3)), blocks);
    assert!(Measurement::means([8, 8], 0).is_err());
    assert!(Measurement::means([0, 8], 2).is_err());
    assert!(said(Measurement::projection(&[0.0, 0.0])).starts_with("a direction has no"));
    assert!(Measurement::projection(&[f32::NAN]).is_err());
}

#[test]
fn observations_that_make_no_sense() {
    let seen = |values: usize, noise: f64| {
        let measurement = Measurement::mask(4, &[1]).unwrap();
        Observation::of(&vec![0.0; values], measurement, noise, &mut generator(0))
    };
    assert!(matches!(seen(3, 0.1), Err(OrderError::Values { found: 3, expected: 4 })));
    assert!(matches!(seen(4, -0.1), Err(OrderError::Noise(_))));
    assert!(matches!(seen(4, f64::NAN), Err(OrderError::Noise(_))));
    assert!(seen(4, 0.0).is_ok());
}

#[test]
fn data_that_make_no_sense() {
    let data = |x: DMatrix<f32>, spread| SmoothedData::new(x, spread);
    assert!(matches!(data(DMatrix::zeros(2, 0), 0.0), Err(OrderError::Data(_))));
    let infinite = DMatrix::from_element(1, 1, f32::INFINITY);
    assert!(matches!(data(infinite, 0.0), Err(OrderError::Data(_))));
    let spread = data(DMatrix::zeros(1, 1), -1.0);
    assert!(matches!(spread, Err(OrderError::Spread(_))));
}

#[test]
fn points_seen_without_noise() {
    let points = moons(0.0);
    let measurement = Measurement::mask(2, &[0]).unwrap();
    let observation = Observation { measurement, y: vec![0.3], noise: 0.0 };
    let error = ConditionalDenoiser::new(&points, &observation).unwrap_err();
    assert!(matches!(error, OrderError::Certain));
    assert!(ConditionalDenoiser::new(&moons(0.1), &observation).is_ok());
    let other =
        Observation { measurement: Measurement::mask(3, &[0]).unwrap(), ..observation };
    assert!(ConditionalDenoiser::new(&points, &other).is_err());
}

#[test]
fn states_and_orders_that_make_no_sense() {
    let data = moons(0.0);
    let x = normal(3, 2, &mut generator(0));
    assert!(data.predict(&x, level(0.5)).is_err());
    let measurement = Measurement::mask(2, &[0]).unwrap();
    let observation = Observation { measurement, y: vec![0.3], noise: 0.1 };
    let conditional = ConditionalDenoiser::new(&data, &observation).unwrap();
    assert!(conditional.predict(&x, level(0.5)).is_err());

    let without = WithoutJacobian(&data);
    let step = levels(5).steps().next().unwrap();
    let x = normal(2, 2, &mut generator(0));
    let sampled = |denoiser, eta, method: &dyn Method| {
        let order = Order { denoiser, observation: &observation, eta };
        method.step(&order, &x, &step, &mut DMatrix::clone).unwrap_err().to_string()
    };
    let said = sampled(&without, 1.0, &Dps::Length(1.0));
    assert!(said.starts_with("the method needs the derivative"), "{said}");
    assert!(sampled(&without, 1.5, &Plain).starts_with("eta is 1.5"));
}
