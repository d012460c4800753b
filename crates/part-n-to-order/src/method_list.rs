//! All methods by name.

use crate::{Ddrm, Dps, Method, PiGdm, RePaint, Replacement};

/// A method and its names.
pub struct NamedMethod {
    /// What a command line calls it.
    pub name: &'static str,
    /// What a reader calls it.
    pub title: &'static str,
    /// With its usual numbers.
    pub method: &'static dyn Method,
}

/// Every method that asks a denoiser that knows nothing of what was seen, in the order of
/// the chapter.
pub const METHODS: [NamedMethod; 6] = [
    NamedMethod { name: "replacement", title: "Replacement", method: &Replacement },
    NamedMethod {
        name: "repaint",
        title: "RePaint",
        method: &RePaint { resamplings: 10, jump: 5 },
    },
    NamedMethod { name: "ddrm", title: "DDRM", method: &Ddrm { eta: 0.85, eta_b: 1.0 } },
    NamedMethod { name: "dps", title: "DPS", method: &Dps::Length(1.0) },
    NamedMethod { name: "dps-square", title: "DPS, square", method: &Dps::Square(1.0) },
    NamedMethod { name: "pigdm", title: "ΠGDM", method: &PiGdm },
];

/// The method of this name.
pub fn named(name: &str) -> Option<NamedMethod> {
    METHODS.into_iter().find(|method| method.name == name)
}
