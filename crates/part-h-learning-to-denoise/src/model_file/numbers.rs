//! The numbers of a tensor, whatever type they have in the file.

use safetensors::tensor::Dtype;

/// Gives all numbers in the bytes of a tensor, in turn, none of which is rounded, until
/// one is refused. A 16-bit infinity comes as NaN. A type for other things than weights
/// gives none.
pub fn for_each<E>(
    dtype: Dtype,
    bytes: &[u8],
    take: impl FnMut(f64) -> Result<(), E>,
) -> Result<(), E> {
    match dtype {
        Dtype::F16 => all(bytes, |bytes| half(u16::from_le_bytes(bytes)), take),
        Dtype::BF16 => all(
            bytes,
            |[low, high]| f64::from(f32::from_le_bytes([0, 0, low, high])),
            take,
        ),
        Dtype::F32 => all(bytes, |bytes| f64::from(f32::from_le_bytes(bytes)), take),
        Dtype::F64 => all(bytes, f64::from_le_bytes, take),
        _ => Ok(()),
    }
}

fn all<const SIZE: usize, E>(
    bytes: &[u8],
    number: impl Fn([u8; SIZE]) -> f64,
    mut take: impl FnMut(f64) -> Result<(), E>,
) -> Result<(), E> {
    bytes.as_chunks::<SIZE>().0.iter().try_for_each(|&bytes| take(number(bytes)))
}

/// The number that these bits of IEEE 754's binary16 stand for.
fn half(bits: u16) -> f64 {
    /// 2¹¹², the ratio of what the same exponent means in 16 bits and in 32.
    const RATIO: f64 = f64::from_bits((1023 + 112) << 52);
    let (magnitude, is_negative) = (bits & 0x7fff, bits >> 15 == 1);
    if magnitude >= 0x7c00 {
        return f64::NAN;
    }
    let number = RATIO * f64::from(f32::from_bits(u32::from(magnitude) << 13));
    if is_negative { -number } else { number }
}

/// The bits of IEEE 754's binary16 that are nearest to a number, of two as near those that
/// end in 0; none if it is not finite, or too large.
pub fn half_of(number: f32) -> Option<u16> {
    /// The smallest number that has all 11 digits, 2⁻¹⁴.
    const SMALLEST: f32 = f32::from_bits((127 - 14) << 23);
    let size = number.abs();
    let magnitude = if size < SMALLEST {
        // In units of 2⁻²⁴.
        (size * 16_777_216.0).round_ties_even() as u32
    } else {
        let bits = size.to_bits() - ((127 - 15) << 23);
        (bits + 0xfff + (bits >> 13 & 1)) >> 13
    };
    let sign = u16::from(number.is_sign_negative()) << 15;
    (size.is_finite() && magnitude < 0x7c00).then_some(magnitude as u16 | sign)
}
