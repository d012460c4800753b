//! The scripts that `cargo xtask live` writes.

use std::fmt::Display;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use diffusion_cli::load::{self, LoadError};
use diffusion_live::{
    DATA, Handwritten, LearnedDigits, LearnedPatches, LearnedUNet, SPACINGS,
};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use part_e_schedules::beta_schedule::{BetaSchedule, PUBLISHED, Published};
use part_e_schedules::{PredictionType, cosine};
use part_h_learning_to_denoise::model_file::{Model, ModelPath, StoredNetwork};
use part_i_samplers::SAMPLERS;
use part_k_convolutions::{ConvolutionalNetwork, NetworkConfig, Padding};
use part_l_u_net::UNetConfig;
use part_l_u_net::model_folder::{FolderPath, ModelFolder, scheduler_config};
use serde_json::json;
use xtask_artifacts::{Artifact, repository};

use crate::u_net::HELD_OUT;

/// The modules, one for chapters that call the same: the feature of the crate that it is
/// built with, and where it is, relative to the repository.
pub const MODULES: [(&str, &str); 11] = [
    ("part-one", "book/src/live/part-one.js"),
    ("schedules", "book/src/live/schedules.js"),
    ("way-back", "book/src/live/way-back.js"),
    ("learning", "book/src/live/learning.js"),
    ("samplers", "book/src/live/samplers.js"),
    ("flows", "book/src/live/flows.js"),
    ("convolutions", "book/src/live/convolutions.js"),
    ("drawing", "book/src/live/drawing.js"),
    ("u-net", "book/src/live/u-net.js"),
    ("to-order", "book/src/live/to-order.js"),
    // No page loads it: it holds what later Parts compute with to the native code.
    ("kernels", "xtask/book/tests/suite/browser/kernels.js"),
];

/// The sides of the mandrill that the figures use: of one that is made pixel by pixel, of
/// a state among many, and of one among few.
pub const SIDES: [u32; 3] = [48, 96, 192];

/// Where the mandrill's pixels are, relative to the repository. A page loads those that
/// it shows.
pub fn mandrill(side: u32) -> String {
    format!("book/src/live/mandrill-{side}.js")
}

/// Where the network is that draws digits, relative to the repository: as it has been
/// learned, and for a page.
pub const DIGITS: (&str, &str) =
    ("data/evidence/digits.safetensors", "book/src/live/digits-network.js");

/// The same of the network that has learned the mandrill's patches.
pub const PATCHES: (&str, &str) =
    ("data/evidence/mandrill.safetensors", "book/src/live/patches-network.js");

/// The same of the U-Net that has learned digits, which are with it: a page that shows the
/// nearest of them loads both.
pub const U_NET: (&str, &str) =
    ("data/evidence/digits-u-net", "book/src/live/digits-u-net.js");

/// The digits that a figure knows all of, relative to the repository: as they were
/// collected, and for a page, which loads them as it does a network.
pub const HANDWRITTEN: (&str, &str) = ("data/digits.png", "book/src/live/handwritten.js");

/// Where the names are that readers choose by, relative to the repository.
const NAMES: &str = "book/src/live/names.js";

/// The script of a module, for a page to load.
pub fn of_module(feature: &str, module: &[u8]) -> String {
    format!(
        "// Made by `cargo xtask live` of the crates that the chapters list: the module, \
         deflated,\n// since a page that is opened as a file may not fetch one.\n\
         window.diffusionLive ??= {{}};\nwindow.diffusionLive[\"{feature}\"] = {{ module: \"{}\" }};\n",
        BASE64_STANDARD.encode(deflated(module))
    )
}

