//! Real runs of the real command. Their transcripts are what the book shows.

use diffusion_testing::transcript::Terminal;
use insta::{assert_snapshot, with_settings};

const PROGRAM: &str = env!("CARGO_BIN_EXE_part-b-fixed-beta-values");

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
    let filmstrip = terminal.folder().join("output/part-b-fixed-beta-values.png");
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
        "--beta 0",
        "--beta 1",
        "--beta -0.3",
        "--beta NaN",
        "--beta -inf",
        "--beta 30%",
        "--steps 0",
        "--steps -24",
    ]));
    assert!(terminal.is_empty(), "an error writes nothing");
}
