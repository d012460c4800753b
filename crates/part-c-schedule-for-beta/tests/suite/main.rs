//! Tests of part C.

mod command;
mod exercises;
mod lesson;
