//! Tests of chapter C.

mod command;
mod exercises;
mod lesson;
