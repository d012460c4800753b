//! Real runs of the real command.

mod flow;

use std::fs;
use std::path::Path;

use diffusion_core::{Generator, generator};
use diffusion_testing::transcript::{Terminal, assert_same_on_any_threads};
use part_f_the_way_back::PredictionType;
use part_h_learning_to_denoise::loss::LevelDistribution;
use part_h_learning_to_denoise::{Data, Training, TrainingConfig};
use part_i_samplers::SAMPLERS;
use part_j_flow_matching::Times;
use part_l_u_net::UNet;
use part_l_u_net::command_line::interrupted_note;
use part_l_u_net::model_folder::{
    FILES, FolderPath, ModelFolder, SCHEDULER, UNFINISHED, WEIGHTS,
};

diffusion_testing::command_tests! {
    program: "part-l-u-net",
    shown: [default_run],
    filmstrip: (1979, 65),
    csv: "--samples 3 --label 7 --steps 5 --csv",
    errors: [
        "--widths 8",
        "--train --widths 9",
        "--train --data digits --widths 8,8,8,8,8",
        "--train --data digits --attention 3",
        "--train --data digits --attention none,4",
        "--train --blocks 0",
        "--train --data digits --prediction flow",
        "--train --data digits --path flow --prediction noise",
        "--train --data digits --path flow --schedule cosine",
        "--train --path straight",
        "--path flow",
        "--train --load network --path flow",
        "--train --updates 0",
        "--train --batch 1025",
        "--train --learning-rate 0",
        "--train --max-gradient-norm 0",
        "--train --max-gradient-norm inf",
        "--max-gradient-norm 1",
        "--train --ema-decay 1",
        "--train --ema-decay -0.1",
        "--train --data digits --widths 8 --sheets .",
        "--train --data digits --widths 8 --sheets new/sheets --save-diffusers new",
        "--train --data digits --widths 8 --sheets new --save-diffusers new/network",
        "--train --data digits --widths 8 --sheets new --frames-dir new",
        "--train --load network --widths 8",
        "--train --data spiral",
        "--train --data digits --size 16",
        "--train --pictures missing",
        "--train --pictures . --data digits",
        "--train --data digits --label 10",
        "--train --data digits --widths 512,512 --blocks 8",
        "--half",
        "--load missing",
        "--resume missing",
        "--resume missing --updates 5",
        "--load network --resume network",
        "--samples 0",
        "--steps 1001",
        "--guidance -1",
        "--sampler magic",
    ],
}

/// Little to do.
const QUICK: &str = "--samples 4 --steps 2 --seed 3";

const TRAIN: &str = "--train --data digits --widths 8,16 --updates 3 --batch 5";

fn saved(terminal: &Terminal, folder: &str) -> ModelFolder {
    let folder = terminal.folder().join(folder);
    ModelFolder::read(|name| Ok(fs::File::open(folder.join(name)).ok())).unwrap()
}

/// What is printed before the path of the filmstrip.
fn table(transcript: &str) -> &str {
    transcript.split("\n\n").next().unwrap()
}

#[test]
fn a_trained_network_is_saved_and_samples_again() {
    let terminal = Terminal::new(PROGRAM);
    for (options, classes) in [
        ("", 11),
        ("--attention 8,4 --prediction x0 --schedule linear", 11),
        ("--attention none --prediction noise --flip --blocks 2", 11),
    ] {
        let folder = format!("network-{}", options.len());
        let save = format!("--save-diffusers {folder}");
        let trained = terminal.succeeds(&format!("{TRAIN} {QUICK} {options} {save}"));
        let model = saved(&terminal, &folder);
        assert_eq!(model.learned.updates, 3);
        assert!(model.learned.unfinished.is_none());
        assert_eq!(model.network.config().classes, classes);
        let flip = if options.contains("flip") { "--flip" } else { "" };
        let loaded = terminal.succeeds(&format!("{QUICK} {flip} --load {folder}"));
        assert_eq!(table(&loaded), table(&trained), "{options}");
        assert!(loaded.contains("one that was held out"), "{loaded}");
        assert!(loaded.contains("of the label that was asked for"), "{loaded}");
        for name in FILES.into_iter().filter(|name| *name != UNFINISHED) {
            assert!(terminal.folder().join(&folder).join(name).is_file(), "{name}");
        }
    }
    let leftovers = terminal.contents();
    assert!(!leftovers.iter().any(|path| path.contains(".part")), "{leftovers:?}");
}

