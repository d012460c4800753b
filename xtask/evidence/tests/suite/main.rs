//! Tests of what is stored, and of the modules of the live figures.

mod evidence;
mod live;
