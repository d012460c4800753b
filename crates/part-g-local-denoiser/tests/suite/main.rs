//! Tests of chapter G.

mod command;
mod exercises;
mod lesson;
