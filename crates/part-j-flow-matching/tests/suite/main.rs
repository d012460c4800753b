//! Tests of chapter J.

mod command;
mod exercises;
mod lesson;
mod python;
