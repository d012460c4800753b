//! The forward process in one dimension, live: a distribution of two peaks becomes
//! normal.

use std::f64::consts::PI;

use diffusion_core::mathematics::f64::exp;
use diffusion_core::{generator, randn_like};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;

use crate::whole::whole;
use crate::{Call, LiveFigure, Page, Refused};

/// The peaks, each a normal distribution: its weight, and its mean. Together they have
/// the mean 0.
const PEAKS: [(f64, f64); 2] = [(0.6, -0.8), (0.4, 1.2)];

/// The standard deviation of each peak. The variance of the whole is 1.
const STD: f64 = 0.2;

/// Where the density is computed: from -3 to 3.
const PLACES: usize = 301;

/// The most points there can be, so that a page never has to wait for them.
const MAX_POINTS: usize = 4096;

/// The figure of two peaks.
#[derive(Default)]
pub struct TwoPeaks;

impl LiveFigure for TwoPeaks {
    fn call(&mut self, page: &mut Page, call: Call<'_>) -> Result<(), Refused> {
        match call {
            ("after", &[step, start, end, steps, points, seed]) => {
                let scheduler = NoiseScheduler::new(whole(steps)?, start, end)?;
                self.after(page, whole(step)?, &scheduler, whole(points)?, whole(seed)?)
            }
            _ => Err(Refused::Unknown),
        }
    }
}

impl TwoPeaks {
    /// The distribution of two peaks after `step` steps, 0 for the data themselves.
    /// Numbers: the two scales of the jump; how many peaks the density has; the density
    /// at 301 places from -3 to 3; and so many points, the same ones with the same noise
    /// at every step.
    ///
    /// # Errors
    ///
    /// If there is no such step, or there are more than 4096 points.
    pub fn after(
        &self,
        page: &mut Page,
        step: usize,
        scheduler: &NoiseScheduler,
        points: usize,
        seed: u32,
    ) -> Result<(), Refused> {
        if points > MAX_POINTS {
            return Err(Refused::OutOfRange);
        }
        let mut rng = generator(seed.into());
        let mut x = randn_like(&DMatrix::zeros(1, points), &mut rng);
        let noise = randn_like(&x, &mut rng);
        for (index, value) in x.iter_mut().enumerate() {
            // As many points of each peak as its weight says, which is a finer sample
            // than one that throws a die for each point.
            let is_first = (index as f64 + 0.5) / (points as f64) < PEAKS[0].0;
            let (_, mean) = PEAKS[usize::from(!is_first)];
            *value = (mean + STD * f64::from(*value)) as f32;
        }
        let mut scales = (1.0, 0.0);
        if let Some(t) = step.checked_sub(1) {
            scales = scheduler.scales(t)?;
            x = scheduler.add_given_noise(&x, &noise, &vec![t; points])?;
        }
        let places =
            (0..PLACES).map(|place| 6.0 * place as f64 / (PLACES - 1) as f64 - 3.0);
        let densities: Vec<f64> = places.map(|x| density(x, scales)).collect();
        let peaks = densities.windows(3).filter(|d| d[0] < d[1] && d[1] >= d[2]).count();
        page.numbers.clear();
        page.numbers.extend([scales.0, scales.1, peaks as f64]);
        page.numbers.extend(densities);
        page.numbers.extend(x.iter().map(|&value| f64::from(value)));
        Ok(())
    }
}

/// The density of `a * x0 + b * noise` at `x`: each peak stays normal, its mean is scaled
/// by `a`, and the variances add up.
fn density(x: f64, (a, b): (f64, f64)) -> f64 {
    let variance = a * a * STD * STD + b * b;
    let of_peak = |(weight, mean): (f64, f64)| {
        let distance = x - a * mean;
        weight * exp(-distance * distance / (2.0 * variance))
    };
    PEAKS.into_iter().map(of_peak).sum::<f64>() / (2.0 * PI * variance).sqrt()
}
