//! All samplers of this part by name, for the command, the live figures and the tests.

use part_f_the_way_back::Variance;

use crate::{Coordinate, Ddim, Ddpm, DpmSolver, Euler, EulerAncestral, Heun, Sampler};

/// A sampler with the names that readers know it by.
pub struct NamedSampler {
    /// On the command line, such as `dpm-solver++`.
    pub name: &'static str,
    /// In a sentence, such as `DPM-Solver++`.
    pub title: &'static str,
    /// The sampler, with its usual settings.
    pub sampler: &'static dyn Sampler,
}

/// All samplers, in the order of the chapter.
pub const SAMPLERS: [NamedSampler; 6] = [
    NamedSampler {
        name: "ddpm",
        title: "DDPM",
        sampler: &Ddpm { variance: Variance::BetaTilde },
    },
    NamedSampler {
        name: "euler-ancestral",
        title: "Euler ancestral",
        sampler: &EulerAncestral,
    },
    NamedSampler { name: "ddim", title: "DDIM", sampler: &Ddim { eta: 0.0 } },
    NamedSampler { name: "euler", title: "Euler", sampler: &Euler },
    NamedSampler {
        name: "heun",
        title: "Heun",
        sampler: &Heun { coordinate: Coordinate::Sigma },
    },
    NamedSampler { name: "dpm-solver++", title: "DPM-Solver++", sampler: &DpmSolver },
];
