//! Is what was computed once still what its code computes?

use std::fs;

use part_f_the_way_back::PredictionType;
use part_h_learning_to_denoise::TrainingConfig;
use part_h_learning_to_denoise::evaluation::mean;
use xtask_artifacts::repository;
use xtask_evidence::{flows, learning, new_pictures, noise};
use xtask_figures::stored;
use xtask_figures::stored::learning::{SPIRAL, curve, stored_curves, stored_denoiser};

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
    let stored = stored::new_pictures::Stored::read();
    assert!(new_pictures::made(stored::new_pictures::SIDE, None, 7) == stored.of_seed(7));
    let patch = stored::new_pictures::PATCHES[1];
    assert!(
        new_pictures::made(stored::new_pictures::SIDE, Some(patch), 0)
            == stored.of_patch(1)
    );
}

/// The first updates, made again: the same bits.
#[test]
fn the_first_updates_have_the_losses_that_are_stored() {
    let stored = curve(&stored_curves(), "batch");
    let mut training = learning::training(TrainingConfig::default());
    let again = learning::advance(&mut training, 25);
    let again: Vec<f64> = again.iter().map(|&loss| f64::from(loss as f32)).collect();
    let stored: Vec<f64> = stored.iter().map(|&loss| f64::from(loss as f32)).collect();
    assert_eq!(again, stored[..25]);
    assert_eq!(stored.len(), TrainingConfig::default().updates);
}

/// The network that is stored has the loss that is stored.
#[test]
fn the_network_has_the_loss_that_is_stored() {
    let stored = curve(&stored_curves(), "network");
    let denoiser = stored_denoiser(SPIRAL, vec![None], 1.0);
    let evaluation_set = learning::evaluation_set(PredictionType::Noise);
    let again = evaluation_set.losses(denoiser.network());
    let again: Vec<f64> = again.iter().map(|&loss| f64::from(loss as f32)).collect();
    let stored: Vec<f64> = stored.iter().map(|&loss| f64::from(loss as f32)).collect();
    assert_eq!(again, stored);
    assert!(mean(&again) < 0.3);
}

/// Some of the values, computed again: the same digits.
#[test]
fn pairs_of_the_flow_have_the_costs_that_are_stored() {
    let stored =
        fs::read_to_string(repository().join("data/evidence/flows.csv")).unwrap();
    let again = flows::lines(flows::pairs::costs_of_whole_sets());
    assert_eq!(again.lines().count(), 2);
    assert!(again.lines().all(|line| stored.contains(&format!("\n{line}\n"))), "{again}");
}

/// Means of powers of N(0, 1), each within four of its standard errors, which follow from
/// the mean of twice the power.
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
