//! Tests of part E.

mod command;
mod config;
mod exercises;
mod lesson;
