//! What is in a file of a network: tensors, and what the metadata say.

use std::collections::BTreeMap;
use std::str::FromStr;

use nalgebra::DMatrix;
use safetensors::tensor::{Dtype, TensorView};
use safetensors::{SafeTensors, serialize};
use serde_json::Value;

use super::ModelError;
use super::numbers::{half_of, numbers};

/// A tensor to be written: its name, its shape, the slowest index first, and its numbers.
pub type Tensor = (String, Vec<usize>, Vec<f32>);

/// The tensors and the metadata of a file.
pub struct Stored<'a> {
    tensors: SafeTensors<'a>,
    metadata: BTreeMap<String, String>,
}

impl<'a> Stored<'a> {
    /// Those in the bytes of a file.
    ///
    /// # Errors
    ///
    /// If they are none of a safetensors file.
    pub fn read(bytes: &'a [u8]) -> Result<Self, ModelError> {
        let (_, header) = SafeTensors::read_metadata(bytes)?;
        let tensors = SafeTensors::deserialize(bytes)?;
        let metadata = header.metadata().clone().into_iter().flatten().collect();
        Ok(Stored { tensors, metadata })
    }

    /// What the metadata say, if they do.
    pub fn find(&self, key: &str) -> Option<&str> {
        self.metadata.get(key).map(String::as_str)
    }

    /// What the metadata say.
    ///
    /// # Errors
    ///
    /// If they don't.
    pub fn said(&self, key: &'static str) -> Result<&str, ModelError> {
        self.find(key).ok_or(ModelError::Metadata(key))
    }

    /// What they say, as a number or the like.
    ///
    /// # Errors
    ///
    /// If they don't.
    pub fn parsed<T: FromStr>(&self, key: &'static str) -> Result<T, ModelError> {
        self.said(key)?.parse().map_err(|_| ModelError::Metadata(key))
    }

    /// The same, of a key that there may be.
    ///
    /// # Errors
    ///
    /// If they say something else.
    pub fn parsed_if_said<T: FromStr>(
        &self,
        key: &'static str,
    ) -> Result<Option<T>, ModelError> {
        self.find(key).map(|_| self.parsed(key)).transpose()
    }

    /// Whether there is a tensor of this name.
    pub fn has(&self, name: &str) -> bool {
        self.tensors.tensor(name).is_ok()
    }

    /// The names of all tensors, sorted.
    pub fn names(&self) -> Vec<&str> {
        let mut names = self.tensors.names();
        names.sort_unstable();
        names
    }

    /// How many bytes all tensors have together.
    pub fn bytes(&self) -> usize {
        self.tensors.iter().map(|(_, tensor)| tensor.data().len()).sum()
    }

    /// The shape of the tensor of this name, if there is one.
    pub fn shape(&self, name: &str) -> Option<Vec<usize>> {
        Some(self.tensors.tensor(name).ok()?.shape().to_vec())
    }

    /// Puts the numbers of a tensor into a place, whatever its shape is.
    ///
    /// # Errors
    ///
    /// If it isn't there, has not as many, or has some that f32 can't hold.
    pub fn fill(&self, name: &str, place: &mut [f32]) -> Result<(), ModelError> {
        let (tensor, numbers) = self.tensor(name)?;
        if tensor.shape().iter().product::<usize>() != place.len() {
            return Err(ModelError::Tensor(name.to_owned()));
        }
        for (place, number) in place.iter_mut().zip(numbers) {
            *place = single(name, number)?;
        }
        Ok(())
    }

    /// The tensor of this name, and its numbers.
    pub(super) fn tensor(
        &self,
        name: &str,
    ) -> Result<(TensorView<'a>, Box<dyn Iterator<Item = f64> + 'a>), ModelError> {
        let tensor = self.tensors.tensor(name);
        let tensor = tensor.map_err(|_| ModelError::Tensor(name.to_owned()))?;
        match numbers(&tensor) {
            Some(numbers) => Ok((tensor, numbers)),
            None => {
                Err(ModelError::Type { name: name.to_owned(), dtype: tensor.dtype() })
            }
        }
    }

    /// A tensor of so many dimensions: its shape and its numbers, which f32 can hold.
    ///
    /// # Errors
    ///
    /// If it isn't there, or is none such.
    pub fn floats<const N: usize>(
        &self,
        name: &str,
    ) -> Result<([usize; N], Vec<f32>), ModelError> {
        let (tensor, numbers) = self.tensor(name)?;
        let shape = tensor.shape().try_into();
        let shape = shape.map_err(|_| ModelError::Tensor(name.to_owned()))?;
        let values = numbers.map(|number| single(name, number));
        Ok((shape, values.collect::<Result<_, _>>()?))
    }

    /// A tensor of two dimensions; a row of it is a column of the matrix.
    ///
    /// # Errors
    ///
    /// As [`floats`](Self::floats).
    pub fn matrix(&self, name: &str) -> Result<DMatrix<f32>, ModelError> {
        let ([rows, columns], values) = self.floats(name)?;
        Ok(DMatrix::from_vec(columns, rows, values))
    }
}

/// A number of a tensor in 32 bits.
fn single(name: &str, number: f64) -> Result<f32, ModelError> {
    match number as f32 {
        value if value.is_finite() => Ok(value),
        _ if number.is_finite() => Err(ModelError::TooLarge(name.to_owned())),
        _ => Err(ModelError::NotFinite(name.to_owned())),
    }
}

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
