//! Tests of part F.

mod command;
mod exercises;
mod lesson;
