//! Transcripts: a real run of a real command, as a reader would see it in a terminal.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
#[cfg(target_os = "linux")]
use std::{process::Stdio, thread::sleep, time::Duration};

use tempfile::TempDir;

/// An empty folder in which a part's command is run, so that its outputs go there.
pub struct Terminal {
    program: &'static str,
    folder: TempDir,
}

impl Terminal {
    /// For the program at this path. In a package's integration tests, that is
    /// `env!("CARGO_BIN_EXE_…")`.
    pub fn new(program: &'static str) -> Self {
        Terminal { program, folder: TempDir::new().expect("a temporary folder") }
    }

    /// The folder in which commands run.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Everything in the folder and in those within it, hidden or not: the paths in the
    /// folder, sorted. Links are not followed.
    pub fn contents(&self) -> Vec<String> {
        let mut contents = Vec::new();
        let mut folders = vec![PathBuf::new()];
        while let Some(folder) = folders.pop() {
            let entries = self.folder().join(&folder).read_dir();
            for entry in entries.expect("the folder is readable").map(Result::unwrap) {
                let path = folder.join(entry.file_name());
                contents.push(path.to_string_lossy().replace('\\', "/"));
                if entry.file_type().unwrap().is_dir() {
                    folders.push(path);
                }
            }
        }
        contents.sort();
        contents
    }

    /// Whether nothing has been written into the folder.
    pub fn is_empty(&self) -> bool {
        self.contents().is_empty()
    }

    /// The program with these arguments, separated by spaces, to be run in the folder.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(self.program);
        command.args(arguments.split_whitespace()).current_dir(self.folder());
        command
    }

    /// The same as [`Terminal::command`], and signals do to it what they do in a terminal,
    /// though whoever runs these tests may have them ignored. By what Linux has.
    pub fn listening(&self, arguments: &str) -> Command {
        let mut command = Command::new("env");
        command.args(["--default-signal=INT,TERM", self.program]);
        command.args(arguments.split_whitespace()).current_dir(self.folder());
        command
    }

    /// A terminal of those that `begin` makes, in which the program was interrupted when it
    /// was half done, as `is_half` sees it there; and what the program printed. It is
    /// interrupted a multiple of `step` milliseconds after something is in the folder, a
    /// later one in each new terminal: until it comes in time, whenever that is.
    #[cfg(target_os = "linux")]
    pub fn interrupted(
        begin: impl Fn() -> Terminal,
        arguments: &str,
        step: u64,
        is_half: impl Fn(&Terminal) -> bool,
    ) -> (Terminal, String) {
        let after = |wait: Duration| {
            let terminal = begin();
            let mut command = terminal.listening(arguments);
            let mut child =
                command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            // As soon as something is in the folder, it listens.
            while !terminal.contents().iter().any(|path| path.contains(".part"))
                && child.try_wait().unwrap().is_none()
            {
                sleep(Duration::from_millis(1));
            }
            sleep(wait);
            let id = child.id().to_string();
            // It may be over.
            let _ = Command::new("kill").args(["-s", "INT", &id]).output();
            let output = child.wait_with_output().unwrap();
            (terminal, String::from_utf8(output.stdout).unwrap())
        };
        let waits = (0..).map(|n| Duration::from_millis(step * (n % 40) * (1 + n / 40)));
        waits.map(after).find(|(terminal, _)| is_half(terminal)).unwrap()
    }

    /// Runs the program.
    pub fn run(&self, arguments: &str) -> Output {
        self.command(arguments).output().expect("the program starts")
    }

    /// Runs the program, which has to succeed: what it prints.
    ///
    /// # Panics
    ///
    /// If it fails, with what it complains of.
    pub fn succeeds(&self, arguments: &str) -> String {
        let output = self.run(arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments}: {stderr}");
        String::from_utf8(output.stdout).expect("it prints text")
    }

    /// Runs the program, which has to refuse to write over the file `input` that it reads,
    /// and to leave everything as it is.
    ///
    /// # Panics
    ///
    /// If it does not.
    pub fn refuses_to_replace(&self, input: &str, arguments: &str) {
        let before = self.contents();
        let output = self.run(arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments}: {stderr}");
        let expected = format!("would replace '{input}', which the run reads");
        assert!(stderr.contains(&expected), "{arguments}: {stderr}");
        assert_eq!(self.contents(), before, "{arguments}");
    }

    /// The transcripts of several runs, one after the other.
    pub fn transcripts(&self, arguments: &[&str]) -> String {
        let transcripts: Vec<String> =
            arguments.iter().map(|one| self.transcript(one)).collect();
        transcripts.join("\n")
    }

    /// Runs the program and writes down what a reader would see: the command to type,
    /// what it prints, and its exit code if it is not 0.
    pub fn transcript(&self, arguments: &str) -> String {
        let output = self.run(arguments);
        let package = Path::new(self.program).file_stem().expect("a program has a name");
        let arguments =
            if arguments.is_empty() { "" } else { &format!(" -- {arguments}") };
        let mut text = format!("$ cargo run -p {}{arguments}\n", package.display());
        text += &String::from_utf8_lossy(&output.stdout);
        text += &String::from_utf8_lossy(&output.stderr);
        match output.status.code() {
            Some(0) => {}
            Some(code) => {
                writeln!(text, "[exit code {code}]").expect("a string takes all")
            }
            None => text += "[killed]\n",
        }
        text
    }
}

/// Runs a program with one thread, with two and with five, each time in a new terminal:
/// what it prints and the files that it writes have to be the same.
///
/// # Panics
///
/// If they are not, or a run fails.
pub fn assert_same_on_any_threads(
    terminal: impl Fn() -> Terminal,
    arguments: &str,
    files: &[&str],
) {
    let run = |threads: &str| {
        let terminal = terminal();
        let mut command = terminal.command(arguments);
        let output = command.env("RAYON_NUM_THREADS", threads).output();
        let output = output.expect("the program starts");
        assert!(output.status.success(), "{arguments}: {output:?}");
        let read = |name: &&str| fs::read(terminal.folder().join(name)).expect("a file");
        (output.stdout, files.iter().map(read).collect::<Vec<_>>())
    };
    let one = run("1");
    assert!(run("2") == one, "{arguments}: two threads");
    assert!(run("5") == one, "{arguments}: five threads");
}
