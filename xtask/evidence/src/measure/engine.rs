//! What an engine costs, beside chapter L's own kernels and PyTorch: to build, and to train the
//! same network with.

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use xtask_artifacts::{Artifact, repository};
use xtask_figures::stored::FOLDER;
use xtask_figures::stored::engine::COSTS;

use super::ENGINE;
use crate::flows::{Values, lines};

/// So many updates are timed, beyond those that a run needs to get going.
const UPDATES: usize = 100;
const WARM_UP: usize = 20;

/// An odd number of runs, whose median is kept.
const RUNS: usize = 3;

/// The costs. As running times, they are stale only when somebody else writes them.
pub fn costs() -> Artifact {
    let make = Box::new(|| measured(&repository()));
    Artifact { path: format!("{FOLDER}/{COSTS}"), inputs: Vec::new(), make }
}

/// A program, and what it cost to build.
struct Built {
    program: PathBuf,
    seconds: f64,
    packages: usize,
}

fn measured(root: &Path) -> Result<Vec<u8>, String> {
    let python = env::var_os("PYTHON").ok_or(
        "what runs PyTorch and diffusers is not known; expected PYTHON to say it",
    )?;
    let folder = tempfile::tempdir()
        .map_err(|error| format!("cannot create a temporary folder: {error}"))?;
    let network = folder.path().join("network");
    let mut values = Values::new();
    for (name, package, features) in
        [("own", "part-l-u-net", &[][..]), ("engine", "part-o-on-an-engine", &ENGINE[..])]
    {
        let Built { program, seconds, packages } =
            built(root, package, features, &folder.path().join(name))?;
        let save: Vec<&OsStr> = match name {
            "own" => vec!["--save-diffusers".as_ref(), network.as_os_str()],
            _ => Vec::new(),
        };
        let [speed, memory] = trained(folder.path(), |updates| {
            let mut command = Command::new(&program);
            command.args(["--train", "--samples", "1", "--steps", "1", "--updates"]);
            command.arg(updates.to_string());
            if updates > WARM_UP && !network.exists() {
                command.args(&save);
            }
            command
        })?;
        let size = fs::metadata(&program).map_err(|error| error.to_string())?.len();
        let row = vec![seconds, packages as f64, size as f64 / 1e6, speed, memory];
        values.insert(name.to_owned(), row);
    }
    let script = root.join("crates/part-o-on-an-engine/benches/training.py");
    let of_python = |updates: usize| {
        let mut command = Command::new(&python);
        command.arg(&script).arg(&network).arg(updates.to_string());
        command
    };
    let told = of_python(1).output().map_err(|error| error.to_string())?;
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    let numbers = told.split_whitespace().filter_map(|word| word.parse::<f64>().ok());
    let [packages, size] = numbers.collect::<Vec<_>>()[..] else {
        return Err(format!("'{}' has printed '{told}'", script.display()));
    };
    let [speed, memory] = trained(folder.path(), of_python)?;
    values.insert("pytorch".to_owned(), vec![0.0, packages, size, speed, memory]);
    Ok(("name,value\n".to_owned() + &lines(values)).into_bytes())
}

/// Builds a package in a new folder, with nothing there.
fn built(
    root: &Path,
    package: &str,
    features: &[&str],
    target: &Path,
) -> Result<Built, String> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let start = Instant::now();
    let output = Command::new(cargo)
        .args(["build", "--release", "--package", package])
        .arg("--message-format=json-render-diagnostics")
        .args(features)
        .env("CARGO_TARGET_DIR", target)
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    let seconds = start.elapsed().as_secs_f64();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let messages: Vec<Value> =
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let packages: BTreeSet<&str> =
        messages.iter().filter_map(|message| message["package_id"].as_str()).collect();
    let program = messages
        .iter()
        .filter(|message| message["target"]["name"] == package)
        .find_map(|message| message["executable"].as_str())
        .ok_or_else(|| format!("cannot build {package}"))?;
    println!("{package}: built in {seconds:.0} s, {} packages", packages.len());
    Ok(Built { program: program.into(), seconds, packages: packages.len() })
}

/// Updates a second, and the most megabytes of memory.
fn trained(
    folder: &Path,
    command: impl Fn(usize) -> Command,
) -> Result<[f64; 2], String> {
    let mut speeds = Vec::new();
    let mut memory = 0.0_f64;
    for _ in 0..RUNS {
        let mut seconds = Vec::new();
        for updates in [WARM_UP, WARM_UP + UPDATES] {
            let start = Instant::now();
            memory = memory.max(run(command(updates).current_dir(folder))?);
            seconds.push(start.elapsed().as_secs_f64());
        }
        speeds.push(UPDATES as f64 / (seconds[1] - seconds[0]));
    }
    speeds.sort_by(f64::total_cmp);
    println!("{:.1} updates a second, {memory:.0} MB", speeds[RUNS / 2]);
    Ok([speeds[RUNS / 2], memory])
}

/// Runs a command: the most megabytes that it had, as Linux tells.
fn run(command: &mut Command) -> Result<f64, String> {
    let mut child = command
        .stdout(Stdio::null())
        .spawn()
        .map_err(|error| format!("cannot run {command:?}: {error}"))?;
    let status = format!("/proc/{}/status", child.id());
    let mut kilobytes = 0.0;
    loop {
        if let Some(ended) = child.try_wait().map_err(|error| error.to_string())? {
            return match ended.success() {
                true => Ok(kilobytes / 1e3),
                false => Err(format!("{command:?} has failed")),
            };
        }
        let text = fs::read_to_string(&status).unwrap_or_default();
        let peak = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let number = peak.and_then(|peak| peak.split_whitespace().next()?.parse().ok());
        kilobytes = number.unwrap_or(kilobytes);
        thread::sleep(Duration::from_millis(20));
    }
}
