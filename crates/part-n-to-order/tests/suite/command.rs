//! Real runs of the real command. Their transcripts are what the book shows.

use std::fs;
use std::path::Path;

use diffusion_cli::load;
use diffusion_core::{Picture, generator};
use diffusion_testing::transcript::{Terminal, assert_same_on_any_threads};
use image::RgbImage;
use part_e_schedules::beta_schedule::BetaSchedule;
use part_f_the_way_back::PredictionType;
use part_l_u_net::model_folder::{
    FILES, FolderPath, Learned, ModelFolder, scheduler_config,
};
use part_l_u_net::{UNet, UNetConfig};

diffusion_testing::command_tests! {
    program: "part-n-to-order",
    shown: [default_run],
    filmstrip: (1307, 979),
    csv: "--method pigdm --observe mean:4 --noise 0.1 --samples 50 --steps 20 --csv",
    errors: [
        "--method inpaint",
        "--steps 0",
        "--steps 1001",
        "--eta 1.5",
        "--scale 2",
        "--method dps --scale -1",
        "--resamplings 3",
        "--method repaint --resamplings 0",
        "--method dps --jump 3",
        "--observe mask:middle",
        "--observe mask:5-3",
        "--observe mask:60-64",
        "--observe mean:9",
        "--observe blur:0",
        "--observe blur:21",
        "--noise -1",
        "--noise x",
        "--spread -1",
        "--noise 0 --spread 0",
        "--digit 1797",
        "--samples 0",
        "--strength 0",
        "--strength 1.5",
        "--strength 0.5 --method dps",
        "--label 10",
        "--label 3 --method dps",
        "--label 3 --strength 0.5",
        "--guidance 2",
        "--interval 0.3,2",
        "--label 3 --interval 2,0.3",
        "--label 3 --interval 2",
        "--model missing",
        "--model missing --hole 24,20,16,24",
        "--compare --method dps",
        "--compare --noise 1",
        "--save filled.png",
        "--size 32",
        "--image other.png",
        "--hole 1,2,3",
        "--hole 0,0,0,4",
        "--hole 60,0,8,8",
        "--hole 0,0,64,64",
        "--hole 24,20,16,24 --method exact",
        "--hole 24,20,16,24 --noise 1",
        "--hole 24,20,16,24 --mask mask.png",
        "--hole 24,20,16,24 --strength 0.5",
        "--hole 24,20,16,24 --save filled.csv",
        "--hole 2,2,250,250 --size 512",
        "--mask missing.png",
    ],
}

#[test]
fn every_method_runs() {
    let terminal = Terminal::new(PROGRAM);
    for method in
        ["exact", "replacement", "repaint", "ddrm", "dps", "dps-square", "pigdm"]
    {
        for observe in ["nothing", "mask:left", "mean:16", "blur:2"] {
            let arguments = format!(
                "--method {method} --observe {observe} --samples 20 --steps 15 --csv"
            );
            let table = terminal.succeeds(&arguments);
            assert_eq!(table.lines().count(), 11, "{arguments}: {table}");
        }
    }
}

/// Pixels by their numbers. Of what doesn't depend on noise, the upper half is the same by
/// either name; and that of a pixel is the same whatever else is seen.
#[test]
fn pixels_are_seen_by_their_numbers() {
    let terminal = Terminal::new(PROGRAM);
    let table = |observe: &str| {
        let run =
            format!("--method exact --observe {observe} --samples 20 --steps 15 --csv");
        terminal.succeeds(&run)
    };
    assert_eq!(table("mask:0-31"), table("mask:31,8-30,0-7,5"));
    assert_eq!(table("mask:0-31 --noise 1e-3"), table("mask:top --noise 1e-3"));
    assert_ne!(table("mask:0-31"), table("mask:0-30"));
}

/// Without noise, data spread: what is sampled has what was seen, also where a network
/// knows nothing.
#[test]
fn without_noise_what_was_seen_is_kept() {
    let terminal = Terminal::new(PROGRAM);
    write_network(&terminal, 8, schedule(PredictionType::Velocity), "digits");
    for model in ["", " --model network"] {
        let arguments =
            format!("--method exact --noise 0 --samples 20 --steps 20{model}");
        let printed = terminal.succeeds(&arguments);
        assert!(printed.contains("Samples miss what was seen by 0.0000"), "{printed}");
    }
}

