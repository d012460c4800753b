//! Tensors as the bytes of a file.

use std::collections::BTreeMap;

use safetensors::tensor::{Dtype, TensorView};
use safetensors::{SafeTensors, serialize};
use serde_json::Value;

use super::ModelError;
use super::numbers::half_of;

/// A tensor to be written: its name, its shape, the slowest index first, and its numbers.
pub type Tensor = (String, Vec<usize>, Vec<f32>);

/// What a tensor is in a file: its name, its shape, and its numbers as bytes.
type Written = (String, Vec<usize>, Dtype, Vec<u8>);

/// The bytes of a file with these tensors and with numbers in 64 bits: the same for the
/// same.
pub(super) fn written(
    tensors: Vec<Tensor>,
    doubles: Option<(&str, &[f64])>,
    metadata: Vec<(&str, String)>,
) -> Vec<u8> {
    let mut all: Vec<Written> = tensors.into_iter().map(in_32_bits).collect();
    all.extend(doubles.map(|(name, values)| {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        (name.to_owned(), vec![values.len()], Dtype::F64, bytes)
    }));
    file_of(all, metadata)
}

/// The bytes of a safetensors file with these tensors: the same for the same. With `half`,
/// the numbers are rounded to 16 bits, F16.
///
/// # Errors
///
/// With [`ModelError::TooLargeForHalf`] if one is too large for that.
pub fn tensors_as_file(
    tensors: Vec<Tensor>,
    half: bool,
    metadata: Vec<(&str, String)>,
) -> Result<Vec<u8>, ModelError> {
    let all = tensors.into_iter().map(|tensor| match half {
        true => in_16_bits(tensor),
        false => Ok(in_32_bits(tensor)),
    });
    Ok(file_of(all.collect::<Result<_, _>>()?, metadata))
}

fn in_32_bits((name, shape, values): Tensor) -> Written {
    let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    (name, shape, Dtype::F32, bytes)
}

fn in_16_bits((name, shape, values): Tensor) -> Result<Written, ModelError> {
    let mut bytes = Vec::with_capacity(2 * values.len());
    for value in values {
        let half =
            half_of(value).ok_or_else(|| ModelError::TooLargeForHalf(name.clone()))?;
        bytes.extend(half.to_le_bytes());
    }
    Ok((name, shape, Dtype::F16, bytes))
}

fn file_of(all: Vec<Written>, metadata: Vec<(&str, String)>) -> Vec<u8> {
    let views = all.iter().map(|(name, shape, dtype, bytes)| {
        let view = TensorView::new(*dtype, shape.clone(), bytes);
        (name, view.expect("there are as many bytes as the shape says"))
    });
    let metadata = metadata.into_iter().map(|(key, value)| (key.to_owned(), value));
    let bytes = serialize(views, Some(metadata.collect()));
    with_sorted_header(bytes.expect("the tensors fit together"))
}

/// The library writes the metadata in an order that differs from run to run. Here, all of
/// the header is sorted, which does not change its length.
fn with_sorted_header(mut file: Vec<u8>) -> Vec<u8> {
    let (length, _) = SafeTensors::read_metadata(&file).expect("it was just written");
    let header = &mut file[8..8 + length];
    let sorted: BTreeMap<String, BTreeMap<String, Value>> =
        serde_json::from_slice(header).expect("it was just written");
    let sorted = serde_json::to_vec(&sorted).expect("it was read from JSON");
    header[..sorted.len()].copy_from_slice(&sorted);
    header[sorted.len()..].fill(b' ');
    file
}
