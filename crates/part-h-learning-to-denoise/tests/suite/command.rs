//! Real runs of the real command. Their transcripts are what the book shows.

use std::fs;
use std::process::Stdio;

use diffusion_testing::transcript::{Terminal, assert_same_on_any_threads};
use part_h_learning_to_denoise::model_file::{Model, ModelPath};
use part_h_learning_to_denoise::{Network, NetworkConfig};

diffusion_testing::command_tests! {
    program: "part-h-learning-to-denoise",
    shown: [default_run, digits, one_datum],
    filmstrip: (2024, 2024),
    csv: "--points 200 --steps 8 --updates 3 --hidden 8 --samples 10 --csv",
    errors: [
        "--data circle",
        "--data missing.csv",
        "--data mandrill",
        "--data digits --points 100",
        "--data digits --label 10",
        "--data spiral --label 1",
        "--data spiral --guidance 2",
        "--label -1",
        "--guidance much",
        "--updates 1000001",
        "--batch 0",
        "--hidden 0",
        "--prediction score",
        "--learning-rate 0",
        "--learning-rate nan",
        "--samples 0",
        "--save model.png",
        "--load missing.safetensors",
        "--load model.safetensors --hidden 64",
        "--load model.safetensors --steps 50",
        "--steps 0",
        "--data digits --samples 100000 --updates 0 --steps 1 --size 8",
    ],
}

/// Little is learned in so few updates, but soon.
const QUICK: &str = "--points 300 --updates 30 --hidden 16 --batch 32 --samples 50";

#[test]
fn digits() {
    let terminal = Terminal::new(PROGRAM);
    let arguments = "--data digits --updates 2000 --label 7 --guidance 2";
    hold("digits", terminal.transcript(arguments));
}

/// A single datum can be learned entirely.
#[test]
fn one_datum() {
    let terminal = Terminal::new(PROGRAM);
    fs::write(terminal.folder().join("one.csv"), "0.3,-0.5\n").unwrap();
    hold("one_datum", terminal.transcript("--data one.csv --updates 500"));
}

fn read(terminal: &Terminal, name: &str) -> Vec<u8> {
    fs::read(terminal.folder().join(name)).unwrap()
}

#[test]
fn a_network_is_saved_and_samples_again() {
    let terminal = Terminal::new(PROGRAM);
    let shown = terminal.succeeds(&format!(
        "{QUICK} --data moons --save new/m.safetensors --output a.png"
    ));
    assert!(shown.contains("new/m.safetensors: the network, 1618 numbers"), "{shown}");
    let last = |shown: &str| {
        let mut rows = shown.lines().filter(|line| line.trim_start().starts_with("30 "));
        rows.next().unwrap().to_owned()
    };
    // The data are those that it has learned from, and so is everything else.
    let again = terminal
        .succeeds("--points 300 --samples 50 --load new/m.safetensors --output b.png");
    assert_eq!(last(&shown), last(&again));
    assert!(read(&terminal, "a.png") == read(&terminal, "b.png"));
    // Other noise makes other samples.
    terminal.succeeds(
        "--points 300 --samples 50 --load new/m.safetensors --seed 1 --output c.png",
    );
    assert!(read(&terminal, "a.png") != read(&terminal, "c.png"));
}

#[test]
fn a_network_that_is_loaded_goes_on() {
    let terminal = Terminal::new(PROGRAM);
    terminal.succeeds(&format!("{QUICK} --save m.safetensors"));
    let arguments =
        "--points 300 --samples 50 --load m.safetensors --updates 40 --batch 32";
    let shown = terminal.succeeds(&format!("{arguments} --save m.safetensors"));
    let counts: Vec<usize> = shown
        .lines()
        .skip(1)
        .map_while(|line| line.split_whitespace().next()?.parse().ok())
        .collect();
    assert_eq!(counts, [30, 35, 40, 45, 50, 55, 60, 65, 70]);
    let shown = terminal.succeeds("--points 300 --samples 50 --load m.safetensors");
    assert!(shown.lines().any(|line| line.trim_start().starts_with("70 ")), "{shown}");
}