#[test]
fn a_network_goes_on_learning() {
    let terminal = Terminal::new(PROGRAM);
    terminal.succeeds(&format!("{TRAIN} {QUICK} --save-diffusers one"));
    terminal.succeeds(&format!(
        "--load one --train --updates 2 --batch 3 {QUICK} --save-diffusers other --half"
    ));
    let (one, other) = (saved(&terminal, "one"), saved(&terminal, "other"));
    assert_eq!(other.learned.updates, 5);
    assert!(
        other.learned.training.contains("3 updates, batch 5"),
        "{}",
        other.learned.training
    );
    assert!(
        other.learned.training.contains("2 updates, batch 3"),
        "{}",
        other.learned.training
    );
    assert!(one.network.parameters != other.network.parameters);
    let size = |name: &str| {
        fs::metadata(terminal.folder().join(name).join(WEIGHTS)).unwrap().len()
    };
    assert!(size("other") < size("one") * 6 / 10);
    // Nothing is written over.
    let again =
        terminal.transcript(&format!("--load one {QUICK} --save-diffusers other"));
    assert!(
        again.contains("cannot write the folder 'other', since 'README.md' is in it")
            || again.contains("is in it"),
        "{again}"
    );
    let again = terminal.transcript(&format!(
        "--load one {QUICK} --save-diffusers one/new --output one/new/x.png"
    ));
    assert!(again.contains("is where --output names a file"), "{again}");
    assert_eq!(saved(&terminal, "other"), other);
}

fn write_picture(path: &Path, colour: [u8; 3]) {
    let picture = image::RgbImage::from_fn(12, 10, |x, y| {
        image::Rgb(if x > y { colour } else { [0; 3] })
    });
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    picture.save(path).unwrap();
}

#[test]
fn pictures_of_ones_own() {
    let terminal = Terminal::new(PROGRAM);
    let at = |name: &str| terminal.folder().join(name);
    for i in 0..3 {
        write_picture(&at(&format!("grey/{i}.png")), [200; 3]);
        write_picture(&at(&format!("colour/red/{i}.png")), [200, 9, 0]);
        write_picture(&at(&format!("colour/blue/{i}.png")), [0, 9, 200]);
    }
    fs::write(at("grey/wrong.png"), "no picture").unwrap();
    fs::create_dir(at("colour/empty")).unwrap();
    let train = format!("--train --size 8 --widths 8,16 --updates 2 --batch 3 {QUICK}");
    let grey =
        terminal.succeeds(&format!("{train} --pictures grey --flip --save-diffusers g"));
    assert!(grey.contains("Skipped: 'grey/wrong.png' is not a picture"), "{grey}");
    assert!(grey.contains("There are 3 grey pictures in 'grey'."), "{grey}");
    let config = saved(&terminal, "g").network.config().clone();
    assert_eq!((config.channels, config.classes), ([1, 1], 0));
    let colour =
        terminal.succeeds(&format!("{train} --pictures colour --save-diffusers c"));
    assert!(
        colour.contains(
            "There are 6 colour pictures in 'colour', of 2 labels: 0 blue, 1 red."
        ),
        "{colour}"
    );
    let config = saved(&terminal, "c").network.config().clone();
    assert_eq!((config.channels, config.classes), ([3, 3], 3));
    let readme = fs::read_to_string(at("c/README.md")).unwrap();
    assert!(readme.contains("| 1 | red |"), "{readme}");

    // Where they are is not remembered.
    let unknown = terminal.succeeds(&format!("--load g {QUICK}"));
    assert!(unknown.contains("has learned from is not here"), "{unknown}");
    let known = terminal.succeeds(&format!("--load g --pictures grey {QUICK}"));
    assert!(known.contains("On average, a sample is"), "{known}");
    for (arguments, sentence) in [
        ("--load g --train", "expected --data or --pictures"),
        (
            "--load g --pictures colour",
            "has colour pictures of 8 x 8 pixels, and the network is made for grey",
        ),
        ("--load g --data mnist", "'mnist' has grey pictures of 32 x 32 pixels"),
        ("--load g --label 1", "--label is for a network with labels"),
        ("--load c --label 2", "--label 2 is not there; expected one from 0 to 1"),
        (
            "--load c --pictures colour --save-diffusers colour/c",
            "'colour/c' is in 'colour', which the run reads",
        ),
        ("--resume g --pictures grey", "nothing is left of its training"),
    ] {
        let transcript = terminal.transcript(arguments);
        assert!(transcript.contains(sentence), "{transcript}");
    }
    // A network for colour takes grey ones, too.
    terminal.succeeds(&format!(
        "--load c --train --updates 1 --batch 2 --pictures grey {QUICK}"
    ));
}

