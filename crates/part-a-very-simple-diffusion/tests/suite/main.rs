//! Tests of chapter A.

mod command;
mod exercises;
mod lesson;
mod outputs;
mod shared_command_line;
