//! Tests of what a command does around its lesson.

mod backward;
mod data;
mod filmstrip;
mod load;
mod mutations;
mod pictures;
mod recording;
mod save;