/// A training that was interrupted goes on to the same bytes.
#[cfg(target_os = "linux")]
#[test]
fn an_interrupted_training_goes_on() {
    let begin = "--data digits --widths 8 --attention none";
    let terminal = interrupted(&format!("--train {begin}"), |_| {});
    // What is no file of a network stays.
    fs::write(terminal.folder().join("half/mine.txt"), "mine").unwrap();
    let refused = terminal.transcript("--resume half --save-diffusers half");
    assert!(refused.contains("since 'mine.txt' is in it"), "{refused}");
    fs::remove_file(terminal.folder().join("half/mine.txt")).unwrap();
    let other = terminal.transcript("--resume half --flip");
    assert!(other.contains("it has begun with other data"), "{other}");
    goes_on(&terminal, &format!("--train {begin}"));

    // So does one of a flow.
    let begin = format!("--train {begin}");
    let flow = format!("{begin} --path flow");
    goes_on(&interrupted(&flow, |_| {}), &flow);

    // So does one of a network that had learned already.
    let base = |terminal: &Terminal| {
        let train = format!("{begin} --updates 2 --batch 3 --half");
        terminal.succeeds(&format!("{train} {QUICK} --save-diffusers base"));
    };
    let terminal = interrupted("--load base --train --flip", base);
    goes_on(&terminal, "--load base --train --flip");
}

#[cfg(target_os = "linux")]
const LONG: &str = "--updates 300 --batch 2";

/// Who is told that a training goes on can go on with it.
#[test]
fn only_what_is_not_at_its_end_goes_on() {
    let save = Some(Path::new("network"));
    let told = |updates| interrupted_note(updates, 10, save);
    assert!(told(9).contains("--resume 'network' goes on"), "{}", told(9));
    assert_eq!(told(10), "Interrupted after the last of 10 updates: all is learned.");
}

/// A terminal in which such a training was interrupted.
#[cfg(target_os = "linux")]
fn interrupted(train: &str, prepare: impl Fn(&Terminal)) -> Terminal {
    let begin = || {
        let terminal = Terminal::new(PROGRAM);
        prepare(&terminal);
        terminal
    };
    let arguments =
        format!("{train} {LONG} {QUICK} --save-diffusers half --sheets sheets");
    let is_half = |terminal: &Terminal| {
        terminal.folder().join("half").join(UNFINISHED).is_file()
            && flow::read(&terminal.folder().join("half"))
                .learned
                .unfinished
                .is_some_and(|unfinished| unfinished.updates > 0)
    };
    let (terminal, printed) = Terminal::interrupted(begin, &arguments, 5, is_half);
    assert!(printed.contains("--resume 'half' goes on."), "{printed}");
    terminal
}

