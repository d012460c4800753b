//! Real runs of the real command. Their transcripts are what the book shows.

use diffusion_testing::transcript::{Terminal, assert_same_on_any_threads};

diffusion_testing::command_tests! {
    program: "part-g-local-denoiser",
    shown: [default_run],
    filmstrip: (2595, 1295),
    csv: "--size 16 --steps 3 --csv",
    errors: [
        "--image missing.png",
        "--patch 4",
        "--patch 0",
        "--patch large",
        "--patch 65 --border mirrored",
        "--patch 31 --width 20",
        "--patch 99 --size 9 --height 20",
        "--border black",
        "--size 0",
        "--width 0",
        "--width 4097",
        "--width 4096 --height 4096",
        "--size 4096 --width 40",
        "--steps 0",
        "--steps 10001",
        "--save picture.gif",
        "--save one.png --output ./one.png",
        "--save frames/frame-030.png --frames-dir frames",
    ],
}

/// With patches that are as large as the photograph to each side, what comes back is the
/// photograph.
#[test]
fn the_photograph_comes_back() {
    let terminal = Terminal::new(PROGRAM);
    let arguments = "--size 12 --patch 23 --steps 5 --save picture.png";
    hold("the_photograph", terminal.transcript(arguments));
    let saved = image::open(terminal.folder().join("picture.png")).unwrap().into_rgb8();
    let path = diffusion_cli::load::mandrill();
    let photo = diffusion_cli::load::picture(&path, Some(12)).unwrap();
    assert!(saved == photo.pixels_of(&photo.x));
}

#[test]
fn the_picture_has_the_size_that_is_asked_for() {
    let terminal = Terminal::new(PROGRAM);
    let shown =
        terminal.succeeds("--size 12 --width 40 --height 9 --steps 4 --save new/p.jpg");
    assert!(shown.contains("new/p.jpg: the picture, 40 x 9 pixels"), "{shown}");
    let saved = terminal.folder().join("new/p.jpg");
    assert_eq!(image::image_dimensions(saved).unwrap(), (40, 9));
    // Enlarged eightfold.
    let strip = terminal.folder().join("output/part-g-local-denoiser.png");
    let (width, _) = image::image_dimensions(strip).unwrap();
    assert_eq!(width % 320, width / 320 - 1, "{width}");
}

#[test]
fn a_picture_of_ones_own() {
    let terminal = Terminal::new(PROGRAM);
    let path = terminal.folder().join("own.png");
    image::RgbImage::from_pixel(20, 30, image::Rgb([255, 0, 0])).save(&path).unwrap();
    terminal.succeeds("--image own.png --size 10 --width 15 --steps 3 --save red.png");
    let saved = image::open(terminal.folder().join("red.png")).unwrap().into_rgb8();
    assert_eq!(saved.dimensions(), (15, 10));
    assert!(saved.pixels().all(|pixel| pixel.0 == [255, 0, 0]));
    let output = terminal.run("--image own.png --save own.png");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("would replace"));
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let arguments = "--size 20 --width 70 --steps 6 --output s.png --save p.png";
    let files = ["s.png", "p.png"];
    assert_same_on_any_threads(|| Terminal::new(PROGRAM), arguments, &files);
}
