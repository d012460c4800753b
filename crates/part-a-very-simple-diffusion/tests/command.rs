//! Real runs of the real command. Their transcripts are what the book shows.

use diffusion_testing::transcript::Terminal;
use insta::{assert_snapshot, with_settings};

const PROGRAM: &str = env!("CARGO_BIN_EXE_part-a-very-simple-diffusion");

/// The mark of a snapshot that a chapter shows.
const SHOWN: &str = "shown in the book";

#[test]
fn help() {
    with_settings!({ description => SHOWN }, {
        assert_snapshot!(Terminal::new(PROGRAM).transcript("--help"));
    });
}

#[test]
fn default_run() {
    let terminal = Terminal::new(PROGRAM);
    with_settings!({ description => SHOWN }, {
        assert_snapshot!(terminal.transcript(""));
    });
    let filmstrip = terminal.folder().join("output/part-a-very-simple-diffusion.png");
    assert_eq!(image::image_dimensions(filmstrip).unwrap(), (2592, 512));
}

#[test]
fn csv() {
    assert_snapshot!(Terminal::new(PROGRAM).transcript("--size 64 --steps 2 --csv"));
}

#[test]
fn errors() {
    let terminal = Terminal::new(PROGRAM);
    assert_snapshot!(terminal.transcripts(&[
        "--a nan",
        "--a -0.5",
        "--a 1e39",
        "--b inf",
        "--b -0.1",
        "--b little",
        "--steps 0",
        "--steps 10001",
        "--steps 2.5",
        "--a 1000 --steps 40",
        "--b",
        "--c 1",
    ]));
    assert!(terminal.is_empty(), "an error writes nothing");
}
