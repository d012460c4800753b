//! A model's shift: a number, or one that depends on the size of its pictures.
//!
//! A large picture needs more noise than a small one before nothing can be seen of it. So
//! the shift of some models grows with the picture: it is called dynamic.

use diffusion_core::mathematics::f64::exp;

use super::FlowSigmasError;

/// How far sigmas are shifted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shift {
    /// By a number, above 0: that of a config, `shift` or `flow_shift`.
    Fixed(f64),
    /// By e^mu. In diffusers it is `e^mu / (e^mu + (1 / sigma - 1))`, which is the same.
    Exponential {
        /// Any number that makes a finite shift above 0.
        mu: f64,
    },
    /// By mu itself: `mu / (mu + (1 / sigma - 1))`.
    Linear {
        /// Above 0.
        mu: f64,
    },
}

impl Shift {
    /// The number to shift by, finite and above 0.
    ///
    /// # Errors
    ///
    /// If it would not be that.
    pub fn factor(self) -> Result<f64, FlowSigmasError> {
        let (shift, error) = match self {
            Shift::Fixed(shift) => (shift, FlowSigmasError::Shift(shift)),
            Shift::Exponential { mu } => {
                let shift = exp(mu);
                (shift, FlowSigmasError::Mu { mu, shift })
            }
            Shift::Linear { mu } => (mu, FlowSigmasError::Mu { mu, shift: mu }),
        };
        match 0.0 < shift && shift.is_finite() {
            true => Ok(shift),
            false => Err(error),
        }
    }

    /// The number that the sigmas of training are shifted by when a scheduler is made. Of a
    /// dynamic shift nothing is known yet, and they stay as they are.
    ///
    /// # Errors
    ///
    /// As [`factor`](Self::factor).
    pub(super) fn in_training(self) -> Result<f64, FlowSigmasError> {
        match self {
            Shift::Fixed(_) => self.factor(),
            Shift::Exponential { .. } | Shift::Linear { .. } => Ok(1.0),
        }
    }
}

/// The mu of a dynamic shift, on a straight line in the number of tokens: `base_shift` at
/// `base_image_seq_len` tokens, `max_shift` at `max_image_seq_len`, and so on beyond both.
///
/// A token is a square of the picture that the network sees as one: in Flux, 16 × 16
/// pixels, and so 4096 tokens are a picture of 1024 × 1024. Some models have other rules
/// (CogView 4 one with a square root), and their pipelines tell the scheduler mu.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mu {
    /// The mu of the smaller pictures.
    pub base_shift: f64,
    /// That of the larger ones.
    pub max_shift: f64,
    /// The number of tokens of the smaller pictures.
    pub base_image_seq_len: usize,
    /// That of the larger ones, which is another.
    pub max_image_seq_len: usize,
}

impl Mu {
    /// Flux', and what diffusers takes for a config that says nothing.
    pub const FLUX: Mu = Mu {
        base_shift: 0.5,
        max_shift: 1.15,
        base_image_seq_len: 256,
        max_image_seq_len: 4096,
    };

    /// The mu of a picture of so many tokens.
    ///
    /// # Errors
    ///
    /// If both numbers of tokens are the same. Whether mu makes a shift is seen when it
    /// does: [`Shift::factor`].
    pub fn of_tokens(&self, tokens: usize) -> Result<f64, FlowSigmasError> {
        let [base, max] = [self.base_image_seq_len, self.max_image_seq_len];
        if base == max {
            return Err(FlowSigmasError::Tokens(base));
        }
        let slope = (self.max_shift - self.base_shift) / (max as f64 - base as f64);
        Ok(slope * (tokens as f64 - base as f64) + self.base_shift)
    }
}
