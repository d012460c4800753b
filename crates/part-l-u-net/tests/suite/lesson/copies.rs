//! Are copies found, and new digits not taken for some?

use diffusion_cli::load;
use diffusion_core::generator;
use nalgebra::DMatrix;
use part_l_u_net::copies::{copies, copy_distance};

use super::normal;

/// Chapter H's digits: those that were learned from, those that say how near a copy is, and
/// others that are just as new.
fn digits() -> [DMatrix<f32>; 3] {
    let digits = load::digits().expect("the repository has them");
    [(0, 1000), (1000, 400), (1400, 397)]
        .map(|(first, count)| digits.columns(first, count).into_owned())
}

/// How many of them are copies.
fn count(copies: &[bool]) -> usize {
    copies.iter().filter(|&&is_copy| is_copy).count()
}

/// Half of the samples are learned digits with a little noise, and half are new.
#[test]
fn planted_copies_are_found_and_new_digits_pass() {
    let [learned, new, others] = digits();
    let planted = learned.columns(0, 500) + 0.05 * normal(64, 500, &mut generator(1));
    let both = [planted.as_slice(), others.as_slice()].concat();
    let samples = DMatrix::from_vec(64, 500 + 397, both);
    let found = copies(&samples, &learned, &new);
    let (of_planted, of_others) = found.split_at(500);
    assert_eq!(count(of_planted), 500);
    // One in a hundred is to be expected.
    assert!(count(of_others) <= 8, "{} new digits", count(of_others));
}

/// Of the digits that say how near a copy is, no more than one in a hundred is one; and it is
/// nearer where more digits were learned from.
#[test]
fn one_in_a_hundred_new_digits_is_as_near_as_a_copy() {
    let [learned, new, _] = digits();
    let few = learned.columns(0, 100).into_owned();
    for learned in [&learned, &few] {
        let found = count(&copies(&new, learned, &new));
        assert!((1..=4).contains(&found), "{found} new digits");
    }
    assert!(copy_distance(&few, &new) > 1.2 * copy_distance(&learned, &new));
}

#[test]
fn a_sample_that_is_no_number_is_no_copy() {
    let [learned, new, _] = digits();
    let mut samples = learned.columns(0, 2).into_owned();
    samples[(0, 1)] = f32::NAN;
    assert_eq!(copies(&samples, &learned, &new), [true, false]);
}
