//! The lesson, beside diffusers and its own formulas.

mod fault;
mod pipelines;
mod recall;
