//! Tests of chapter D.

mod command;
mod exercises;
mod lesson;
mod python;
mod training_step;
