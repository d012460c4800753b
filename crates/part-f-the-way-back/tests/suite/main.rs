//! Tests of chapter F.

mod checkout;
mod command;
mod exercises;
mod first_way_back;
mod lesson;
