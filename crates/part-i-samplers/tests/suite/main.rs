//! Tests of chapter I.

mod command;
mod exercises;
mod lesson;
mod networks;
mod python;
