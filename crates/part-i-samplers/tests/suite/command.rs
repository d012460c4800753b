//! Real runs of the real command. Their transcripts are what the book shows.

use std::fs;
use std::path::Path;

use diffusion_testing::transcript::{Terminal, assert_same_on_any_threads};
use part_i_samplers::SAMPLERS;

diffusion_testing::command_tests! {
    program: "part-i-samplers",
    shown: [default_run, compare, network],
    filmstrip: (1618, 1212),
    csv: "--data spiral --points 200 --sampler euler-ancestral --steps 3 --csv",
    errors: [
        "--sampler dpm",
        "--steps 0",
        "--steps 1",
        "--steps 1 --sampler heun",
        "--steps 11 --timesteps 10",
        "--sampler ddim --eta -0.5",
        "--sampler ddim --eta 1.5",
        "--sampler ddim --eta x",
        "--eta 0.5",
        "--spacing even",
        "--sigma-max 80",
        "--spacing karras --sigma-max 0",
        "--spacing karras --sigma-max 1e7",
        "--spacing karras --sigma-max 1 --sigma-min 2",
        "--spacing karras --sigma-max 0.001",
        "--spacing karras --sigma-min 100",
        "--spacing karras --betas 1",
        "--steps 2 --betas 0.5,1,1",
        "--compare --betas 0.5,0.5,0.5,1,1",
        "--sampler ddim --coordinate t",
        "--coordinate x",
        "--sampler heun --zero-snr",
        "--compare --zero-snr",
        "--compare --steps 3",
        "--compare --save samples.csv",
        "--compare --timesteps 4",
        "--config missing.json",
        "--config a.json --schedule linear",
        "--schedule linear --beta-start 0.7",
        "--data circle",
        "--clip 0",
        "--clip all",
        "--threshold 1.5",
        "--clip 1 --threshold 0.9",
        "--label 3",
        "--guidance 2",
        "--model network.png",
        "--model missing.safetensors",
        "--model network.safetensors --schedule linear",
        "--model network.safetensors --timesteps 100",
        "--model network.safetensors --betas 0.1,0.2",
        "--model network.safetensors --zero-snr",
        "--model network.safetensors --config scheduler_config.json",
    ],
}

#[test]
fn compare() {
    let terminal = Terminal::new(PROGRAM);
    let arguments = "--compare --spacing karras --data spiral --points 1000";
    hold("compare", terminal.transcript(arguments));
    let filmstrip = terminal.folder().join("output/part-i-samplers.png");
    let (width, height) = image::image_dimensions(filmstrip).unwrap();
    // A row for each of six samplers, a column for each of four numbers of steps.
    assert_eq!((width - 1200) / 400, 1);
    assert_eq!((height - 2000) / 400, 1);
}

/// With a network that is stored in the repository.
#[test]
fn network() {
    let terminal = Terminal::new(PROGRAM);
    let path = "data/evidence/digits.safetensors";
    let to = terminal.folder().join(path);
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path), to).unwrap();
    let arguments = format!("--model {path} --steps 5 --label 7 --guidance 2");
    hold("network", terminal.transcript(&arguments));
}

/// Its samplers go along the levels of a schedule of betas.
#[test]
fn the_config_of_a_flow_is_refused() {
    let terminal = Terminal::new(PROGRAM);
    let write = |name: &str, text: &str| {
        fs::write(terminal.folder().join(name), text).unwrap();
    };
    write(
        "euler.json",
        r#"{"_class_name": "FlowMatchEulerDiscreteScheduler", "shift": 3}"#,
    );
    write(
        "wan.json",
        r#"{"_class_name": "UniPCMultistepScheduler", "use_flow_sigmas": true}"#,
    );
    let arguments = ["--config euler.json", "--config wan.json --zero-snr"];
    hold("flow_configs", terminal.transcripts(&arguments));
    assert_eq!(terminal.contents().len(), 2, "nothing is written");
}

/// The predictions of the exact denoiser are within the range of the data.
#[test]
fn clipping_around_the_data_changes_nothing() {
    let run = |arguments: &str| {
        let terminal = Terminal::new(PROGRAM);
        let arguments = format!("--data digits --output s.png {arguments}");
        let shown = terminal.succeeds(&arguments);
        (shown, fs::read(terminal.folder().join("s.png")).unwrap())
    };
    let free = run("");
    for arguments in ["--clip none", "--clip 1", "--clip 2", "--threshold 0.9"] {
        assert!(run(arguments) == free, "{arguments}");
    }
    assert!(run("--clip 0.5") != free);
}

