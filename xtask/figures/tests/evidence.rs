//! Is what was computed once still what its code computes?

use std::fs;

use xtask_figures::evidence::{all_stale, new_pictures, noise};
use xtask_figures::repository;

#[test]
fn none_of_it_is_stale() {
    assert_eq!(all_stale(&repository()), []);
}

/// The first rows of a billion values, computed again: the same bytes.
#[test]
fn the_noise_of_a_seed_has_the_moments_that_are_stored() {
    let stored =
        fs::read_to_string(repository().join("data/evidence/noise.csv")).unwrap();
    let first = noise::csv(&[1 << 10, 1 << 20]);
    assert!(stored.starts_with(&first), "{first}");
    assert_eq!(stored.lines().count(), 4);
}

/// A picture of the sheet, made again: the same pixels.
#[test]
fn a_seed_makes_the_picture_that_is_stored() {
    let stored = new_pictures::Stored::read();
    assert!(new_pictures::made(new_pictures::SIDE, None, 7) == stored.of_seed(7));
    let patch = new_pictures::PATCHES[1];
    assert!(new_pictures::made(new_pictures::SIDE, Some(patch), 0) == stored.of_patch(1));
}

/// Means of powers of N(0, 1), each within four of its standard errors, which follow from the
/// mean of twice the power.
#[test]
fn the_noise_is_normal() {
    let stored =
        fs::read_to_string(repository().join("data/evidence/noise.csv")).unwrap();
    // E[x^(2n)] is 1 * 3 * 5 * … * (2n - 1).
    let even = |power: u32| (1..power).step_by(2).map(f64::from).product::<f64>();
    for line in stored.lines().skip(1) {
        let mut cells = line.split(',').map(|cell| cell.parse::<f64>().unwrap());
        let values = cells.next().unwrap();
        for (power, moment) in [1, 2, 4, 8].into_iter().zip(cells) {
            let expected = if power % 2 == 0 { even(power) } else { 0.0 };
            let variance = even(2 * power) - expected * expected;
            let error = (moment - expected).abs() / (variance / values).sqrt();
            assert!(error < 4.0, "{values} values, power {power}: {moment}");
        }
    }
}