#[cfg(target_os = "linux")]
fn goes_on(terminal: &Terminal, train: &str) {
    let flip = if train.contains("--flip") { "--flip" } else { "" };
    // The sheets of before the interrupt are there, as those that are still to come.
    let sheets = |folder: &str| {
        let folder = terminal.folder().join(folder);
        let mut all: Vec<(String, Vec<u8>)> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| {
                (
                    path.file_name().unwrap().to_str().unwrap().to_owned(),
                    fs::read(path).unwrap(),
                )
            })
            .collect();
        all.sort();
        all
    };
    terminal.succeeds(&format!(
        "--resume half --save-diffusers half --sheets sheets {flip} {QUICK}"
    ));
    terminal
        .succeeds(&format!("{train} {LONG} {QUICK} --save-diffusers whole --sheets all"));
    assert_eq!(sheets("all").len(), 10);
    assert!(sheets("sheets") == sheets("all"));
    let bytes = |folder: &str| {
        let read = |name: &&str| fs::read(terminal.folder().join(folder).join(name)).ok();
        FILES.iter().map(read).collect::<Vec<_>>()
    };
    assert!(bytes("half") == bytes("whole"));
    assert!(bytes("whole").iter().flatten().count() == 5);
}

/// The repository's network: a test that needs it.
#[test]
fn the_stored_network_samples_without_arguments() {
    let terminal = Terminal::new(PROGRAM);
    let printed = terminal.succeeds("");
    let rows: Vec<Vec<&str>> = table(&printed)
        .lines()
        .skip(1)
        .map(|row| row.split_whitespace().collect())
        .collect();
    assert_eq!(rows.len(), 20, "{printed}");
    for (sample, row) in rows.iter().enumerate() {
        assert_eq!(
            row[..2],
            [sample.to_string(), (sample % 10).to_string()],
            "{printed}"
        );
        assert_eq!(row.len(), 4, "{printed}");
    }
    assert!(printed.contains("and one that was held out is 9.2"), "{printed}");
    assert!(printed.contains("Of 20 samples, "), "{printed}");
    // It is written elsewhere, as it is: in 16 bits if that is asked for.
    let quick = "--samples 1 --steps 1";
    terminal.succeeds(&format!("{quick} --save-diffusers copy --half"));
    let stored = diffusion_cli::load::learned("digits-u-net");
    let bytes = |folder: &Path| {
        let files = FILES.into_iter().filter(|name| *name != UNFINISHED);
        files.map(|name| fs::read(folder.join(name)).unwrap()).collect::<Vec<_>>()
    };
    assert!(bytes(&terminal.folder().join("copy")) == bytes(&stored));
    // And nothing is written over it.
    let refused = terminal
        .transcript(&format!("{quick} --save-diffusers {}", stored.to_str().unwrap()));
    assert!(refused.contains("cannot write the folder"), "{refused}");
    assert!(refused.contains("is in it"), "{refused}");
    let printed = terminal.succeeds(&format!("{quick} --label 7 --csv"));
    assert!(printed.contains("\n0,7,"), "{printed}");
}

#[test]
fn what_is_no_folder_of_a_network() {
    let terminal = Terminal::new(PROGRAM);
    fs::write(terminal.folder().join("file"), "mine").unwrap();
    fs::create_dir(terminal.folder().join("empty")).unwrap();
    for option in ["--load", "--resume"] {
        for (path, sentence) in [
            (
                "file",
                "cannot load 'file': it is a file; expected the folder of a network",
            ),
            ("missing", "cannot load 'missing': No such file"),
            ("empty", "cannot load 'empty': there is no unet/config.json"),
        ] {
            let transcript = terminal.transcript(&format!("{option} {path}"));
            assert!(transcript.contains(sentence), "{transcript}");
            assert!(
                transcript.contains("expected the folder of a network"),
                "{transcript}"
            );
        }
    }
}

