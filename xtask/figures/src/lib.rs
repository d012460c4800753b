//! What the book shows of the lessons: the figures and the numbers. What takes long to
//! compute is read from where it is stored.

pub mod digits;
pub mod draw;
pub mod figures;
pub mod numbers;
pub mod parts;
pub mod stored;
mod two_peaks;
mod variance;
