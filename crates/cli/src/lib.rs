//! What a part's command does around its lesson: pictures in and out, arguments, a table,
//! a filmstrip, progress, and errors for people.
//!
//! A part's `main.rs` names its own arguments and calls [`command::main`]. A forward
//! process over a picture is run by [`ForwardArguments`], a way back to data by
//! [`BackwardArguments`]; a part that does something else takes the pieces: [`load`],
//! [`DataArguments`] and [`Recording`].

pub mod arguments;
#[cfg(feature = "data")]
mod backward;
pub mod command;
#[cfg(feature = "data")]
pub mod data;
pub mod film;
pub mod filmstrip;
mod forward;
mod inputs;
pub mod interrupt;
pub mod load;
mod memory;
#[cfg(feature = "data")]
pub mod plot;
pub mod progress;
mod recording;
pub mod save;
pub mod shown;
mod table;
mod threads;

pub use arguments::{ForwardArguments, PictureArguments, RunArguments};
#[cfg(feature = "data")]
pub use backward::{BackwardArguments, Signal};
pub use command::RunError;
#[cfg(feature = "data")]
pub use data::{Data, DataArguments};
pub use film::{ComingPictures, Film};
pub use forward::{Formula, LessonResult};
pub use memory::keep_freed_blocks;
pub use recording::{Plan, Recording, Save};
pub use table::{Cell, Table};
