//! What is learned from.

use std::collections::BTreeSet;

use diffusion_core::{Moments, generator};
use nalgebra::DMatrix;
use part_e_schedules::signal_to_noise_ratio;
use part_f_the_way_back::{NoiseLevel, Prediction, PredictionType};
use part_h_learning_to_denoise::loss::loss_weight;
use part_h_learning_to_denoise::{Data, Examples};

use super::{labelled_data, normal, scheduler};

/// Whoever says the right output is right, whatever is predicted.
#[test]
fn right_outputs_lead_back_to_the_data() {
    let (scheduler, rng) = (scheduler(50), &mut generator(0));
    let x0 = normal(3, 40, rng);
    for kind in PredictionType::ALL {
        for t in [3, 25, 44] {
            let level = NoiseLevel::of_timestep(&scheduler, t).unwrap();
            let (levels, labels) = (vec![level; 40], vec![None; 40]);
            let examples = Examples::of(x0.clone(), levels, labels, kind, rng);
            let prediction = Prediction { kind, values: examples.targets };
            let off = (prediction.x0(&examples.x, level) - &x0).amax();
            assert!(off < 1e-4, "{kind:?}, t = {t}: {off}");
        }
    }
}

/// The same prediction of `x0`, said in four ways: how much larger its squared error is.
#[test]
fn losses_of_prediction_types_differ_by_their_weights() {
    let (scheduler, rng) = (scheduler(50), &mut generator(1));
    let x0 = normal(2, 500, rng);
    let timesteps = [2, 10, 30, 47];
    let levels = timesteps.map(|t| NoiseLevel::of_timestep(&scheduler, t).unwrap());
    let on_a_line = [0.1, 0.5, 0.9].map(|b| NoiseLevel { t: 1000.0 * b, a: 1.0 - b, b });
    for level in levels.into_iter().chain(on_a_line) {
        let predicted = &x0 + 0.1 * normal(2, 500, rng);
        let error = |kind: PredictionType| {
            let (levels, labels) = (vec![level; 500], vec![None; 500]);
            let Examples { x, targets, .. } =
                Examples::of(x0.clone(), levels, labels, kind, &mut generator(2));
            let prediction =
                Prediction { kind: PredictionType::X0, values: predicted.clone() };
            let said = prediction.converted(kind, &x, level);
            f64::from((said - targets).map(|error| error * error).sum())
        };
        let of_x0 = error(PredictionType::X0);
        for kind in PredictionType::ALL {
            let (ratio, weight) = (error(kind) / of_x0, loss_weight(kind, level));
            assert!(
                (ratio / weight - 1.0).abs() < 2e-3,
                "{kind:?}, {level:?}: {ratio}, {weight}"
            );
        }
    }
    for (t, level) in timesteps.into_iter().zip(levels) {
        let snr = signal_to_noise_ratio(scheduler.alpha_bar()[t]);
        let flow = (1.0 + snr.sqrt()) * (1.0 + snr.sqrt());
        let expected = [snr, 1.0, snr + 1.0, flow];
        for (kind, expected) in PredictionType::ALL.into_iter().zip(expected) {
            assert!((loss_weight(kind, level) / expected - 1.0).abs() < 1e-12);
        }
    }
}

#[test]
fn examples_are_drawn_from_everything() {
    let (scheduler, data) = (scheduler(10), labelled_data(30));
    let examples = Examples::draw(
        20_000,
        &data,
        &scheduler,
        PredictionType::Noise,
        0.25,
        &mut generator(3),
    );
    let count =
        |t: usize| examples.levels.iter().filter(|level| level.t == t as f64).count();
    for t in 0..10 {
        assert!((1800..2200).contains(&count(t)), "t = {t}: {}", count(t));
    }
    let told = examples.labels.iter().flatten().count();
    assert!((14_600..15_400).contains(&told), "{told}");
    let noise = Moments::of(&examples.targets);
    assert!(noise.mean.abs() < 0.02 && (noise.std - 1.0).abs() < 0.02);

    // Without the noise, what is left is the data, each with its label.
    let mut drawn = BTreeSet::new();
    for (column, &NoiseLevel { t, a, b }) in examples.levels.iter().enumerate() {
        if t > 7.0 {
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
    let (others, held_out) = data.hold_out(3);
    assert_eq!(others.x.as_slice(), [0.0, 1.0, 3.0, 4.0, 6.0]);
    assert_eq!(others.labels, Some(vec![0, 5, 2, 2, 0]));
    assert_eq!(held_out.x.as_slice(), [2.0, 5.0]);
    assert_eq!(held_out.labels, Some(vec![0, 5]));
    assert_eq!(data.different_labels(), [Some(0), Some(2), Some(5)]);
    assert_eq!(data.with_label(Some(2)).as_slice(), [3.0, 4.0]);
    let unlabelled = Data::unlabelled(data.x.clone());
    assert_eq!(unlabelled.different_labels(), [None]);
    assert_eq!(unlabelled.with_label(None), data.x);
}
