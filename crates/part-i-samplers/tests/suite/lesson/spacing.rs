//! Which timesteps are chosen.

use part_i_samplers::Spacing;
use proptest::prelude::*;

const LEADING: Spacing = Spacing::Leading { offset: 0 };

/// As diffusers' DDIMScheduler chooses them.
#[test]
fn spacings_are_those_of_diffusers() {
    let timesteps = |spacing: Spacing, steps| spacing.timesteps(steps, 1000).unwrap();
    assert_eq!(timesteps(LEADING, 4), [750, 500, 250, 0]);
    assert_eq!(timesteps(Spacing::Leading { offset: 1 }, 4), [751, 501, 251, 1]);
    assert_eq!(timesteps(LEADING, 7), [852, 710, 568, 426, 284, 142, 0]);
    assert_eq!(timesteps(Spacing::Linspace, 4), [999, 666, 333, 0]);
    assert_eq!(timesteps(Spacing::Linspace, 7), [999, 832, 666, 500, 333, 166, 0]);
    assert_eq!(timesteps(Spacing::Trailing, 4), [999, 749, 499, 249]);
    assert_eq!(timesteps(Spacing::Trailing, 7), [999, 856, 713, 570, 428, 285, 142]);
    assert_eq!(timesteps(Spacing::Trailing, 16)[1..4], [937, 874, 811]);
    assert_eq!(timesteps(LEADING, 1), [0]);
    assert_eq!(timesteps(Spacing::Linspace, 1), [0]);
    assert_eq!(timesteps(Spacing::Trailing, 1), [999]);
}

/// All of diffusers' trailing timesteps for 1 to 1000 steps of 1000, in one number. Where
/// it has one step more than asked for, to timestep -1, that one is left out.
#[test]
fn trailing_timesteps_are_those_of_diffusers_for_every_number_of_steps() {
    let timesteps = |steps| Spacing::Trailing.timesteps(steps, 1000).unwrap();
    assert_eq!([3, 15, 27, 39].map(|at| timesteps(48)[at]), [936, 686, 436, 186]);
    let sum = (1..=1000)
        .flat_map(timesteps)
        .fold(0_u64, |sum, t| sum.wrapping_mul(31).wrapping_add(t as u64));
    assert_eq!(sum, 15_666_598_794_695_653_972);
}

proptest! {
    #[test]
    fn they_fall_and_are_in_the_schedule(timesteps in 1..2000_usize, part in 0.0..=1.0_f64) {
        let steps = ((timesteps as f64 * part) as usize).max(1);
        for spacing in [LEADING, Spacing::Linspace, Spacing::Trailing] {
            let chosen = spacing.timesteps(steps, timesteps).unwrap();
            prop_assert_eq!(chosen.len(), steps);
            prop_assert!(chosen.windows(2).all(|pair| pair[0] > pair[1]), "{:?}", chosen);
            prop_assert!(chosen[0] < timesteps);
        }
        let trailing = Spacing::Trailing.timesteps(steps, timesteps).unwrap();
        prop_assert_eq!(trailing[0], timesteps - 1);
    }

    #[test]
    fn all_of_them_are_all(timesteps in 1..1500_usize) {
        let all: Vec<usize> = (0..timesteps).rev().collect();
        for spacing in [LEADING, Spacing::Linspace, Spacing::Trailing] {
            prop_assert_eq!(spacing.timesteps(timesteps, timesteps).unwrap(), all.clone());
        }
    }
}
