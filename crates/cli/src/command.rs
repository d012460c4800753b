//! A command from its arguments to its exit code.

use std::error::Error;
use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches};
use thiserror::Error;

use crate::load::LoadError;
use crate::save::SaveError;
use crate::shown::escaped;
use crate::{interrupt, keep_freed_blocks, threads};

/// Why a run failed.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "each variant says it in its message")]
pub enum RunError {
    /// Arguments that are in range by themselves, and make no sense together.
    #[error("{0}")]
    Argument(String),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Save(#[from] SaveError),
    #[error("cannot print the table: {0}")]
    Print(#[from] io::Error),
    #[error(
        "step {step} has values too large for f32; expected arguments that do not let the \
         state grow"
    )]
    Diverged { step: usize },
    #[error(transparent)]
    Lesson(Box<dyn Error + Send + Sync>),
    /// See [`interrupt`]. The number of the signal.
    #[error("interrupted")]
    Interrupted { signal: i32 },
}

/// Writes a line to stderr, at once. If that cannot be done, there is nobody to tell.
pub(crate) fn tell(line: fmt::Arguments) {
    let _ = io::stderr().write_all(format!("{line}\n").as_bytes());
}

/// The whole of a part's `main`: parses the arguments, runs, and tells of an error in a
/// sentence on stderr.
///
/// The exit code is 0, 2 if an argument is wrong, or 1 if anything else is. An
/// interrupted run ends by its signal.
pub fn main<Arguments: CommandFactory + FromArgMatches>(
    run: impl FnOnce(Arguments) -> Result<(), RunError>,
) -> ExitCode {
    keep_freed_blocks();
    interrupt::listen();
    threads::bound();
    let mut command = Arguments::command();
    let output = format!("output/{}.png", command.get_name());
    command = command
        .mut_arg("output", |argument| argument.default_value(output).required(false));

    let parsed = command
        .try_get_matches_from_mut(std::env::args_os())
        .and_then(|mut matches| Arguments::from_arg_matches_mut(&mut matches));
    let result = parsed.map(|arguments| interrupt::catch(|| run(arguments)).flatten());
    let error = match result {
        Ok(Ok(())) => return ExitCode::SUCCESS,
        // A reader of the table that stops reading, like `head`, is no error.
        Ok(Err(RunError::Print(error))) if error.kind() == io::ErrorKind::BrokenPipe => {
            return ExitCode::SUCCESS;
        }
        Ok(Err(RunError::Interrupted { signal })) => {
            interrupt::end_by(signal);
            return ExitCode::FAILURE;
        }
        Ok(Err(RunError::Argument(sentence))) => {
            command.error(ErrorKind::ValueValidation, sentence)
        }
        Ok(Err(error)) => {
            tell(format_args!("error: {error}"));
            return ExitCode::FAILURE;
        }
        Err(error) => error,
    };
    print(&error);
    ExitCode::from(error.exit_code() as u8)
}

/// Prints what clap has to say. Help and version come here too, and go to stdout. If they
/// cannot be printed, there is nobody to tell.
fn print(error: &clap::Error) {
    // An argument is quoted as it was given.
    let lines = error.render().to_string();
    let lines: String = lines.lines().map(|line| escaped(line) + "\n").collect();
    let _ = match error.use_stderr() {
        true => io::stderr().write_all(lines.as_bytes()),
        false => io::stdout().write_all(lines.as_bytes()),
    };
}
