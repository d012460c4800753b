//! A network that the methods ask, and the digits that it is held to.

use std::path::Path;

use diffusion_cli::RunError;
use diffusion_cli::load::{
    DIGIT_SIDE, MNIST_SIDE, digit_labels, digits, mnist, mnist_labels,
};
use diffusion_cli::shown::Shown;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::PredictionType;
use part_h_learning_to_denoise::Data;
use part_i_samplers::{Levels, SamplingError, Spacing};
use part_j_flow_matching::levels::shifted_levels;
use part_l_u_net::command_line::{load_config, load_folder};
use part_l_u_net::model_folder::{FolderPath, ModelFolder};
use part_n_to_order::judge::nearest_data;
use part_n_to_order::{DifferentiableNetwork, SmoothedData};

use crate::digits::{Digits, lesson};

/// Of the digits of 8 × 8 pixels every tenth is held out, and of MNIST's the last so many,
/// as chapter L has it.
const EVERY: usize = 10;
const HELD_OUT: usize = 1000;

/// The most samples of a network.
const MOST: usize = 1000;

/// The network of a folder.
pub struct Model {
    pub denoiser: DifferentiableNetwork,
    /// The path whose states it has seen.
    path: FolderPath,
    /// What it has learned from, as far as is known.
    learned: Data,
    /// Digits that it hasn't.
    held_out: Data,
    side: usize,
    /// What is to be said of it.
    pub notes: Vec<String>,
}

impl Model {
    /// Loads the network, and the digits of its size.
    pub fn load(path: &Path) -> Result<Self, RunError> {
        let config = load_config(path)?.network;
        let ([rows, columns], [inputs, outputs]) = (config.size, config.channels);
        let (name, side) = match (config.size, config.channels) {
            ([DIGIT_SIDE, DIGIT_SIDE], [1, 1]) => ("digits", DIGIT_SIDE),
            ([MNIST_SIDE, MNIST_SIDE], [1, 1]) => ("mnist", MNIST_SIDE),
            _ => {
                let sentence = format!(
                    "'{}' has a network from {inputs} to {outputs} channels of {columns} x {rows} \
                     pixels, for which there are no digits to be seen; expected one from 1 to 1 \
                     channel of {DIGIT_SIDE} x {DIGIT_SIDE} or {MNIST_SIDE} x {MNIST_SIDE} pixels",
                    Shown(path)
                );
                return Err(RunError::Lesson(sentence.into()));
            }
        };
        let ModelFolder { network, scheduler, learned } = load_folder(path)?;
        let mut notes = Vec::new();
        if learned.data.as_deref() != Some(name) {
            notes.push(format!(
                "The folder doesn't say that its network has learned from {name}. The truth here is \
                 that of {name}."
            ));
            if config.classes > 0 {
                let last = config.classes - 1;
                notes.push(format!("The last of its labels, {last}, is taken for none."));
            }
        }
        let (learned, held_out) = match name {
            "digits" => {
                let all = Data { x: digits()?, labels: Some(digit_labels()?) };
                all.hold_out(EVERY)
            }
            _ => {
                let (x, mut labels) = (mnist()?, mnist_labels()?);
                let first = x.ncols() - HELD_OUT;
                let held_out = Data {
                    x: x.columns(first, HELD_OUT).into_owned(),
                    labels: Some(labels.split_off(first)),
                };
                let x = x.columns(0, first).into_owned();
                (Data { x, labels: Some(labels) }, held_out)
            }
        };
        // As chapter L's samples: pixels are in [-1, 1].
        let denoiser = DifferentiableNetwork::new(network, scheduler.prediction(), 1.0);
        let denoiser = denoiser.map_err(lesson)?;
        Ok(Model { denoiser, path: scheduler, learned, held_out, side, notes })
    }

    /// What the network has learned from, and the digit of this number among those that it
    /// hasn't.
    pub fn digits(&mut self, digit: u64, spread: f64) -> Result<Digits, RunError> {
        let (digit, count) = (digit as usize, self.held_out.x.ncols());
        if digit >= count {
            return Err(RunError::Argument(format!(
                "--digit {digit}: {count} digits were held out from the network; expected one from 0 \
                 to {}",
                count - 1
            )));
        }
        let labels = |data: &Data| data.labels.clone().expect("digits have labels");
        let (known, seen) = (labels(&self.learned), labels(&self.held_out));
        let nearest = nearest_data(&self.held_out.x, &self.learned.x);
        let right =
            nearest.iter().zip(&seen).filter(|(datum, of)| known[**datum] == **of);
        let right = right.count();
        self.notes.push(format!(
            "A sample has the label of the nearest digit that the network has learned from. Of \
             {count} digits that were held out, {right} would be named right."
        ));
        Ok(Digits {
            data: SmoothedData::new(self.learned.x.clone(), spread).map_err(lesson)?,
            labels: known,
            seen: self.held_out.x.columns(digit, 1).into_owned(),
            label: seen[digit],
            side: self.side,
        })
    }

    /// The noise levels of so many steps, along the network's own path.
    pub fn levels(&self, steps: usize) -> Result<Levels, RunError> {
        let levels = match &self.path {
            FolderPath::Flow => shifted_levels(steps, 1.0),
            FolderPath::Schedule(config) => {
                let scheduler = config.betas().and_then(NoiseScheduler::from_betas);
                let scheduler =
                    scheduler.map_err(|error| RunError::Lesson(error.into()))?;
                let timesteps = Spacing::Trailing.timesteps(steps, scheduler.steps());
                timesteps
                    .and_then(|timesteps| Levels::of_timesteps(&scheduler, &timesteps))
            }
        };
        let refused = |error: SamplingError| {
            RunError::Argument(format!("--steps {steps}: {error}"))
        };
        let levels = levels.map_err(refused)?;
        let first = levels.as_slice()[0];
        match self.path.prediction() == PredictionType::Noise && first.a == 0.0 {
            true => Err(refused(SamplingError::NoSignal { t: first.t })),
            false => Ok(levels),
        }
    }

    /// Refuses more samples than a network makes in a reasonable time.
    pub fn check(samples: usize) -> Result<(), RunError> {
        match samples > MOST {
            false => Ok(()),
            true => Err(RunError::Argument(format!(
                "--samples {samples}: with --model, there are at most {MOST}; expected fewer"
            ))),
        }
    }
}