/// A single picture is what every sampler comes to.
#[test]
fn every_sampler_brings_a_single_picture_back() {
    let path = diffusion_cli::load::mandrill();
    let picture = diffusion_cli::load::picture(&path, Some(20)).unwrap();
    let expected = picture.pixels_of(&picture.x);
    for sampler in SAMPLERS.map(|sampler| sampler.name) {
        let terminal = Terminal::new(PROGRAM);
        terminal.succeeds(&format!(
            "--data mandrill --size 20 --sampler {sampler} --steps 4 --frames-dir frames"
        ));
        let last = image::open(terminal.folder().join("frames/frame-004.png")).unwrap();
        let zoom = last.width() / 20;
        for (x, y, pixel) in last.into_rgb8().enumerate_pixels() {
            assert_eq!(pixel, expected.get_pixel(x / zoom, y / zoom), "{sampler}");
        }
    }
}

fn first_column(arguments: &str) -> String {
    let arguments = format!("--data moons --points 50 --csv {arguments}");
    let table = Terminal::new(PROGRAM).succeeds(&arguments);
    let lines = table.lines().skip(1).filter_map(|line| line.split(',').next());
    lines.map(str::to_owned).collect::<Vec<_>>().join(" ")
}

/// The table has the timesteps at which the denoiser is evaluated.
#[test]
fn each_spacing_has_its_timesteps() {
    assert_eq!(first_column("--steps 4 --spacing leading"), "750 500 250 0 ");
    assert_eq!(first_column("--steps 4 --spacing linspace"), "999 666 333 0 ");
    assert_eq!(first_column("--steps 4 --spacing trailing"), "999 749 499 249 ");
    assert_eq!(first_column("--steps 4 --timesteps 8"), "7 5 3 1 ");
    let between = first_column("--steps 4 --spacing karras --sigma-max 157");
    let between: Vec<f64> =
        between.split_whitespace().map(|t| t.parse().unwrap()).collect();
    let expected = [999.0, 774.5, 300.6, 0.0];
    for (t, expected) in between.iter().zip(expected) {
        assert!((t - expected).abs() < 0.6, "{between:?}");
    }
    // The last is the schedule's first timestep, and not beside it by some rounding.
    let latent = first_column("--steps 4 --spacing karras --schedule scaled-linear");
    assert!(latent.ends_with(" 0 "), "{latent}");
}

/// Karras' levels begin at a finite sigma, whatever the schedule.
#[test]
fn karras_levels_go_with_every_schedule() {
    for schedule in ["linear", "cosine", "linear --zero-snr", "cosine --zero-snr"] {
        for steps in [5, 20, 100] {
            let arguments = format!("--schedule {schedule} --steps {steps} --all");
            let arguments = format!("{arguments} --spacing karras --sampler heun");
            let levels = first_column(&arguments).split_whitespace().count();
            assert_eq!(levels, steps, "{arguments}");
        }
    }
}

/// A model's config decides the schedule. With zero-terminal SNR, sampling begins in
/// noise alone.
#[test]
fn the_schedule_of_a_config_is_taken() {
    let terminal = Terminal::new(PROGRAM);
    let config = r#"{"_class_name": "DDIMScheduler", "beta_schedule": "scaled_linear",
        "rescale_betas_zero_snr": true, "num_train_timesteps": 100}"#;
    fs::write(terminal.folder().join("scheduler_config.json"), config).unwrap();
    let shown = terminal.succeeds(
        "--data moons --points 50 --sampler ddim --steps 4 --config scheduler_config.json",
    );
    assert!(
        shown.contains("DDIMScheduler: scaled_linear from 0.0001 to 0.02"),
        "{shown}"
    );
    assert!(shown.contains("\n99          0  "), "{shown}");
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let arguments =
        "--data moons --points 1000 --sampler ddim --eta 0.5 --output s.png --save s.csv";
    let files = ["s.png", "s.csv"];
    assert_same_on_any_threads(|| Terminal::new(PROGRAM), arguments, &files);
}
