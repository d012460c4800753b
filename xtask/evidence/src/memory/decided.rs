//! At which noise level the exact denoiser knows which digit a state will be, and which of
//! those that it has learned.

use diffusion_cli::load;
use part_f_the_way_back::NoiseLevel;
use rayon::prelude::*;
use xtask_figures::stored::memory::{CELL, DECIDED_SIZES, SURE};

use super::{DIGITS, Measured, by_heart};
use crate::{measured, u_net};

/// How many digits are noised, for each number of data.
const NOISED: usize = 100;

/// From one timestep to the next at which a state is looked at.
const EVERY: usize = 10;

/// The noisiest levels from which on it is sure of a state, down to the least noise.
struct Decided {
    label: NoiseLevel,
    datum: NoiseLevel,
}

/// Measures the medians.
pub fn measure(measured: &mut Measured) {
    let labels = load::mnist_labels().expect("the repository has them");
    let mut levels = NoiseLevel::all(&u_net::scheduler());
    levels.retain(|level| (level.t as usize).is_multiple_of(EVERY));
    for size in DECIDED_SIZES {
        let decided = decided(size, &labels, &levels);
        let put = |measured: &mut Measured,
                   what: &str,
                   of: fn(&Decided) -> NoiseLevel| {
            let mut levels: Vec<NoiseLevel> = decided.iter().map(of).collect();
            levels.sort_by(|one, other| one.t.total_cmp(&other.t));
            let median = levels[levels.len() / 2];
            measured.put(&format!("decided_{what}_{size}"), [median.t, median.sigma()]);
        };
        put(measured, "label", |it| it.label);
        put(measured, "datum", |it| it.datum);
    }
}

/// Of some of the first `size` digits, each with a noise of its own.
fn decided(size: usize, labels: &[usize], levels: &[NoiseLevel]) -> Vec<Decided> {
    let exact = by_heart(&DIGITS.columns(0, size).into_owned());
    let noise = measured::noise(CELL * CELL, NOISED, 2);
    let of_one = |i: usize| {
        let right = i * size / NOISED;
        let mut decided = Decided { label: NoiseLevel::CLEAN, datum: NoiseLevel::CLEAN };
        let [mut label, mut datum] = [true; 2];
        for &level in levels {
            let x =
                DIGITS.column(right) * level.a as f32 + noise.column(i) * level.b as f32;
            let weights = exact.weights(x.as_slice(), level);
            let of_label =
                weights.iter().zip(labels).filter(|(_, of)| **of == labels[right]);
            label &= of_label.map(|(weight, _)| weight).sum::<f64>() >= SURE;
            datum &= weights[right] >= SURE;
            if label {
                decided.label = level;
            }
            if datum {
                decided.datum = level;
            }
            if !label {
                break;
            }
        }
        decided
    };
    (0..NOISED).into_par_iter().map(of_one).collect()
}
