//! Real runs of the real command with networks of chapter H.

use std::fs;

use diffusion_core::{generator, randn_like};
use diffusion_kernels::likelihoods::nearest;
use diffusion_testing::transcript::{Terminal, assert_same_on_any_threads};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{GaussianPath, PredictionType};
use part_h_learning_to_denoise::evaluation::mean;
use part_h_learning_to_denoise::model_file::{Model, ModelPath};
use part_h_learning_to_denoise::{Data, LearnedDenoiser, Network, NetworkConfig};
use part_i_samplers::levels::karras_range;
use part_i_samplers::{
    Coordinate, DpmSolver, Heun, Levels, NamedSampler, SAMPLERS, Sampler, SamplingConfig,
    Spacing, X0Clipping,
};

use crate::command::hold;

const PROGRAM: &str = env!("CARGO_BIN_EXE_part-i-samplers");

/// How many timesteps the networks know.
const STEPS: usize = 40;

/// A network that has learned nothing, for data of this name.
fn model(data: &str, values: usize, labels: usize) -> Model {
    let scheduler = NoiseScheduler::new(STEPS, 1e-4, 0.3).unwrap();
    let kind = if labels == 0 { PredictionType::Noise } else { PredictionType::X0 };
    on_path(ModelPath::Schedule(scheduler), kind, data, values, labels)
}

/// The same on any path.
fn on_path(
    path: ModelPath,
    kind: PredictionType,
    data: &str,
    values: usize,
    labels: usize,
) -> Model {
    let config = NetworkConfig {
        values,
        fourier_features: labels == 0,
        steps: path.timesteps(),
        labels,
        hidden: 8,
        residual_layers: 1,
    };
    Model {
        network: Network::new(config, &mut generator(1)),
        kind,
        path,
        data: data.to_owned(),
        updates: 0,
        training: String::new(),
        is_channels_first: true,
        unfinished: None,
    }
}

/// One that predicts the flow, along the path of one.
fn flow() -> Model {
    on_path(ModelPath::Flow, PredictionType::Flow, "spiral", 2, 0)
}

/// A folder with networks for the spiral, the digits, and data of one's own.
fn terminal() -> Terminal {
    let terminal = Terminal::new(PROGRAM);
    for (name, model) in [
        ("spiral", model("spiral", 2, 0)),
        ("digits", model("digits", 64, 10)),
        ("own", model("../own.csv", 3, 0)),
        ("flow", flow()),
    ] {
        let path = terminal.folder().join(format!("{name}.safetensors"));
        fs::write(path, model.to_bytes()).unwrap();
    }
    terminal
}

fn saved(terminal: &Terminal, arguments: &str) -> DMatrix<f32> {
    terminal.succeeds(&format!("{arguments} --save samples.csv"));
    let path = terminal.folder().join("samples.csv");
    diffusion_cli::load::numbers(&path).unwrap()
}

/// The levels of 5 steps.
type Chosen = fn(&ModelPath) -> Levels;

fn spaced(path: &ModelPath, spacing: Spacing) -> Levels {
    let timesteps = spacing.timesteps(5, path.levels().len()).unwrap();
    Levels::of_timesteps(path, &timesteps).unwrap()
}

const TRAILING: Chosen = |path| spaced(path, Spacing::Trailing);

/// What the library makes of the same noise.
fn sampled(
    (model, count): (Model, usize),
    sampler: &dyn Sampler,
    levels: Chosen,
    clipping: X0Clipping,
    (labels, guidance): (Vec<Option<usize>>, f32),
) -> DMatrix<f32> {
    let Model { network, kind, path, .. } = model;
    let levels = levels(&path);
    let mut rng = generator(0);
    let noise = randn_like(&DMatrix::zeros(network.config().values, count), &mut rng);
    let denoiser = LearnedDenoiser::new(network, kind, labels, guidance).unwrap();
    let config = SamplingConfig { sampler, levels: &levels, clipping };
    config.sample(&denoiser, noise, &mut rng).unwrap()
}

const CLIPPED: X0Clipping = X0Clipping::Fixed { bound: 1.0 };

#[test]
fn every_sampler_takes_the_network() {
    let spacings: [(&str, Chosen); 4] = [
        ("leading", |path| spaced(path, Spacing::Leading { offset: 0 })),
        ("linspace", |path| spaced(path, Spacing::Linspace)),
        ("trailing", TRAILING),
        ("karras", |path| Levels::karras(path, karras_range(path), 5).unwrap()),
    ];
    let terminal = terminal();
    for (file, model) in [("spiral", model("spiral", 2, 0)), ("flow", flow())] {
        for NamedSampler { name, sampler, .. } in SAMPLERS {
            for (spacing, levels) in spacings {
                let arguments = format!(
                    "--model {file}.safetensors --samples 7 --steps 5 --sampler {name} \
                     --spacing {spacing}"
                );
                let found = saved(&terminal, &arguments);
                let asked = (model.clone(), 7);
                let heun = Heun { coordinate: Coordinate::FlowTime };
                let sampler = match (file, name) {
                    ("flow", "heun") => &heun as &dyn Sampler,
                    _ => sampler,
                };
                let expected =
                    sampled(asked, sampler, levels, CLIPPED, (vec![None], 1.0));
                assert_eq!(found, expected, "{arguments}");
            }
        }
    }
}

