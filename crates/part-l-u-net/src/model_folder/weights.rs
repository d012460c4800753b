//! The numbers of a network, by the names that diffusers has for them.

use std::collections::BTreeSet;
use std::io::{self, Read, Seek};

use part_h_learning_to_denoise::ParameterSet;
use part_h_learning_to_denoise::model_file::{Stored, tensors_as_file};

use super::files::{Files, Place};
use super::keys::Keys;
use super::{FolderError, Learned, WEIGHTS};
use crate::config::UNetConfig;
use crate::cost;
use crate::initial::Zeros;
use crate::u_net::UNet;

/// What the layers of attention are called, and what they were before May 2023.
const NAMES: [[&str; 2]; 4] = [
    [".to_q.", ".query."],
    [".to_k.", ".key."],
    [".to_v.", ".value."],
    [".to_out.0.", ".proj_attn."],
];

/// The bytes of the file.
pub fn written(
    network: &UNet,
    learned: &Learned,
    half: bool,
) -> Result<Vec<u8>, FolderError> {
    let tensors = network.parameters.tensors().into_iter();
    let tensors = tensors.map(|it| (it.name, it.shape, it.numbers.to_vec())).collect();
    // diffusers wants to be told whose tensors they are.
    let mut metadata = vec![("format", "pt".to_owned())];
    if let Some(data) = &learned.data {
        metadata.push(("data", data.clone()));
        metadata.push(("updates", learned.updates.to_string()));
        metadata.push(("training", learned.training.clone()));
    }
    tensors_as_file(tensors, half, metadata)
        .map_err(|error| FolderError::Weights { file: WEIGHTS.to_owned(), error })
}

/// The files of a network's numbers, one or several.
pub struct Weights<'a> {
    /// What an error names.
    file: &'static str,
    /// Each with its path.
    parts: Vec<(String, Stored<'a>)>,
}

