//! `cargo xtask live`: builds what the live figures load, and tells whether it is up to
//! date.
//!
//! The module is committed, so that the book can be built without a WebAssembly
//! toolchain.

mod script;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;
use xtask_artifacts::{Artifact, Which, locked, make};

pub use self::script::{
    DIGITS, HANDWRITTEN, MODULES, PATCHES, SIDES, U_NET, data, inflated, mandrill,
};

/// The profile that the modules are built with.
const PROFILE: &str = "live";

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

/// Builds the modules and writes them, the mandrill's pixels and the networks for
/// a page to load.
///
/// # Errors
///
/// If something can't be built or written.
pub fn build(arguments: &Arguments, root: &Path) -> Result<(), String> {
    let mut artifacts = script::data();
    for (feature, file) in MODULES {
        let module = compile(arguments, root, feature)?;
        let mut inputs = sources(root, &module)?;
        inputs.push(locked("diffusion-live"));
        // The next one has the same name.
        let kept = module.with_file_name(format!("{feature}.wasm"));
        fs::copy(&module, &kept)
            .map_err(|error| format!("cannot copy '{}': {error}", module.display()))?;
        artifacts.push(Artifact {
            path: file.to_owned(),
            inputs,
            make: Box::new(move || {
                let module = smaller(&kept)?;
                Ok(script::of_module(feature, &module).into_bytes())
            }),
        });
    }
    make(root, "live", &artifacts, Which::Stale)
}

/// The sources of a module, relative to the repository, as rustc has noted them beside
/// it; and the manifests of their packages.
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
fn smaller(module: &Path) -> Result<Vec<u8>, String> {
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
        .arg(module)
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
            module.to_owned()
        }
    };
    fs::read(&best).map_err(|error| format!("cannot read '{}': {error}", best.display()))
}