#[test]
fn labels_and_guidance_are_those_that_are_asked_for() {
    let all: Vec<Option<usize>> = (0..10).map(Some).collect();
    for (arguments, labels) in [
        ("", (all.clone(), 1.0)),
        ("--label 7", (vec![Some(7)], 1.0)),
        ("--guidance 3", (all, 3.0)),
        ("--label 0 --guidance 0.5", (vec![Some(0)], 0.5)),
    ] {
        let arguments = format!("--model digits.safetensors --steps 5 {arguments}");
        let found = saved(&terminal(), &arguments);
        let digits = (model("digits", 64, 10), 16);
        let expected = sampled(digits, &DpmSolver, TRAILING, CLIPPED, labels);
        assert_eq!(found, expected, "{arguments}");
    }
}

#[test]
fn predictions_are_clipped_as_is_asked_for() {
    let thresholded = |fraction| X0Clipping::Dynamic { fraction, max: f32::MAX };
    let clippings = [
        ("", CLIPPED),
        ("--clip 1", CLIPPED),
        ("--clip 0.25", X0Clipping::Fixed { bound: 0.25 }),
        ("--clip none", X0Clipping::None),
        ("--threshold 0.5", thresholded(0.5)),
        ("--threshold 1", thresholded(1.0)),
    ];
    let terminal = terminal();
    let all = clippings.map(|(arguments, clipping)| {
        let arguments =
            format!("--model spiral.safetensors --samples 7 --steps 5 {arguments}");
        let found = saved(&terminal, &arguments);
        let spiral = (model("spiral", 2, 0), 7);
        let labels = (vec![None], 1.0);
        let expected = sampled(spiral, &DpmSolver, TRAILING, clipping, labels);
        assert_eq!(found, expected, "{arguments}");
        found
    });
    // Each of them makes a difference, but for the second.
    for (one, x) in all.iter().enumerate() {
        for (other, y) in all.iter().enumerate().skip(one + 1) {
            assert_eq!(
                x == y,
                (one, other) == (0, 1),
                "{:?}",
                (clippings[one], clippings[other])
            );
        }
    }
}

/// The digits that were held out are not what a state is compared with.
#[test]
fn distances_are_from_what_was_learned() {
    let csv = terminal().succeeds("--model digits.safetensors --samples 300 --csv");
    let first = csv.lines().nth(1).unwrap().rsplit(',').next();
    let shown: f64 = first.unwrap().parse().unwrap();
    let noise = randn_like(&DMatrix::zeros(64, 300), &mut generator(0));
    let digits = Data::unlabelled(diffusion_cli::load::digits().unwrap());
    let (learned, _) = digits.hold_out(10);
    assert_eq!(shown, mean(&nearest(&noise, &learned.x)));
    assert!(shown != mean(&nearest(&noise, &digits.x)));
}

/// Data that the file names are the same as those that are named beside it.
#[test]
fn data_may_be_named_if_they_are_the_same() {
    let terminal = terminal();
    let arguments = "--model spiral.safetensors --samples 7";
    let shown = terminal.succeeds(arguments);
    assert_eq!(terminal.succeeds(&format!("{arguments} --data spiral")), shown);
}

#[test]
fn a_network_of_ones_own_data_is_told_where_they_are() {
    let terminal = terminal();
    fs::write(terminal.folder().join("mine.csv"), "0,3,0\n1,0,0\n").unwrap();
    let found = saved(&terminal, "--model own.safetensors --data mine.csv --steps 5");
    let own = (model("own.csv", 3, 0), 2);
    // These reach beyond 1, so that nothing is clipped.
    let labels = (vec![None], 1.0);
    let expected = sampled(own, &DpmSolver, TRAILING, X0Clipping::None, labels);
    assert_eq!(found, expected);
}

#[test]
fn compare() {
    let terminal = terminal();
    let arguments = "--compare --model digits.safetensors --label 3";
    let shown = terminal.succeeds(arguments);
    assert!(shown.contains("dpm-solver++ through all 40 timesteps"), "{shown}");

    // Six samplers, each in 5, 10 and 20 of 40 steps.
    let csv = terminal.succeeds(&format!("{arguments} --csv"));
    let rows = csv.lines().skip(1).filter_map(|row| row.split(',').nth(1)?.parse().ok());
    assert_eq!(rows.collect::<Vec<usize>>(), [5, 10, 20].repeat(6));
    // What it says of a sampler is what that says alone.
    let row = csv.lines().find(|row| row.starts_with("ddim,10,")).unwrap();
    let arguments =
        "--model digits.safetensors --label 3 --sampler ddim --steps 10 --csv";
    let alone = terminal.succeeds(arguments);
    let last = |row: &str| row.rsplit(',').next().unwrap().to_owned();
    assert_eq!(last(row), last(alone.lines().last().unwrap()));
}

