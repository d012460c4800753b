//! Tests of chapter K.

mod command;
mod exercises;
mod lesson;
