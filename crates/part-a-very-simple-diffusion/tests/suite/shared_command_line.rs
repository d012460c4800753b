//! What all parts have in common, tried with the smallest of them: files, folders, seeds,
//! and everything that can be wrong with them.

use std::fs;
use std::path::Path;

use diffusion_testing::transcript::Terminal;
use image::{GrayImage, RgbImage};
use insta::assert_snapshot;

use crate::command::hold;

const PROGRAM: &str = env!("CARGO_BIN_EXE_part-a-very-simple-diffusion");

fn read(terminal: &Terminal, name: &str) -> Vec<u8> {
    fs::read(terminal.folder().join(name)).expect(name)
}

/// Runs, and expects success and nothing on stderr. Returns what was printed.
fn run(terminal: &Terminal, arguments: &str) -> String {
    let output = terminal.run(arguments);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments}");
    assert!(output.status.success(), "{arguments}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_same_arguments_give_the_same_bytes_on_any_number_of_threads() {
    let terminal = Terminal::new(PROGRAM);
    let run_on = |threads: &str, name: &str| {
        let output = terminal
            .command(&format!("--output {name} --csv"))
            .env("RAYON_NUM_THREADS", threads)
            .output()
            .unwrap();
        (output.stdout, read(&terminal, name))
    };
    let first = run_on("1", "one.png");
    assert!(first == run_on("1", "again.png"));
    assert!(first == run_on("2", "two.png"));
    assert!(first == run_on("5", "five.png"));
    // As many are not started.
    assert!(first == run_on("100000", "many.png"));
}

#[test]
fn seeds_choose_the_noise() {
    let terminal = Terminal::new(PROGRAM);
    let with = |seed: &str| run(&terminal, &format!("--size 32 --csv --seed {seed}"));
    assert_eq!(with("0"), run(&terminal, "--size 32 --csv"));
    assert_ne!(with("0"), with("1"));
    with("18446744073709551615");
}

#[test]
fn csv_can_be_read_back_exactly() {
    let terminal = Terminal::new(PROGRAM);
    for line in run(&terminal, "--size 32 --csv").lines().skip(1) {
        let values =
            line.split(',').map(|value| value.parse::<f64>().unwrap().to_string());
        assert_eq!(values.collect::<Vec<_>>().join(","), line);
    }
}

#[test]
fn frames_are_the_pictures_of_the_filmstrip() {
    let terminal = Terminal::new(PROGRAM);
    run(&terminal, "--size 40 --frames-dir some/frames --output strip.png --columns 2");
    let strip = image::open(terminal.folder().join("strip.png")).unwrap().into_rgb8();
    assert_eq!(strip.dimensions(), (81, 122));
    for frame in 0..5_u32 {
        let name = format!("some/frames/frame-{frame:03}.png");
        let pixels = image::open(terminal.folder().join(name)).unwrap().into_rgb8();
        let (left, top) = (frame % 2 * 41, frame / 2 * 41);
        let in_strip = image::imageops::crop_imm(&strip, left, top, 40, 40).to_image();
        assert!(in_strip == pixels, "frame {frame}");
    }
    assert_eq!(fs::read_dir(terminal.folder().join("some/frames")).unwrap().count(), 5);
}

#[test]
fn frame_0_is_the_input() {
    let terminal = Terminal::new(PROGRAM);
    run(&terminal, "--frames-dir frames");
    let frame = image::open(terminal.folder().join("frames/frame-000.png")).unwrap();
    let input = image::open(diffusion_cli::load::mandrill()).unwrap();
    assert!(frame.into_rgb8() == input.into_rgb8());
}

#[test]
fn the_ending_chooses_the_kind_of_file() {
    let terminal = Terminal::new(PROGRAM);
    run(&terminal, "--size 32 --output a.JPEG");
    assert!(read(&terminal, "a.JPEG").starts_with(&[0xFF, 0xD8, 0xFF]));
    run(&terminal, "--size 32 --output deep/in/folders/a.png");
    assert!(read(&terminal, "deep/in/folders/a.png").starts_with(b"\x89PNG"));
}

