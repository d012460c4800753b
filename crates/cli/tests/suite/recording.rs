//! What a run leaves behind, whatever becomes of it.

use std::fs;
use std::path::Path;

use diffusion_cli::{Plan, Recording, RunArguments, RunError, Save};
use image::RgbImage;
use tempfile::{TempDir, tempdir};

fn arguments(folder: &TempDir) -> RunArguments {
    RunArguments {
        output: folder.path().join("strip/strip.png"),
        frames_dir: None,
        columns: None,
        seed: 0,
        csv: true,
    }
}

/// A run of one frame that saves a file.
fn begun<'a>(run: &'a RunArguments, path: &Path) -> Recording<'a> {
    let save = Some(Save { path, what: "a result".to_owned(), replaces: None });
    let plan = Plan { frames: 1, size: (2, 2), columns: vec!["t"], save };
    Recording::new(run, plan).unwrap()
}

/// It is what took long.
#[test]
fn what_is_saved_stays_if_the_filmstrip_cannot_be_written() {
    let folder = tempdir().unwrap();
    let (run, path) = (arguments(&folder), folder.path().join("results/result.csv"));
    let mut recording = begun(&run, &path);
    recording.save(|file| file.write_all(b"1,2")).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"1,2", "before the run has ended");
    recording.frame(&RgbImage::new(2, 2)).unwrap();
    fs::create_dir(&run.output).unwrap();
    assert!(matches!(recording.finish(&[]), Err(RunError::Save(_))));
    assert_eq!(fs::read(&path).unwrap(), b"1,2");
    assert_eq!(fs::read_dir(folder.path().join("results")).unwrap().count(), 1);
}

#[test]
fn folders_that_are_removed_meanwhile_are_created_again() {
    let folder = tempdir().unwrap();
    let (run, path) = (arguments(&folder), folder.path().join("results/result.csv"));
    let mut recording = begun(&run, &path);
    fs::remove_dir_all(folder.path().join("results")).unwrap();
    fs::remove_dir_all(folder.path().join("strip")).unwrap();
    recording.save(|file| file.write_all(b"1,2")).unwrap();
    recording.frame(&RgbImage::new(2, 2)).unwrap();
    recording.finish(&[]).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"1,2");
    assert_eq!(image::image_dimensions(&run.output).unwrap(), (2, 2));
}

#[test]
fn a_run_that_fails_before_it_has_saved_leaves_nothing() {
    let folder = tempdir().unwrap();
    let run = arguments(&folder);
    drop(begun(&run, &folder.path().join("strip/deeper/result.csv")));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