impl<'a> Weights<'a> {
    /// Opens those of a network in this place.
    pub fn open<R: Read + Seek + 'a>(
        files: &mut Files<impl FnMut(&str) -> io::Result<Option<R>>>,
        place: &Place,
    ) -> Result<Self, FolderError> {
        for file in place.weights {
            if let Some(part) = part(files, file)? {
                return Ok(Weights { file, parts: vec![part] });
            }
        }
        if let Some(bytes) = files.json(place.sharded)? {
            return Self::sharded(files, place.sharded, &bytes);
        }
        let [expected, _] = place.weights;
        for file in place.pickles {
            if files.open(file)?.is_some() {
                return Err(FolderError::Pickle { file, expected });
            }
        }
        match files.open(place.flax)? {
            Some(_) => Err(FolderError::Flax { file: place.flax, expected }),
            None => Err(FolderError::missing([expected])),
        }
    }

    /// Opens all files that are named beside the tensors of an index.
    fn sharded<R: Read + Seek + 'a>(
        files: &mut Files<impl FnMut(&str) -> io::Result<Option<R>>>,
        index: &'static str,
        bytes: &[u8],
    ) -> Result<Self, FolderError> {
        let key = "weight_map";
        let keys = Keys::parse(index, bytes)?;
        let wrong = || keys.wrong(key, "a safetensors file beside it for each tensor");
        let map = keys.get(key).and_then(|map| map.as_object()).ok_or_else(wrong)?;
        let names = map.values().map(|name| {
            // No path that leads out of the folder.
            let is_name = |name: &&str| {
                name.ends_with(".safetensors") && !name.contains(['/', '\\', ':'])
            };
            name.as_str().filter(is_name).ok_or_else(wrong)
        });
        let names: BTreeSet<&str> = names.collect::<Result<_, _>>()?;
        let (folder, _) = index.rsplit_once('/').unwrap_or_default();
        let mut parts = Vec::new();
        for name in names {
            let path = if folder.is_empty() { name } else { &format!("{folder}/{name}") };
            let part = part(files, path)?;
            parts.push(part.ok_or_else(|| FolderError::missing([path]))?);
        }
        Ok(Weights { file: index, parts })
    }

    /// What the metadata of the file say, of several those of the first.
    pub fn said(&self, key: &str) -> Option<&str> {
        self.parts.first()?.1.find(key)
    }

    /// The network of a config, with these numbers.
    pub fn network(&self, config: UNetConfig) -> Result<UNet, FolderError> {
        let file = self.file;
        // So that nobody takes memory by a config alone. A number has two bytes at least, and
        // a tensor that is missing is named below.
        let found: usize = self.parts.iter().map(|(_, stored)| stored.bytes()).sum();
        if (found as u64) < cost::parameters(&config) {
            return Err(FolderError::TooFew { file, found });
        }
        let age = self.age()?;
        // They are replaced one and all.
        let mut network = UNet::new(config, &mut Zeros);
        let all = network.parameters.tensors().into_iter();
        let all: Vec<_> = all.map(|tensor| (tensor.name, tensor.shape)).collect();
        let mut used = BTreeSet::new();
        for ((name, expected), place) in
            all.into_iter().zip(network.parameters.slices_mut())
        {
            let name = in_age(name, age);
            let parts = self.parts.iter().enumerate();
            let shapes = parts.map(|(i, (_, stored))| (i, stored.shape(&name)));
            let found = shapes.filter_map(|(i, shape)| Some((i, shape?))).next();
            let Some((i, found)) = found else {
                return Err(FolderError::NoTensor { file, name });
            };
            let (path, stored) = &self.parts[i];
            if !is_shape(found, &expected) {
                let (file, found) = (path.clone(), found.to_vec());
                return Err(FolderError::Shape { file, name, found, expected });
            }
            let damaged = |error| FolderError::Weights { file: path.clone(), error };
            stored.fill(&name, place).map_err(damaged)?;
            used.insert((i, name));
        }
        for (i, (path, stored)) in self.parts.iter().enumerate() {
            for name in stored.names() {
                if !used.contains(&(i, name.clone())) {
                    return Err(FolderError::OtherTensor { file: path.clone(), name });
                }
            }
        }
        Ok(network)
    }

    /// Which of the [`NAMES`] the layers of attention have: 0 for the new ones.
    fn age(&self) -> Result<usize, FolderError> {
        let mut found: [Option<String>; 2] = [None, None];
        for name in self.parts.iter().flat_map(|(_, stored)| stored.names()) {
            if !name.contains(".attentions.") {
                continue;
            }
            for (age, found) in found.iter_mut().enumerate() {
                if NAMES.iter().any(|names| name.contains(names[age])) {
                    found.get_or_insert_with(|| name.clone());
                }
            }
        }
        match found {
            [Some(new), Some(old)] => {
                Err(FolderError::MixedNames { file: self.file, new, old })
            }
            [_, old] => Ok(usize::from(old.is_some())),
        }
    }
}

/// A file of tensors with its path, if it is there.
fn part<'a, R: Read + Seek + 'a>(
    files: &mut Files<impl FnMut(&str) -> io::Result<Option<R>>>,
    path: &str,
) -> Result<Option<(String, Stored<'a>)>, FolderError> {
    let Some(file) = files.open(path)? else { return Ok(None) };
    let damaged = |error| FolderError::Weights { file: path.to_owned(), error };
    Ok(Some((path.to_owned(), Stored::open(file).map_err(damaged)?)))
}

/// The name of a tensor in a file of this age.
fn in_age(name: String, age: usize) -> String {
    let names =
        NAMES.iter().find(|[new, _]| name.contains(".attentions.") && name.contains(new));
    match names {
        Some(names) => name.replace(names[0], names[age]),
        None => name,
    }
}

/// Linear layers were kept as convolutions of 1 × 1 by some.
fn is_shape(found: &[usize], expected: &[usize]) -> bool {
    let is_linear = expected.len() == 2 && found.len() == 4;
    found == expected || is_linear && found[..2] == *expected && found[2..] == [1, 1]
}
