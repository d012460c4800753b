//! Tests of chapter E.

mod command;
mod config;
mod exercises;
mod flow_config;
mod flow_sigmas;
mod lesson;