/// Samples while a network learns: they change nothing that is learned, and the last are
/// those at the end.
#[test]
fn sheets_while_it_learns() {
    let terminal = Terminal::new(PROGRAM);
    let at = |name: &str| terminal.folder().join(name);
    let train =
        "--train --data digits --widths 8 --attention none --updates 25 --batch 2";
    for sampler in ["ddim", "ddpm"] {
        let train = format!("{train} {QUICK} --sampler {sampler}");
        let (sheets, network) = (format!("sheets-{sampler}"), format!("with-{sampler}"));
        let with = terminal.succeeds(&format!(
            "{train} --sheets {sheets} --frames-dir frames-{sampler} --save-diffusers {network}"
        ));
        let without = terminal.succeeds(&format!("{train} --save-diffusers {sampler}"));
        assert_eq!(table(&with), table(&without));
        assert_eq!(saved(&terminal, &network), saved(&terminal, sampler));
        assert!(
            with.contains(&format!("{sheets}: samples of the network while it")),
            "{with}"
        );
        assert!(!with.contains("With --sheets, "), "{with}");
        assert!(without.contains("With --sheets, samples are shown"), "{without}");
        let names: Vec<String> = [3, 5, 8, 10, 13, 15, 18, 20, 23, 25]
            .map(|updates| format!("{sheets}/sheet-000{updates:02}.png"))
            .to_vec();
        let mut found = terminal.contents();
        found.retain(|path| path.starts_with(&format!("{sheets}/")));
        found.sort();
        assert_eq!(found, names);
        let pictures: Vec<_> =
            names.iter().map(|name| image::open(at(name)).unwrap().into_rgb8()).collect();
        let end = image::open(at(&format!("frames-{sampler}/frame-002.png"))).unwrap();
        assert!(pictures[9] == end.into_rgb8());
        assert!(pictures.windows(2).all(|pair| pair[0] != pair[1]));
    }
    // Nothing is written over, and few updates have few sheets.
    let again = terminal.transcript(&format!("{train} {QUICK} --sheets sheets-ddim"));
    assert!(again.contains("since 'sheet-000"), "{again}");
    terminal.succeeds(&format!("{TRAIN} {QUICK} --sheets few"));
    assert_eq!(fs::read_dir(at("few")).unwrap().count(), 3);
    let for_nothing = terminal.transcript(&format!("--load ddim {QUICK} --sheets other"));
    assert!(
        for_nothing.contains("--sheets is for a network that learns"),
        "{for_nothing}"
    );
    assert!(!at("other").exists());
}

/// The command trains as chapter H's loop does, of a schedule and of a flow.
#[test]
fn a_training_is_the_one_that_its_options_say() {
    let terminal = Terminal::new(PROGRAM);
    let labels = Some(diffusion_cli::load::digit_labels().unwrap());
    let digits = Data { x: diffusion_cli::load::digits().unwrap(), labels };
    let (digits, _) = digits.hold_out(10);
    let usual = TrainingConfig {
        kind: PredictionType::Velocity,
        updates: 3,
        batch: 5,
        learning_rate: 2e-3,
        ema_decay: 0.995,
        label_dropout: 0.1,
        max_gradient_norm: Some(1.0),
    };
    for (options, config) in [
        ("", usual),
        (
            "--max-gradient-norm 0.01 --ema-decay 0.05",
            TrainingConfig { max_gradient_norm: Some(0.01), ema_decay: 0.05, ..usual },
        ),
        ("--path flow", TrainingConfig { kind: PredictionType::Flow, ..usual }),
    ] {
        let folder = format!("network-{}", options.len());
        terminal
            .succeeds(&format!("{TRAIN} {QUICK} {options} --save-diffusers {folder}"));
        let saved = flow::read(&terminal.folder().join(folder)).network;
        let mut rng = generator(3);
        let network = UNet::new(saved.config().clone(), &mut rng);
        let learned = match config.kind {
            PredictionType::Flow => {
                learned(config, network, &digits, Times::Uniform, rng)
            }
            _ => {
                let schedule = part_e_schedules::cosine(1000).unwrap();
                learned(config, network, &digits, schedule, rng)
            }
        };
        assert!(learned.parameters == saved.parameters, "{options}");
    }
}

