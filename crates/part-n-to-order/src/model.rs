//! A network that the methods ask, and the digits that one of digits is held to.

use std::path::Path;

use diffusion_cli::RunError;
use diffusion_cli::load::{
    DIGIT_SIDE, MNIST_SIDE, digit_labels, digits, mnist, mnist_labels,
};
use diffusion_cli::shown::Shown;
use nalgebra::DMatrix;
use part_f_the_way_back::{
    Denoiser, DenoiserError, NoiseLevel, Prediction, PredictionType,
};
use part_h_learning_to_denoise::{Data, LearnedDenoiser, TrainableNetwork};
use part_i_samplers::{Levels, SamplingError, X0Clipping};
use part_l_u_net::command_line::{levels, load_config, load_folder};
use part_l_u_net::model_folder::{FolderPath, ModelFolder};
use part_l_u_net::{UNet, UNetConfig};
use part_n_to_order::judge::nearest_data;
use part_n_to_order::{DifferentiableNetwork, SmoothedData};

use crate::digits::{Digits, lesson};

/// Of the digits of 8 × 8 pixels every tenth is held out, and of MNIST's the last so many,
/// as chapter L has it.
const EVERY: usize = 10;
const HELD_OUT: usize = 1000;

/// The most samples of a network.
const MOST: usize = 1000;

/// Chapter L's samples are clipped to what a pixel can be, from -1 to 1.
const BOUND: f32 = 1.0;

/// The network of a folder.
pub struct Model {
    network: UNet,
    /// The path whose states it has seen.
    path: FolderPath,
    /// What the data are called that it has learned from, if the folder says it.
    data: Option<String>,
}

impl Model {
    /// Loads a network of square pictures in colour.
    pub fn of_pictures(path: &Path) -> Result<Self, RunError> {
        let config = load_config(path)?.network;
        match (config.channels, config.size) {
            ([3, 3], [rows, columns]) if rows == columns => Self::load(path),
            _ => Err(refused(path, &config, "from 3 to 3 channels, of square pictures")),
        }
    }

    fn load(path: &Path) -> Result<Self, RunError> {
        let ModelFolder { network, scheduler, learned } = load_folder(path)?;
        Ok(Model { network, path: scheduler, data: learned.data })
    }

    /// The side of its pictures, in pixels.
    pub fn side(&self) -> usize {
        self.network.config().size[0]
    }

    /// The network as a denoiser that can be differentiated, its predictions clipped.
    pub fn denoiser(&self) -> Result<DifferentiableNetwork, RunError> {
        let kind = self.path.prediction();
        DifferentiableNetwork::new(self.network.clone(), kind, BOUND).map_err(lesson)
    }

    /// The network as a denoiser of this label, and as one of none.
    pub fn with_label(
        &self,
        label: usize,
    ) -> Result<[LearnedDenoiser<UNet>; 2], RunError> {
        if self.network.labels() == 0 {
            return Err(RunError::Argument(
                "--label is for a network with labels of its own; this one has none"
                    .to_owned(),
            ));
        }
        let kind = self.path.prediction();
        let with =
            LearnedDenoiser::new(self.network.clone(), kind, vec![Some(label)], 1.0);
        let with = with.map_err(|error| RunError::Lesson(error.into()))?;
        Ok([with, LearnedDenoiser::unconditional(self.network.clone(), kind)])
    }

    /// The noise levels of so many steps, along the network's own path.
    pub fn levels(&self, steps: usize) -> Result<Levels, RunError> {
        let levels = levels(&self.path, steps)?;
        let first = levels.as_slice()[0];
        match self.path.prediction() == PredictionType::Noise && first.a == 0.0 {
            true => {
                let error = SamplingError::NoSignal { t: first.t };
                Err(RunError::Argument(format!("--steps {steps}: {error}")))
            }
            false => Ok(levels),
        }
    }
}

/// A denoiser whose predictions are clipped to what a pixel can be.
pub struct Clipped<D>(pub D);

impl<D: Denoiser> Denoiser for Clipped<D> {
    fn predict(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        let mut x0 = self.0.predict(x, at)?.x0(x, at);
        X0Clipping::Fixed { bound: BOUND }.apply(&mut x0);
        Ok(Prediction { kind: PredictionType::X0, values: x0 })
    }
}

/// The error with a network that can't be asked.
fn refused(path: &Path, config: &UNetConfig, expected: &str) -> RunError {
    let ([rows, columns], [inputs, outputs]) = (config.size, config.channels);
    let sentence = format!(
        "'{}' has a network from {inputs} to {outputs} channels, of {columns} x {rows} pixels; \
         expected one {expected}",
        Shown(path)
    );
    RunError::Lesson(sentence.into())
}

/// A network of digits, and the digits that it is held to.
pub struct DigitsModel {
    pub model: Model,
    /// What it has learned from, as far as is known.
    pub learned: Data,
    /// Digits that it hasn't.
    held_out: Data,
    pub side: usize,
    /// What is to be said of it.
    pub notes: Vec<String>,
}

impl DigitsModel {
    /// Loads the network, and the digits of its size, and refuses more samples than it makes
    /// in a reasonable time.
    pub fn load(path: &Path, samples: usize) -> Result<Self, RunError> {
        if samples > MOST {
            return Err(RunError::Argument(format!(
                "--samples {samples}: with --model, there are at most {MOST}; expected fewer"
            )));
        }
        let config = load_config(path)?.network;
        let (name, side) = match (config.size, config.channels) {
            ([DIGIT_SIDE, DIGIT_SIDE], [1, 1]) => ("digits", DIGIT_SIDE),
            ([MNIST_SIDE, MNIST_SIDE], [1, 1]) => ("mnist", MNIST_SIDE),
            _ => {
                let expected = format!(
                    "of digits, from 1 to 1 channel, of {DIGIT_SIDE} x {DIGIT_SIDE} or \
                     {MNIST_SIDE} x {MNIST_SIDE} pixels"
                );
                return Err(refused(path, &config, &expected));
            }
        };
        let model = Model::load(path)?;
        let mut notes = Vec::new();
        if model.data.as_deref() != Some(name) {
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
        Ok(DigitsModel { model, learned, held_out, side, notes })
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
}
