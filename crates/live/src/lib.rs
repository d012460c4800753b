//! The lessons for a web page: what the live figures of the book call.
//!
//! Every state on the page is made by the parts' own `add_noise`, every schedule by their
//! own `NoiseScheduler`. [`Page`] only puts what they return where a page can read it.
//! Each part has a file of its own here, with what its figure calls: a method of [`Page`]
//! for native code, and the module's export of the same name.
//!
//! The exports are plain functions of numbers. A generator of bindings would bring a
//! second tool and its version into the build, and glue code into the page, for what are
//! three calls: put a picture in, run a part, read two buffers.

#[macro_use]
mod export;
#[cfg(feature = "part-one")]
mod both_ways;
#[cfg(target_family = "wasm")]
mod exports;
#[cfg(feature = "kernels")]
mod kernels;
#[cfg(any(feature = "learning", feature = "samplers"))]
mod learned_digits;
mod page;
#[cfg(feature = "part-one")]
mod part_a;
#[cfg(feature = "part-one")]
mod part_b;
#[cfg(feature = "part-one")]
mod part_c;
#[cfg(feature = "part-one")]
mod part_d;
#[cfg(feature = "schedules")]
mod part_e;
#[cfg(feature = "way-back")]
mod part_f;
#[cfg(feature = "way-back")]
mod part_g;
#[cfg(feature = "learning")]
mod part_h;
#[cfg(feature = "learning")]
mod part_h_digits;
#[cfg(feature = "samplers")]
mod part_i;
#[cfg(feature = "samplers")]
mod part_i_digits;
#[cfg(any(feature = "way-back", feature = "learning", feature = "samplers"))]
mod plane;
#[cfg(any(
    feature = "part-one",
    feature = "schedules",
    feature = "way-back",
    feature = "learning",
    feature = "samplers"
))]
mod refusals;
#[cfg(feature = "part-one")]
mod two_peaks;

#[cfg(any(feature = "learning", feature = "samplers"))]
pub use learned_digits::LearnedDigits;
pub use page::{MAX_STEPS, NUMBERS_OF_A_STATE, Page, Refused};
#[cfg(feature = "way-back")]
pub use part_g::place_as_colour;
