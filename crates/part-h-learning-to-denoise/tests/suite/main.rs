//! Tests of chapter H.

mod command;
mod exercises;
mod lesson;
mod python;
