//! The files of a folder, each asked for by its path in it.

use std::io::{self, Read, Seek};

use super::FolderError;

/// No JSON of a folder is longer.
const MAX_JSON: u64 = 1 << 20;

/// What a file begins with that git has not fetched.
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1";

/// Where the files of a network are, and what they may be called.
#[derive(Debug, PartialEq)]
pub struct Place {
    pub config: &'static str,
    /// The first that is there is read.
    pub weights: [&'static str; 2],
    /// Which of several files has a tensor.
    pub sharded: &'static str,
    /// Weights that are not read: Python's pickles, and Flax's.
    pub pickles: [&'static str; 2],
    pub flax: &'static str,
}

macro_rules! place {
    ($folder:literal) => {
        Place {
            config: concat!($folder, "config.json"),
            weights: [
                concat!($folder, "diffusion_pytorch_model.safetensors"),
                concat!($folder, "diffusion_pytorch_model.fp16.safetensors"),
            ],
            sharded: concat!($folder, "diffusion_pytorch_model.safetensors.index.json"),
            pickles: [
                concat!($folder, "diffusion_pytorch_model.bin"),
                concat!($folder, "diffusion_pytorch_model.fp16.bin"),
            ],
            flax: concat!($folder, "diffusion_flax_model.msgpack"),
        }
    };
}

/// All places, the likeliest first. The network that is in the folder of a training as
/// `unet_ema` is the average of the one in `unet`; where there is one only, it is taken.
pub static PLACES: [Place; 3] = [place!("unet/"), place!("unet_ema/"), place!("")];

/// The files of a folder.
pub struct Files<F>(pub F);

impl<R: Read + Seek, F: FnMut(&str) -> io::Result<Option<R>>> Files<F> {
    /// A file, at its beginning, if there is one.
    pub fn open(&mut self, path: &str) -> Result<Option<R>, FolderError> {
        let failed = |source| FolderError::Read { file: path.to_owned(), source };
        let Some(mut file) = (self.0)(path).map_err(failed)? else { return Ok(None) };
        let mut first = Vec::new();
        let length = LFS_POINTER.len() as u64;
        (&mut file).take(length).read_to_end(&mut first).map_err(failed)?;
        file.rewind().map_err(failed)?;
        match first == LFS_POINTER {
            true => Err(FolderError::LfsPointer { file: path.to_owned() }),
            false => Ok(Some(file)),
        }
    }

    /// The bytes of a file of JSON, if there is one.
    pub fn json(&mut self, path: &'static str) -> Result<Option<Vec<u8>>, FolderError> {
        let Some(file) = self.open(path)? else { return Ok(None) };
        let mut bytes = Vec::new();
        let read = file.take(MAX_JSON + 1).read_to_end(&mut bytes);
        read.map_err(|source| FolderError::Read { file: path.to_owned(), source })?;
        match bytes.len() as u64 > MAX_JSON {
            true => Err(FolderError::LongJson { file: path }),
            false => Ok(Some(bytes)),
        }
    }
}