#[test]
fn a_filmstrip_too_large_is_made_from_smaller_frames() {
    let terminal = Terminal::new(PROGRAM);
    let picture = GrayImage::new(3000, 2400);
    picture.save(terminal.folder().join("large.png")).unwrap();
    let output = terminal.run("--image large.png --steps 9");
    assert!(output.status.success());
    assert_snapshot!(String::from_utf8_lossy(&output.stderr), @"note: 10 frames of 3000 x 2400 pixels are too many for one filmstrip, so its frames are 2528 x 2023");
    let output = image::image_dimensions(
        terminal.folder().join("output/part-a-very-simple-diffusion.png"),
    );
    let (width, height) = output.unwrap();
    assert!(width * height <= 64_000_000 && width * height > 60_000_000);
}

#[test]
fn bad_files() {
    let terminal = Terminal::new(PROGRAM);
    let folder = terminal.folder();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).unwrap();
    fs::create_dir(folder.join("folder.png")).unwrap();
    write("text.png", b"I am no picture.");
    RgbImage::new(64, 64).save(folder.join("black.png")).unwrap();
    RgbImage::new(64, 64).save(folder.join("black.jpg")).unwrap();
    write("half.png", &read(&terminal, "black.png")[..70]);
    write("half.jpg", &read(&terminal, "black.jpg")[..700]);
    write("bomb.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\x01\0\0\0\x01\0\0\x08\x02\0\0\0\xe3\xe6\xa7\xb4\0\0\0\0IDAT\x35\xaf\x06\x1e");
    let before = fs::read_dir(folder).unwrap().count();
    let transcripts = terminal.transcripts(&[
        "--image missing.png",
        "--image folder.png",
        "--image text.png",
        "--image half.png",
        "--image half.jpg",
        "--image bomb.png",
        "--output strip.gif",
        "--output strip",
        "--output folder.png",
        "--output black.png/strip.png",
        "--output black.png --image black.png",
        "--output strip.jpg --columns 200 --steps 200",
        "--frames-dir black.png",
        "--size 0",
        "--size 5000",
        "--columns 0",
        "--columns -1",
        "--seed -1",
        "--seed 1.5",
        "--csv yes",
        "--imgae black.png",
    ]);
    hold("bad_files", transcripts);
    assert_eq!(fs::read_dir(folder).unwrap().count(), before, "an error leaves nothing");
}

#[cfg(target_os = "linux")]
#[test]
fn a_table_that_cannot_be_printed_is_an_error_but_a_closed_pipe_is_none() {
    let terminal = Terminal::new(PROGRAM);
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = terminal.command("--size 8").stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.starts_with("error: cannot print the table: "), "{stderr}");

    let output = std::process::Command::new("bash")
        .args([
            "-c",
            "\"$0\" --size 8 --steps 2000 --csv | head -n 1; exit ${PIPESTATUS[0]}",
        ])
        .arg(PROGRAM)
        .current_dir(terminal.folder())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[cfg(target_os = "linux")]
#[test]
fn names_of_files_give_no_orders_to_a_terminal() {
    use std::os::unix::ffi::OsStrExt;
    let terminal = Terminal::new(PROGRAM);
    // Bytes that are no text, too.
    let name = std::ffi::OsStr::from_bytes(b"\x1b[31mred\r\n\xff.png");
    let gif = std::ffi::OsStr::from_bytes(b"\x1b[31mred\r.gif");
    let arguments: [&[&std::ffi::OsStr]; 5] = [
        &["--output".as_ref(), name, "--frames-dir".as_ref(), gif],
        &["--image".as_ref(), gif],
        &["--image".as_ref(), name, "--output".as_ref(), name],
        &["--output".as_ref(), gif],
        &[gif],
    ];
    for (arguments, code) in arguments.into_iter().zip([0, 1, 2, 2, 2]) {
        let output = terminal.command("--size 8").args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(text.contains(r"\u{1b}[31mred\u{d}"), "{text}");
        let obeyed = |letter: char| letter.is_control() && letter != '\n';
        assert!(!text.contains(obeyed), "{text:?}");
    }
    assert!(terminal.folder().join(name).is_file());
}

#[test]
fn the_mandrill_is_found_from_any_folder() {
    assert!(Path::new(&diffusion_cli::load::mandrill()).is_file());
    let terminal = Terminal::new(PROGRAM);
    run(&terminal, "");
}
