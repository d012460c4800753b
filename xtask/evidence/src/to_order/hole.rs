//! The hole in the mandrill, by each method that can fill it.

use diffusion_cli::load;
use diffusion_core::picture::channels_first;
use diffusion_core::{Picture, generator, randn_like};
use nalgebra::DMatrix;
use part_g_local_denoiser::PatchSize;
use part_n_to_order::{
    DifferentiablePatches, Dps, Measurement, Method, Observation, Order, RePaint,
    method_list,
};
use rayon::prelude::*;
use xtask_figures::stored::to_order::{CELL, FILLING, HOLES, Row, SEAMS};

use super::{Measured, levels};

/// In how many steps.
const STEPS: usize = 30;

/// How many times over a hole is filled by each method, each time from another noise. An
/// odd number, for a median.
const SEEDS: u64 = 15;

/// How far a step of DPS goes. Of thousands of pixels that were seen, each is a small part
/// of the miss's length.
const SCALE: f64 = 10.0;

/// A picture with a hole, and what fills it.
struct Hole {
    x0: DMatrix<f32>,
    is_hole: Vec<bool>,
    denoiser: DifferentiablePatches,
    observation: Observation,
}

impl Hole {
    /// A hole with the largest part of the picture at its right: of two as large, the
    /// command takes the last.
    fn of(photo: &Picture, [left, top, width, height]: [usize; 4]) -> Self {
        let is_in = |pixel: usize| {
            let (column, row) = (pixel % CELL, pixel / CELL);
            (left..left + width).contains(&column) && (top..top + height).contains(&row)
        };
        let right = left + width;
        let places: Vec<usize> =
            (0..CELL * CELL).filter(|it| it % CELL >= right).collect();
        let size = [CELL - right, CELL].map(|side| side as u32);
        let x = photo.x.select_columns(&places);
        let beside = Picture { x, width: size[0], height: size[1] };
        let patch = PatchSize::Shrinking { side: CELL - right };
        let denoiser = DifferentiablePatches::new(beside, [CELL; 2], patch);

        let is_hole: Vec<bool> = (0..CELL * CELL).map(is_in).collect();
        let x0 = channels_first(&photo.x);
        let seen: Vec<usize> =
            (0..x0.len()).filter(|place| !is_hole[place % is_hole.len()]).collect();
        let measurement = Measurement::mask(x0.len(), &seen).expect("they are there");
        let y = seen.iter().map(|&place| x0[place]).collect();
        let observation = Observation { measurement, y, noise: 0.0 };
        Hole { x0, is_hole, denoiser: denoiser.expect("patches fit"), observation }
    }

    /// As a method fills it in so many steps, from the noise of this seed.
    fn filled(&self, method: &dyn Method, steps: usize, seed: u64) -> DMatrix<f32> {
        let Hole { x0, denoiser, observation, .. } = self;
        let order = Order { denoiser, observation, eta: 1.0 };
        let noise = randn_like(x0, &mut generator(2 * seed));
        let mut rng = generator(2 * seed + 1);
        let new_noise = &mut |x: &DMatrix<f32>| randn_like(x, &mut rng);
        let x = order.sample(method, &levels(steps), noise, new_noise);
        x.expect("patches have a derivative")
    }

    /// The seams of a method from all noises: the least, the median, the most.
    fn seams(&self, method: &dyn Method, steps: usize) -> [f64; 3] {
        let of_seed = |seed| seam(&self.filled(method, steps, seed), &self.is_hole);
        let mut seams: Vec<f64> = (0..SEEDS).into_par_iter().map(of_seed).collect();
        seams.sort_by(f64::total_cmp);
        [seams[0], seams[seams.len() / 2], seams[seams.len() - 1]]
    }
}

/// A method by its name, which may go down several times.
fn method(name: &str, resamplings: usize) -> Box<dyn Method> {
    match name {
        "repaint" => Box::new(RePaint { resamplings, jump: 5 }),
        "dps" => Box::new(Dps::Length(SCALE)),
        _ => Box::new(method_list::named(name).expect("it is one of them").method),
    }
}

pub fn fill(measured: &mut Measured) {
    let photo = load::picture(&load::mandrill(), Some(CELL as u32));
    let photo = photo.expect("the repository has its picture");
    let holes = HOLES.map(|(name, place)| (name, Hole::of(&photo, place)));
    for (of, hole) in &holes {
        let of_picture = seam(&hole.x0, &hole.is_hole);
        measured.put(&format!("seam_picture_{of}"), [of_picture]);
        for (name, resamplings, steps) in SEAMS {
            let seams = hole.seams(&*method(name, resamplings), steps);
            measured.put(&format!("seam_{name}_{resamplings}_{steps}_{of}"), seams);
        }
    }
    let [(_, shown), _] = &holes;
    let mut all = shown.x0.as_slice().to_vec();
    all.extend(shown.observation.picture().as_slice());
    for name in FILLING {
        all.extend(shown.filled(&*method(name, 5), STEPS, 0).as_slice());
    }
    let count = all.len() / shown.x0.len();
    measured.put_row(Row::Hole, &DMatrix::from_vec(shown.x0.len(), count, all));
}

/// How much two pixels side by side differ where one is in the hole and one is not: the
/// root of the mean square.
fn seam(x: &DMatrix<f32>, is_hole: &[bool]) -> f64 {
    let mut squares = Vec::new();
    for pixel in 0..CELL * CELL {
        let right = (pixel % CELL + 1 < CELL).then_some(pixel + 1);
        let below = (pixel / CELL + 1 < CELL).then_some(pixel + CELL);
        for other in [right, below].into_iter().flatten() {
            if is_hole[pixel] != is_hole[other] {
                for colour in 0..3 {
                    let at = |pixel| f64::from(x[colour * CELL * CELL + pixel]);
                    squares.push((at(pixel) - at(other)) * (at(pixel) - at(other)));
                }
            }
        }
    }
    (squares.iter().sum::<f64>() / squares.len() as f64).sqrt()
}
