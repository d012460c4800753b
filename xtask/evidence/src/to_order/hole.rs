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
use xtask_figures::stored::to_order::{CELL, FILLING, Row};

use super::{Measured, levels};

/// From the left, from the top, width and height, in pixels.
const HOLE: [usize; 4] = [24, 20, 16, 24];

/// In how many steps.
const STEPS: usize = 30;

/// How many times over it is filled by each method, each time from another noise.
const SEEDS: u64 = 5;

pub fn fill(measured: &mut Measured) {
    let photo = load::picture(&load::mandrill(), Some(CELL as u32));
    let photo = photo.expect("the repository has its picture");
    let [left, top, width, height] = HOLE;
    let is_hole = |pixel: usize| {
        let (column, row) = (pixel % CELL, pixel / CELL);
        (left..left + width).contains(&column) && (top..top + height).contains(&row)
    };
    // As the command has it: of two parts of the same size, the last.
    let right = left + width;
    let places: Vec<usize> = (0..CELL * CELL).filter(|it| it % CELL >= right).collect();
    let size = [CELL - right, CELL].map(|side| side as u32);
    let x = photo.x.select_columns(&places);
    let beside = Picture { x, width: size[0], height: size[1] };
    let patch = PatchSize::Shrinking { side: CELL - right };
    let denoiser = DifferentiablePatches::new(beside, [CELL; 2], patch);
    let denoiser = denoiser.expect("patches fit");

    let x0 = channels_first(&photo.x);
    let seen: Vec<usize> =
        (0..x0.len()).filter(|place| !is_hole(place % (CELL * CELL))).collect();
    let measurement = Measurement::mask(x0.len(), &seen).expect("they are there");
    let y = seen.iter().map(|&place| x0[place]).collect();
    let observation = Observation { measurement, y, noise: 0.0 };
    let order = Order { denoiser: &denoiser, observation: &observation, eta: 1.0 };
    let mut all = x0.as_slice().to_vec();
    all.extend(observation.picture().as_slice());
    for name in FILLING {
        let named = method_list::named(name).expect("it is one of them").method;
        let repaint = RePaint { resamplings: 5, jump: 5 };
        // Of thousands of pixels that were seen, each is a small part of the miss's length.
        let dps = Dps::Length(10.0);
        let method: &dyn Method = match name {
            "repaint" => &repaint,
            "dps" => &dps,
            _ => named,
        };
        let filled = |seed: u64| {
            let noise = randn_like(&x0, &mut generator(2 * seed));
            let mut rng = generator(2 * seed + 1);
            let new_noise = &mut |x: &DMatrix<f32>| randn_like(x, &mut rng);
            let x = order.sample(method, &levels(STEPS), noise, new_noise);
            x.expect("patches have a derivative")
        };
        let filled: Vec<DMatrix<f32>> = (0..SEEDS).map(filled).collect();
        measured.put(&format!("seam_{name}"), filled.iter().map(|x| seam(x, is_hole)));
        all.extend(filled[0].as_slice());
    }
    measured.put("seam_picture", [seam(&x0, is_hole)]);
    let count = all.len() / x0.len();
    measured.put_row(Row::Hole, &DMatrix::from_vec(x0.len(), count, all));
}

/// How much two pixels side by side differ where one is in the hole and one is not: the
/// root of the mean square.
fn seam(x: &DMatrix<f32>, is_hole: impl Fn(usize) -> bool) -> f64 {
    let mut squares = Vec::new();
    for pixel in 0..CELL * CELL {
        let right = (pixel % CELL + 1 < CELL).then_some(pixel + 1);
        let below = (pixel / CELL + 1 < CELL).then_some(pixel + CELL);
        for other in [right, below].into_iter().flatten() {
            if is_hole(pixel) != is_hole(other) {
                for colour in 0..3 {
                    let at = |pixel| f64::from(x[colour * CELL * CELL + pixel]);
                    squares.push((at(pixel) - at(other)) * (at(pixel) - at(other)));
                }
            }
        }
    }
    (squares.iter().sum::<f64>() / squares.len() as f64).sqrt()
}
