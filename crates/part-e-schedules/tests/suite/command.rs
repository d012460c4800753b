//! Real runs of the real command. Their transcripts are what the book shows.

use diffusion_testing::transcript::Terminal;

diffusion_testing::command_tests! {
    program: "part-e-schedules",
    shown: [default_run, config, zero_snr, stable_diffusion_3],
    filmstrip: (2072, 1552),
    csv: "--size 64 --schedule linear --steps 3 --csv",
    errors: [
        "--schedule cosin",
        "--beta-start 0.1",
        "--schedule linear --beta-start 0.7",
        "--schedule linear --beta-start 1e-17",
        "--betas 0.1,1e-17",
        "--betas 1e-16,1e-16,1e-16 --zero-snr",
        "--schedule sigmoid --beta-end 1",
        "--steps 0",
        "--steps 1 --zero-snr",
        "--betas 0.1,2",
        "--betas 0.1,x",
        "--betas 0.1,0.2 --steps 2",
        "--timesteps 0,1000",
        "--timesteps -1",
        "--config missing.json",
        "--config .",
        "--config a.json --schedule linear",
        "--image missing.png",
        "--sampling-steps 10",
        "--sampling-steps 0",
        "--sigmas-from scheduler",
        "--sigmas-from flux",
        "--tokens 4096",
        "--tokens 0",
        "--mu 1.15",
        "--mu inf",
        "--tokens 4096 --mu 1.15",
    ],
}

const CONFIGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/configs");

#[test]
fn config() {
    let terminal = Terminal::new(PROGRAM);
    let file = format!("{CONFIGS}/stable-diffusion-1.5.json");
    std::fs::copy(file, terminal.folder().join("scheduler_config.json")).unwrap();
    hold("config", terminal.transcript("--config scheduler_config.json"));
}

#[test]
fn stable_diffusion_3() {
    let terminal = Terminal::new(PROGRAM);
    let file = format!("{CONFIGS}/flows/stable-diffusion-3.json");
    std::fs::copy(file, terminal.folder().join("stable-diffusion-3.json")).unwrap();
    let arguments = "--config stable-diffusion-3.json --sampling-steps 4";
    hold("stable_diffusion_3", terminal.transcript(arguments));
}

#[test]
fn zero_snr() {
    let terminal = Terminal::new(PROGRAM);
    let arguments = "--schedule scaled-linear --zero-snr --timesteps 0,500,990,998,999";
    hold("zero_snr", terminal.transcript(arguments));
}

#[test]
fn files_that_are_no_config_are_refused() {
    let terminal = Terminal::new(PROGRAM);
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(terminal.folder().join(name), bytes).unwrap();
    };
    write("broken.json", b"{\"_class_name\": ");
    write("binary.json", b"\xff\xfe");
    write("key.json", b"{\"_class_name\": \"DDPMScheduler\", \"beta_end\": \"0.02\"}");
    // A hole, which takes no room on the disk.
    let large = std::fs::File::create(terminal.folder().join("large.json")).unwrap();
    large.set_len(1 << 30).unwrap();
    let files = ["broken", "binary", "key", "large"];
    let arguments = files.map(|name| format!("--config {name}.json"));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    hold("bad_configs", terminal.transcripts(&arguments));
    assert_eq!(terminal.contents().len(), 4, "nothing is written");
}

#[test]
fn every_timestep_is_printed() {
    let lines = |arguments: &str| {
        let output = Terminal::new(PROGRAM).run(arguments);
        String::from_utf8(output.stdout).unwrap().lines().count()
    };
    assert_eq!(lines("--size 8 --steps 100 --all --csv"), 101);
    assert_eq!(lines("--size 8 --steps 100 --csv"), 12);
    assert_eq!(lines("--size 8 --steps 3 --csv"), 4);
    assert_eq!(lines("--size 8 --betas 0.1,0.5 --csv"), 3);
    assert_eq!(lines("--size 8 --timesteps 5,7 --csv"), 3);
}

/// Runs with the config of each flow. Its name is that of the file.
fn with_flows(runs: &[(&str, &str)]) -> String {
    let terminal = Terminal::new(PROGRAM);
    let arguments: Vec<String> = runs
        .iter()
        .map(|(name, options)| {
            let file = format!("{name}.json");
            let to = terminal.folder().join(&file);
            std::fs::copy(format!("{CONFIGS}/flows/{file}"), to).unwrap();
            format!("--size 16 --config {file}{options}")
        })
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    terminal.transcripts(&arguments)
}

#[test]
fn flows() {
    let runs = [
        ("stable-diffusion-3", ""),
        ("stable-diffusion-3", " --sigmas-from pipeline --sampling-steps 4"),
        ("stable-diffusion-3", " --sampling-steps 1 --csv"),
        ("flux-dev", ""),
        ("flux-dev", " --tokens 256 --sampling-steps 2"),
        ("flux-dev", " --mu -1 --sigmas-from scheduler --sampling-steps 2"),
        ("sana", " --sampling-steps 4"),
        ("wan-2.1", " --sampling-steps 4"),
    ];
    hold("flows", with_flows(&runs));
}

#[test]
fn what_a_flow_has_not_is_refused() {
    let runs = [
        ("stable-diffusion-3", " --zero-snr"),
        ("stable-diffusion-3", " --all"),
        ("stable-diffusion-3", " --timesteps 0,500"),
        ("stable-diffusion-3", " --steps 10"),
        ("stable-diffusion-3", " --tokens 1024"),
        ("stable-diffusion-3", " --mu 1"),
        ("sana", " --sigmas-from pipeline"),
        ("flux-dev", " --mu 1000"),
    ];
    hold("flow_errors", with_flows(&runs));
}

/// The pictures of the film, the first of which is the input.
#[test]
fn a_flow_has_a_frame_for_each_step() {
    let terminal = Terminal::new(PROGRAM);
    let file = format!("{CONFIGS}/flows/sana.json");
    std::fs::copy(file, terminal.folder().join("sana.json")).unwrap();
    terminal.run("--size 16 --config sana.json --sampling-steps 3 --frames-dir frames");
    let frame = |i: usize| {
        let path = terminal.folder().join(format!("frames/frame-{i:03}.png"));
        image::open(path).unwrap().to_rgb8()
    };
    let distance = |i: usize| -> f64 {
        let (input, frame) = (frame(0), frame(i));
        let pairs = input.iter().zip(frame.iter());
        pairs.map(|(a, b)| f64::from(a.abs_diff(*b))).sum()
    };
    assert!(distance(1) > distance(2) && distance(2) > distance(3) && distance(3) > 0.0);
    assert!(!terminal.folder().join("frames/frame-004.png").exists());
}
