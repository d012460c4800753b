//! The samplers by name: the one list that the command, the figures, the page and the
//! tests read.

use part_f_the_way_back::Variance;

pub use crate::ancestral::EulerAncestral;
pub use crate::ddim::Ddim;
pub use crate::ddpm::Ddpm;
pub use crate::dpm_solver::DpmSolver;
pub use crate::euler::Euler;
pub use crate::heun::{Coordinate, Heun};
use crate::sampler::Sampler;

/// A sampler, and what it is called.
#[derive(Clone, Copy)]
pub struct NamedSampler {
    /// On the command line.
    pub name: &'static str,
    /// In the text.
    pub title: &'static str,
    /// Where there is little room.
    pub short: &'static str,
    /// The class of diffusers that has the same steps.
    pub class: &'static str,
    /// The sampler, with its usual settings.
    pub sampler: &'static dyn Sampler,
}

/// All samplers, in the order of the chapter.
pub const SAMPLERS: [NamedSampler; 6] = [
    NamedSampler {
        name: "ddpm",
        title: "DDPM",
        short: "DDPM",
        class: "DDPMScheduler",
        sampler: &Ddpm { variance: Variance::BetaTilde },
    },
    NamedSampler {
        name: "euler-ancestral",
        title: "Euler ancestral",
        short: "Euler a",
        class: "EulerAncestralDiscreteScheduler",
        sampler: &EulerAncestral,
    },
    NamedSampler {
        name: "ddim",
        title: "DDIM",
        short: "DDIM",
        class: "DDIMScheduler",
        sampler: &Ddim { eta: 0.0 },
    },
    NamedSampler {
        name: "euler",
        title: "Euler",
        short: "Euler",
        class: "EulerDiscreteScheduler",
        sampler: &Euler,
    },
    NamedSampler {
        name: "heun",
        title: "Heun",
        short: "Heun",
        class: "HeunDiscreteScheduler",
        sampler: &Heun { coordinate: Coordinate::Sigma },
    },
    NamedSampler {
        name: "dpm-solver++",
        title: "DPM-Solver++",
        short: "2M",
        class: "DPMSolverMultistepScheduler",
        sampler: &DpmSolver,
    },
];

/// The sampler of this name.
pub fn named(name: &str) -> Option<NamedSampler> {
    SAMPLERS.into_iter().find(|sampler| sampler.name == name)
}
