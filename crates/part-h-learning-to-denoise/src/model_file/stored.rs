//! What is in a file of a network: tensors, and what the metadata say. The header is read
//! first, and each tensor when it is asked for, into its place. So the numbers are never
//! in memory twice.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::str::FromStr;

use nalgebra::DMatrix;
use safetensors::SafeTensorError;
use safetensors::tensor::{Dtype, Metadata, TensorInfo};

use super::ModelError;
use super::numbers::for_each;

/// A header is not longer than this: those of networks with a thousand tensors have a
/// hundredth of it.
const MAX_HEADER: u64 = 16 << 20;

/// So many bytes of a tensor are read at once.
const BLOCK: usize = 1 << 16;

/// The bytes of a file, on disk or in memory.
trait Source: Read + Seek {}

impl<T: Read + Seek> Source for T {}

/// The tensors and the metadata of a file.
pub struct Stored<'a> {
    source: RefCell<Box<dyn Source + 'a>>,
    /// Where in the file the first tensor begins.
    start: u64,
    header: Metadata,
    metadata: BTreeMap<String, String>,
}

impl<'a> Stored<'a> {
    /// Those of a file. This reads the header, which says where the tensors are.
    ///
    /// # Errors
    ///
    /// If it is no safetensors file, has a header of more than 16 MB, is longer or shorter
    /// than its header says, or can't be read.
    pub fn open(source: impl Read + Seek + 'a) -> Result<Self, ModelError> {
        let mut source: Box<dyn Source + 'a> = Box::new(source);
        let length = source.seek(SeekFrom::End(0)).map_err(ModelError::Read)?;
        if length < 8 {
            return Err(SafeTensorError::HeaderTooSmall.into());
        }
        source.rewind().map_err(ModelError::Read)?;
        let mut first = [0; 8];
        source.read_exact(&mut first).map_err(ModelError::Read)?;
        let in_header = u64::from_le_bytes(first);
        if in_header > MAX_HEADER {
            return Err(SafeTensorError::HeaderTooLarge.into());
        }
        let start = 8 + in_header;
        if start > length {
            return Err(SafeTensorError::InvalidHeaderLength.into());
        }
        let mut header = vec![0; in_header as usize];
        source.read_exact(&mut header).map_err(ModelError::Read)?;
        // It is refused if tensors overlap, leave a gap, or have other numbers of bytes
        // than their shapes.
        let header: Metadata = serde_json::from_slice(&header)
            .map_err(SafeTensorError::InvalidHeaderDeserialization)?;
        if start.checked_add(header.data_len() as u64) != Some(length) {
            return Err(SafeTensorError::MetadataIncompleteBuffer.into());
        }
        let metadata = header.metadata().clone().into_iter().flatten().collect();
        Ok(Stored { source: RefCell::new(source), start, header, metadata })
    }

    /// Those in the bytes of a file.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn read(bytes: &'a [u8]) -> Result<Self, ModelError> {
        Self::open(Cursor::new(bytes))
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
        self.header.info(name).is_some()
    }

    /// The names of all tensors, sorted.
    pub fn names(&self) -> Vec<String> {
        let mut names = self.header.offset_keys();
        names.sort_unstable();
        names
    }

    /// How many bytes all tensors have together.
    pub fn bytes(&self) -> usize {
        self.header.data_len()
    }

    /// The shape of the tensor of this name, if there is one.
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        Some(&self.header.info(name)?.shape)
    }

    /// Puts the numbers of a tensor into a place, whatever its shape is.
    ///
    /// # Errors
    ///
    /// If it isn't there, has not as many, has some that f32 can't hold, or can't be read.
    pub fn fill(&self, name: &str, place: &mut [f32]) -> Result<(), ModelError> {
        self.put(name, place, |number| match number as f32 {
            value if value.is_finite() => Ok(value),
            _ if number.is_finite() => Err(ModelError::TooLarge(name.to_owned())),
            _ => Err(ModelError::NotFinite(name.to_owned())),
        })
    }

    /// The same, of numbers of 64 bits, which may be infinite or no numbers.
    pub(super) fn doubles(&self, name: &str) -> Result<Vec<f64>, ModelError> {
        let mut numbers = vec![0.0; self.count(self.info(name)?)];
        self.put(name, &mut numbers, Ok)?;
        Ok(numbers)
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
        let info = self.info(name)?;
        let shape = info.shape[..].try_into();
        let shape = shape.map_err(|_| ModelError::Tensor(name.to_owned()))?;
        let mut numbers = vec![0.0; self.count(info)];
        self.fill(name, &mut numbers)?;
        Ok((shape, numbers))
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

    fn info(&self, name: &str) -> Result<&TensorInfo, ModelError> {
        let info = self.header.info(name);
        let info = info.ok_or_else(|| ModelError::Tensor(name.to_owned()))?;
        match info.dtype {
            Dtype::F16 | Dtype::BF16 | Dtype::F32 | Dtype::F64 => Ok(info),
            dtype => Err(ModelError::Type { name: name.to_owned(), dtype }),
        }
    }

    /// How many numbers there are: not more than the file has bytes.
    fn count(&self, info: &TensorInfo) -> usize {
        let (begin, end) = info.data_offsets;
        8 * (end - begin) / info.dtype.bitsize()
    }

    /// Puts the numbers of a tensor into a place, block by block.
    fn put<T>(
        &self,
        name: &str,
        place: &mut [T],
        one: impl Fn(f64) -> Result<T, ModelError>,
    ) -> Result<(), ModelError> {
        let info = self.info(name)?;
        if self.count(info) != place.len() {
            return Err(ModelError::Tensor(name.to_owned()));
        }
        let (begin, end) = info.data_offsets;
        let mut source = self.source.borrow_mut();
        let at = self.start + begin as u64;
        source.seek(SeekFrom::Start(at)).map_err(ModelError::Read)?;
        let mut block = vec![0; BLOCK.min(end - begin)];
        let mut places = place.iter_mut();
        let mut left = end - begin;
        while left > 0 {
            let bytes = &mut block[..BLOCK.min(left)];
            source.read_exact(bytes).map_err(ModelError::Read)?;
            for_each(info.dtype, bytes, |number| {
                let place = places.next().expect("there are as many");
                one(number).map(|number| *place = number)
            })?;
            left -= bytes.len();
        }
        Ok(())
    }
}
