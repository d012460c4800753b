//! Schedulers of diffusers 0.42 whose `alpha_bar` is the product of `1 - beta`, and what
//! each takes where a config says nothing.

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
    /// Whether it can sample from a `sigma_max` to a `sigma_min` of its config.
    pub sigmas: bool,
}

/// Classes with betas that do not say alone what is left of a picture, and what is done
/// to them.
pub const BEYOND_BETAS: [(&str, &str); 3] = [
    ("CogVideoXDDIMScheduler", SHIFTED),
    ("CogVideoXDPMScheduler", SHIFTED),
    ("IPNDMScheduler", "which makes new betas for each number of sampling steps"),
];
const SHIFTED: &str = "which shifts the signal-to-noise ratio that its betas make";

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
const COSINE: &[&str] = &["squaredcos_cap_v2"];
const SCALED_FIRST: &[&str] = &["scaled_linear", "linear", "squaredcos_cap_v2"];

const PAPER: Ends = Ends::DDPM;
const LATENT: Ends = Ends::STABLE_DIFFUSION;

/// All of them, by name.
#[rustfmt::skip] // one a line
pub const CLASSES: [Class; 23] = [
    Class { name: "DDIMInverseScheduler", schedules: THREE, ends: PAPER, zero_snr: Exact, sigmas: false },
    Class { name: "DDIMParallelScheduler", schedules: THREE, ends: PAPER, zero_snr: Exact, sigmas: false },
    Class { name: "DDIMScheduler", schedules: THREE, ends: PAPER, zero_snr: Exact, sigmas: false },
    Class { name: "DDPMParallelScheduler", schedules: ALL, ends: PAPER, zero_snr: Exact, sigmas: false },
    Class { name: "DDPMScheduler", schedules: ALL, ends: PAPER, zero_snr: Exact, sigmas: false },
    Class { name: "DEISMultistepScheduler", schedules: THREE, ends: PAPER, zero_snr: Unknown, sigmas: true },
    Class { name: "DPMSolverMultistepInverseScheduler", schedules: THREE, ends: PAPER, zero_snr: Unknown, sigmas: true },
    Class { name: "DPMSolverMultistepScheduler", schedules: THREE, ends: PAPER, zero_snr: Nearly, sigmas: true },
    Class { name: "DPMSolverSDEScheduler", schedules: THREE, ends: LATENT, zero_snr: Unknown, sigmas: true },
    Class { name: "DPMSolverSinglestepScheduler", schedules: THREE, ends: PAPER, zero_snr: Unknown, sigmas: true },
    Class { name: "EulerAncestralDiscreteScheduler", schedules: THREE, ends: PAPER, zero_snr: Nearly, sigmas: false },
    Class { name: "EulerDiscreteScheduler", schedules: THREE, ends: PAPER, zero_snr: Nearly, sigmas: true },
    Class { name: "HeunDiscreteScheduler", schedules: WITH_EXP, ends: LATENT, zero_snr: Unknown, sigmas: true },
    Class { name: "KDPM2AncestralDiscreteScheduler", schedules: THREE, ends: LATENT, zero_snr: Unknown, sigmas: true },
    Class { name: "KDPM2DiscreteScheduler", schedules: THREE, ends: LATENT, zero_snr: Unknown, sigmas: true },
    Class { name: "LCMScheduler", schedules: SCALED_FIRST, ends: LATENT, zero_snr: Exact, sigmas: false },
    Class { name: "LMSDiscreteScheduler", schedules: THREE, ends: PAPER, zero_snr: Unknown, sigmas: true },
    Class { name: "PNDMScheduler", schedules: THREE, ends: PAPER, zero_snr: Unknown, sigmas: false },
    Class { name: "RePaintScheduler", schedules: WITH_SIGMOID, ends: PAPER, zero_snr: Unknown, sigmas: false },
    Class { name: "SASolverScheduler", schedules: THREE, ends: PAPER, zero_snr: Unknown, sigmas: true },
    Class { name: "TCDScheduler", schedules: SCALED_FIRST, ends: LATENT, zero_snr: Exact, sigmas: false },
    Class { name: "UnCLIPScheduler", schedules: COSINE, ends: PAPER, zero_snr: Unknown, sigmas: false },
    Class { name: "UniPCMultistepScheduler", schedules: THREE, ends: PAPER, zero_snr: Nearly, sigmas: true },
];
