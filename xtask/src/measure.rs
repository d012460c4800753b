//! `cargo xtask measure`: how long the default run of each part takes, as a reader runs it.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use diffusion_core::save;

const PARTS: [&str; 4] = [
    "part-a-very-simple-diffusion",
    "part-b-fixed-beta-values",
    "part-c-schedule-for-beta",
    "part-d-alpha-bar-trick",
];

/// Where the times are stored, relative to the repository: `package,seconds`.
pub const FILE: &str = "book/running-times.csv";

/// An odd number of runs, whose median is kept.
const RUNS: usize = 9;

/// Times all parts and stores what it finds.
pub fn parts(root: &Path) -> Result<(), String> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .arg("build")
        .args(PARTS.map(|part| format!("-p{part}")))
        .status();
    if !built.is_ok_and(|status| status.success()) {
        return Err("cannot build the parts".to_owned());
    }
    let programs = env::current_exe().map_err(|error| error.to_string())?;
    let mut csv = String::new();
    for part in PARTS {
        // Cargo puts all programs of a profile into the same folder.
        let program =
            programs.with_file_name(format!("{part}{}", env::consts::EXE_SUFFIX));
        let mut seconds = Vec::new();
        for _ in 0..RUNS {
            let start = Instant::now();
            let run = Command::new(&program)
                .current_dir(env::temp_dir())
                .stdout(Stdio::null())
                .status();
            if !run.is_ok_and(|status| status.success()) {
                return Err(format!("cannot run {part}"));
            }
            seconds.push(start.elapsed().as_secs_f64());
        }
        seconds.sort_by(f64::total_cmp);
        println!("{part}: {:.3} s", seconds[RUNS / 2]);
        csv += &format!("{part},{:.2}\n", seconds[RUNS / 2]);
    }
    save::whole_file(&root.join(FILE), |file| file.write_all(csv.as_bytes()))
        .map_err(|error| error.to_string())
}
