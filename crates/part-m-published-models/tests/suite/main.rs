//! Tests of chapter M.

mod command;
mod exercises;
mod lesson;
mod python;
