//! Tests of part G.

mod command;
mod exercises;
mod lesson;
