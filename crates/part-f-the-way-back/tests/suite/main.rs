//! Tests of part F.

mod checkout;
mod command;
mod exercises;
mod lesson;
