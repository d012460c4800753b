//! Real runs of the real command.

use std::fs;
use std::path::Path;

use diffusion_core::{generator, randn_like};
use diffusion_testing::transcript::{Terminal, assert_same_on_any_threads};
use nalgebra::DMatrix;
use part_e_schedules::beta_schedule::BetaSchedule;
use part_f_the_way_back::PredictionType;
use part_h_learning_to_denoise::model_file::tensors_as_file;
use part_i_samplers::SAMPLERS;
use part_l_u_net::model_folder::{FolderPath, Learned, ModelFolder, scheduler_config};
use part_l_u_net::{UNet, UNetConfig};

diffusion_testing::command_tests! {
    program: "part-m-published-models",
    shown: [default_run, explained],
    filmstrip: (1979, 65),
    csv: "--count 2 --label 7 --steps 3 --csv",
    errors: [
        "--model missing",
        "--explain --compare",
        "--explain --save new",
        "--compare --size 16",
        "--compare --steps 5",
        "--flow --sampler euler --eta 1",
        "--count 0",
        "--count 1001",
        "--size 33",
        "--size 4096 --count 20",
        "--label 11",
        "--guidance -1",
        "--steps 0",
        "--steps 1001",
        "--sampler magic",
        "--sampler euler --eta 1",
        "--pipeline magic",
        "--pipeline ddim --sampler euler",
        "--pipeline ddim --eta 1",
        "--pipeline ddpm --steps 1001",
        "--flow --spacing karras",
        "--flow --shift 0",
        "--shift 3",
        "--sigma-max 80",
        "--save . --steps 1",
        "--noise missing",
        "--noise missing --count 3",
    ],
}

const QUICK: &str = "--count 3 --steps 2 --seed 5";

/// Writes the folder of a small network in a terminal's.
fn write(terminal: &Terminal, name: &str, channels: usize, labels: usize) {
    let config = UNetConfig::small(channels, 8, vec![8, 16], labels);
    let kind = PredictionType::Noise;
    let schedule = scheduler_config(&BetaSchedule::Cosine, 1000, kind).unwrap();
    let folder = ModelFolder {
        network: UNet::new(config, &mut generator(0)),
        scheduler: FolderPath::Schedule(schedule),
        learned: Learned::default(),
    };
    for (path, bytes) in folder.to_files(&[], false).unwrap() {
        let path = terminal.folder().join(name).join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

fn change(path: &Path, old: &str, new: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(old), "{text}");
    fs::write(path, text.replace(old, new)).unwrap();
}

#[test]
fn explained() {
    let terminal = Terminal::new(PROGRAM);
    let explained = terminal.succeeds("--explain");
    hold(
        "explained",
        format!("$ cargo run -p part-m-published-models -- --explain\n{explained}"),
    );
    let all = terminal.transcript("--explain");
    assert!(all.contains("Here, an evaluation of one picture takes about"), "{all}");
    assert!(terminal.is_empty(), "nothing is written");
}

/// A config is enough, as that of a network which nobody would fetch to ask that.
#[test]
fn a_config_alone_is_explained() {
    let terminal = Terminal::new(PROGRAM);
    let config = r#"{
        "_class_name": "UNet2DModel", "attention_head_dim": null, "downsample_padding": 0,
        "block_out_channels": [128, 256, 256, 256], "flip_sin_to_cos": false, "freq_shift": 1,
        "down_block_types": ["DownBlock2D", "AttnDownBlock2D", "DownBlock2D", "DownBlock2D"],
        "up_block_types": ["UpBlock2D", "UpBlock2D", "AttnUpBlock2D", "UpBlock2D"],
        "norm_eps": 1e-6, "sample_size": 32, "decay": 0.9999, "colour": "blue"
    }"#;
    fs::create_dir(terminal.folder().join("cifar10")).unwrap();
    fs::write(terminal.folder().join("cifar10/config.json"), config).unwrap();
    let explained = terminal.succeeds("--model cifar10 --explain");
    for sentence in [
        "35746307 parameters, which take 143 MB",
        "6.22 billion multiplications",
        "There is no scheduler_config.json",
        "diffusers doesn't know, and that are left out of account: colour.",
    ] {
        assert!(explained.contains(sentence), "{explained}");
    }
    let refused = terminal.transcript("--model cifar10");
    assert!(refused.contains("scheduler_config.json"), "{refused}");
}

#[test]
fn every_way_to_sample() {
    let terminal = Terminal::new(PROGRAM);
    write(&terminal, "grey", 1, 4);
    write(&terminal, "colour", 3, 0);
    let karras = "--spacing karras --sigma-max 20 --clip none";
    let mut ways: Vec<String> = SAMPLERS
        .iter()
        .map(|sampler| format!("--sampler {} {karras}", sampler.name))
        .collect();
    ways.extend(
        [
            "--pipeline ddpm",
            "--pipeline ddim",
            "--flow",
            "--flow --shift 3 --sampler euler",
            "--sampler ddim --eta 0.5",
            "--threshold 0.99",
            "--size 16",
        ]
        .map(str::to_owned),
    );
    for (i, way) in ways.iter().enumerate() {
        for model in ["grey", "colour"] {
            let save = format!("--save {model}-{i} --output {model}.png");
            terminal.succeeds(&format!("--model {model} {QUICK} {way} {save}"));
            let pictures = terminal.folder().join(format!("{model}-{i}"));
            let side = if way.contains("size") { 16 } else { 8 };
            let size = image::image_dimensions(pictures.join("picture-002.png"));
            assert_eq!(size.unwrap(), (side, side));
        }
    }
    // The last label, which may mean none, and what has none.
    terminal.succeeds(&format!("--model grey {QUICK} --label 4 --guidance 2"));
    let refused = terminal.transcript(&format!("--model colour {QUICK} --label 0"));
    assert!(refused.contains("for a network with labels of its own"), "{refused}");
    let refused = terminal.transcript("--model colour --compare");
    assert!(refused.contains("--compare is for a network of a schedule"), "{refused}");
}