fn learned(
    config: TrainingConfig,
    network: UNet,
    data: &Data,
    levels: impl LevelDistribution,
    rng: Generator,
) -> UNet {
    let training = Training::of_network(config, network, data.clone(), levels, rng);
    let mut training = training.unwrap();
    while !training.is_done() {
        training.update().unwrap();
    }
    training.ema().clone()
}

/// A flow is learned, sampled, and learned more.
#[test]
fn a_flow() {
    let terminal = Terminal::new(PROGRAM);
    let train = format!("{TRAIN} {QUICK} --path flow");
    let trained = terminal.succeeds(&format!("{train} --save-diffusers flow"));
    let at = |name: &str| flow::read(&terminal.folder().join(name));
    let flow = at("flow");
    assert_eq!(flow.scheduler, FolderPath::Flow);
    assert_eq!(flow.network.config().steps, 1001);
    let loaded = terminal.succeeds(&format!("{QUICK} --load flow"));
    assert_eq!(table(&loaded), table(&trained));
    // It learns another thing than a velocity, of the same noise and the same data.
    let other = terminal.succeeds(&format!("{TRAIN} {QUICK}"));
    assert_ne!(table(&other), table(&trained));
    let named =
        terminal.succeeds(&format!("{train} --prediction flow --save-diffusers named"));
    assert_eq!(table(&named), table(&trained));
    assert_eq!(at("named"), flow);
    for sampler in SAMPLERS.map(|sampler| sampler.name) {
        terminal.succeeds(&format!("{QUICK} --load flow --sampler {sampler}"));
    }
    let more = "--load flow --train --updates 2 --batch 3";
    terminal.succeeds(&format!("{more} {QUICK} --save-diffusers more"));
    assert_eq!(at("more").learned.updates, 5);
    assert_eq!(at("more").scheduler, FolderPath::Flow);

    // Other flows are refused.
    let config = terminal.folder().join("flow").join(SCHEDULER);
    let text = fs::read_to_string(&config).unwrap();
    for (ours, other) in [
        ("\"shift\": 1.0", "\"shift\": 3.0"),
        ("\"num_train_timesteps\": 1000", "\"num_train_timesteps\": 500"),
        ("\"use_karras_sigmas\": false", "\"use_karras_sigmas\": true"),
        ("\"shift_terminal\": null", "\"shift_terminal\": 0.1"),
        ("\"invert_sigmas\": false", "\"invert_sigmas\": true"),
        ("\"use_dynamic_shifting\": false", "\"use_dynamic_shifting\": true"),
        ("FlowMatchEulerDiscrete", "FlowMatchHeunDiscrete"),
    ] {
        assert!(text.contains(ours), "{ours}");
        fs::write(&config, text.replace(ours, other)).unwrap();
        let transcript = terminal.transcript(&format!("{QUICK} --load flow"));
        let sentence = "scheduler/scheduler_config.json is of another flow";
        assert!(transcript.contains(sentence), "{transcript}");
    }
    // What says no more than its class is this one.
    fs::write(&config, "{\"_class_name\": \"FlowMatchEulerDiscreteScheduler\"}").unwrap();
    assert_eq!(at("flow"), flow);
}

/// Where a folder can be, and where not.
#[test]
fn places_for_a_folder() {
    let terminal = Terminal::new(PROGRAM);
    let at = |name: &str| terminal.folder().join(name);
    fs::write(at("file"), "mine").unwrap();
    fs::create_dir(at("empty")).unwrap();
    let before = terminal.contents();
    for (arguments, sentence) in [
        ("--save-diffusers file", "cannot write the folder 'file', since it is a file"),
        (
            "--save-diffusers file/net",
            "cannot write 'file/net', since 'file' is not a folder",
        ),
        ("--save-diffusers net.png --output net.png", "is where --output names a file"),
        ("--save-diffusers net --output net/a.png", "is where --output names a file"),
        (
            "--save-diffusers net --frames-dir net/unet",
            "is where --frames-dir names a file",
        ),
    ] {
        let transcript = terminal.transcript(&format!("{TRAIN} {QUICK} {arguments}"));
        assert!(transcript.contains(sentence), "{transcript}");
        assert_eq!(terminal.contents(), before, "{arguments}");
    }
    for place in ["empty", "new/within/another", "slash/"] {
        terminal.succeeds(&format!("{TRAIN} {QUICK} --save-diffusers {place}"));
        assert_eq!(saved(&terminal, place).learned.updates, 3);
    }
}

