//! The moments of the noise, over a billion values.

use diffusion_core::{Generator, generator, randn_like};
use nalgebra::DMatrix;
use rayon::prelude::*;

use xtask_figures::stored::noise::COLUMNS;

/// How many values are drawn at once, and how many are summed up before the sums are
/// added.
const VALUES_AT_ONCE: usize = 1 << 20;
const VALUES_PER_SUM: usize = 1 << 10;

/// The text of [`xtask_figures::stored::noise::MOMENTS`]: one row for each number of
/// values. The numbers are multiples of 1024, and rise.
pub fn csv(numbers: &[usize]) -> String {
    let mut rng = generator(0);
    let mut sums = [0.0; COLUMNS.len()];
    let mut drawn = 0;
    let mut csv = format!("values,{}\n", COLUMNS.join(","));
    for &number in numbers {
        while drawn < number {
            let values = VALUES_AT_ONCE.min(number - drawn);
            add_powers(&mut sums, values, &mut rng);
            drawn += values;
        }
        let moments = sums.map(|sum| (sum / number as f64).to_string());
        csv += &format!("{number},{}\n", moments.join(","));
    }
    csv
}

/// Draws so many values and adds their powers to the sums, in a fixed order.
fn add_powers(sums: &mut [f64; COLUMNS.len()], values: usize, rng: &mut Generator) {
    let noise = randn_like(&DMatrix::zeros(1, values), rng);
    let of_chunk = |chunk: &[f32]| {
        let mut sums = [0.0; COLUMNS.len()];
        for &value in chunk {
            let value = f64::from(value);
            let square = value * value;
            let fourth = square * square;
            let powers = [value, square, fourth, fourth * fourth];
            sums.iter_mut().zip(powers).for_each(|(sum, power)| *sum += power);
        }
        sums
    };
    let of_chunks: Vec<[f64; COLUMNS.len()]> =
        noise.as_slice().par_chunks(VALUES_PER_SUM).map(of_chunk).collect();
    for of_chunk in of_chunks {
        sums.iter_mut().zip(of_chunk).for_each(|(sum, part)| *sum += part);
    }
}