#[test]
fn compare() {
    let terminal = Terminal::new(PROGRAM);
    hold("compare", terminal.transcript("--compare --samples 40 --steps 20"));
}

#[test]
fn a_strength() {
    let terminal = Terminal::new(PROGRAM);
    hold("strength", terminal.transcript("--strength 0.5 --samples 200 --steps 50"));
}

#[test]
fn guidance() {
    let terminal = Terminal::new(PROGRAM);
    let run = "--label 3 --guidance 4 --samples 200 --steps 50";
    let interval = format!("{run} --interval 0.3,2");
    hold("guidance", terminal.transcripts(&[run, &interval]));
}

/// The pixels of a picture's file.
fn pixels(path: &Path) -> RgbImage {
    let Picture { x, width, height } = load::picture(path, None).unwrap();
    Picture { x: x.clone(), width, height }.pixels_of(&x)
}

/// What is seen of a picture is saved to the last bit, whichever method fills the hole.
#[test]
fn what_is_beside_a_hole_stays() {
    let terminal = Terminal::new(PROGRAM);
    let mandrill = load::picture(&load::mandrill(), Some(32)).unwrap();
    let before = mandrill.pixels_of(&mandrill.x);
    let hole = "--size 32 --hole 12,10,8,12 --steps 10 --save filled.png";
    for method in ["replacement", "repaint --resamplings 2", "ddrm", "dps", "pigdm"] {
        terminal.succeeds(&format!("{hole} --method {method}"));
        let after = pixels(&terminal.folder().join("filled.png"));
        let is_in = |x: u32, y: u32| (12..20).contains(&x) && (10..22).contains(&y);
        let mut changed = 0;
        for (x, y, pixel) in after.enumerate_pixels() {
            match is_in(x, y) {
                true => changed += u32::from(pixel != before.get_pixel(x, y)),
                false => assert_eq!(pixel, before.get_pixel(x, y), "{method}: {x}, {y}"),
            }
        }
        assert!(changed > 90, "{method}: {changed}");
    }
}

/// The same hole as a picture of it.
#[test]
fn a_mask_is_a_hole() {
    let terminal = Terminal::new(PROGRAM);
    let mask = RgbImage::from_fn(32, 32, |x, y| {
        let is_hole = (12..20).contains(&x) && (10..22).contains(&y);
        image::Rgb([if is_hole { 255 } else { 0 }; 3])
    });
    let path = terminal.folder().join("mask.png");
    diffusion_cli::save::picture(&mask, &path).unwrap();
    let run = |hole: &str| {
        let size = "--size 32 --steps 5 --save filled.png";
        terminal.succeeds(&format!("{size} {hole}"));
        fs::read(terminal.folder().join("filled.png")).unwrap()
    };
    assert_eq!(run("--mask mask.png"), run("--hole 12,10,8,12"));
    terminal.refuses_to_replace("mask.png", "--size 32 --mask mask.png --save mask.png");
}

#[test]
fn hole() {
    let terminal = Terminal::new(PROGRAM);
    hold("hole", terminal.transcript("--size 32 --hole 12,10,8,12 --steps 10"));
}

#[test]
fn the_same_bytes_on_any_threads() {
    let run = "--method dps --samples 100 --steps 10";
    let files = ["output/part-n-to-order.png"];
    assert_same_on_any_threads(|| Terminal::new(PROGRAM), run, &files);
}

