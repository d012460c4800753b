//! A first way back, from noise to digits, drawn with letters.

use std::error::Error;
use std::fmt::Write;

use diffusion_cli::load::{self, DIGIT_SIDE};
use diffusion_core::{generator, randn_like};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{ExactDenoiser, NoiseLevel};

// ANCHOR: way_back
/// From noise to handwritten digits: all states, the noise first.
pub fn way_back(samples: usize) -> Result<Vec<DMatrix<f32>>, Box<dyn Error>> {
    let digits = load::digits()?;
    let scheduler = NoiseScheduler::new(24, 1e-4, 0.6)?;
    let denoiser = ExactDenoiser::new(&digits)?;
    let noise = DMatrix::zeros(digits.nrows(), samples);
    let mut x = randn_like(&noise, &mut generator(0));
    let mut states = vec![x.clone()];
    for t in (0..scheduler.steps()).rev() {
        let here = NoiseLevel::of_timestep(&scheduler, t)?;
        let before = NoiseLevel::before_timestep(&scheduler, t)?;
        // Which digit may be in this state?
        let x0 = denoiser.posterior_mean(&x, here);
        // By the formula of a jump, the rest of the state is noise.
        let noise = (x - here.a as f32 * &x0) / here.b as f32;
        // The same digit and the same noise, jumped to one timestep earlier.
        x = before.a as f32 * x0 + before.b as f32 * noise;
        states.push(x.clone());
    }
    Ok(states)
}
// ANCHOR_END: way_back

/// Some of the states, side by side in letters: the darker, the more ink.
pub fn drawn(states: &[DMatrix<f32>]) -> String {
    const INK: &[u8] = b" .:-=+*oO@";
    let letter = |value: f32| {
        let ink = (value + 1.0) / 2.0 * (INK.len() - 1) as f32;
        char::from(INK[ink.round().clamp(0.0, (INK.len() - 1) as f32) as usize])
    };
    let mut text = String::new();
    for state in [0, 12, 18, states.len() - 1] {
        let left = states.len() - 1 - state;
        let _ = match left {
            0 => writeln!(text, "no step left"),
            _ => writeln!(text, "{left} steps left"),
        };
        for row in 0..DIGIT_SIDE {
            let digits = states[state].column_iter().map(|digit| -> String {
                let row = &digit.as_slice()[row * DIGIT_SIDE..][..DIGIT_SIDE];
                row.iter().flat_map(|&value| [letter(value); 2]).collect()
            });
            let line = digits.collect::<Vec<String>>().join("  ");
            let _ = writeln!(text, "{}", line.trim_end());
        }
    }
    text
}

fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", drawn(&way_back(4)?));
    Ok(())
}
