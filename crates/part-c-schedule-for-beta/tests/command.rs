//! Real runs of the real command. Their transcripts are what the book shows.

use diffusion_testing::transcript::Terminal;
use insta::{assert_snapshot, with_settings};

const PROGRAM: &str = env!("CARGO_BIN_EXE_part-c-schedule-for-beta");

/// The mark of a snapshot that a chapter shows.
const SHOWN: &str = "shown in the book";

#[test]
fn help() {
    assert_snapshot!(Terminal::new(PROGRAM).transcript("--help"));
}

#[test]
fn default_run() {
    let terminal = Terminal::new(PROGRAM);
    with_settings!({ description => SHOWN }, {
        assert_snapshot!(terminal.transcript(""));
    });
    let filmstrip = terminal.folder().join("output/part-c-schedule-for-beta.png");
    assert_eq!(image::image_dimensions(filmstrip).unwrap(), (2592, 2592));
}

#[test]
fn csv() {
    assert_snapshot!(Terminal::new(PROGRAM).transcript("--size 64 --steps 2 --csv"));
}

#[test]
fn errors() {
    let terminal = Terminal::new(PROGRAM);
    assert_snapshot!(terminal.transcripts(&[
        "--beta-start 0",
        "--beta-end 1",
        "--beta-start -1e-4",
        "--beta-end nan",
        "--beta-start 0.7",
        "--beta-start 0.02 --beta-end 0.01",
        "--steps 0",
        "--beta 0.3",
    ]));
    assert!(terminal.is_empty(), "an error writes nothing");
}