/// Writes files, each with its path in a folder.
fn write<'a>(folder: &Path, files: impl IntoIterator<Item = (&'a str, Vec<u8>)>) {
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// A terminal in whose folder the repository's network is where it is in the repository.
fn beside_stored_network() -> Terminal {
    let terminal = Terminal::new(PROGRAM);
    let stored = load::learned("digits-u-net");
    let files = FILES
        .into_iter()
        .filter_map(|name| fs::read(stored.join(name)).ok().map(|bytes| (name, bytes)));
    write(&terminal.folder().join("data/evidence/digits-u-net"), files);
    terminal
}

/// The folder of a small network for digits of so many pixels on a side, which has learned
/// nothing.
fn write_network(terminal: &Terminal, side: usize, scheduler: FolderPath, data: &str) {
    let config = UNetConfig::small(1, side, vec![8, 16], 10);
    write_network_of(terminal, config, scheduler, data);
}

/// The folder of a network that has learned nothing.
fn write_network_of(
    terminal: &Terminal,
    config: UNetConfig,
    scheduler: FolderPath,
    data: &str,
) {
    let config = UNetConfig { steps: scheduler.timesteps(), ..config };
    let model = ModelFolder {
        network: UNet::new(config, &mut generator(0)),
        scheduler,
        learned: Learned { data: Some(data.to_owned()), ..Learned::default() },
    };
    let files = model.to_files(&[], false).unwrap();
    write(&terminal.folder().join("network"), files);
}

fn schedule(kind: PredictionType) -> FolderPath {
    let config = scheduler_config(&BetaSchedule::Cosine, 1000, kind);
    FolderPath::Schedule(config.unwrap())
}

/// The methods ask a network, and the truth stands beside it.
#[test]
fn model() {
    let terminal = beside_stored_network();
    let run = "--model data/evidence/digits-u-net --observe mask:top --method dps";
    hold("model", terminal.transcript(&format!("{run} --noise 3 --samples 6 --steps 8")));
}

/// Every method, and every prediction type along its path.
#[test]
fn any_network_of_digits() {
    let terminal = Terminal::new(PROGRAM);
    let run = "--model network --samples 3 --steps 6 --csv";
    let paths = [
        schedule(PredictionType::Noise),
        schedule(PredictionType::X0),
        schedule(PredictionType::Velocity),
        FolderPath::Flow,
    ];
    for path in paths {
        write_network(&terminal, 8, path, "digits");
        for method in ["repaint", "ddrm", "dps", "dps-square", "pigdm"] {
            let table = terminal.succeeds(&format!("{run} --method {method}"));
            let samples =
                table.lines().skip(1).map(|row| row.rsplit(',').next().unwrap());
            let sum: f64 = samples.map(|it| it.parse::<f64>().unwrap()).sum();
            assert!((sum - 1.0).abs() < 1e-3, "{method}: {table}");
        }
    }
}

/// All methods with a network, and the truth, over the noise of what was seen.
#[test]
fn a_network_is_compared() {
    let terminal = Terminal::new(PROGRAM);
    write_network(&terminal, 8, schedule(PredictionType::Velocity), "digits");
    let run = "--model network --compare --samples 3 --steps 6 --csv";
    let table = terminal.succeeds(run);
    assert_eq!(table.lines().count(), 1 + 7 * 4, "{table}");
    let exact = "exact,0.1,";
    assert!(table.lines().nth(1).is_some_and(|row| row.starts_with(exact)), "{table}");
}

/// With the least strength, a sample is what the network predicts of the digit with hardly
/// any noise: the digit itself, as a network that predicts the noise has it.
#[test]
fn a_network_makes_a_digit_anew() {
    let terminal = Terminal::new(PROGRAM);
    write_network(&terminal, 8, schedule(PredictionType::Noise), "digits");
    let run = |strength: &str| {
        let run = format!("--model network --samples 4 --steps 50 --strength {strength}");
        terminal.succeeds(&run)
    };
    let printed = run("0.01");
    assert!(printed.contains("A sample has the label of the nearest digit"), "{printed}");
    let changed: usize = printed.find("The digit that was changed is a ").unwrap();
    let label = printed[changed..].split([' ', '.']).nth(7).unwrap();
    let row = printed.lines().nth(1 + label.parse::<usize>().unwrap()).unwrap();
    assert!(row.ends_with("1.0000"), "{printed}");
    assert_ne!(run("1"), printed);
}

/// Guidance outside its interval is none, and within it changes the samples.
#[test]
fn a_network_is_guided_in_an_interval() {
    let terminal = Terminal::new(PROGRAM);
    write_network(&terminal, 8, schedule(PredictionType::Velocity), "digits");
    let filmstrip = |guidance: &str| {
        let run = "--model network --samples 4 --steps 8 --label";
        terminal.succeeds(&format!("{run} {guidance}"));
        fs::read(terminal.folder().join("output/part-n-to-order.png")).unwrap()
    };
    let alone = filmstrip("3");
    assert_eq!(filmstrip("3 --guidance 4 --interval 1e8,1e9"), alone);
    assert_ne!(filmstrip("3 --guidance 4 --interval 0.3,2"), alone);
    assert_ne!(filmstrip("4"), alone);
}

/// A network of pictures in colour fills a hole, and what is beside it stays.
#[test]
fn a_network_fills_a_hole() {
    let terminal = Terminal::new(PROGRAM);
    let config = UNetConfig::small(3, 16, vec![8, 16], 0);
    write_network_of(&terminal, config, schedule(PredictionType::Noise), "mine");
    let mandrill = load::picture(&load::mandrill(), Some(16)).unwrap();
    let before = mandrill.pixels_of(&mandrill.x);
    let hole = "--model network --hole 4,5,6,7 --steps 6 --save filled.png";
    let mut filled = Vec::new();
    for method in ["replacement", "repaint --resamplings 2", "ddrm", "dps", "pigdm"] {
        let printed = terminal.succeeds(&format!("{hole} --method {method}"));
        assert!(printed.contains("42 of 256 pixels. It is filled by the network."));
        let after = pixels(&terminal.folder().join("filled.png"));
        let is_in = |x: u32, y: u32| (4..10).contains(&x) && (5..12).contains(&y);
        for (x, y, pixel) in after.enumerate_pixels().filter(|(x, y, _)| !is_in(*x, *y)) {
            assert_eq!(pixel, before.get_pixel(x, y), "{method}: {x}, {y}");
        }
        filled.push(after);
    }
    let differ = |one: usize, other: usize| filled[one] != filled[other];
    assert!(differ(0, 1) && differ(0, 2) && differ(0, 3) && differ(3, 4));

    for (refused, sentence) in [
        (
            "--hole 4,5,6,7 --size 32",
            "--size: the network makes pictures of 16 x 16 pixels",
        ),
        ("--hole 4,5,6,12", "--hole 4,5,6,12 is not within 16 x 16 pixels"),
        ("", "from 3 to 3 channels, of 16 x 16 pixels; expected one of digits"),
    ] {
        let output = terminal.run(&format!("--model network {refused}"));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(sentence), "{said}");
    }
}