/// The file of a stranger may say anything, at any length.
#[test]
fn what_a_file_says_is_shortened() {
    let terminal = terminal();
    let write = |name: &str, bytes: &[u8]| {
        fs::write(terminal.folder().join(name), bytes).unwrap();
    };
    let endless = "ab".repeat(5000);
    write("data.safetensors", &model(&endless, 3, 0).to_bytes());
    write("mine.csv", b"0,3,0\n1,0,0\n");
    let header =
        format!(r#"{{"a":{{"dtype":"{endless}","shape":[],"data_offsets":[0,0]}}}}"#);
    let length = (header.len() as u64).to_le_bytes();
    write("type.safetensors", &[&length[..], header.as_bytes()].concat());
    let keys: Vec<String> =
        (100..200).map(|key| format!(r#""{key}{endless}": 0"#)).collect();
    let config = format!(r#"{{"_class_name": "DDIMScheduler", {}}}"#, keys.join(", "));
    write("config.json", config[..].as_bytes());

    let run = |arguments: &str| {
        let output = terminal.run(arguments);
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    let name = format!("'{}…'", "ab".repeat(60));
    let own = run("--model data.safetensors");
    assert!(
        own.contains(&format!("has learned from data of your own, {name};")),
        "{own}"
    );
    let learned = run("--model data.safetensors --data mine.csv");
    assert!(
        learned.contains(&format!("has learned from {name} in 0 updates")),
        "{learned}"
    );
    let other = run("--model type.safetensors");
    assert!(other.contains("…; expected a network") && other.len() < 300, "{other}");
    let unused = run("--data moons --points 50 --config config.json");
    let key = |key: usize| format!("{key}{}a…, ", "ab".repeat(58));
    assert!(
        unused.contains(&format!("{}{}and 60 more.", key(138), key(139))),
        "{unused}"
    );
}

#[test]
fn refusals() {
    let terminal = terminal();
    let at = |name: &str| terminal.folder().join(name);
    let whole = fs::read(at("spiral.safetensors")).unwrap();
    fs::write(at("half.safetensors"), &whole[..whole.len() / 2]).unwrap();
    fs::write(at("text.safetensors"), "I am no network, and longer than eight bytes.")
        .unwrap();
    fs::write(at("shape.safetensors"), model("digits", 2, 0).to_bytes()).unwrap();
    // A hole, which takes no room on the disk.
    let huge = fs::File::create(at("huge.safetensors")).unwrap();
    huge.set_len(1 << 30).unwrap();
    let mut large = model("spiral", 2, 0);
    large.kind = PredictionType::X0;
    large.network.parameters.layers.iter_mut().for_each(|layer| layer.weights.fill(1e30));
    fs::write(at("large.safetensors"), large.to_bytes()).unwrap();
    let before = terminal.contents();
    let transcripts = terminal.transcripts(&[
        "--model half.safetensors",
        "--model text.safetensors",
        "--model huge.safetensors",
        "--model shape.safetensors",
        "--model own.safetensors",
        "--model own.safetensors --data digits",
        "--model spiral.safetensors --data moons",
        "--model spiral.safetensors --data digits",
        "--model spiral.safetensors --label 1",
        "--model spiral.safetensors --guidance 2",
        "--model digits.safetensors --label 10",
        "--model digits.safetensors --points 100",
        "--model spiral.safetensors --steps 41",
        "--model spiral.safetensors --spacing karras --sigma-max 80",
        "--model spiral.safetensors --spacing karras --sigma-min 0.001",
        "--model spiral.safetensors --sigma-max 3",
        "--model large.safetensors --clip none",
        "--model large.safetensors --clip none --compare",
    ]);
    hold("refusals", transcripts);
    assert_eq!(terminal.contents(), before, "an error leaves nothing");
}

/// However they are named.
#[test]
fn no_output_replaces_what_is_read() {
    let terminal = terminal();
    let config = r#"{"_class_name": "DDIMScheduler"}"#;
    for name in ["config.csv", "config.png", "frame-000.png"] {
        fs::write(terminal.folder().join(name), config).unwrap();
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink("spiral.safetensors", terminal.folder().join("link.csv"))
        .unwrap();
    for (arguments, input) in [
        ("--config config.csv --save ./config.csv", "config.csv"),
        ("--config config.png --output config.png", "config.png"),
        ("--config config.png --compare --output config.png", "config.png"),
        ("--config frame-000.png --frames-dir .", "frame-000.png"),
        #[cfg(unix)]
        ("--model spiral.safetensors --save link.csv", "spiral.safetensors"),
    ] {
        terminal.refuses_to_replace(input, arguments);
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let arguments = "--model digits.safetensors --sampler ddpm --samples 300 --output s.png --save s.csv";
    assert_same_on_any_threads(terminal, arguments, &["s.png", "s.csv"]);
}
