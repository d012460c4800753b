//! The command of chapter L.

use std::process::ExitCode;

use clap::Parser;
use diffusion_cli::command;
use part_l_u_net::command_line::{FRAMES, LABEL, OwnKernels, UNetArguments, run};

/// Chapter L: a U-Net, trained on pictures, and saved for diffusers
#[derive(Parser)]
#[command(version, mut_arg("frames_dir", |argument| argument.help(FRAMES)))]
#[command(mut_arg("label", |argument| argument.help(LABEL)))]
struct Arguments {
    #[command(flatten)]
    arguments: UNetArguments,
}

fn main() -> ExitCode {
    command::main(|Arguments { arguments }| run(arguments, &OwnKernels))
}
