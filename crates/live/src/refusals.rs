//! The lessons' errors, as a page is told of them.

use part_c_schedule_for_beta::{ScheduleError, TimestepError};

use crate::Refused;

impl From<ScheduleError> for Refused {
    fn from(_: ScheduleError) -> Self {
        Refused::OutOfRange
    }
}

impl From<TimestepError> for Refused {
    fn from(_: TimestepError) -> Self {
        Refused::OutOfRange
    }
}

#[cfg(any(
    feature = "samplers",
    feature = "flows",
    feature = "convolutions",
    feature = "drawing",
    feature = "u-net",
    feature = "to-order"
))]
impl From<part_i_samplers::SamplingError> for Refused {
    fn from(_: part_i_samplers::SamplingError) -> Self {
        Refused::OutOfRange
    }
}

#[cfg(any(
    feature = "way-back",
    feature = "learning",
    feature = "samplers",
    feature = "flows",
    feature = "convolutions",
    feature = "drawing",
    feature = "u-net",
    feature = "to-order"
))]
impl From<part_f_the_way_back::DenoiserError> for Refused {
    fn from(_: part_f_the_way_back::DenoiserError) -> Self {
        Refused::OutOfRange
    }
}

#[cfg(feature = "to-order")]
impl From<part_n_to_order::OrderError> for Refused {
    fn from(_: part_n_to_order::OrderError) -> Self {
        Refused::OutOfRange
    }
}