#[test]
fn files_that_are_no_networks() {
    let terminal = Terminal::new(PROGRAM);
    let at = |name: &str| terminal.folder().join(name);
    terminal.succeeds(&format!("{QUICK} --save whole.safetensors --output strip.png"));
    let whole = read(&terminal, "whole.safetensors");
    fs::write(at("half.safetensors"), &whole[..whole.len() / 2]).unwrap();
    fs::write(at("empty.safetensors"), "").unwrap();
    fs::write(at("text.safetensors"), "I am no network, and longer than eight bytes.")
        .unwrap();
    let mut other = whole.clone();
    let name = b"spiral";
    let place = other.windows(6).position(|part| part == name).unwrap();
    other[place..place + 6].copy_from_slice(b"../../");
    fs::write(at("other.safetensors"), other).unwrap();
    fs::create_dir(at("folder.safetensors")).unwrap();
    let mut many = <Model>::from_bytes(&whole).unwrap();
    many.updates = usize::MAX;
    fs::write(at("many.safetensors"), many.to_bytes()).unwrap();
    let mut flow = <Model>::from_bytes(&whole).unwrap();
    flow.path = ModelPath::Flow;
    let config = NetworkConfig { steps: flow.path.timesteps(), ..*flow.network.config() };
    flow.network = Network::with(config, flow.network.parameters);
    fs::write(at("flow.safetensors"), flow.to_bytes()).unwrap();
    let before = terminal.contents();
    hold(
        "no_networks",
        terminal.transcripts(&[
            "--load half.safetensors",
            "--load empty.safetensors",
            "--load text.safetensors",
            "--load folder.safetensors",
            "--load other.safetensors",
            "--load many.safetensors --updates 1",
            "--load flow.safetensors",
            "--load whole.safetensors --data digits",
            "--load whole.safetensors --label 3",
            "--load whole.safetensors --save half.safetensors/m.safetensors",
        ]),
    );
    assert_eq!(terminal.contents(), before, "an error leaves nothing");
}

/// Nothing is lost when learning fails: the network that was there is still there.
#[test]
fn what_cannot_be_learned_leaves_what_there_is() {
    let terminal = Terminal::new(PROGRAM);
    terminal.succeeds(&format!("{QUICK} --save m.safetensors --output strip.png"));
    let whole = read(&terminal, "m.safetensors");
    let mut model = <Model>::from_bytes(&whole).unwrap();
    model.network.parameters.layers.iter_mut().for_each(|layer| layer.weights.fill(1e30));
    fs::write(terminal.folder().join("large.safetensors"), model.to_bytes()).unwrap();
    let before = terminal.contents();
    hold(
        "diverged",
        terminal.transcripts(&[
            "--load large.safetensors --updates 10 --save m.safetensors",
            "--load large.safetensors --save m.safetensors",
        ]),
    );
    assert_eq!(terminal.contents(), before);
    assert!(read(&terminal, "m.safetensors") == whole);
}

/// What has been learned is not lost with the samples.
#[test]
fn a_network_is_saved_before_it_samples() {
    let terminal = Terminal::new(PROGRAM);
    // Beyond 1, so that nothing is clipped.
    fs::write(terminal.folder().join("wide.csv"), "0,3\n1,0\n").unwrap();
    let data = "--data wide.csv --samples 50";
    let quick = "--updates 1 --hidden 8 --output strip.png --save m.safetensors";
    terminal.succeeds(&format!("{data} {quick}"));
    let mut model = <Model>::from_bytes(&read(&terminal, "m.safetensors")).unwrap();
    model.network.parameters.layers.iter_mut().for_each(|layer| layer.weights.fill(1e4));
    fs::write(terminal.folder().join("large.safetensors"), model.to_bytes()).unwrap();
    let arguments =
        "--load large.safetensors --output new/s.png --save new/l.safetensors";
    let output = terminal.run(&format!("{data} {arguments}"));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    let lines: Vec<&str> = stderr.lines().collect();
    assert_eq!(lines[0], "note: 'new/l.safetensors' is saved, and stays");
    assert!(lines[1].contains("has values too large for f32"), "{stderr}");
    let saved = <Model>::from_bytes(&read(&terminal, "new/l.safetensors")).unwrap();
    assert!(saved == model);
    assert_eq!(fs::read_dir(terminal.folder().join("new")).unwrap().count(), 1);
}

