//! Tests of what the book shows of the lessons.

mod evidence;
mod figures;
mod live;
