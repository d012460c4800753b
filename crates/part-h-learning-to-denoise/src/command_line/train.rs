//! The loop of a training, as a run has it: with a bar, and an end if there is an interrupt.

use diffusion_cli::{RunError, interrupt, progress};
use diffusion_core::cancellation::checkpoint;

use crate::loss::LevelDistribution;
use crate::trainable::TrainableNetwork;
use crate::training::{Training, TrainingError};

/// After so many updates each, the bar says what the loss is.
const TOLD: usize = 20;

/// How a training has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrainingEnd {
    /// All its updates are done.
    Done,
    /// A signal came before that. An update that it came into is as if it had never begun.
    Interrupted,
}

/// Makes the updates that a training still has to make, and shows how far it has come. Each
/// is made by `update`, which returns the loss to show; after each, there is what is done
/// `after` it.
///
/// # Errors
///
/// Those of `update` and of `after`. An interrupt is none; who goes on after it calls
/// [`interrupt::serve`].
pub fn train<L: LevelDistribution, N: TrainableNetwork>(
    training: &mut Training<L, N>,
    mut update: impl FnMut(&mut Training<L, N>) -> Result<f64, TrainingError>,
    mut after: impl FnMut(&Training<L, N>) -> Result<(), RunError>,
) -> Result<TrainingEnd, RunError> {
    let progress = progress::bar_with_estimate(training.config().updates);
    progress.set_position(training.updates_done() as u64);
    progress.reset_eta();
    let learned = interrupt::catch(|| -> Result<(), RunError> {
        while !training.is_done() {
            checkpoint();
            let loss =
                update(training).map_err(|error| RunError::Lesson(error.into()))?;
            progress.inc(1);
            if training.updates_done().is_multiple_of(TOLD) {
                progress.set_message(format!("loss {loss:.4}"));
            }
            after(training)?;
        }
        Ok(())
    });
    let end = match learned {
        Ok(learned) => learned.map(|()| TrainingEnd::Done)?,
        Err(_) => TrainingEnd::Interrupted,
    };
    progress.finish_and_clear();
    Ok(end)
}
