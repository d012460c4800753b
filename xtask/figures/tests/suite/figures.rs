//! Real runs of `cargo xtask figures`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use insta::assert_snapshot;
use tempfile::tempdir;
use xtask_figures::parts;

fn figures(arguments: &[&str]) -> Output {
    let xtask = env!("CARGO_BIN_EXE_xtask-figures");
    Command::new(xtask).arg("figures").args(arguments).output().expect("xtask starts")
}

/// Runs on another folder than the book's, and returns the exit code and stderr with the
/// folder's name taken out.
fn figures_in(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let folder = folder.to_str().unwrap();
    let output = figures(&[&["--folder", folder], arguments].concat());
    let stderr = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), stderr.replace(folder, "figures"))
}

fn committed() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../book/src/figures");
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn no_figure_of_the_book_is_stale() {
    let output = figures(&["--check"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn check_names_each_stale_missing_and_orphan_file() {
    let folder = tempdir().unwrap();
    for path in committed() {
        fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    assert_eq!(figures_in(folder.path(), &["--check"]), (Some(0), String::new()));

    let stale = folder.path().join("part-a-spread.svg");
    let drawn = fs::read_to_string(&stale).unwrap();
    fs::write(&stale, drawn.replacen("step", "stop", 1)).unwrap();
    fs::remove_file(folder.path().join("part-c-filmstrip.jpg")).unwrap();
    fs::write(folder.path().join("part-z.svg"), "").unwrap();
    let (code, stderr) = figures_in(folder.path(), &["--check"]);
    assert_eq!(code, Some(1));
    assert_snapshot!(stderr, @r"
    error: stale: figures/part-a-spread.svg
    missing: figures/part-c-filmstrip.jpg
    orphan: figures/part-z.svg is no figure of ours
    run `cargo xtask figures` to draw what is stale or missing
    ");
    assert_eq!(
        figures_in(folder.path(), &["--check", "--only", "part-a-filmstrip"]).0,
        Some(0)
    );
    assert_eq!(
        figures_in(folder.path(), &["--check", "--only", "part-a-spread"]).0,
        Some(1)
    );

    assert_eq!(figures_in(folder.path(), &[]).0, Some(0));
    assert_eq!(fs::read_to_string(&stale).unwrap(), drawn);
    fs::remove_file(folder.path().join("part-z.svg")).unwrap();
    assert_eq!(figures_in(folder.path(), &["--check"]).0, Some(0));
}

#[test]
fn only_draws_one() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("new");
    assert_eq!(figures_in(&path, &["--only", "part-b-signal-kept.svg"]).0, Some(0));
    let drawn: Vec<_> =
        fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(drawn, ["part-b-signal-kept.svg"]);

    let (code, stderr) = figures_in(&path, &["--only", "part-b-signal"]);
    assert_eq!(code, Some(2));
    assert!(
        stderr.contains("'part-b-signal'") && stderr.contains("part-b-signal-kept.svg")
    );
}

#[test]
fn figures_do_not_depend_on_the_number_of_threads() {
    let folder = tempdir().unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_xtask-figures"))
        .args(["figures", "--anew", "--folder"])
        .arg(folder.path())
        .env("RAYON_NUM_THREADS", "1")
        .output()
        .unwrap()
        .status;
    assert!(status.success());
    assert_eq!(figures_in(folder.path(), &["--check"]), (Some(0), String::new()));
}

#[test]
fn figures_are_small_and_tell_what_they_show() {
    assert_eq!(committed().len(), parts::figures().count());
    for path in committed() {
        let bytes = fs::read(&path).unwrap();
        let name = path.display();
        assert!(bytes.len() <= 300_000, "{name}: {} bytes", bytes.len());
        let alt = match path.extension().unwrap().to_str().unwrap() {
            "svg" => {
                let svg = String::from_utf8(bytes).unwrap();
                let title = svg
                    .split_once("<title>")
                    .and_then(|(_, svg)| svg.split_once("</title>"));
                title.unwrap_or_else(|| panic!("{name} has no title")).0.to_owned()
            }
            _ => {
                assert_eq!(bytes[2..4], [0xFF, 0xFE], "{name} starts without a comment");
                let length = usize::from(u16::from_be_bytes([bytes[4], bytes[5]]));
                String::from_utf8(bytes[6..4 + length].to_vec()).unwrap()
            }
        };
        assert!(alt.len() > 80, "{name}: {alt}");
        assert!(!alt.contains("NaN"), "{name}: {alt}");
    }
}

#[test]
fn plots_have_no_colours_but_the_themes() {
    for path in committed().iter().filter(|path| path.extension().unwrap() == "svg") {
        let svg = fs::read_to_string(path).unwrap();
        let (_, drawn) = svg.split_once("</style>").unwrap();
        assert!(!drawn.contains("=\"#"), "{}: a fixed colour", path.display());
        assert!(drawn.contains("currentColor"));
        // The name space is an address that nobody fetches.
        assert_eq!(svg.matches("://").count(), 1, "{}", path.display());
    }
}
