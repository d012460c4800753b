//! Real runs of the real command. Their transcripts are what the book shows.

use std::fs;
use std::path::Path;

use diffusion_testing::transcript::{Terminal, assert_same_on_any_threads};
use part_h_learning_to_denoise::model_file::{Model, ModelPath};

diffusion_testing::command_tests! {
    program: "part-j-flow-matching",
    shown: [default_run, model, reflow],
    filmstrip: (2024, 2024),
    csv: "--data moons --points 200 --samples 20 --steps 2,3 --shift 0.5 --sampler heun --csv",
    errors: [
        "--sampler dpm",
        "--steps 0",
        "--steps 1 --sampler heun",
        "--steps 1,x",
        "--steps 5,",
        "--steps 2000 --compare",
        "--shift 0",
        "--shift -1",
        "--shift nan",
        "--shift inf",
        "--shift 1 --compare",
        "--train --compare",
        "--reflow 5",
        "--reflow x",
        "--coupling optimal",
        "--coupling optimal-transport",
        "--times uniform --times mode",
        "--times mode",
        "--times shifted",
        "--train --times shifted",
        "--prediction noise",
        "--prediction eps --train",
        "--updates 100",
        "--updates 0 --train",
        "--batch 64",
        "--hidden 8",
        "--save network.safetensors",
        "--train --save network.png",
        "--train --model network.safetensors",
        "--model missing.safetensors",
        "--data circle",
        "--data mandrill",
        "--data missing.csv",
        "--samples 0",
        "--output picture.gif",
    ],
}

/// Little to do.
const QUICK: &str = "--data moons --points 200 --samples 20 --updates 20 --batch 16 --hidden 8 \
                     --steps 2";

#[test]
fn reflow() {
    let terminal = Terminal::new(PROGRAM);
    hold("reflow", terminal.transcript("--reflow 2"));
}

/// The paths and the shifts that are compared, and the samplers that have no error.
#[test]
fn compare_and_others() {
    let terminal = Terminal::new(PROGRAM);
    let few = "--data moons --points 200 --samples 20";
    let runs = ["--compare --steps 2,4", "--sampler renoise --steps 3", "--sampler heun"];
    let arguments = runs.map(|run| format!("{few} {run}"));
    let digits = "--data digits --samples 4 --steps 2".to_owned();
    let arguments: Vec<&str> =
        arguments.iter().chain([&digits]).map(|it| &**it).collect();
    hold("compare_and_others", terminal.transcripts(&arguments));
}

/// A network is saved as a flow's, and samples as it did before.
#[test]
fn a_flow_is_saved_and_loaded() {
    let terminal = Terminal::new(PROGRAM);
    let learned =
        terminal.succeeds(&format!("{QUICK} --train --save new/f.safetensors --csv"));
    let bytes = fs::read(terminal.folder().join("new/f.safetensors")).unwrap();
    let model: Model = Model::from_bytes(&bytes).unwrap();
    assert_eq!((model.path, model.updates), (ModelPath::Flow, 20));
    let loaded = terminal
        .succeeds("--points 200 --samples 20 --steps 2 --model new/f.safetensors --csv");
    assert_eq!(loaded, learned.replace("learned", "model"));
}

#[test]
fn each_coupling_and_distribution_learns_something_else() {
    let terminal = Terminal::new(PROGRAM);
    let mut seen = Vec::new();
    for options in [
        "",
        "--coupling optimal-transport",
        "--times logit-normal",
        "--times mode",
        "--times shifted --shift 3",
        "--prediction x0",
        "--reflow 1",
    ] {
        let shown = terminal.succeeds(&format!("{QUICK} --train {options} --csv"));
        assert!(!seen.contains(&shown), "{options}");
        seen.push(shown);
    }
}

#[test]
fn same_on_any_threads() {
    let learned = format!("{QUICK} --train --reflow 1 --coupling optimal-transport");
    for arguments in ["--data moons --points 300 --samples 40 --compare", &learned] {
        let files = ["output/part-j-flow-matching.png"];
        assert_same_on_any_threads(|| Terminal::new(PROGRAM), arguments, &files);
    }
}

/// A network that was trained with a schedule.
#[test]
fn model() {
    let terminal = Terminal::new(PROGRAM);
    let path = "data/evidence/spiral.safetensors";
    let of_repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    let to = terminal.folder().join(path);
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::copy(of_repository, to).unwrap();
    hold("model", terminal.transcript(&format!("--model {path}")));
}
