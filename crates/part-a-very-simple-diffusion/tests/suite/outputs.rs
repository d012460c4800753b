//! What a run leaves behind, tried with the smallest part: whole files in their places,
//! or nothing.

use std::fs;

use diffusion_testing::transcript::Terminal;
use image::RgbImage;

const PROGRAM: &str = env!("CARGO_BIN_EXE_part-a-very-simple-diffusion");

/// Arguments of a run that fails at step 13.
const DIVERGES: &str = "--size 8 --a 1000 --steps 40";

/// Runs, and expects an error with this exit code. Returns its sentence.
fn error(terminal: &Terminal, arguments: &str, code: i32) -> String {
    let output = terminal.run(arguments);
    assert_eq!(output.status.code(), Some(code), "{arguments}: {output:?}");
    let stderr = String::from_utf8(output.stderr).unwrap();
    stderr.lines().next().unwrap().to_owned()
}

/// Runs, and expects success.
fn run(terminal: &Terminal, arguments: &str) {
    let output = terminal.run(arguments);
    assert!(output.status.success(), "{arguments}: {output:?}");
}

#[test]
fn what_cannot_be_written_is_found_before_the_first_step() {
    let terminal = Terminal::new(PROGRAM);
    let folder = terminal.folder();
    fs::write(folder.join("file.png"), "a file").unwrap();
    fs::create_dir_all(folder.join("frames/frame-007.png")).unwrap();
    let long = format!("{}.png", "long".repeat(100));
    let before = terminal.contents();
    for (arguments, named) in [
        ("--output file.png/strip.png", "file.png/strip.png"),
        ("--output file.png/in/folders/strip.png", "file.png/in/folders/strip.png"),
        ("--output frames/frame-007.png", "frames/frame-007.png"),
        ("--frames-dir frames", "frames/frame-007.png"),
        ("--frames-dir file.png", "file.png/frame-000.png"),
        (&format!("--output {long}"), &long),
        // Nobody may create a file there, root included.
        #[cfg(target_os = "linux")]
        ("--output /proc/strip.png", "/proc/strip.png"),
        #[cfg(target_os = "linux")]
        ("--frames-dir /proc/frames", "/proc/frames"),
    ] {
        let error = error(&terminal, &format!("{DIVERGES} {arguments}"), 1);
        let expected = ["write", "create the folder"]
            .map(|what| format!("error: cannot {what} '{named}'"));
        assert!(expected.iter().any(|begin| error.starts_with(begin)), "{error}");
        assert!(!error.contains(".part"), "{error}");
        assert_eq!(terminal.contents(), before, "{arguments}");
    }
}

#[test]
fn a_run_that_fails_leaves_neither_frames_nor_folders() {
    let terminal = Terminal::new(PROGRAM);
    fs::create_dir(terminal.folder().join("there")).unwrap();
    fs::write(terminal.folder().join("there/frame-000.png"), "old").unwrap();
    let before = terminal.contents();
    for frames in ["there", "new/folders", "output", "."] {
        let error = error(&terminal, &format!("{DIVERGES} --frames-dir {frames}"), 1);
        assert!(error.starts_with("error: step 13 has values too large"), "{error}");
        assert_eq!(terminal.contents(), before, "{frames}");
    }
    assert_eq!(fs::read(terminal.folder().join("there/frame-000.png")).unwrap(), b"old");
}

#[test]
fn frames_and_filmstrip_may_share_a_folder() {
    let terminal = Terminal::new(PROGRAM);
    run(&terminal, "--size 8 --steps 2 --frames-dir all/of --output all/of/them.png");
    let frames = (0..3).map(|frame| format!("all/of/frame-00{frame}.png"));
    let expected: Vec<String> = ["all", "all/of"]
        .map(str::to_owned)
        .into_iter()
        .chain(frames)
        .chain(["all/of/them.png".to_owned()])
        .collect();
    assert_eq!(terminal.contents(), expected);
}

/// A limit on the size of files acts as a full disk does: a write fails half-way.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_what_was_there() {
    let terminal = Terminal::new(PROGRAM);
    fs::write(terminal.folder().join("strip.png"), "old").unwrap();
    let before = terminal.contents();
    for (arguments, named) in [
        ("--output strip.png", "strip.png"),
        ("--output strip.png --frames-dir frames", "frames/frame-000.png"),
        // Every frame is written, and the filmstrip is not.
        ("--output strip.png --frames-dir frames --size 96", "strip.png"),
    ] {
        let output = std::process::Command::new("sh")
            .args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$@\"", "sh", PROGRAM])
            .args(arguments.split_whitespace())
            .current_dir(terminal.folder())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(
            stderr.starts_with(&format!("error: cannot write '{named}': ")),
            "{stderr}"
        );
        assert_eq!(stderr.lines().count(), 1);
        assert_eq!(terminal.contents(), before);
        assert_eq!(fs::read(terminal.folder().join("strip.png")).unwrap(), b"old");
    }
}

