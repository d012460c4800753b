//! Tests of what the book shows of the lessons.

mod figures;
