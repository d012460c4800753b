//! Schedulers of diffusers 0.42 that have a beta schedule, and what each takes where a
//! config says nothing. Left out are those that do more to the schedule, as CogVideoX's,
//! and those for a single model.

use crate::beta_schedule::Ends;

/// A scheduler's class.
#[derive(Debug, PartialEq)]
pub struct Class {
    pub name: &'static str,
    /// The names that its `beta_schedule` can have. The first is taken if there is none.
    pub schedules: &'static [&'static str],
    /// The betas that are taken if there are none.
    pub ends: Ends,
    pub zero_snr: ZeroSnr,
}

/// What a class makes of `rescale_betas_zero_snr`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZeroSnr {
    /// It does not know the key, and goes on without it.
    Unknown,
    /// It ends in an `alpha_bar` of 0.
    Exact,
    /// It ends in an `alpha_bar` of 2⁻²⁴.
    Nearly,
}

use ZeroSnr::{Exact, Nearly, Unknown};

const ALL: &[&str] =
    &["linear", "scaled_linear", "squaredcos_cap_v2", "laplace", "sigmoid"];
const THREE: &[&str] = &["linear", "scaled_linear", "squaredcos_cap_v2"];
const WITH_SIGMOID: &[&str] =
    &["linear", "scaled_linear", "squaredcos_cap_v2", "sigmoid"];
const WITH_EXP: &[&str] = &["linear", "scaled_linear", "squaredcos_cap_v2", "exp"];
const SCALED_FIRST: &[&str] = &["scaled_linear", "linear", "squaredcos_cap_v2"];

const PAPER: Ends = Ends::DDPM;
const LATENT: Ends = Ends::STABLE_DIFFUSION;

/// All of them, by name.
#[rustfmt::skip] // one a line
pub const CLASSES: [Class; 21] = [
    Class { name: "DDIMInverseScheduler", schedules: THREE, ends: PAPER, zero_snr: Exact },
    Class { name: "DDIMParallelScheduler", schedules: THREE, ends: PAPER, zero_snr: Exact },
    Class { name: "DDIMScheduler", schedules: THREE, ends: PAPER, zero_snr: Exact },
    Class { name: "DDPMParallelScheduler", schedules: ALL, ends: PAPER, zero_snr: Exact },
    Class { name: "DDPMScheduler", schedules: ALL, ends: PAPER, zero_snr: Exact },
    Class { name: "DEISMultistepScheduler", schedules: THREE, ends: PAPER, zero_snr: Unknown },
    Class { name: "DPMSolverMultistepInverseScheduler", schedules: THREE, ends: PAPER, zero_snr: Unknown },
    Class { name: "DPMSolverMultistepScheduler", schedules: THREE, ends: PAPER, zero_snr: Nearly },
    Class { name: "DPMSolverSinglestepScheduler", schedules: THREE, ends: PAPER, zero_snr: Unknown },
    Class { name: "EulerAncestralDiscreteScheduler", schedules: THREE, ends: PAPER, zero_snr: Nearly },
    Class { name: "EulerDiscreteScheduler", schedules: THREE, ends: PAPER, zero_snr: Nearly },
    Class { name: "HeunDiscreteScheduler", schedules: WITH_EXP, ends: LATENT, zero_snr: Unknown },
    Class { name: "KDPM2AncestralDiscreteScheduler", schedules: THREE, ends: LATENT, zero_snr: Unknown },
    Class { name: "KDPM2DiscreteScheduler", schedules: THREE, ends: LATENT, zero_snr: Unknown },
    Class { name: "LCMScheduler", schedules: SCALED_FIRST, ends: LATENT, zero_snr: Exact },
    Class { name: "LMSDiscreteScheduler", schedules: THREE, ends: PAPER, zero_snr: Unknown },
    Class { name: "PNDMScheduler", schedules: THREE, ends: PAPER, zero_snr: Unknown },
    Class { name: "RePaintScheduler", schedules: WITH_SIGMOID, ends: PAPER, zero_snr: Unknown },
    Class { name: "SASolverScheduler", schedules: THREE, ends: PAPER, zero_snr: Unknown },
    Class { name: "TCDScheduler", schedules: SCALED_FIRST, ends: LATENT, zero_snr: Exact },
    Class { name: "UniPCMultistepScheduler", schedules: THREE, ends: PAPER, zero_snr: Nearly },
];
