//! What is learned from.

use std::collections::BTreeSet;

use diffusion_core::{Moments, generator};
use nalgebra::DMatrix;
use part_e_schedules::signal_to_noise_ratio;
use part_f_the_way_back::Prediction;
use part_h_learning_to_denoise::{Data, Examples, Target};

use crate::{labelled_data, normal, scheduler};

const ALL: [Target; 3] = [Target::Noise, Target::X0, Target::Velocity];

/// Whoever says the right answer is right, whatever is asked for.
#[test]
fn right_answers_lead_back_to_the_data() {
    let (scheduler, rng) = (scheduler(50), &mut generator(0));
    let x0 = normal(3, 40, rng);
    for target in ALL {
        for t in [3, 25, 44] {
            let (t_of_all, labels) = (vec![t; 40], vec![None; 40]);
            let examples =
                Examples::of(x0.clone(), t_of_all, labels, &scheduler, target, rng)
                    .unwrap();
            let factors = scheduler.factors(t).unwrap();
            let prediction = target.prediction(examples.targets.clone());
            let off = (prediction.x0(&examples.x, factors) - &x0).amax();
            assert!(off < 1e-4, "{target:?}, t = {t}: {off}");
        }
    }
}

/// The same guess of `x0`, said in three ways: how much larger its squared error is.
#[test]
fn losses_of_targets_differ_by_their_weights() {
    let (scheduler, rng) = (scheduler(50), &mut generator(1));
    let x0 = normal(2, 500, rng);
    for t in [2, 10, 30, 47] {
        let factors = scheduler.factors(t).unwrap();
        let guess = &x0 + 0.1 * normal(2, 500, rng);
        let error = |target: Target| {
            let (t_of_all, labels) = (vec![t; 500], vec![None; 500]);
            let examples = Examples::of(
                x0.clone(),
                t_of_all,
                labels,
                &scheduler,
                target,
                &mut generator(2),
            );
            let Examples { x, targets, .. } = examples.unwrap();
            let said = target.answer(Prediction::X0(guess.clone()), &x, factors);
            f64::from((said - targets).map(|error| error * error).sum())
        };
        let of_x0 = error(Target::X0);
        let alpha_bar = scheduler.alpha_bar()[t];
        for target in ALL {
            let ratio = error(target) / of_x0;
            let weight = target.weight(alpha_bar);
            assert!(
                (ratio / weight - 1.0).abs() < 2e-3,
                "{target:?}, t = {t}: {ratio}, {weight}"
            );
        }
        let snr = signal_to_noise_ratio(alpha_bar);
        let expected = [snr, 1.0, snr + 1.0];
        assert_eq!(ALL.map(|target| target.weight(alpha_bar)), expected);
    }
}

#[test]
fn examples_are_drawn_from_everything() {
    let (scheduler, data) = (scheduler(10), labelled_data(30));
    let examples =
        Examples::draw(20_000, &data, &scheduler, Target::Noise, 0.25, &mut generator(3));
    let count = |t| examples.t.iter().filter(|&&of| of == t).count();
    for t in 0..10 {
        assert!((1800..2200).contains(&count(t)), "t = {t}: {}", count(t));
    }
    let told = examples.labels.iter().flatten().count();
    assert!((14_600..15_400).contains(&told), "{told}");
    let noise = Moments::of(&examples.targets);
    assert!(noise.mean.abs() < 0.02 && (noise.std - 1.0).abs() < 0.02);

    // Without the noise, what is left is the data, each with its label.
    let mut drawn = BTreeSet::new();
    for (column, &t) in examples.t.iter().enumerate() {
        let (a, b) = scheduler.factors(t).unwrap();
        if t > 7 {
            continue;
        }
        let x = examples.x.column(column) - b as f32 * examples.targets.column(column);
        let x0 = x / a as f32;
        let is_it = |datum: &usize| (data.x.column(*datum) - &x0).amax() < 1e-3;
        let datum = (0..30).find(is_it).expect("a datum");
        drawn.insert(datum);
        let label = examples.labels[column];
        assert!(label.is_none_or(|label| label == data.labels.as_ref().unwrap()[datum]));
    }
    assert_eq!(drawn.len(), 30);
}

#[test]
fn data_are_told_apart() {
    let x = DMatrix::from_fn(1, 7, |_, column| column as f32);
    let data = Data { x, labels: Some(vec![0, 5, 0, 2, 2, 5, 0]) };
    let (left, held_out) = data.hold_out(3);
    assert_eq!(left.x.as_slice(), [0.0, 1.0, 3.0, 4.0, 6.0]);
    assert_eq!(left.labels, Some(vec![0, 5, 2, 2, 0]));
    assert_eq!(held_out.x.as_slice(), [2.0, 5.0]);
    assert_eq!(held_out.labels, Some(vec![0, 5]));
    assert_eq!(data.different_labels(), [Some(0), Some(2), Some(5)]);
    assert_eq!(data.with_label(Some(2)).as_slice(), [3.0, 4.0]);
    let unlabelled = Data::unlabelled(data.x.clone());
    assert_eq!(unlabelled.different_labels(), [None]);
    assert_eq!(unlabelled.with_label(None), data.x);
}
