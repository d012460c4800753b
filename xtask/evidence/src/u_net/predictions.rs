//! Small networks that predict different things, and how light their digits are.

use diffusion_core::generator;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_h_learning_to_denoise::{LearnedDenoiser, Training, TrainingConfig};
use part_l_u_net::UNet;
use xtask_figures::stored::u_net::{CHANGED_UPDATES, KINDS, LABELS, Row};

use super::judged::fraction_right;
use super::mean_value::light;
use super::{DIGITS, Measured, TRAINING, config, labels, noise, sampled, scheduler};

/// How many digits of each are measured.
const JUDGED: usize = 200;

/// Measures them.
pub fn measure(measured: &mut Measured) {
    for (i, kind) in KINDS.into_iter().enumerate() {
        let mut rng = generator(0);
        let network = UNet::new(config([16, 32, 32]), &mut rng);
        let training = TrainingConfig { kind, updates: CHANGED_UPDATES, ..TRAINING };
        let data = DIGITS.learned.clone();
        let mut training: Training<NoiseScheduler, UNet> =
            Training::of_network(training, network, data, scheduler(), rng)
                .expect("the config fits");
        while !training.is_done() {
            training.update().expect("the loss is finite");
        }
        let network = training.ema().clone();
        let denoiser = LearnedDenoiser::new(network, kind, labels(LABELS), 1.0);
        let denoiser = denoiser.expect("the network knows the digits");
        let samples = sampled(&denoiser, noise(JUDGED, 0));
        measured.put_row(Row::Predicting(i), &samples);
        let right = fraction_right(&samples);
        let values = light(&samples).into_iter().chain([right]);
        measured.put(&format!("predicting_{}", kind.name()), values);
    }
}