/// The bytes that a script has, in base64 and deflated.
pub fn inflated(data: &str) -> Option<Vec<u8>> {
    let deflated = BASE64_STANDARD.decode(data).ok()?;
    let mut bytes = Vec::new();
    DeflateDecoder::new(deflated.as_slice()).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// What pages load beside modules: the mandrill's pixels, networks that have learned, and
/// the names that readers choose by.
pub fn data() -> Vec<Artifact> {
    let mandrills = SIDES.map(|side| Artifact {
        path: mandrill(side),
        inputs: [
            "data/mandrill.png",
            "crates/cli/src/load.rs",
            "crates/core/src/picture",
        ]
        .map(str::to_owned)
        .to_vec(),
        make: Box::new(move || mandrill_as_script(side).map(String::into_bytes)),
    });
    let numbers = "crates/live/src/learned_numbers.rs";
    let network =
        |(file, script): (&str, &str), format: &str, make: fn() -> Result<_, String>| {
            Artifact {
                path: script.to_owned(),
                inputs: [file, format, numbers].map(str::to_owned).to_vec(),
                make: Box::new(move || make().map(String::into_bytes)),
            }
        };
    let networks = [
        network(DIGITS, "crates/live/src/learned_digits.rs", digits_network_as_script),
        network(PATCHES, "crates/live/src/learned_patches.rs", patches_network_as_script),
    ];
    let u_net = Artifact {
        path: U_NET.1.to_owned(),
        inputs: [
            U_NET.0,
            "data/mnist.png",
            "data/mnist-labels.txt",
            "crates/live/src/learned_u_net.rs",
            numbers,
        ]
        .map(str::to_owned)
        .to_vec(),
        make: Box::new(|| u_net_as_script().map(String::into_bytes)),
    };
    let handwritten = Artifact {
        path: HANDWRITTEN.1.to_owned(),
        inputs: [
            HANDWRITTEN.0,
            "data/digits-labels.txt",
            "crates/live/src/handwritten.rs",
        ]
        .map(str::to_owned)
        .to_vec(),
        make: Box::new(|| handwritten_as_script().map(String::into_bytes)),
    };
    let lists = [
        "crates/live/src/named_data.rs",
        "crates/live/src/spacings.rs",
        "crates/part-e-schedules/src/beta_schedule.rs",
        "crates/part-e-schedules/src/prediction_type.rs",
        "crates/part-i-samplers/src/sampler_list.rs",
    ];
    let names = Artifact {
        path: NAMES.to_owned(),
        inputs: lists.map(str::to_owned).to_vec(),
        make: Box::new(|| Ok(names_as_script().into_bytes())),
    };
    mandrills.into_iter().chain(networks).chain([u_net, handwritten, names]).collect()
}

/// The mandrill's pixels, as the lessons' `--size` makes them.
fn mandrill_as_script(side: u32) -> Result<String, String> {
    let picture = load::picture(&load::mandrill(), Some(side))
        .map_err(|error| error.to_string())?;
    let pixels = picture.pixels_of(&picture.x);
    let data = BASE64_STANDARD.encode(deflated(pixels.as_raw()));
    Ok(format!(
        "// Made by `cargo xtask live` of data/mandrill.png: red, green and blue, deflated.\n\
         window.diffusionMandrill ??= {{}};\n\
         window.diffusionMandrill.side{side} = \"{data}\";\n"
    ))
}

/// The network that draws digits, as the module takes it.
fn digits_network_as_script() -> Result<String, String> {
    let Model { network, kind, path, .. } = model(DIGITS.0)?;
    let ModelPath::Schedule(scheduler) = path else {
        return Err(refused(DIGITS.0, "it is a network of a flow"));
    };
    let learned = LearnedDigits { network, kind, scheduler };
    Ok(network_as_script(DIGITS, &learned.to_bytes()))
}

/// The network that has learned the mandrill's patches, as the module takes it.
fn patches_network_as_script() -> Result<String, String> {
    let (file, _) = PATCHES;
    let Model { network, kind, path, .. } = model::<ConvolutionalNetwork>(file)?;
    let &NetworkConfig { padding, size: [side, columns], steps, .. } = network.config();
    let scheduler = cosine(steps).map_err(|error| refused(file, error))?;
    if path != ModelPath::Schedule(scheduler) {
        return Err(refused(file, "it is a network of another schedule"));
    }
    if padding != Padding::Circular || side != columns {
        return Err(refused(file, "it has learned no square that is wrapped round"));
    }
    let photo = load::picture(&load::mandrill(), Some(side as u32))
        .map_err(|error| error.to_string())?;
    let photo = photo.pixels_of(&photo.x);
    let learned = LearnedPatches { network, kind, photo };
    Ok(network_as_script(PATCHES, &learned.to_bytes()))
}

/// The U-Net, and the digits that it has learned from, as the module takes them.
fn u_net_as_script() -> Result<String, String> {
    let (folder, _) = U_NET;
    let model = ModelFolder::read(|name| {
        let path = repository().join(folder).join(name);
        path.is_file().then(|| File::open(path)).transpose()
    });
    let ModelFolder { network, scheduler, .. } =
        model.map_err(|error| refused(folder, error))?;
    let config = network.config();
    let labels = config.classes - 1;
    let expected = UNetConfig::small(1, config.size[0], config.widths.clone(), labels);
    let kind = scheduler.prediction();
    let schedule = scheduler_config(&BetaSchedule::Cosine, config.steps, kind)
        .map_err(|error| refused(folder, error))?;
    if *config != expected || scheduler != FolderPath::Schedule(schedule) {
        return Err(refused(folder, "it is a network of another kind"));
    }
    let refused = |error: LoadError| error.to_string();
    let digits = load::mnist().map_err(refused)?;
    let mut labels = load::mnist_labels().map_err(refused)?;
    labels.truncate(labels.len() - HELD_OUT);
    let digits = digits.columns(0, labels.len()).into_owned();
    let learned = LearnedUNet { network, kind, digits, labels };
    Ok(network_as_script(U_NET, &learned.to_bytes()))
}

/// The repository's digits, as the module takes them.
fn handwritten_as_script() -> Result<String, String> {
    let refused = |error: LoadError| error.to_string();
    let digits = load::digits().map_err(refused)?;
    let labels = load::digit_labels().map_err(refused)?;
    let bytes = Handwritten { digits, labels }.to_bytes();
    Ok(data_as_script(HANDWRITTEN, "handwritten digits", &bytes))
}

fn refused(file: &str, reason: impl Display) -> String {
    format!("cannot load '{file}': {reason}")
}

/// The network in a file.
fn model<N: StoredNetwork>(file: &str) -> Result<Model<N>, String> {
    let bytes =
        fs::read(repository().join(file)).map_err(|error| refused(file, error))?;
    Model::from_bytes(&bytes).map_err(|error| refused(file, error))
}

fn network_as_script(of: (&str, &str), bytes: &[u8]) -> String {
    data_as_script(of, "what the network has learned", bytes)
}

fn data_as_script((file, script): (&str, &str), what: &str, bytes: &[u8]) -> String {
    let data = BASE64_STANDARD.encode(deflated(bytes));
    let name = Path::new(script).file_stem().expect("it has a name").to_string_lossy();
    format!(
        "// Made by `cargo xtask live` of {file}: {what}, deflated.\n\
         window.diffusionNetworks ??= {{}};\n\
         window.diffusionNetworks[\"{name}\"] = \"{data}\";\n"
    )
}

/// What readers choose by name in the live figures, and its name on command lines.
fn names_as_script() -> String {
    let data = DATA.iter().map(|data| (data.title, data.name));
    let predictions = PredictionType::ALL.map(PredictionType::name);
    let samplers = SAMPLERS.iter().map(|sampler| (sampler.title, sampler.name));
    let spacings = SPACINGS.iter().map(|spacing| (spacing.title, spacing.name));
    let schedules = PUBLISHED.iter().map(|Published { name, title, ends, .. }| {
        (title, name, ends.map(|ends| [ends.beta_start, ends.beta_end]))
    });
    format!(
        "// Made by `cargo xtask live` of the crates' own lists: a title, and the command's name.\n\
         window.liveParts.Names = {{\n  data: {},\n  predictions: {},\n  samplers: {},\n  \
         spacings: {},\n  schedules: {},\n}};\n",
        json!(data.collect::<Vec<_>>()),
        json!(predictions),
        json!(samplers.collect::<Vec<_>>()),
        json!(spacings.collect::<Vec<_>>()),
        json!(schedules.collect::<Vec<_>>()),
    )
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    let written: io::Result<Vec<u8>> =
        encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.expect("a vector takes all")
}
