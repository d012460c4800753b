//! How figures are drawn: plots, photographs, and both on top of each other. What they show
//! is the parts' own business.

pub mod histogram;
pub mod photograph;
pub mod plot;
