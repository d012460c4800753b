//! The command of chapter O.

#[cfg(feature = "engine")]
mod on_an_engine;

use std::process::ExitCode;

use clap::Parser;
use diffusion_cli::arguments::whole;
use diffusion_cli::command;
use part_l_u_net::command_line::{FRAMES, LABEL, UNetArguments};

/// Chapter O: chapter L's U-Net on an engine, on any device, or on another machine
#[derive(Parser)]
#[command(version, mut_arg("frames_dir", |argument| argument.help(FRAMES)))]
#[command(mut_arg("label", |argument| argument.help(LABEL)))]
struct Arguments {
    #[command(flatten)]
    arguments: UNetArguments,

    #[command(flatten)]
    device: DeviceArguments,
}

/// The arguments of devices.
#[derive(clap::Args)]
#[cfg_attr(not(feature = "engine"), allow(dead_code))]
struct DeviceArguments {
    /// Device to compute on: flex, the processor; cuda, rocm, metal, vulkan or wgpu, a card,
    /// or cuda:1 and so on for the second; or another machine, such as
    /// ws://192.168.0.7:3000 [default: the first that this program was built with]
    #[arg(long, value_name = "DEVICE", help_heading = "Engine")]
    device: Option<String>,

    /// Several devices that share each batch
    #[arg(long, value_name = "DEVICE,DEVICE,…", help_heading = "Engine")]
    #[arg(value_delimiter = ',', conflicts_with = "device")]
    devices: Vec<String>,

    /// Numbers to learn with
    #[arg(long, value_name = "TYPE", default_value = "f32", help_heading = "Engine")]
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(["f32", "bf16", "f16"]))]
    precision: String,

    /// Parts of a batch that each device computes one after the other: it takes the memory of
    /// one, for the same gradient
    #[arg(long, value_name = "N", default_value = "1", help_heading = "Engine")]
    #[arg(value_parser = |text: &str| whole(text, 1, 65_536))]
    accumulate: u64,

    /// Let other machines compute on this one's device until there is an interrupt: the address
    /// to listen at. Nothing on the way is encrypted
    #[arg(long, value_name = "ADDRESS:PORT", help_heading = "Engine")]
    #[arg(conflicts_with_all = ["devices", "train", "load", "resume"])]
    serve: Option<std::net::SocketAddr>,
}

#[cfg(not(feature = "engine"))]
fn main() -> ExitCode {
    command::main(|_: Arguments| {
        Err(diffusion_cli::RunError::Lesson(
            "this program was built without an engine; expected it to be built with one, as by \
             `cargo run --release -p part-o-on-an-engine --features flex`"
                .into(),
        ))
    })
}

#[cfg(feature = "engine")]
fn main() -> ExitCode {
    command::main(|Arguments { arguments, device }| on_an_engine::run(arguments, &device))
}
