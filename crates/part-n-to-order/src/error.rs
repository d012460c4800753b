//! What can be wrong with an order.

use part_f_the_way_back::{DataError, DenoiserError};
use part_i_samplers::SamplingError;
use thiserror::Error;

/// Why nothing can be made to order.
#[derive(Debug, Error)]
pub enum OrderError {
    /// Blocks do not fill a picture.
    #[error(
        "blocks of {side} x {side} do not fill {} x {} pixels; expected a side that divides \
         both",
        size[0], size[1]
    )]
    Blocks {
        /// The side of a block.
        side: usize,
        /// The width and the height of the picture.
        size: [usize; 2],
    },
    /// A place is seen that is not there, or twice.
    #[error(
        "place {place} is seen twice or is not there; expected places below {values}, each \
         at most once"
    )]
    Place {
        /// The place.
        place: usize,
        /// How many there are.
        values: usize,
    },
    /// A direction has no length.
    #[error(
        "a direction has no length, or an infinite one; expected a finite one above 0"
    )]
    Direction,
    /// A datum has not the values that are measured.
    #[error(
        "a datum of {found} values is measured as one of {expected}; expected as many"
    )]
    Values {
        /// How many it has.
        found: usize,
        /// How many are expected.
        expected: usize,
    },
    /// The noise of an observation makes no sense.
    #[error("the noise of an observation is {0}; expected a finite number of at least 0")]
    Noise(f64),
    /// The spread of data makes no sense.
    #[error("the spread of the data is {0}; expected a finite number of at least 0")]
    Spread(f64),
    /// Points that are seen without noise.
    #[error(
        "data that are points are seen without noise, so that no posterior is left; expected \
         noise above 0 or a spread above 0"
    )]
    Certain,
    /// There is no Jacobian.
    #[error(
        "the method needs the derivative of the denoiser, which this one does not have; \
         expected a method without it, such as repaint"
    )]
    NoJacobian,
    /// A network's outputs are no pictures of the kind that goes in.
    #[error(
        "the network leads from {inputs} to {outputs} channels; expected as many as go in"
    )]
    Channels {
        /// The channels of a picture.
        inputs: usize,
        /// The channels of its outputs.
        outputs: usize,
    },
    /// A method's own number makes no sense.
    #[error("{what} is {value}; expected {expected}")]
    Number {
        /// What it is.
        what: &'static str,
        /// Its value.
        value: f64,
        /// What would make sense.
        expected: &'static str,
    },
    /// There are no data.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The denoiser predicts nothing.
    #[error(transparent)]
    Denoiser(#[from] DenoiserError),
    /// The levels make no sense.
    #[error(transparent)]
    Sampling(#[from] SamplingError),
}
