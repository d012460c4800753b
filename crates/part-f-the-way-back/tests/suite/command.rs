//! Real runs of the real command. Their transcripts are what the book shows.

use std::fs;

use diffusion_testing::transcript::{Terminal, assert_same_on_any_threads};
use image::RgbImage;

diffusion_testing::command_tests! {
    program: "part-f-the-way-back",
    shown: [default_run, pictures, first_way_back],
    filmstrip: (2024, 2024),
    csv: "--data spiral --points 200 --steps 2 --csv",
    errors: [
        "--data circle",
        "--data missing.csv",
        "--data missing/",
        "--data spiral --size 8",
        "--data digits --points 100",
        "--data digits --image picture.png",
        "--data mandrill --samples 100000",
        "--points 0",
        "--points 100001",
        "--samples 0",
        "--variance gamma",
        "--save samples.txt",
        "--steps 0",
        "--beta-end 0.5",
        "--schedule linear --beta-end 1",
        "--schedule linear --beta-start 0.7",
    ],
}

/// Writes a table and a few folders of pictures.
fn prepare(terminal: &Terminal) {
    let at = |name: &str| terminal.folder().join(name);
    fs::write(at("points.csv"), "x,y\n-1,0.5\n\n1,-0.25\r\n0.5, 1e0\n").unwrap();
    for folder in ["same", "other", "none"] {
        fs::create_dir(at(folder)).unwrap();
    }
    RgbImage::new(6, 4).save(at("same/a.png")).unwrap();
    RgbImage::from_pixel(6, 4, image::Rgb([255, 0, 0])).save(at("same/b.PNG")).unwrap();
    RgbImage::new(6, 4).save(at("other/a.png")).unwrap();
    RgbImage::new(4, 6).save(at("other/b.png")).unwrap();
    fs::write(at("none/notes.txt"), "no picture").unwrap();
}

#[test]
fn pictures() {
    let terminal = Terminal::new(PROGRAM);
    hold("pictures", terminal.transcript("--data digits --steps 16"));
}

/// At most 24 states are shown on the way, and all if that is asked for.
#[test]
fn every_timestep_is_printed() {
    let lines = |arguments: &str| {
        let arguments = format!("--data moons --points 50 --csv {arguments}");
        Terminal::new(PROGRAM).succeeds(&arguments).lines().count()
    };
    assert_eq!(lines("--steps 30"), 1 + 24 + 1);
    assert_eq!(lines("--steps 30 --all"), 1 + 30 + 1);
    assert_eq!(lines("--steps 3"), 1 + 3 + 1);
}

#[test]
fn bad_data() {
    let terminal = Terminal::new(PROGRAM);
    prepare(&terminal);
    let write = |name: &str, text: &[u8]| {
        fs::write(terminal.folder().join(name), text).unwrap();
    };
    write("empty.csv", b"x,y\n\n");
    write("ragged.csv", b"1,2\n3,4,5\n");
    write("words.csv", b"1,2\n3,four\n");
    write("large.csv", b"1,2\n3,1e30\n");
    write("nan.csv", b"1,2\nnan,1\n");
    write("binary.csv", b"\xff\xfe\x00");
    let before = terminal.contents();
    hold(
        "bad_data",
        terminal.transcripts(&[
            "--data empty.csv",
            "--data ragged.csv",
            "--data words.csv",
            "--data large.csv",
            "--data nan.csv",
            "--data binary.csv",
            "--data none",
            "--data other",
            "--data same --output same/a.png",
            "--data same --output same/new.png",
            "--data same --frames-dir ./none/../same",
            "--data points.csv --save points.csv",
            "--data points.csv --points 3",
        ]),
    );
    assert_eq!(terminal.contents(), before, "an error leaves nothing");
}

/// The samples of three points are these points, as near as a step can tell.
#[test]
fn samples_are_saved() {
    let terminal = Terminal::new(PROGRAM);
    prepare(&terminal);
    let shown = terminal.succeeds("--data points.csv --samples 100 --save new/s.CSV");
    assert!(shown.contains("new/s.CSV: 100 samples"), "{shown}");
    let saved = fs::read_to_string(terminal.folder().join("new/s.CSV")).unwrap();
    let data = [[-1.0, 0.5], [1.0, -0.25], [0.5, 1.0]];
    let mut counts = [0; 3];
    for line in saved.lines() {
        let sample: Vec<f32> =
            line.split(',').map(|cell| cell.parse().unwrap()).collect();
        let is_it = |datum: &[f32; 2]| (sample[0], sample[1]) == (datum[0], datum[1]);
        counts[data.iter().position(is_it).expect("a datum")] += 1;
    }
    assert_eq!(counts.iter().sum::<i32>(), 100);
    assert!(counts.iter().all(|&count| count > 10), "{counts:?}");
}

#[test]
fn the_single_picture_comes_back() {
    let terminal = Terminal::new(PROGRAM);
    terminal.succeeds("--data mandrill --size 40 --frames-dir frames");
    let last = image::open(terminal.folder().join("frames/frame-024.png")).unwrap();
    let path = diffusion_cli::load::mandrill();
    let picture = diffusion_cli::load::picture(&path, Some(40)).unwrap();
    let expected = picture.pixels_of(&picture.x);
    let zoom = last.width() / 40;
    let last = last.into_rgb8();
    for (x, y, pixel) in last.enumerate_pixels() {
        assert_eq!(pixel, expected.get_pixel(x / zoom, y / zoom));
    }
}

#[test]
fn a_folder_of_pictures_comes_back() {
    let terminal = Terminal::new(PROGRAM);
    prepare(&terminal);
    let shown = terminal.succeeds("--data same --samples 3 --save s.csv");
    assert!(shown.contains("apart."), "{shown}");
    let saved = fs::read_to_string(terminal.folder().join("s.csv")).unwrap();
    // All of red comes first, then green and blue.
    let black = ["-1"; 72].join(",");
    let red = [["1"; 24].join(","), ["-1"; 48].join(",")].join(",");
    assert!(saved.lines().all(|line| line == black || line == red), "{saved}");
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let arguments = "--data moons --points 1000 --output s.png --save s.csv";
    let files = ["s.png", "s.csv"];
    assert_same_on_any_threads(|| Terminal::new(PROGRAM), arguments, &files);
}

/// A signal in the middle of a step, which would take minutes, ends the run and leaves
/// nothing.
#[cfg(target_os = "linux")]
#[test]
fn an_interrupt_ends_a_long_step() {
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Command, Stdio};

    let terminal = Terminal::new(PROGRAM);
    let long = "--data moons --points 100000 --samples 100000";
    let mut command = terminal.listening(long);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while !terminal.contents().iter().any(|path| path.ends_with(".part")) {
        std::thread::yield_now();
    }
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-s", "INT", &id]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.signal(), Some(2), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    assert!(terminal.is_empty());
}
