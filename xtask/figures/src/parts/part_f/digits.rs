//! Trajectories to digits, which end at copies.

use diffusion_cli::load;
use diffusion_core::Picture;
use diffusion_kernels::likelihoods::nearest;
use nalgebra::DMatrix;
use part_f_the_way_back::Variance;

use super::{STEPS, caption, exact, sampler, scheduler, trajectory};
use crate::draw::PageWidth;
use crate::draw::blocks::Enlarged;
use crate::draw::photograph::{Grid, NARROW_COLUMNS};

/// How many digits there are in a row of a sheet.
const IN_A_ROW: usize = 4;

/// Pictures in grey on a sheet, with a line between them.
fn sheet(digits: &DMatrix<f32>) -> DMatrix<f32> {
    const CELL: usize = load::DIGIT_SIDE + 1;
    const SHEET: usize = IN_A_ROW * CELL - 1;
    DMatrix::from_fn(3, SHEET * SHEET, |_, index| {
        let (y, x) = (index / SHEET, index % SHEET);
        let (row, column) = (y / CELL, x / CELL);
        let (top, left) = (y % CELL, x % CELL);
        if top == CELL - 1 || left == CELL - 1 {
            return -0.6;
        }
        digits[(top * load::DIGIT_SIDE + left, row * IN_A_ROW + column)]
    })
}

/// The states of sixteen samples of the digits, and how far these are from the nearest
/// digit.
pub fn sixteen_samples() -> (Vec<DMatrix<f32>>, Vec<f64>) {
    let data = load::digits().expect("the repository has its digits");
    let sampler = sampler(&scheduler(), Variance::BetaTilde);
    let denoiser = exact(&data);
    let states = trajectory(&denoiser, &sampler, data.nrows(), IN_A_ROW * IN_A_ROW);
    let distances = nearest(&states[STEPS], &data);
    (states, distances)
}

/// Sixteen samples of the digits.
pub fn digits(page: PageWidth) -> Vec<u8> {
    let (states, distances) = sixteen_samples();
    let shown = [0, 35, 60, 80, 100];
    let sheets = shown.map(|state| sheet(&states[state]));
    let side = IN_A_ROW * (load::DIGIT_SIDE + 1) - 1;
    let picture =
        Picture { x: sheets[0].clone(), width: side as u32, height: side as u32 };
    let enlarged = Enlarged::new(&picture, 4);
    let grid = Grid {
        picture: &enlarged.picture,
        columns: shown.map(caption).into(),
        rows: vec![(
            "sixteen trajectories, of 100 steps".to_owned(),
            sheets.iter().map(|x| enlarged.of(x)).collect(),
        )],
        narrow_columns: NARROW_COLUMNS,
    };
    let furthest = distances.iter().copied().fold(0.0, f64::max);
    grid.svg(page, &format!(
        "Sixteen trajectories to the 1,797 digits at five states, from noise to sixteen legible \
         digits of 8 x 8 pixels. The furthest is {furthest} from a digit of the data."
    ))
}
