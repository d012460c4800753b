//! Real runs of the real command. Their transcripts are what the book shows.

use std::fs;

use diffusion_testing::transcript::{Terminal, assert_same_on_any_threads};
use part_h_learning_to_denoise::model_file::Model;
use part_k_convolutions::ConvolutionalNetwork;

diffusion_testing::command_tests! {
    program: "part-k-convolutions",
    shown: [default_run],
    filmstrip: (1167, 781),
    csv: "--samples 2 --steps 5 --width 24 --height 16 --csv",
    errors: [
        "--layers 4",
        "--train --layers 1",
        "--train --layers 8 --size 16",
        "--train --channels 0",
        "--train --padding zeros",
        "--train --padding mirrored",
        "--train --updates 0",
        "--train --batch x",
        "--train --size 512",
        "--train --load network.safetensors",
        "--load missing.safetensors",
        "--resume missing.safetensors",
        "--load network.safetensors --resume network.safetensors",
        "--image missing.png",
        "--image picture.png --size 16",
        "--size 64",
        "--steps 1",
        "--steps 101",
        "--samples 0",
        "--samples 65",
        "--width 0",
        "--width 2048 --height 2048",
        "--save network.png",
        "--seed -1",
    ],
}

/// Little to do.
const QUICK: &str = "--samples 1 --steps 2 --seed 3";

const TRAIN: &str = "--train --size 9 --channels 4 --updates 6 --batch 3";

type Saved = Model<ConvolutionalNetwork>;

fn saved(terminal: &Terminal, name: &str) -> Saved {
    Saved::from_bytes(&fs::read(terminal.folder().join(name)).unwrap()).unwrap()
}

#[test]
fn a_trained_network_is_saved_and_samples_again() {
    let terminal = Terminal::new(PROGRAM);
    for padding in ["circular", "zero", "none"] {
        let trained = terminal.succeeds(&format!(
            "{TRAIN} {QUICK} --padding {padding} --save network.safetensors"
        ));
        let model = saved(&terminal, "network.safetensors");
        assert_eq!(model.updates, 6);
        assert!(model.unfinished.is_none());
        assert_eq!(model.network.config().channels, 4);
        let size = if padding == "none" { "--size 9" } else { "" };
        let loaded =
            terminal.succeeds(&format!("{QUICK} --load network.safetensors {size}"));
        let table =
            |transcript: &str| transcript.split("\n\n").next().unwrap().to_owned();
        assert_eq!(table(&loaded), table(&trained), "{padding}");
    }
}

#[test]
fn a_network_says_what_it_has_learned_from() {
    let terminal = Terminal::new(PROGRAM);
    let picture = image::RgbImage::from_fn(12, 12, |x, y| {
        image::Rgb([9 * x as u8, 7 * y as u8, 90])
    });
    picture.save(terminal.folder().join("picture.png")).unwrap();
    terminal.succeeds(&format!(
        "{TRAIN} {QUICK} --image picture.png --save network.safetensors"
    ));
    let refused = |arguments: &str| terminal.transcript(arguments);
    let own = refused("--load network.safetensors");
    assert!(
        own.contains("has learned from a photograph of your own; expected --image"),
        "{own}"
    );
    let other = refused("--load network.safetensors --image picture.png --size 10");
    assert!(other.contains("has learned from 9 x 9 pixels"), "{other}");
    let mandrill = refused("--image picture.png");
    assert!(
        mandrill.contains("the repository's network has learned from the mandrill"),
        "{mandrill}"
    );
    terminal.succeeds(&format!("{QUICK} --load network.safetensors --image picture.png"));
    let nothing = refused("--resume network.safetensors --image picture.png");
    assert!(nothing.contains("nothing is left of its training"), "{nothing}");
}

/// A training that was interrupted goes on to the same bytes.
#[cfg(target_os = "linux")]
#[test]
fn an_interrupted_training_goes_on() {
    let train = format!("--train --size 9 --channels 8 --updates 1500 --batch 2 {QUICK}");
    let is_half = |terminal: &Terminal| {
        let bytes = fs::read(terminal.folder().join("half.safetensors"));
        bytes.is_ok_and(|bytes| {
            let model = Saved::from_bytes(&bytes).unwrap();
            model.updates > 0 && model.unfinished.is_some()
        })
    };
    let begin = || Terminal::new(PROGRAM);
    let save = format!("{train} --save half.safetensors");
    let (terminal, _) = Terminal::interrupted(begin, &save, 5, is_half);
    terminal
        .succeeds(&format!("--resume half.safetensors --save half.safetensors {QUICK}"));
    terminal.succeeds(&format!("{train} --save whole.safetensors"));
    let bytes = |name: &str| fs::read(terminal.folder().join(name)).unwrap();
    assert!(bytes("half.safetensors") == bytes("whole.safetensors"));
}

#[test]
fn the_same_on_any_threads() {
    let arguments = format!("{TRAIN} {QUICK} --save network.safetensors");
    let files = ["network.safetensors", "output/part-k-convolutions.png"];
    assert_same_on_any_threads(|| Terminal::new(PROGRAM), &arguments, &files);
}
