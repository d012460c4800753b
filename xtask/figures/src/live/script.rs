//! The scripts that `cargo xtask live` writes: their text, and whether what is committed
//! is that.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use diffusion_cli::load;
use diffusion_live::{DATA, LearnedDigits};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use part_e_schedules::PredictionType;
use part_e_schedules::beta_schedule::{PUBLISHED, Published};
use part_h_learning_to_denoise::model_file::Model;
use part_i_samplers::SAMPLERS;
use serde_json::json;

use crate::fingerprint::{self, Fingerprint};

/// The modules, one for chapters that call the same: the feature of the crate that it is
/// built with, and where it is, relative to the repository.
pub const MODULES: [(&str, &str); 6] = [
    ("part-one", "book/src/live/part-one.js"),
    ("schedules", "book/src/live/schedules.js"),
    ("way-back", "book/src/live/way-back.js"),
    ("learning", "book/src/live/learning.js"),
    ("samplers", "book/src/live/samplers.js"),
    // No page loads it: it holds what later Parts compute with to the native code.
    ("kernels", "xtask/figures/tests/kernels.js"),
];

/// The profile that the modules are built with.
pub(super) const PROFILE: &str = "live";

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

/// Where the names are that readers choose by, relative to the repository.
pub const NAMES: &str = "book/src/live/names.js";

/// A module and what it is made of, for a page to load.
pub struct Module {
    /// The feature of the crate, by which a page finds the module.
    pub feature: String,
    /// The sources, relative to the repository.
    pub sources: Vec<String>,
    /// The fingerprint of the sources as they were.
    pub fingerprint: String,
    /// The bytes of the module, deflated.
    pub deflated: Vec<u8>,
}

impl Module {
    /// The script, whose last line is a fingerprint of all the lines above it.
    pub fn text(&self) -> String {
        let text = format!(
            "// Made by `cargo xtask live` of the crates that the chapters list: the module, \
             deflated,\n// since a page that is opened as a file may not fetch one.\n\
             window.diffusionLive ??= {{}};\nwindow.diffusionLive[\"{}\"] = {{\n  \
             sources: \"{}\",\n  fingerprint: \"{}\",\n  module: \"{}\",\n}};\n",
            self.feature,
            self.sources.join(" "),
            self.fingerprint,
            BASE64_STANDARD.encode(&self.deflated)
        );
        let mut print = Fingerprint::default();
        print.add(text.as_bytes());
        format!("{text}// The fingerprint of all above: {}\n", print.hex())
    }

    /// The module of a script, if the script is to the letter what [`Module::text`]
    /// writes.
    pub fn read(feature: &str, text: &str) -> Option<Self> {
        let field = |name: &str| {
            let (_, rest) = text.split_once(&format!("\n  {name}: \""))?;
            Some(rest.split_once('"')?.0)
        };
        let module = Module {
            feature: feature.to_owned(),
            sources: field("sources")?.split(' ').map(str::to_owned).collect(),
            fingerprint: field("fingerprint")?.to_owned(),
            deflated: BASE64_STANDARD.decode(field("module")?).ok()?,
        };
        (module.text() == text).then_some(module)
    }
}

/// For each script that is not what `cargo xtask live` writes now, its path relative to
/// the repository, and a sentence.
pub fn all_stale(root: &Path) -> Vec<(PathBuf, String)> {
    let read = |file: &str| fs::read_to_string(root.join(file));
    let modules = MODULES.iter().map(|(feature, file)| {
        let state = read(file).map(|text| state_of_module(root, feature, &text));
        ((*file).to_owned(), state)
    });
    let written = |file: String, now: Result<String, String>, what: &str| {
        let state = read(&file).map(|text| match now? == text {
            true => Ok(()),
            false => Err(format!("it is not {what}")),
        });
        (file, state)
    };
    let mandrills = SIDES.iter().map(|&side| {
        let what = "the mandrill's pixels as they are";
        written(mandrill(side), mandrill_as_script(side), what)
    });
    let what = "the network as it has been learned";
    let network = written(DIGITS.1.to_owned(), digits_network_as_script(root), what);
    let names =
        written(NAMES.to_owned(), Ok(names_as_script()), "the names that there are");
    let fault = |(file, state): (String, io::Result<Result<(), String>>)| {
        let fault = match state {
            Ok(state) => state.err()?,
            Err(error) => format!("it cannot be read: {error}"),
        };
        Some((PathBuf::from(file), format!("{fault}; run `cargo xtask live`")))
    };
    modules.chain(mandrills).chain([network, names]).filter_map(fault).collect()
}

fn state_of_module(root: &Path, feature: &str, text: &str) -> Result<(), String> {
    let module = Module::read(feature, text).ok_or(
        "it is not as it was written: something in it is changed, added or missing",
    )?;
    if fingerprint(root, &module.sources)? == module.fingerprint {
        Ok(())
    } else {
        Err("the sources that it is made of have changed since".to_owned())
    }
}

/// A fingerprint of these sources and of what they are built with.
pub fn fingerprint(root: &Path, sources: &[String]) -> Result<String, String> {
    let mut print = Fingerprint::default();
    for source in sources {
        print
            .add_file(root, Path::new(source))
            .map_err(|error| format!("cannot read '{source}': {error}"))?;
    }
    print.add(
        fingerprint::built_with(root, "diffusion-live", PROFILE)
            .map_err(|error| {
                format!("cannot read 'Cargo.toml' or 'Cargo.lock': {error}")
            })?
            .as_bytes(),
    );
    Ok(print.hex())
}

/// The mandrill's pixels, as the lessons' `--size` makes them.
pub fn mandrill_as_script(side: u32) -> Result<String, String> {
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
pub fn digits_network_as_script(root: &Path) -> Result<String, String> {
    let (file, script) = DIGITS;
    let refused = |reason: String| format!("cannot load '{file}': {reason}");
    let bytes = fs::read(root.join(file)).map_err(|error| refused(error.to_string()))?;
    let Model { network, kind, scheduler, .. } =
        Model::from_bytes(&bytes).map_err(|error| refused(error.to_string()))?;
    let learned = LearnedDigits { network, kind, scheduler };
    let data = BASE64_STANDARD.encode(deflated(&learned.to_bytes()));
    let name = Path::new(script).file_stem().expect("it has a name").to_string_lossy();
    Ok(format!(
        "// Made by `cargo xtask live` of {file}: what the network has learned, deflated.\n\
         window.diffusionNetworks ??= {{}};\n\
         window.diffusionNetworks[\"{name}\"] = \"{data}\";\n"
    ))
}

/// What readers choose by name in the live figures, and its name on command lines.
pub fn names_as_script() -> String {
    let data = DATA.iter().map(|data| (data.title, data.name));
    let predictions = PredictionType::ALL.map(PredictionType::name);
    let samplers = SAMPLERS.iter().map(|sampler| (sampler.title, sampler.name));
    let schedules = PUBLISHED.iter().map(|Published { name, title, ends, .. }| {
        (title, name, ends.map(|ends| [ends.beta_start, ends.beta_end]))
    });
    format!(
        "// Made by `cargo xtask live` of the crates' own lists: a title, and the command's name.\n\
         window.liveParts.Names = {{\n  data: {},\n  predictions: {},\n  samplers: {},\n  \
         schedules: {},\n}};\n",
        json!(data.collect::<Vec<_>>()),
        json!(predictions),
        json!(samplers.collect::<Vec<_>>()),
        json!(schedules.collect::<Vec<_>>()),
    )
}

pub(super) fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    let written: io::Result<Vec<u8>> =
        encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.expect("a vector takes all")
}
