//! Tests of what all parts compute with.

mod mathematics;
mod memory;
mod moments;
mod noise;
mod picture;
mod points;
mod trajectory;
