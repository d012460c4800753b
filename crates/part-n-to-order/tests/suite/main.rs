//! Tests of chapter N.

mod command;
mod exercises;
mod lesson;
