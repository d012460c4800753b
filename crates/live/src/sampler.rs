//! Samplers with the one option that a reader can choose: the eta of DDIM.

use part_i_samplers::{Ddim, NamedSampler, Sampler};

/// Whether a sampler has an eta.
pub(crate) fn has_eta(named: &NamedSampler) -> bool {
    named.name == "ddim"
}

/// A sampler, with this eta if it has one. The range is the sampler's to check.
pub(crate) fn with_eta(named: &NamedSampler, eta: f64) -> Box<dyn Sampler> {
    match has_eta(named) {
        true => Box::new(Ddim { eta }),
        false => Box::new(named.sampler),
    }
}
