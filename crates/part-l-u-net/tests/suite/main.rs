//! Tests of chapter L.

mod command;
mod exercises;
mod lesson;
mod transformers;
