//! What is slow to make, or takes a toolchain that not everybody has: results that the
//! figures read from `data/evidence`, the modules of the live figures, the running times.

pub mod convolutions;
pub mod engine;
pub mod flows;
pub mod learning;
pub mod live;
pub mod measure;
mod measured;
pub mod memory;
pub mod new_pictures;
pub mod noise;
pub mod published;
mod threads;
pub mod to_order;
pub mod u_net;

use std::io::{self, Cursor};
use std::path::Path;

use image::{ImageFormat, Rgb, RgbImage, imageops};
use xtask_artifacts::{Artifact, locked, package};
use xtask_figures::stored::{self, FOLDER};

/// The results that are stored: name, the package whose code they are evidence of, the
/// source here that computes them, and how.
type Result = (&'static str, &'static str, &'static str, fn() -> Vec<u8>);

const RESULTS: [Result; 24] = [
    (stored::noise::MOMENTS, "diffusion-core", "noise", || {
        noise::csv(&[1 << 10, 1 << 20, 1 << 30]).into_bytes()
    }),
    (
        stored::new_pictures::SHEET,
        "part-g-local-denoiser",
        "new_pictures",
        new_pictures::sheet,
    ),
    (stored::learning::CURVES, LEARNING, "learning", || learning::curves().into_bytes()),
    (stored::learning::SAMPLES, LEARNING, "learning", learning::samples_png),
    (stored::learning::SPIRAL, LEARNING, "learning", learning::trained_on_spiral),
    (stored::flows::VALUES, "part-j-flow-matching", "flows", || {
        flows::csv().into_bytes()
    }),
    (stored::convolutions::NETWORK, CONVOLUTIONS, "convolutions", convolutions::network),
    (stored::convolutions::VALUES, CONVOLUTIONS, "convolutions", convolutions::csv),
    (stored::convolutions::PICTURES, CONVOLUTIONS, "convolutions", convolutions::sheet),
    (stored::learning::DIGITS, LEARNING, "learning", learning::trained_on_digits),
    (stored::u_net::VALUES, U_NET, "u_net", u_net::csv),
    (stored::u_net::PICTURES, U_NET, "u_net", u_net::sheet),
    ("digits-u-net/model_index.json", U_NET, "u_net", || u_net::file("model_index.json")),
    ("digits-u-net/unet/config.json", U_NET, "u_net", || u_net::file("unet/config.json")),
    (NETWORK, U_NET, "u_net", || u_net::file("unet/diffusion_pytorch_model.safetensors")),
    ("digits-u-net/scheduler/scheduler_config.json", U_NET, "u_net", || {
        u_net::file("scheduler/scheduler_config.json")
    }),
    ("digits-u-net/README.md", U_NET, "u_net", || u_net::file("README.md")),
    (stored::memory::VALUES, U_NET, "memory", memory::csv),
    (stored::memory::PICTURES, U_NET, "memory", memory::sheet),
    (stored::published::VALUES, PUBLISHED, "published", published::csv),
    (stored::published::PICTURES, PUBLISHED, "published", published::sheet),
    (stored::to_order::VALUES, TO_ORDER, "to_order", to_order::csv),
    (stored::to_order::PICTURES, TO_ORDER, "to_order", to_order::sheet),
    (stored::engine::VALUES, ENGINE, "engine", engine::csv),
];

/// The stored results that another one is measured with. Part N asks what parts H and L
/// have learned.
fn measured_with(source: &str) -> &'static [&'static str] {
    match source {
        "to_order" => &[stored::learning::DIGITS, NETWORK],
        _ => &[],
    }
}

/// The other sources that one is made with. Part M measures what part L has learned.
fn made_with(source: &str) -> &'static [&'static str] {
    match source {
        "convolutions" | "u_net" | "to_order" => &["measured"],
        "engine" => &["published"],
        "memory" | "published" => &["measured", "u_net"],
        _ => &[],
    }
}

const NETWORK: &str = "digits-u-net/unet/diffusion_pytorch_model.safetensors";
const CONVOLUTIONS: &str = "part-k-convolutions";
const U_NET: &str = "part-l-u-net";
const PUBLISHED: &str = "part-m-published-models";
const TO_ORDER: &str = "part-n-to-order";
const ENGINE: &str = "part-o-on-an-engine";
const LEARNING: &str = "part-h-learning-to-denoise";

/// The paths of all stored results, in their folder.
pub fn names() -> [&'static str; RESULTS.len()] {
    RESULTS.map(|(name, ..)| name)
}

/// All stored results.
///
/// # Errors
///
/// If what they are made of can't be read.
pub fn artifacts(root: &Path) -> io::Result<Vec<Artifact>> {
    let artifact = |(name, of, source, compute): Result| {
        let mut inputs = package(root, of)?;
        for source in [&[source], made_with(source)].concat() {
            inputs.push(format!("xtask/evidence/src/{source}.rs"));
            // Beside its file, a source may have a folder of the same name.
            let folder = format!("xtask/evidence/src/{source}");
            inputs.extend(root.join(&folder).is_dir().then_some(folder));
            inputs.push(format!("xtask/figures/src/stored/{source}.rs"));
        }
        inputs
            .extend(measured_with(source).iter().map(|name| format!("{FOLDER}/{name}")));
        inputs.push(locked(of));
        let path = format!("{FOLDER}/{name}");
        Ok(Artifact { path, inputs, make: Box::new(move || Ok(compute())) })
    };
    RESULTS.into_iter().map(artifact).collect()
}

/// The bytes of a picture's file. One that is grey has one value for each pixel in it.
fn png(pixels: &RgbImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let written = match pixels.pixels().all(|Rgb([r, g, b])| r == g && g == b) {
        true => imageops::grayscale(pixels).write_to(&mut bytes, ImageFormat::Png),
        false => pixels.write_to(&mut bytes, ImageFormat::Png),
    };
    written.expect("a vector takes all");
    bytes.into_inner()
}
