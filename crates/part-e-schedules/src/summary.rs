//! What a schedule comes to, in a sentence.

use std::fmt;

use part_d_alpha_bar_trick::NoiseScheduler;

/// Less than this fraction of the variance, a signal scale of a hundredth, is called
/// noise here. The schedule of Ho et al. 2020 leaves 0.00004, and that of Stable
/// Diffusion 0.0047.
const NOISE: f64 = 1e-4;

/// What a schedule comes to: where there is as much noise as signal, and what is left at
/// the end. The signal is taken to have variance 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// The first timestep at which there is as much noise as signal, or more:
    /// `alpha_bar[t] <= 1/2`.
    pub equal_from: Option<usize>,
    /// The last timestep.
    pub last: usize,
    /// The fraction of the picture's variance that is there at the end: the last
    /// `alpha_bar`, or what is left at `sigma_max`.
    pub fraction: f64,
    /// The sigma that sampling begins at, if it is not the schedule's largest.
    pub sigma_max: Option<f64>,
}

impl Summary {
    /// Looks at all timesteps of a scheduler.
    pub fn of(scheduler: &NoiseScheduler) -> Self {
        let alpha_bar = scheduler.alpha_bar();
        let last = alpha_bar.len() - 1;
        Summary {
            equal_from: alpha_bar.iter().position(|&alpha_bar| alpha_bar <= 0.5),
            last,
            fraction: alpha_bar[last],
            sigma_max: None,
        }
    }

    /// The same for a model that is sampled from another sigma, if it is.
    pub fn sampled_from(self, sigma_max: Option<f64>) -> Self {
        match sigma_max {
            None => self,
            Some(sigma) => {
                Summary { fraction: 1.0 / (1.0 + sigma * sigma), sigma_max, ..self }
            }
        }
    }

    /// Whether the last state is as good as noise: its signal scale is less than a
    /// hundredth.
    pub fn ends_in_noise(&self) -> bool {
        self.fraction < NOISE
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Summary { equal_from, last, fraction, sigma_max } = *self;
        match equal_from {
            None => write!(out, "There is more signal than noise at every timestep; ")?,
            Some(0) => {
                write!(out, "There is no less noise than signal from the start; ")?
            }
            Some(t) => {
                write!(
                    out,
                    "Signal and noise are equal between t = {} and {t}; ",
                    t - 1
                )?;
            }
        }
        match sigma_max {
            None => write!(out, "at the end, t = {last}, ")?,
            Some(sigma) => write!(out, "sampling begins at sigma {sigma}, where ")?,
        }
        if fraction == 0.0 {
            return write!(out, "nothing is left of the picture: it is noise alone.");
        }
        let factor = match fraction.sqrt() {
            factor if factor < 1e-3 => format!("{factor:.2e}"),
            factor => format!("{factor:.4}"),
        };
        write!(
            out,
            "{fraction:.2e} of the picture's variance is left, a factor of {factor}: that is "
        )?;
        match self.ends_in_noise() {
            true => write!(out, "noise."),
            false => {
                write!(out, "not noise, which has a factor below 0.01.")
            }
        }
    }
}