#[test]
fn no_output_replaces_another_or_the_input() {
    let terminal = Terminal::new(PROGRAM);
    let folder = terminal.folder();
    fs::create_dir_all(folder.join("there/deeper")).unwrap();
    RgbImage::new(8, 8).save(folder.join("there/frame-003.png")).unwrap();
    let here = folder.canonicalize().unwrap();
    let here = here.display();
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink("there", folder.join("link")).unwrap();
        symlink("there/frame-003.png", folder.join("link.png")).unwrap();
        fs::hard_link(folder.join("there/frame-003.png"), folder.join("hard.png"))
            .unwrap();
    }
    let before = terminal.contents();

    let mut frames = vec![
        "--frames-dir new --output new/frame-002.png".to_owned(),
        "--frames-dir new --output ./new/frame-002.png".to_owned(),
        "--frames-dir ./new --output new/frame-002.png".to_owned(),
        "--frames-dir new/ --output new/../new//frame-002.png".to_owned(),
        "--frames-dir new --output gone/../new/frame-002.png".to_owned(),
        "--frames-dir there/deeper/.. --output there/frame-002.png".to_owned(),
        "--frames-dir . --output frame-002.png".to_owned(),
        format!("--frames-dir new --output {here}/new/frame-002.png"),
        format!("--frames-dir {here}/new --output new/frame-002.png"),
    ];
    let mut inputs = vec![
        ("there/frame-003.png", "--frames-dir there".to_owned()),
        ("./there/../there/frame-003.png", "--frames-dir there".to_owned()),
        ("there/frame-003.png", "--frames-dir there/deeper/..".to_owned()),
        ("there/frame-003.png", format!("--frames-dir {here}/there")),
        ("there/frame-003.png", "--output there/frame-003.png".to_owned()),
        ("there/frame-003.png", format!("--output {here}/there/frame-003.png")),
    ];
    if cfg!(unix) {
        frames.push("--frames-dir link --output there/frame-002.png".to_owned());
        inputs.push(("link/frame-003.png", "--frames-dir there".to_owned()));
        inputs.push(("link.png", "--frames-dir there".to_owned()));
        inputs.push(("there/frame-003.png", "--frames-dir link".to_owned()));
        inputs.push(("there/frame-003.png", "--output link.png".to_owned()));
        inputs.push(("there/frame-003.png", "--output hard.png".to_owned()));
        inputs.push(("hard.png", "--frames-dir there".to_owned()));
    }
    for arguments in frames {
        let error = error(&terminal, &format!("--size 8 {arguments}"), 2);
        assert!(
            error.contains("is one of the frames that --frames-dir asks for"),
            "{error}"
        );
        assert_eq!(terminal.contents(), before, "{arguments}");
    }
    for (input, arguments) in inputs {
        terminal.refuses_to_replace(input, &format!("--image {input} {arguments}"));
    }
    // A frame beyond the last one is nobody's.
    run(&terminal, "--image there/frame-003.png --frames-dir there --steps 2");
}

#[cfg(target_os = "linux")]
mod ends {
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Child, Command, Stdio};
    use std::thread;
    use std::time::Duration;

    use super::*;

    /// Takes far longer than a test.
    const LONG: &str =
        "--size 1024 --steps 900 --output new/strip.png --frames-dir new/frames";

    /// Begins a run, and waits until it has something to leave behind.
    fn begin(terminal: &Terminal, command: &mut Command) -> Child {
        let mut child =
            command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        while !terminal.contents().iter().any(|path| path.ends_with(".part")) {
            assert_eq!(child.try_wait().unwrap(), None, "it has ended");
            thread::sleep(Duration::from_millis(5));
        }
        child
    }

    fn send(signal: &str, child: &Child) {
        let id = child.id().to_string();
        assert!(
            Command::new("kill").args(["-s", signal, &id]).status().unwrap().success()
        );
    }

    #[test]
    fn a_signal_ends_the_run_and_leaves_nothing() {
        for (signal, number) in [("INT", 2), ("TERM", 15)] {
            let terminal = Terminal::new(PROGRAM);
            let child = begin(&terminal, &mut terminal.listening(LONG));
            send(signal, &child);
            let output = child.wait_with_output().unwrap();
            assert_eq!(output.status.signal(), Some(number), "{output:?}");
            assert!(!String::from_utf8_lossy(&output.stderr).contains("error"));
            assert_eq!(terminal.contents(), [""; 0], "after {signal}");
        }
    }

    /// A script's background ignores interrupts, and so do the commands in it.
    #[test]
    fn a_signal_that_is_ignored_stays_ignored() {
        let terminal = Terminal::new(PROGRAM);
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' INT; exec \"$@\"", "sh", PROGRAM]);
        command.args(LONG.split_whitespace()).current_dir(terminal.folder());
        let mut child = begin(&terminal, &mut command);
        send("INT", &child);
        send("TERM", &child);
        assert_eq!(child.wait().unwrap().signal(), Some(15));
        assert!(terminal.is_empty());
    }
}
