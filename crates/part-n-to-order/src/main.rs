//! The command of chapter N.

mod arguments;
mod compare;
mod digits;
mod edit;
mod guided;
mod hole;
mod model;
mod order;
mod setup;

use std::process::ExitCode;

use clap::Parser;
use diffusion_cli::{PictureArguments, RunArguments, command};

use arguments::{HoleArguments, MethodArguments, ObservationArguments, OtherArguments};

const IMAGE: &str = "Picture with a --hole or a --mask, PNG or JPEG, taken as sRGB [default: the \
                     repository's mandrill]";
const SIZE: &str =
    "Crop that picture to a square and resize to N x N pixels [default: 64]";
const FRAMES: &str = "Folder for single pictures, frame-000.png (the noise) and on";

/// Chapter N: what was not seen of a digit or a picture, made to fit what was, and held
/// to the truth
#[derive(Parser)]
#[command(version, mut_arg("frames_dir", |argument| argument.help(FRAMES)))]
#[command(mut_arg("image", |argument| argument.help(IMAGE)))]
#[command(mut_arg("size", |argument| argument.help(SIZE)))]
struct Arguments {
    #[command(flatten)]
    method: MethodArguments,

    #[command(flatten)]
    observation: ObservationArguments,

    #[command(flatten)]
    other: OtherArguments,

    #[command(flatten)]
    hole: HoleArguments,

    #[command(flatten)]
    picture: PictureArguments,

    #[command(flatten)]
    run: RunArguments,
}

fn main() -> ExitCode {
    command::main(|Arguments { method, observation, other, hole, picture, run }| {
        method.check()?;
        if hole.hole.is_some() || hole.mask.is_some() {
            return hole::run(&method, &hole, &picture, &run);
        }
        hole::refuse(&hole, &picture)?;
        if other.compare {
            return compare::run(&method, &observation, &run);
        }
        if let Some(strength) = other.strength {
            return edit::run(strength, &method, &observation, &run);
        }
        if let Some(label) = other.label {
            return guided::run(label as usize, &other, &method, &observation, &run);
        }
        order::run(&method, &observation, &run)
    })
}
