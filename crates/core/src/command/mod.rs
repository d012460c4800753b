//! The command line that all parts share: arguments, the run itself, its table, and
//! errors for people.
//!
//! A part's `main.rs` names its own arguments, and says how a step is made. The rest is
//! here.

mod arguments;
mod frames;
mod run;
mod table;

pub use arguments::{LinearSchedule, RunArguments, non_negative, steps, unit_interval};
pub use run::{RunError, Step, StepResult};

use std::io;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches};

/// The whole of a part's `main`: parses the arguments, runs, and tells of an error in a
/// sentence on stderr.
///
/// The exit code is 0, 2 if an argument is wrong, or 1 if anything else is.
pub fn main<Arguments: CommandFactory + FromArgMatches>(
    run: impl FnOnce(Arguments) -> Result<(), RunError>,
) -> ExitCode {
    let mut command = Arguments::command();
    let output = format!("output/{}.png", command.get_name());
    command = command
        .mut_arg("output", |argument| argument.default_value(output).required(false));

    let parsed = command
        .try_get_matches_from_mut(std::env::args_os())
        .and_then(|mut matches| Arguments::from_arg_matches_mut(&mut matches));
    let error = match parsed.map(run) {
        Ok(Ok(())) => return ExitCode::SUCCESS,
        // A reader of the table that stops reading, like `head`, is no error.
        Ok(Err(RunError::Print(error))) if error.kind() == io::ErrorKind::BrokenPipe => {
            return ExitCode::SUCCESS;
        }
        Ok(Err(RunError::Argument(sentence))) => {
            command.error(ErrorKind::ValueValidation, sentence)
        }
        Ok(Err(error)) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
        Err(error) => error,
    };
    // Help and version come here too, with exit code 0. If they cannot be printed, there
    // is nobody to tell.
    let _ = error.print();
    ExitCode::from(error.exit_code() as u8)
}
