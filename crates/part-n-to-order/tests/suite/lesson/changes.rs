//! Pictures that are changed, and when it is decided what they will be.

use diffusion_core::generator;
use nalgebra::DMatrix;
use part_f_the_way_back::{DenoiserError, NoiseLevel};
use part_i_samplers::{Ddim, SamplingConfig, SamplingError, X0Clipping};
use part_n_to_order::SmoothedData;
use part_n_to_order::decided::decided;
use part_n_to_order::inversion::inverted;
use part_n_to_order::sdedit::{begun, bits, levels_of_strength};

use super::{level, levels, moons, normal};

#[test]
fn a_strength_is_a_part_of_the_way() {
    let levels = levels(20);
    let of = |strength| levels_of_strength(&levels, strength).unwrap();
    assert_eq!(of(1.0), levels);
    assert_eq!(of(0.5).as_slice(), &levels.as_slice()[10..]);
    assert_eq!(of(0.0001).as_slice(), &levels.as_slice()[19..]);
}

#[test]
fn a_picture_begins_with_the_noise_of_its_level() {
    let levels = levels(20);
    let (x0, noise) = (normal(3, 2, &mut generator(0)), normal(3, 2, &mut generator(1)));
    let NoiseLevel { a, b, .. } = levels.as_slice()[0];
    let x = begun(&x0, &noise, &levels);
    assert!((x - (a as f32 * x0 + b as f32 * noise)).amax() < 1e-6);
}

#[test]
fn bits_are_those_of_a_choice() {
    assert_eq!(bits(&[0.125; 8]), 0.0);
    assert!((bits(&[0.0, 1.0, 0.0, 0.0]) - 2.0).abs() < 1e-12);
    assert!((bits(&[0.5, 0.5, 0.0, 0.0]) - 1.0).abs() < 1e-12);
}

/// The noise leads back to where it came from: the closer, the more steps.
#[test]
fn there_and_back_is_where_it_was() {
    let data = moons(0.1);
    let x0 = data.data().clone();
    let off = |steps: usize| {
        let levels = levels(steps);
        let noise = inverted(&data, &levels, x0.clone()).unwrap();
        let (sampler, clipping) = (&Ddim { eta: 0.0 }, X0Clipping::None);
        let config = SamplingConfig { sampler, levels: &levels, clipping };
        let back = config.sample(&data, noise, &mut generator(0)).unwrap();
        (back - &x0).map(f32::abs).mean()
    };
    let (few, many) = (off(10), off(300));
    assert!(many < 0.02 && few > 3.0 * many, "{few} {many}");
}

#[test]
fn a_datum_of_another_size_has_no_noise() {
    let error = inverted(&moons(0.0), &levels(5), DMatrix::zeros(3, 1)).unwrap_err();
    let shape = DenoiserError::Shape { found: 3, expected: 2 };
    assert_eq!(error.to_string(), SamplingError::Denoiser(shape).to_string());
}

#[test]
fn it_is_decided_once_it_stays_so() {
    let levels = [0.9, 0.8, 0.6, 0.4].map(level);
    let sigma = |level: usize| Some(levels[level].sigma());
    let at = |outcomes: [(usize, f64); 4]| decided(&levels, &outcomes);
    assert_eq!(at([(1, 0.95), (1, 0.92), (1, 0.99), (1, 1.0)]), sigma(0));
    assert_eq!(at([(1, 0.95), (1, 0.8), (1, 0.99), (1, 1.0)]), sigma(2));
    assert_eq!(at([(2, 0.95), (2, 0.95), (2, 0.99), (1, 1.0)]), sigma(3));
    assert_eq!(at([(1, 0.5), (1, 0.5), (1, 0.5), (1, 0.5)]), None);
    let none: [NoiseLevel; 0] = [];
    assert_eq!(decided(&none, &[]), None);
}

/// The log of a density is that of a normal one for a single datum.
#[test]
fn of_one_datum_the_density_is_normal() {
    let data = SmoothedData::new(DMatrix::from_element(2, 1, 0.5), 0.3).unwrap();
    let at = level(0.6);
    let variance = 0.36 + 0.64 * 0.09;
    let square = 2.0 * (1.0 - 0.8 * 0.5_f64).powi(2);
    let expected =
        -square / (2.0 * variance) - (2.0 * std::f64::consts::PI * variance).ln();
    assert!((data.log_density(&[1.0, 1.0], at) - expected).abs() < 1e-6);
}
