//! Tests of chapter O. Without an engine, there is a sentence.

#[cfg(feature = "flex")]
mod command;
mod duration;
#[cfg(feature = "flex")]
mod exercises;
#[cfg(feature = "flex")]
mod interrupt;
#[cfg(feature = "flex")]
mod lesson;
#[cfg(all(feature = "flex", feature = "remote-server"))]
mod remote;
#[cfg(not(feature = "engine"))]
mod without_engine;

/// The command.
const PROGRAM: &str = env!("CARGO_BIN_EXE_part-o-on-an-engine");

/// What an engine has nothing to do with.
#[test]
fn help() {
    let terminal = diffusion_testing::transcript::Terminal::new(PROGRAM);
    insta::with_settings!({ prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("help", terminal.transcript("--help"));
    });
}