#[test]
fn networks_that_cannot_be_asked() {
    let terminal = Terminal::new(PROGRAM);
    let refused = |arguments: &str, expected: &str| {
        let output = terminal.run(&format!("--model network {arguments}"));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(expected), "{said}");
        assert_eq!(
            terminal.contents().iter().filter(|it| it.contains("output")).count(),
            0
        );
    };
    write_network(&terminal, 12, schedule(PredictionType::Velocity), "mine");
    let other = "from 1 to 1 channels, of 12 x 12 pixels; expected one";
    refused("", &format!("{other} of digits"));
    refused("--hole 2,2,4,4", &format!("{other} from 3 to 3 channels"));
    let no_labels = UNetConfig::small(1, 8, vec![8, 16], 0);
    write_network_of(&terminal, no_labels, schedule(PredictionType::Noise), "digits");
    refused("--label 3", "--label is for a network with labels of its own");
    write_network(&terminal, 8, schedule(PredictionType::Noise), "mine");
    refused("--digit 179", "--digit 179: 179 digits were held out from the network");
    refused("--samples 1001", "--samples 1001: with --model, there are at most 1000");
    let unknown = "The folder doesn't say that its network has learned from digits.";
    let run = "--model network --samples 2 --steps 2";
    let printed = terminal.succeeds(run);
    assert!(printed.contains(unknown), "{printed}");
    assert!(
        printed.contains("The last of its labels, 10, is taken for none."),
        "{printed}"
    );

    fs::remove_dir_all(terminal.folder().join("output")).unwrap();
    write_network(&terminal, 8, schedule(PredictionType::Noise), "digits");
    let scheduler = terminal.folder().join("network/scheduler/scheduler_config.json");
    let json = fs::read_to_string(&scheduler).unwrap();
    let key = "\"rescale_betas_zero_snr\": ";
    assert!(json.contains(&format!("{key}false")));
    let zero = json.replace(&format!("{key}false"), &format!("{key}true"));
    fs::write(scheduler, zero).unwrap();
    refused(
        "",
        "the noise is predicted at timestep 999, where nothing but noise is left",
    );
}
