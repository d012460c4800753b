//! Small networks, each with something left out or changed.

use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{Denoiser, DenoiserError, NoiseLevel, Prediction};
use part_h_learning_to_denoise::loss::LevelDistribution;
use part_h_learning_to_denoise::{ParameterSet, TrainableNetwork, TrainingConfig};
use part_l_u_net::{UNetConfig, cost};
use rand::Rng;
use xtask_figures::stored::u_net::{CHANGED_UPDATES, Change, Row, TIMESTEPS};

use super::judged::fraction_right;
use super::{
    DIGITS, Measured, TRAINING, asked_in_turn, config, evaluated, evaluation_at, losses,
    noise, sampled, scheduler, small,
};

/// How many digits of each are judged.
const JUDGED: usize = 200;

/// Measures them.
pub fn measure(measured: &mut Measured) {
    for (i, (change, name)) in Change::ALL.into_iter().enumerate() {
        let at = Told { change };
        let training = TrainingConfig { updates: CHANGED_UPDATES, ..TRAINING };
        let (network, updates) = small(changed(change), training, at);
        let cost = cost::multiplications(network.config()) as f64;
        let parameters = network.parameters().count() as f64;
        let levels: Vec<NoiseLevel> =
            evaluated().into_iter().map(|level| at.told(level)).collect();
        let unseen = evaluation_at(&levels, &DIGITS.held_out);
        let losses = losses(&unseen, &network);
        let denoiser = Asked { denoiser: asked_in_turn(network), at };
        let samples = sampled(&denoiser, noise(JUDGED, 0));
        measured.put_row(Row::Changed(i), &samples);
        let right = fraction_right(&samples);
        let values =
            [parameters, cost].into_iter().chain(losses).chain([right, updates as f64]);
        measured.put(&format!("changed_{name}"), values);
    }
}

fn changed(change: Change) -> UNetConfig {
    let mut config = config(match change {
        Change::Narrower => [8, 16, 16],
        Change::Wider => [32, 64, 64],
        _ => [16, 32, 32],
    });
    match change {
        Change::Skips => config.skips = false,
        Change::Norm => {
            config.norm.groups = 0;
            config.middle_groups = None;
        }
        Change::Attention => config.attention_in_the_middle = false,
        Change::MoreAttention => {
            config.attention = [vec![false, true, true], vec![true, true, false]];
        }
        Change::Deeper => config.blocks = 2,
        Change::None | Change::Time | Change::Narrower | Change::Wider => {}
    }
    config
}

/// What a changed network is told of noise levels.
#[derive(Clone, Copy)]
struct Told {
    change: Change,
}

impl Told {
    fn told(self, level: NoiseLevel) -> NoiseLevel {
        match self.change {
            Change::Time => NoiseLevel { t: 0.0, ..level },
            _ => level,
        }
    }
}

impl LevelDistribution for Told {
    fn draw(&self, rng: &mut impl Rng) -> NoiseLevel {
        static SCHEDULER: std::sync::LazyLock<NoiseScheduler> =
            std::sync::LazyLock::new(scheduler);
        self.told(SCHEDULER.draw(rng))
    }

    fn timesteps(&self) -> usize {
        TIMESTEPS
    }
}

/// A denoiser that is told the same.
struct Asked<D> {
    denoiser: D,
    at: Told,
}

impl<D: Denoiser> Denoiser for Asked<D> {
    fn predict(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        self.denoiser.predict(x, self.at.told(at))
    }
}
