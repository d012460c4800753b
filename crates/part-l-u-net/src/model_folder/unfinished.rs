//! What it takes to go on with a training that was interrupted.

use std::io::{Read, Seek};

use part_e_schedules::PredictionType;
use part_h_learning_to_denoise::model_file::{
    MAX_GRADIENT_NORM, ModelError, Stored, max_gradient_norm, tensors_as_file,
};
use part_h_learning_to_denoise::{
    ParameterSet, TrainableNetwork, TrainingConfig, Unfinished,
};

use crate::u_net::UNet;

/// A training that was interrupted, beside the network with the EMA.
#[derive(Clone, Debug, PartialEq)]
pub struct UnfinishedTraining {
    /// What the loop of chapter H needs again.
    pub training: Unfinished,
    /// How many updates there have been in it.
    pub updates: usize,
    /// What it has begun from.
    pub from: Beginning,
    /// How its network had learned before, in words.
    pub before: String,
    /// How many updates it had had before.
    pub updates_before: usize,
    /// Which data it learns from: a number that others hardly have.
    pub fingerprint: u64,
}

/// What a training begins from, which decides what it draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// A new network, whose numbers are drawn first.
    New,
    /// One that had learned already.
    Learned,
}

const NUMBERS: [&str; 3] = ["parameters", "mean", "square"];

impl UnfinishedTraining {
    /// The bytes of a file: the same for the same.
    pub fn to_bytes(&self) -> Vec<u8> {
        let Unfinished { config, seed, network, moments: [mean, square] } =
            &self.training;
        let tensors = NUMBERS.iter().zip([network, mean, square]);
        let tensors = tensors.map(|(name, numbers)| {
            (name.to_string(), vec![numbers.len()], numbers.clone())
        });
        let mut metadata = vec![
            ("prediction", config.kind.name().to_owned()),
            ("of_updates", config.updates.to_string()),
            ("batch", config.batch.to_string()),
            ("learning_rate", config.learning_rate.to_string()),
            ("ema_decay", config.ema_decay.to_string()),
            ("label_dropout", config.label_dropout.to_string()),
            ("seed", seed.to_string()),
            ("updates", self.updates.to_string()),
            ("new", (self.from == Beginning::New).to_string()),
            ("before", self.before.clone()),
            ("updates_before", self.updates_before.to_string()),
            ("fingerprint", self.fingerprint.to_string()),
        ];
        metadata.extend(max_gradient_norm(config));
        let file = tensors_as_file(tensors.collect(), false, metadata);
        file.expect("nothing is too large for 32 bits")
    }

    /// What is in a file, of the training of this network.
    ///
    /// # Errors
    ///
    /// If it is none such.
    pub fn read(file: impl Read + Seek, network: &UNet) -> Result<Self, ModelError> {
        let stored = Stored::open(file)?;
        let count = network.parameters().count();
        let numbers = |name: &str| match stored.floats(name)? {
            ([length], numbers) if length == count => Ok(numbers),
            _ => Err(ModelError::Tensor(name.to_owned())),
        };
        let [network, mean, square] = NUMBERS.map(numbers);
        let prediction = stored.said("prediction")?;
        let kind = PredictionType::ALL.into_iter().find(|kind| kind.name() == prediction);
        let config = TrainingConfig {
            kind: kind.ok_or(ModelError::Metadata("prediction"))?,
            updates: stored.parsed("of_updates")?,
            batch: stored.parsed("batch")?,
            learning_rate: stored.parsed("learning_rate")?,
            ema_decay: stored.parsed("ema_decay")?,
            label_dropout: stored.parsed("label_dropout")?,
            max_gradient_norm: stored.parsed_if_said(MAX_GRADIENT_NORM)?,
        };
        let updates: usize = stored.parsed("updates")?;
        let is_possible = updates < config.updates
            && config.updates <= MAX_UPDATES
            && (1..=MAX_BATCH).contains(&config.batch);
        if !is_possible {
            return Err(ModelError::Metadata("of_updates"));
        }
        let training = Unfinished {
            config,
            seed: stored.parsed("seed")?,
            network: network?,
            moments: [mean?, square?],
        };
        Ok(UnfinishedTraining {
            training,
            updates,
            from: match stored.parsed("new")? {
                true => Beginning::New,
                false => Beginning::Learned,
            },
            before: stored.said("before")?.to_owned(),
            updates_before: stored.parsed("updates_before")?,
            fingerprint: stored.parsed("fingerprint")?,
        })
    }
}

/// More than there are in a training.
const MAX_UPDATES: usize = 10_000_000;

/// More than are seen at an update.
const MAX_BATCH: usize = 1 << 16;
