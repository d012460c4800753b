//! The numbers of a tensor, whatever type they have in the file.

use safetensors::tensor::{Dtype, TensorView};

/// The numbers, none of which is rounded, or nothing if they have a type for other things
/// than weights. A 16-bit infinity comes as NaN.
pub fn numbers<'a>(
    tensor: &TensorView<'a>,
) -> Option<Box<dyn Iterator<Item = f64> + 'a>> {
    let bytes = tensor.data();
    Some(match tensor.dtype() {
        Dtype::F16 => Box::new(all(bytes, |bytes| half(u16::from_le_bytes(bytes)))),
        Dtype::BF16 => Box::new(all(bytes, |[low, high]| {
            f64::from(f32::from_le_bytes([0, 0, low, high]))
        })),
        Dtype::F32 => Box::new(all(bytes, |bytes| f64::from(f32::from_le_bytes(bytes)))),
        Dtype::F64 => Box::new(all(bytes, f64::from_le_bytes)),
        _ => return None,
    })
}

fn all<const SIZE: usize>(
    bytes: &[u8],
    number: impl Fn([u8; SIZE]) -> f64,
) -> impl Iterator<Item = f64> {
    bytes.as_chunks::<SIZE>().0.iter().map(move |&bytes| number(bytes))
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
