//! Real runs of `cargo xtask figures`.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use insta::assert_snapshot;
use rayon::ThreadPoolBuilder;
use tempfile::{TempDir, tempdir};
use xtask_artifacts::repository;
use xtask_figures::figures::{Arguments, numbers, run};
use xtask_figures::parts::{self, Figure};

fn committed() -> Vec<PathBuf> {
    let folder = repository().join("book/src/figures");
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// The repository, with a book of its own to be changed.
fn other_book() -> TempDir {
    let root = tempdir().unwrap();
    let ours = repository();
    for name in ["Cargo.lock", "crates", "data", "xtask"] {
        symlink(ours.join(name), root.path().join(name)).unwrap();
    }
    let folder = root.path().join("book/src/figures");
    fs::create_dir_all(&folder).unwrap();
    for path in committed() {
        fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
    }
    root
}

fn check(root: &Path, only: Option<&str>) -> String {
    let only = only.map(str::to_owned);
    let checked = run(&Arguments { check: true, only, anew: false }, root);
    checked.map_or_else(|error| error.to_string(), |()| String::new())
}

/// And no other: all figures are drawn again, on one thread, which changes nothing.
#[test]
fn check_names_each_stale_missing_and_orphan_file() {
    let root = other_book();
    let folder = root.path().join("book/src/figures");
    let stale = folder.join("part-a-spread.svg");
    let drawn = fs::read_to_string(&stale).unwrap();
    fs::write(&stale, drawn.replacen("step", "stop", 1)).unwrap();
    fs::remove_file(folder.join("part-c-filmstrip.jpg")).unwrap();
    fs::write(folder.join("part-z.svg"), "").unwrap();
    let on_one_thread = ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_snapshot!(on_one_thread.install(|| check(root.path(), None)), @r"
    missing: book/src/figures/part-c-filmstrip.jpg
    orphan: book/src/figures/part-z.svg is no figure of ours
    stale: book/src/figures/part-a-spread.svg
    run `cargo xtask figures` to draw what is stale or missing
    ");
    assert_eq!(check(root.path(), Some("part-a-filmstrip")), "");
    let only = Some("part-a-spread");
    assert!(check(root.path(), only).starts_with("stale: "));

    let only = only.map(str::to_owned);
    run(&Arguments { only, ..Arguments::default() }, root.path()).unwrap();
    assert_eq!(fs::read_to_string(&stale).unwrap(), drawn);
    assert!(!folder.join("part-c-filmstrip.jpg").exists(), "it was not asked for");
}

#[test]
fn all_numbers_of_the_book_are_what_the_lessons_compute() {
    let root = repository();
    let numbers = numbers(&root).unwrap();
    assert_eq!(xtask_artifacts::check(&root, &[numbers]).unwrap(), [""; 0]);
}

#[test]
fn a_name_that_is_none_is_refused_with_those_there_are() {
    let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask-figures"));
    let output = xtask.args(["figures", "--only", "part-b-signal"]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr.contains("'part-b-signal'") && stderr.contains("part-b-signal-kept.svg")
    );
}

#[test]
fn figures_are_small_and_tell_what_they_show() {
    assert_eq!(committed().len(), parts::figures().flat_map(Figure::files).count());
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