#[test]
fn the_folders_of_others() {
    let terminal = Terminal::new(PROGRAM);
    write(&terminal, "network", 1, 0);
    let config = terminal.folder().join("network/unet/config.json");
    let scheduler = terminal.folder().join("network/scheduler/scheduler_config.json");
    change(&scheduler, "\"trailing\"", "\"sideways\"");
    let refused =
        terminal.transcript(&format!("--model network {QUICK} --pipeline ddim"));
    assert!(refused.contains("timestep_spacing is \"sideways\"; expected"), "{refused}");
    terminal.succeeds(&format!("--model network {QUICK}"));
    change(&scheduler, "\"fixed_small\"", "\"learned_range\"");
    let refused = terminal.transcript(&format!("--model network {QUICK}"));
    assert!(refused.contains("variance"), "{refused}");
    change(&config, "UNet2DModel", "UNet2DConditionModel");
    let refused = terminal.transcript("--model network --explain");
    assert!(refused.contains("UNet2DConditionModel"), "{refused}");
}

#[test]
fn the_network_beside_the_exact_denoiser() {
    let terminal = Terminal::new(PROGRAM);
    let table = terminal.succeeds("--compare --csv");
    let rows: Vec<Vec<f64>> = table
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(|cell| cell.parse().unwrap()).collect())
        .collect();
    assert_eq!(rows.len(), 10);
    // With little noise, the exact denoiser knows what it has seen, and nothing else.
    let [_, _, network, exact, network_unseen, exact_unseen] = rows[1][..] else {
        panic!("{:?}", rows[1])
    };
    assert!(exact < 1e-6 && exact_unseen > 10.0 * network_unseen);
    assert!((network / network_unseen - 1.0).abs() < 0.2, "{network}, {network_unseen}");
}

#[test]
fn the_same_bytes_on_any_threads() {
    let arguments = format!("{QUICK} --sampler ddpm --output x.png");
    assert_same_on_any_threads(|| Terminal::new(PROGRAM), &arguments, &["x.png"]);
}

/// The same noise gives the same pictures, whoever drew it.
#[test]
fn noise_of_ones_own() {
    let terminal = Terminal::new(PROGRAM);
    write(&terminal, "network", 3, 0);
    let x = randn_like(&DMatrix::zeros(3 * 64, 3), &mut generator(5));
    let write = |name: &str, shape: Vec<usize>| {
        let tensor = ("noise".to_owned(), shape, x.as_slice().to_vec());
        let bytes = tensors_as_file(vec![tensor], false, Vec::new()).unwrap();
        fs::write(terminal.folder().join(name), bytes).unwrap();
    };
    write("noise.safetensors", vec![3, 3, 8, 8]);
    write("other.safetensors", vec![3, 1, 24, 8]);
    let run = "--model network --pipeline ddim --steps 3 --seed 5";
    let drawn = terminal.succeeds(&format!("{run} --count 3 --output a.png"));
    let given =
        terminal.succeeds(&format!("{run} --noise noise.safetensors --output b.png"));
    assert_eq!(drawn.replace("a.png", ""), given.replace("b.png", ""));
    let read = |name: &str| fs::read(terminal.folder().join(name)).unwrap();
    assert_eq!(read("a.png"), read("b.png"));
    let refused = terminal.transcript("--model network --noise other.safetensors");
    assert!(
        refused.contains("has the shape [3, 1, 24, 8]; expected pictures of 3 x 8 x 8"),
        "{refused}"
    );
    let refused = terminal.transcript("--model network --noise a.png");
    assert!(refused.contains("with a tensor `noise` of four"), "{refused}");
}

/// What an interrupt leaves is the sheet as it was then.
#[cfg(target_os = "linux")]
#[test]
fn an_interrupt_keeps_what_there_is() {
    use std::process::{Command, Stdio};
    use std::thread::sleep;
    use std::time::Duration;

    let terminal = Terminal::new(PROGRAM);
    write(&terminal, "network", 1, 0);
    let arguments = "--model network --count 200 --sampler ddpm --steps 1000 --frames-dir frames \
                     --save pictures --output sheet.png";
    let mut command = terminal.listening(arguments);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // As soon as there is a place for the frames, it listens.
    while !terminal.contents().iter().any(|path| path.contains("frames")) {
        sleep(Duration::from_millis(1));
    }
    let id = child.id().to_string();
    Command::new("kill").args(["-s", "INT", &id]).output().unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("Interrupted: these are the predictions"), "{text}");
    let contents = terminal.contents();
    for path in ["sheet.png", "frames/frame-005.png", "pictures/picture-199.png"] {
        assert!(
            contents.iter().any(|known| known.ends_with(path)),
            "{path}: {contents:?}"
        );
    }
}
