//! What can be wrong with a flow's sigmas.

use thiserror::Error;

use super::MAX_STEPS;

/// Why no sigmas can be made from some values.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum FlowSigmasError {
    /// There are no steps, or too many.
    #[error("there are {0} steps; expected from 1 to {MAX_STEPS}")]
    Steps(usize),
    /// The steps in training are none, or too many.
    #[error("there are {0} steps in training; expected from 1 to {MAX_STEPS}")]
    TrainSteps(usize),
    /// A shift is none.
    #[error("the shift is {0}; expected a finite number above 0")]
    Shift(f64),
    /// A mu makes no shift.
    #[error(
        "mu is {mu}, which makes a shift of {shift}; expected one that makes a finite shift \
         above 0"
    )]
    Mu {
        /// The mu.
        mu: f64,
        /// The shift that it makes.
        shift: f64,
    },
    /// The line of mu has no two ends.
    #[error(
        "mu is given at {0} tokens and at as many again; expected different \
         base_image_seq_len and max_image_seq_len"
    )]
    Tokens(usize),
    /// A sigma is out of range.
    #[error("sigma {0} is out of range; expected a number above 0 and at most 1")]
    Sigma(f64),
    /// A sigma is not below the one before it.
    #[error("after sigma {before} comes sigma {sigma}; expected sigmas that fall")]
    NotFalling {
        /// The sigma before.
        before: f64,
        /// The one that has to be below it.
        sigma: f64,
    },
    /// The terminal sigma is out of range.
    #[error("shift_terminal is {0}; expected a number above 0 and below 1")]
    Terminal(f64),
    /// There is nothing to stretch.
    #[error(
        "the last sigma is 1, which cannot be stretched to shift_terminal {0}; expected at \
         least 2 steps"
    )]
    NothingToStretch(f64),
}

impl FlowSigmasError {
    /// The error with sigmas that a flow is evaluated at, if there is one.
    pub(super) fn check_sigmas(sigmas: &[f64]) -> Result<(), Self> {
        if sigmas.is_empty() {
            return Err(FlowSigmasError::Steps(0));
        }
        // NaN fails both comparisons, and so is out of range, too.
        let is_sigma = |sigma: f64| 0.0 < sigma && sigma <= 1.0;
        if let Some(&sigma) = sigmas.iter().find(|&&sigma| !is_sigma(sigma)) {
            return Err(FlowSigmasError::Sigma(sigma));
        }
        match sigmas.windows(2).find(|pair| pair[0] <= pair[1]) {
            None => Ok(()),
            Some(pair) => {
                Err(FlowSigmasError::NotFalling { before: pair[0], sigma: pair[1] })
            }
        }
    }

    /// The error with a number of steps, if there is one.
    pub(super) fn check_steps(steps: usize) -> Result<(), Self> {
        match (1..=MAX_STEPS).contains(&steps) {
            true => Ok(()),
            false => Err(FlowSigmasError::Steps(steps)),
        }
    }

    /// The error with a number of steps in training, if there is one.
    pub(super) fn check_train_steps(steps: usize) -> Result<(), Self> {
        Self::check_steps(steps).map_err(|_| FlowSigmasError::TrainSteps(steps))
    }
}
