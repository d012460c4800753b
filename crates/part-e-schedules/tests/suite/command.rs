//! Real runs of the real command. Their transcripts are what the book shows.

use diffusion_testing::transcript::Terminal;

diffusion_testing::command_tests! {
    program: "part-e-schedules",
    shown: [default_run, config, zero_snr],
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
