//! Tests of chapter E.

mod command;
mod config;
mod exercises;
mod lesson;
