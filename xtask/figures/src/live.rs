//! `cargo xtask live`: builds what the live figures load, and tells whether it is up to date.
//!
//! The module is committed, so that the book can be built without a WebAssembly toolchain.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use clap::Args;
use diffusion_run::{load, save};
use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::fingerprint::{self, Fingerprint};

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

/// The modules, one for each Part of the book: the feature of the crate that it is built with, and
/// where it is, relative to the repository.
pub const MODULES: [(&str, &str); 3] = [
    ("part-one", "book/src/live/part-one.js"),
    ("part-two", "book/src/live/part-two.js"),
    // No page loads it: it holds what later Parts compute with to the native code.
    ("arithmetic", "xtask/figures/tests/arithmetic.js"),
];

/// The profile that the modules are built with.
const PROFILE: &str = "live";

/// The sides of the mandrill that the figures use: of a state among many, and of one among few.
pub const SIDES: [u32; 2] = [96, 192];

/// Where the mandrill's pixels are, relative to the repository. A page loads those that it shows.
pub fn mandrill(side: u32) -> String {
    format!("book/src/live/mandrill-{side}.js")
}

/// Builds the modules and writes them and the mandrill's pixels for a page to load.
pub fn build(arguments: &Arguments, root: &Path) -> Result<(), String> {
    for (feature, file) in MODULES {
        let module = compile(arguments, root, feature)?;
        let sources = sources(root, &module)?;
        let module = smaller(module)?;
        let print = fingerprint(root, &sources)?;
        let page = format!(
            "// Made by `cargo xtask live` of the crates that the chapters list: the module, \
             deflated,\n// since a page that is opened as a file may not fetch one.\n\
             window.diffusionLive ??= {{}};\nwindow.diffusionLive[\"{feature}\"] = {{\n  \
             sources: \"{}\",\n  fingerprint: \"{print}\",\n  module: \"{}\",\n}};\n",
            sources.join(" "),
            BASE64_STANDARD.encode(deflated(&module))
        );
        store(root, file, &page)?;
        println!("{file}: {} KB", page.len().div_ceil(1000));
    }
    for side in SIDES {
        store(root, &mandrill(side), &mandrill_as_script(side)?)?;
    }
    Ok(())
}

/// The sources of a module, relative to the repository, as rustc has noted them beside it; and
/// the manifests of their packages.
fn sources(root: &Path, module: &Path) -> Result<Vec<String>, String> {
    let notes = module.with_extension("d");
    let text = fs::read_to_string(&notes)
        .map_err(|error| format!("cannot read '{}': {error}", notes.display()))?;
    let (_, files) = text.split_once(": ").unwrap_or_default();
    let mut sources = BTreeSet::new();
    // A space in a path is written with a backslash before it.
    for file in files.replace("\\ ", "\0").split_whitespace() {
        let file = PathBuf::from(file.replace('\0', " "));
        let Ok(file) = file.strip_prefix(root) else { continue };
        sources.insert(file.to_string_lossy().replace('\\', "/"));
        let is_package = |folder: &&Path| root.join(folder).join("Cargo.toml").is_file();
        let mut folders = file.ancestors().skip(1).filter(|at| *at != Path::new(""));
        if let Some(package) = folders.find(is_package) {
            sources.insert(package.join("Cargo.toml").to_string_lossy().into_owned());
        }
    }
    if sources.is_empty() {
        return Err(format!("'{}' names no source of ours", notes.display()));
    }
    Ok(sources.into_iter().collect())
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

fn compile(arguments: &Arguments, root: &Path, feature: &str) -> Result<PathBuf, String> {
    let target = "wasm32-unknown-unknown";
    let folder = root.join("target/live");
    let mut cargo = Command::new(&arguments.cargo);
    cargo.current_dir(root);
    cargo.args([
        "build",
        "--profile",
        PROFILE,
        "--package",
        "diffusion-live",
        "--no-default-features",
        "--features",
        feature,
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
    // Several values at once, with the same bits: every browser has had it since 2023.
    let mut flags = "-Ctarget-feature=+simd128".to_owned();
    if arguments.build_std {
        cargo.args(["-Zbuild-std=std,panic_abort", "-Zpanic-immediate-abort"]);
        cargo.env("RUSTC_BOOTSTRAP", "1");
        flags += " -Zunstable-options -Cpanic=immediate-abort";
    }
    cargo.env("RUSTFLAGS", flags);
    match cargo.status() {
        Ok(status) if status.success() => {
            Ok(folder.join(target).join(PROFILE).join("diffusion_live.wasm"))
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
    let features = [
        "bulk-memory",
        "nontrapping-float-to-int",
        "sign-ext",
        "mutable-globals",
        "simd",
    ];
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
