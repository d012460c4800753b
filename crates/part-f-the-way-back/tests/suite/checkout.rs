//! The repository's own data are found in the checkout that is run, whatever was built
//! where.

use std::fs;
use std::path::Path;
use std::process::Command;

use diffusion_testing::transcript::Terminal;
use image::RgbImage;

const PROGRAM: &str = env!("CARGO_BIN_EXE_part-f-the-way-back");

/// Something like a checkout, whose mandrill has another size, with the program in it.
fn checkout(side: u32) -> Terminal {
    let folder = Terminal::new(PROGRAM);
    let at = |name: &str| folder.folder().join(name);
    for folder in ["crates/part-a-very-simple-diffusion", "data", "target/debug"] {
        fs::create_dir_all(at(folder)).unwrap();
    }
    fs::write(at("crates/part-a-very-simple-diffusion/Cargo.toml"), "").unwrap();
    RgbImage::new(side, side).save(at("data/mandrill.png")).unwrap();
    folder
}

/// What a run says of the mandrill, which it takes as a single datum.
fn run(program: &Path, here: &Path, package: Option<&Path>) -> (String, String) {
    let mut command = Command::new(program);
    command.args(["--data", "mandrill", "--steps", "1"]).current_dir(here);
    command.env_remove("CARGO_MANIFEST_DIR");
    package.map(|folder| command.env("CARGO_MANIFEST_DIR", folder));
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr))
}

/// The frame of one picture of so many pixels is enlarged to 320 and less.
fn frame(side: u32) -> String {
    format!("2 frames of {0} x {0} pixels", 320 / side * side)
}

#[test]
fn the_own_data_are_found_wherever_the_checkout_is() {
    let [one, other, none] = [checkout(9), checkout(7), Terminal::new(PROGRAM)];
    let package = other.folder().join("crates/part-f-the-way-back");
    let inside = one.folder().join("target/debug/program");
    fs::copy(PROGRAM, &inside).unwrap();
    let outside = none.folder().join("program");
    fs::copy(PROGRAM, &outside).unwrap();
    for (program, here, package, side) in [
        (&inside, none.folder(), None, 9),
        (&inside, other.folder(), None, 9),
        (&inside, none.folder(), Some(&*package), 7),
        (&outside, &*other.folder().join("data"), None, 7),
    ] {
        let (shown, error) = run(program, here, package);
        assert!(shown.contains(&frame(side)), "{shown}{error}");
    }
}

#[test]
fn own_data_that_are_not_there_are_asked_for() {
    let one = checkout(9);
    let missing = one.folder().join("data/mandrill.png");
    fs::remove_file(&missing).unwrap();
    let (_, error) = run(Path::new(PROGRAM), one.folder(), Some(one.folder()));
    let expected = format!(
        "error: cannot read '{}', which is the repository's own: No such file or directory \
         (os error 2); expected to run in a whole checkout, as `cargo run` does\n",
        missing.display()
    );
    assert_eq!(error, expected);
}

#[test]
fn own_data_are_not_replaced() {
    let one = checkout(9);
    let own = one.folder().join("data/mandrill.png");
    let before = fs::read(&own).unwrap();
    for data in ["mandrill", "mandrill-points"] {
        let output = Command::new(PROGRAM)
            .args(["--data", data, "--steps", "1", "--output", "data/mandrill.png"])
            .current_dir(one.folder())
            .env("CARGO_MANIFEST_DIR", one.folder())
            .output()
            .unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        let expected = format!("would replace '{}', which the run reads", own.display());
        assert!(error.contains(&expected), "{error}");
        assert!(fs::read(&own).unwrap() == before);
    }
}