/// Only the network that goes on may be replaced, by what it becomes.
#[test]
fn no_output_replaces_what_is_read() {
    let terminal = Terminal::new(PROGRAM);
    let at = |name: &str| terminal.folder().join(name);
    terminal.succeeds(&format!("{QUICK} --save m.safetensors --output strip.png"));
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("m.safetensors", at("link.png")).unwrap();
        std::os::unix::fs::symlink("m.safetensors", at("link.safetensors")).unwrap();
    }
    fs::copy(at("m.safetensors"), at("frame-000.png")).unwrap();
    for (arguments, input) in [
        ("--load frame-000.png --frames-dir .", "frame-000.png"),
        #[cfg(unix)]
        ("--load m.safetensors --output link.png", "m.safetensors"),
    ] {
        terminal.refuses_to_replace(input, arguments);
    }
    let again = "--points 300 --samples 50 --batch 32 --output strip.png --updates 1";
    for (load, save) in [
        ("m.safetensors", "./m.safetensors"),
        #[cfg(unix)]
        ("m.safetensors", "link.safetensors"),
    ] {
        let updates =
            || <Model>::from_bytes(&read(&terminal, "m.safetensors")).unwrap().updates;
        let before = updates();
        terminal.succeeds(&format!("{again} --load {load} --save {save}"));
        assert_eq!(updates(), before + 1, "{save}");
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let arguments = format!("{QUICK} --batch 200 --output s.png --save m.safetensors");
    let arguments = arguments.replacen("--batch 32 ", "", 1);
    let files = ["s.png", "m.safetensors"];
    assert_same_on_any_threads(|| Terminal::new(PROGRAM), &arguments, &files);
}

/// Ctrl-C ends the learning and saves what there is; before anything is learned, it ends
/// the run.
#[cfg(target_os = "linux")]
#[test]
fn an_interrupt_saves_what_there_is() {
    use std::os::unix::process::ExitStatusExt;
    use std::process::Command;
    use std::thread::sleep;
    use std::time::Duration;

    let arguments = "--points 300 --samples 50 --hidden 16 --batch 32 --updates 1000000 \
                     --save m.safetensors";
    let interrupted = |after: Duration| {
        let terminal = Terminal::new(PROGRAM);
        let mut command = terminal.listening(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        // As soon as something is in the folder, it listens.
        while !terminal.contents().iter().any(|path| path.contains(".part")) {
            sleep(Duration::from_millis(5));
        }
        sleep(after);
        let id = child.id().to_string();
        let mut kill = Command::new("kill");
        assert!(kill.args(["-s", "INT", &id]).status().unwrap().success());
        (child.wait_with_output().unwrap(), terminal)
    };
    // Until it comes while something is learned.
    let (output, terminal) = (0..)
        .map(|doublings| interrupted(Duration::from_millis(100 << doublings)))
        .find(|(output, terminal)| {
            let is_early = output.status.signal() == Some(2);
            assert!(!is_early || terminal.is_empty(), "{:?}", terminal.contents());
            !is_early
        })
        .unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{shown}");
    assert!(shown.contains("Interrupted after "), "{shown}");
    assert!(shown.contains(" of 1000000 updates"), "{shown}");
    let again = terminal.succeeds("--points 300 --samples 50 --load m.safetensors");
    let last = |shown: &str| {
        let row = |line: &&str| {
            line.starts_with(|first: char| first == ' ' || first.is_ascii_digit())
        };
        shown.lines().skip(1).take_while(row).last().unwrap().trim().to_owned()
    };
    assert_eq!(last(&shown), last(&again));
}

/// A file without a layout was saved when a pixel's colours were side by side.
#[test]
fn a_network_of_before_takes_its_colours_apart() {
    let terminal = Terminal::new(PROGRAM);
    let folder = terminal.folder().join("pictures");
    fs::create_dir(&folder).unwrap();
    for (name, red) in [("a.png", 30), ("b.png", 220)] {
        let colour = |x, y| image::Rgb([red, 60 * x as u8, 60 * y as u8]);
        image::RgbImage::from_fn(4, 4, colour).save(folder.join(name)).unwrap();
    }
    let network = "--data pictures --updates 3 --hidden 8 --steps 5 --samples 2";
    terminal.succeeds(&format!("{network} --save now.safetensors"));
    let model = |name| <Model>::from_bytes(&read(&terminal, name)).unwrap();
    let mut before = model("now.safetensors");
    before.is_channels_first = false;
    fs::write(terminal.folder().join("before.safetensors"), before.to_bytes()).unwrap();
    let again = "--data pictures --samples 2 --load before.safetensors";
    terminal.succeeds(&format!("{again} --save again.safetensors"));
    let again = model("again.safetensors");
    assert_ne!(again.network, before.network);
    assert_eq!(again.network, before.into_channels_first().network);
}
