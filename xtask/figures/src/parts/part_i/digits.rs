//! Digits out of the same noise with several samplers.

use diffusion_core::{Moments, Picture, generator, randn_like};
use nalgebra::DMatrix;
use part_i_samplers::{DpmSolver, Heun, Levels, Range, Sampler, Spacing, sample};

use super::{DDIM, DDPM};
use crate::draw::blocks::Enlarged;
use crate::draw::photograph::Grid;
use crate::evidence::learning::{DIGITS, stored_denoiser};

/// In how many steps digits are drawn, and how much a label counts.
const STEPS: usize = 5;
const GUIDANCE: f32 = 2.0;

/// A sample of each digit, with each sampler.
pub fn led_digits() -> Vec<u8> {
    const ZOOM: usize = 6;
    let denoiser = stored_denoiser(&DIGITS, (0..10).map(Some).collect(), GUIDANCE);
    let levels = super::spaced(&denoiser.scheduler, Spacing::Trailing, STEPS);
    let mut rng = generator(0);
    let noise = randn_like(&DMatrix::zeros(64, 10), &mut rng);
    let lead = |sampler: &dyn Sampler, levels: &Levels| {
        let (range, mut rng) = (Range::Clipped { bound: 1.0 }, rng.clone());
        sample(sampler, levels, range, &denoiser, noise.clone(), &mut rng)
            .expect("it can walk")
    };
    let samplers: [(&str, &dyn Sampler); 4] = [
        ("DDPM", &DDPM),
        ("DDIM", &DDIM),
        ("Heun", &Heun),
        ("DPM-Solver++ (2M)", &DpmSolver),
    ];
    let led = samplers.map(|(name, sampler)| (name, lead(sampler, &levels)));
    let [ddpm, ddim, heun, dpm_solver] = &led.each_ref().map(|(_, x)| Moments::of(x).std);
    let alt = format!(
        "Four rows of ten small pictures, samples of a network that was asked for a 0, a 1 and so \
         on to 9, in {STEPS} steps from the same noise. With DDPM, DDIM and DPM-Solver++, nearly all \
         are the digit, with a contrast of {ddpm:.2}, {ddim:.2} and {dpm_solver:.2}. With Heun's \
         method they are torn into black and white, with a contrast of {heun:.2}."
    );
    let picture = Picture { x: DMatrix::zeros(3, 64), width: 8, height: 8 };
    let enlarged = Enlarged::new(&picture, ZOOM);
    let rows = led.map(|(name, x)| {
        let digit =
            |column: usize| DMatrix::from_fn(3, 64, |_, pixel| x[(pixel, column)]);
        (name.to_owned(), (0..10).map(|label| enlarged.of(&digit(label))).collect())
    });
    let grid = Grid {
        picture: &enlarged.picture,
        columns: (0..10).map(|label| label.to_string()).collect(),
        rows: rows.into(),
    };
    grid.svg(&alt)
}
