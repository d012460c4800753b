//! The lessons for a web page: what the live figures of the book call.
//!
//! Every state on the page is made by the parts' own `add_noise`, every schedule by their
//! own `NoiseScheduler`. A [`LiveFigure`] only puts what they return where a page can
//! read it: into the buffers of its [`Page`]. Each figure has a file of its own here, and
//! a line in [`FIGURES`], by whose name a script finds it. A module is compiled with those
//! figures only that its chapters show: a feature each.
//!
//! What a module exports are a few plain functions, the same whatever its figures are. A
//! generator of bindings would bring a second tool and its version into the build, and
//! glue code into the page, for what are three steps: hand something in, call a method,
//! read the buffers.

mod figures;
mod page;
mod whole;

#[cfg(feature = "part-one")]
mod both_ways;
#[cfg(any(feature = "samplers", feature = "drawing"))]
mod coverage;
#[cfg(any(feature = "learning", feature = "samplers", feature = "to-order"))]
mod digits;
#[cfg(feature = "drawing")]
mod drawing;
#[cfg(target_family = "wasm")]
mod exports;
#[cfg(feature = "to-order")]
mod handwritten;
#[cfg(feature = "kernels")]
mod kernels;
#[cfg(any(feature = "learning", feature = "samplers"))]
mod learned_digits;
#[cfg(any(
    feature = "learning",
    feature = "samplers",
    feature = "convolutions",
    feature = "u-net"
))]
mod learned_numbers;
#[cfg(feature = "convolutions")]
mod learned_patches;
#[cfg(feature = "u-net")]
mod learned_u_net;
#[cfg(any(feature = "learning", feature = "drawing"))]
mod learning;
#[cfg(any(
    feature = "way-back",
    feature = "learning",
    feature = "samplers",
    feature = "flows"
))]
mod named_data;
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
#[cfg(feature = "flows")]
mod part_j;
#[cfg(feature = "convolutions")]
mod part_k;
#[cfg(feature = "u-net")]
mod part_l;
#[cfg(feature = "to-order")]
mod part_n;
#[cfg(feature = "to-order")]
mod part_n_guidance;
#[cfg(any(
    feature = "way-back",
    feature = "learning",
    feature = "samplers",
    feature = "flows",
    feature = "drawing",
    feature = "to-order"
))]
mod plane;
#[cfg(any(
    feature = "part-one",
    feature = "schedules",
    feature = "way-back",
    feature = "learning",
    feature = "samplers",
    feature = "flows",
    feature = "convolutions",
    feature = "drawing",
    feature = "u-net",
    feature = "to-order"
))]
mod refusals;
#[cfg(any(feature = "samplers", feature = "drawing"))]
mod sampler;
#[cfg(any(feature = "samplers", feature = "drawing"))]
mod spacings;
#[cfg(feature = "part-one")]
mod two_peaks;

#[cfg(feature = "drawing")]
pub use drawing::Drawing;
pub use figures::{Call, FIGURES, Lessons, LiveFigure};
#[cfg(feature = "to-order")]
pub use handwritten::Handwritten;
#[cfg(feature = "kernels")]
pub use kernels::{Convolved, MatrixProduct};
#[cfg(any(feature = "learning", feature = "samplers"))]
pub use learned_digits::LearnedDigits;
#[cfg(feature = "convolutions")]
pub use learned_patches::LearnedPatches;
#[cfg(feature = "u-net")]
pub use learned_u_net::LearnedUNet;
#[cfg(any(feature = "learning", feature = "drawing"))]
pub use learning::Learns;
#[cfg(any(
    feature = "way-back",
    feature = "learning",
    feature = "samplers",
    feature = "flows"
))]
pub use named_data::{DATA, NamedData};
pub use page::{
    MAX_HIDDEN, MAX_SAMPLER_STEPS, MAX_STEPS, NUMBERS_OF_A_STATE, Page, Refused,
};
#[cfg(feature = "schedules")]
pub use part_e::PartE;
#[cfg(feature = "way-back")]
pub use part_f::PartF;
#[cfg(feature = "way-back")]
pub use part_g::{PartG, place_as_colour};
#[cfg(feature = "learning")]
pub use part_h::PartH;
#[cfg(feature = "learning")]
pub use part_h_digits::PartHDigits;
#[cfg(feature = "samplers")]
pub use part_i::PartI;
#[cfg(feature = "samplers")]
pub use part_i_digits::PartIDigits;
#[cfg(feature = "flows")]
pub use part_j::PartJ;
#[cfg(feature = "convolutions")]
pub use part_k::PartK;
#[cfg(feature = "u-net")]
pub use part_l::PartL;
#[cfg(feature = "to-order")]
pub use part_n::PartN;
#[cfg(feature = "to-order")]
pub use part_n_guidance::PartNGuidance;
#[cfg(any(feature = "samplers", feature = "drawing"))]
pub use spacings::{NamedSpacing, SPACINGS};
#[cfg(feature = "part-one")]
pub use {
    both_ways::BothWays, part_a::PartA, part_b::PartB, part_c::PartC, part_d::PartD,
    two_peaks::TwoPeaks,
};
