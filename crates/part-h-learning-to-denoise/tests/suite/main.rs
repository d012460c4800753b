//! Tests of part H.

mod command;
mod exercises;
mod lesson;
mod python;
