//! Small networks that predict different things, and how light their digits are.

use part_h_learning_to_denoise::{LearnedDenoiser, TrainingConfig};
use xtask_figures::stored::u_net::{CHANGED_UPDATES, KINDS, LABELS, Row};

use super::judged::fraction_right;
use super::mean_value::light;
use super::{Measured, TRAINING, config, labels, noise, sampled, scheduler, small};

/// How many digits of each are measured.
const JUDGED: usize = 200;

/// Measures them.
pub fn measure(measured: &mut Measured) {
    for (i, kind) in KINDS.into_iter().enumerate() {
        let training = TrainingConfig { kind, updates: CHANGED_UPDATES, ..TRAINING };
        let (network, updates) = small(config([16, 32, 32]), training, scheduler());
        assert_eq!(updates, CHANGED_UPDATES, "the loss is finite");
        let denoiser = LearnedDenoiser::new(network, kind, labels(LABELS), 1.0);
        let denoiser = denoiser.expect("the network knows the digits");
        let samples = sampled(&denoiser, noise(JUDGED, 0));
        measured.put_row(Row::Predicting(i), &samples);
        let right = fraction_right(&samples);
        let values = light(&samples).into_iter().chain([right]);
        measured.put(&format!("predicting_{}", kind.name()), values);
    }
}
