//! `cargo xtask live`: builds what the live figures load, and tells whether it is up to date.
//!
//! The module is committed, so that the book can be built without a WebAssembly toolchain.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use clap::Args;
use diffusion_core::picture::mandrill;
use diffusion_core::{Picture, save};
use flate2::Compression;
use flate2::write::DeflateEncoder;

/// The arguments of `cargo xtask live`.
#[derive(Args)]
pub struct Arguments {
    /// Build the standard library, too: needs its source (rust-src), and halves the size
    #[arg(long)]
    build_std: bool,

    /// The cargo to build with
    #[arg(long, value_name = "PATH", default_value = "cargo")]
    cargo: PathBuf,

    /// The rustc to build with, if cargo should not choose
    #[arg(long, value_name = "PATH")]
    rustc: Option<PathBuf>,

    /// The linker to build with, if rustc's own is not there
    #[arg(long, value_name = "PATH")]
    linker: Option<PathBuf>,
}

/// Where the module is, relative to the repository.
pub const MODULE: &str = "book/src/live/module.js";

/// Where the mandrill's pixels are, relative to the repository.
pub const MANDRILL: &str = "book/src/live/mandrill.js";

/// The sides of the mandrill that the figures use: of a state among others, and of a single one.
pub const SIDES: [u32; 2] = [96, 256];

/// What the module is made of. The files that the features of the page leave out don't count.
const SOURCES: [&str; 13] = [
    "crates/core/src/histogram.rs",
    "crates/core/src/lib.rs",
    "crates/core/src/memory.rs",
    "crates/core/src/moments.rs",
    "crates/core/src/noise.rs",
    "crates/core/src/picture.rs",
    "crates/live/src/exports.rs",
    "crates/live/src/lib.rs",
    "crates/part-a-very-simple-diffusion/src/lib.rs",
    "crates/part-b-fixed-beta-values/src/lib.rs",
    "crates/part-c-schedule-for-beta/src/error.rs",
    "crates/part-c-schedule-for-beta/src/lib.rs",
    "crates/part-d-alpha-bar-trick/src/lib.rs",
];

/// Builds the module and writes it and the mandrill's pixels for a page to load.
pub fn build(arguments: &Arguments, root: &Path) -> Result<(), String> {
    let module = smaller(compile(arguments, root)?)?;
    let sources = fingerprint(root)?;
    let page = format!(
        "// Made by `cargo xtask live` of the crates that the chapters list: the module, deflated,\n\
         // since a page that is opened as a file may not fetch one.\n\
         window.diffusionLive = {{\n  sources: \"{sources}\",\n  module: \"{}\",\n}};\n",
        BASE64_STANDARD.encode(deflated(&module))
    );
    store(root, MODULE, &page)?;
    store(root, MANDRILL, &mandrill_as_script()?)?;
    println!("{MODULE}: {} KB", page.len().div_ceil(1000));
    Ok(())
}

/// A fingerprint of the sources, FNV-1a over their paths and bytes.
pub fn fingerprint(root: &Path) -> Result<String, String> {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for source in SOURCES {
        let text = fs::read(root.join(source))
            .map_err(|error| format!("cannot read '{source}': {error}"))?;
        for byte in source.bytes().chain(text) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    Ok(format!("{hash:016x}"))
}

/// The mandrill's pixels in both sizes, as the lessons' `--size` makes them.
pub fn mandrill_as_script() -> Result<String, String> {
    let mut script = String::from(
        "// Made by `cargo xtask live` of data/mandrill.png: red, green and blue, deflated.\n\
         window.diffusionMandrill = {\n",
    );
    for side in SIDES {
        let picture =
            Picture::load(&mandrill(), Some(side)).map_err(|error| error.to_string())?;
        let pixels = picture.pixels_of(&picture.x);
        let data = BASE64_STANDARD.encode(deflated(pixels.as_raw()));
        script += &format!("  {side}: \"{data}\",\n");
    }
    Ok(script + "};\n")
}

fn compile(arguments: &Arguments, root: &Path) -> Result<PathBuf, String> {
    let target = "wasm32-unknown-unknown";
    let folder = root.join("target/live");
    let mut cargo = Command::new(&arguments.cargo);
    cargo.current_dir(root);
    cargo.args([
        "build",
        "--profile",
        "live",
        "--package",
        "diffusion-live",
        "--target",
        target,
    ]);
    cargo.arg("--target-dir").arg(&folder);
    // The outer cargo's choice of a toolchain is not this one's.
    for variable in ["RUSTC", "CARGO", "RUSTUP_TOOLCHAIN"] {
        cargo.env_remove(variable);
    }
    if let Some(rustc) = &arguments.rustc {
        cargo.env("RUSTC", rustc);
    }
    if let Some(linker) = &arguments.linker {
        cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
    }
    if arguments.build_std {
        cargo.args(["-Zbuild-std=std,panic_abort", "-Zpanic-immediate-abort"]);
        cargo.env("RUSTC_BOOTSTRAP", "1");
        cargo.env("RUSTFLAGS", "-Zunstable-options -Cpanic=immediate-abort");
    }
    match cargo.status() {
        Ok(status) if status.success() => {
            Ok(folder.join(target).join("live/diffusion_live.wasm"))
        }
        Ok(_) => Err(format!(
            "cannot build for {target}; expected `rustup target add {target}` to have been run, \
             or --build-std with a toolchain that has its own source"
        )),
        Err(error) => Err(format!("cannot run '{}': {error}", arguments.cargo.display())),
    }
}

/// What wasm-opt makes of the module, where there is one.
fn smaller(module: PathBuf) -> Result<Vec<u8>, String> {
    let optimized = module.with_extension("opt.wasm");
    let features =
        ["bulk-memory", "nontrapping-float-to-int", "sign-ext", "mutable-globals"];
    let wasm_opt = Command::new("wasm-opt")
        .arg("-O3")
        .args(features.map(|feature| format!("--enable-{feature}")))
        .args(["--enable-reference-types", "--enable-multivalue"])
        .arg(&module)
        .arg("-o")
        .arg(&optimized)
        .status();
    let best = match wasm_opt {
        Ok(status) if status.success() => optimized,
        Ok(_) => return Err(format!("wasm-opt refuses '{}'", module.display())),
        Err(_) => {
            eprintln!(
                "note: there is no wasm-opt (of binaryen), so the module stays larger"
            );
            module
        }
    };
    fs::read(&best).map_err(|error| format!("cannot read '{}': {error}", best.display()))
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    let written: io::Result<Vec<u8>> =
        encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.expect("a vector takes all")
}

fn store(root: &Path, file: &str, text: &str) -> Result<(), String> {
    save::if_stale(&root.join(file), text.as_bytes())
        .map_err(|error| error.to_string())?;
    Ok(())
}
