//! JavaScript's numbers, where a method takes whole ones, or a yes or no.

use crate::Refused;

/// A whole number from 0 to 2³² - 1 as what a method takes. Any other is refused, and
/// neither truncated nor wrapped.
pub(crate) fn whole<T: TryFrom<u32>>(number: f64) -> Result<T, Refused> {
    let nearest = number as u32;
    let value = T::try_from(nearest).ok().filter(|_| f64::from(nearest) == number);
    value.ok_or(Refused::OutOfRange)
}

/// 1 for yes and 0 for no. Any other number is refused.
#[cfg(any(feature = "learning", feature = "drawing"))]
pub(crate) fn yes_or_no(number: f64) -> Result<bool, Refused> {
    match whole(number)? {
        0_u32 => Ok(false),
        1 => Ok(true),
        _ => Err(Refused::OutOfRange),
    }
}
