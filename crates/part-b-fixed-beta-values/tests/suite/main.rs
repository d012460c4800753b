//! Tests of part B.

mod command;
mod exercises;
mod lesson;
