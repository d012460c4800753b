//! The book's Python, run beside the Rust that it stands next to.

use std::collections::HashMap;
use std::env;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::missing::not_tested;

/// Lists of numbers by name.
pub type Lists = HashMap<String, Vec<f64>>;

/// Runs a script on some lists, if this Python has the module that it needs: `python3`,
/// or what the variable PYTHON names. The script is given the module, and the lists on
/// stdin. It finds the book's Python, and `lists.py` beside this file, with which it reads
/// lists and prints them.
///
/// Without the module, see [`not_tested`].
pub fn run(script: &str, module: &str, given: &[(String, Vec<f32>)]) -> Option<Lists> {
    let python = env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let find = format!(
        "import sys, importlib.util as i; sys.exit(i.find_spec('{module}') is None)"
    );
    let is_there =
        Command::new(&python).args(["-c", &find]).stderr(Stdio::null()).status();
    if !is_there.is_ok_and(|status| status.success()) {
        let what = format!("the Python of the book: name one with {module} in PYTHON");
        not_tested(&what, module);
        return None;
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let theirs = env::var_os("PYTHONPATH").unwrap_or_default();
    let folders = [here.join("src"), here.join("../../book/src")].into_iter();
    let path = env::join_paths(folders.chain(env::split_paths(&theirs)));
    let mut running = Command::new(&python)
        .arg("-B") // No compiled files beside the book's.
        .arg(script)
        .arg(module)
        .env("PYTHONPATH", path.expect("no folder has the separator in its name"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python starts");
    let mut stdin = running.stdin.take().expect("a pipe");
    for (name, values) in given {
        let values: Vec<String> = values.iter().map(f32::to_string).collect();
        writeln!(stdin, "{name} {}", values.join(" ")).expect("python reads");
    }
    drop(stdin);
    let output = running.wait_with_output().expect("python ends");
    assert!(output.status.success(), "the Python failed");
    let output = String::from_utf8(output.stdout).expect("text");
    let list = |line: &str| {
        let mut words = line.split_whitespace().map(str::to_owned);
        let name = words.next().expect("a name");
        (name, words.map(|word| word.parse().expect("a number")).collect())
    };
    Some(output.lines().map(list).collect())
}