/// A stranger's config may ask for any size.
#[test]
fn pictures_that_are_too_large() {
    let terminal = Terminal::new(PROGRAM);
    write_picture(&terminal.folder().join("pictures/0.png"), [200; 3]);
    let train = "--train --pictures pictures --size 8 --widths 8 --updates 1 --batch 1";
    terminal.succeeds(&format!("{train} {QUICK} --attention none --save-diffusers net"));
    let config = terminal.folder().join("net/unet/config.json");
    let text = fs::read_to_string(&config).unwrap();
    let text = text.replace("\"sample_size\": 8", "\"sample_size\": 8192");
    fs::write(config, text).unwrap();
    let transcript = terminal.transcript("--load net --samples 1");
    let sentence =
        "--samples 1: so many of 8192 x 8192 pixels take more than 4 GB of memory";
    assert!(transcript.contains(sentence), "{transcript}");
}

/// MNIST's digits, of which the last are held out.
#[test]
fn mnist() {
    let terminal = Terminal::new(PROGRAM);
    let train = "--train --widths 8,8 --attention none --updates 1 --batch 2";
    let printed = terminal.succeeds(&format!("{train} {QUICK} --save-diffusers net"));
    assert!(printed.contains("and one that was held out is 9.2"), "{printed}");
    let config = saved(&terminal, "net").network.config().clone();
    assert_eq!((config.size, config.channels, config.classes), ([32, 32], [1, 1], 11));
    let x = diffusion_cli::load::mnist().unwrap();
    assert_eq!((x.shape(), x.min(), x.max()), ((1024, 10_000), -1.0, 1.0));
    let border =
        (0..1024).filter(|i| i / 32 < 2 || i / 32 > 29 || i % 32 < 2 || i % 32 > 29);
    assert!(
        border
            .flat_map(|row| x.row(row).iter().copied().collect::<Vec<_>>())
            .all(|x| x == -1.0)
    );
    let labels = diffusion_cli::load::mnist_labels().unwrap();
    let count = |digit: usize| labels.iter().filter(|&&label| label == digit).count();
    let counts = [1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978];
    assert_eq!([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(count), counts);
}

#[test]
fn the_same_on_any_threads() {
    let arguments = format!("{TRAIN} {QUICK} --save-diffusers network");
    let weights = format!("network/{WEIGHTS}");
    let files = [&weights, "output/part-l-u-net.png"];
    assert_same_on_any_threads(|| Terminal::new(PROGRAM), &arguments, &files);
}

/// Where x0 is clipped, DDIM goes on with the noise that was predicted before. With guidance
/// nearly all of it is clipped, and no seven is left.
#[test]
fn guidance_breaks_digits_with_ddim() {
    let terminal = Terminal::new(PROGRAM);
    let stored = diffusion_cli::load::learned("digits-u-net");
    let right = |sampler: &str| {
        let run = format!("--load {} --data mnist", stored.display());
        let run =
            format!("{run} --label 7 --guidance 4 --samples 10 --sampler {sampler}");
        let printed = terminal.succeeds(&run);
        let warns = printed.contains("DDIM keeps the noise as it was predicted");
        let line = printed.lines().find(|line| line.starts_with("Of 10 samples, "));
        let right = line.and_then(|line| line.split(' ').nth(3)?.parse::<usize>().ok());
        (right.unwrap(), warns)
    };
    assert_eq!(right("ddim"), (0, true));
    assert_eq!(right("dpm-solver++"), (10, false));
    assert_eq!(right("euler"), (10, false));
}
