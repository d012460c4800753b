//! Tests of chapter B.

mod command;
mod exercises;
mod lesson;
