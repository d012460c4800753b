//! Part G, live.

use diffusion_kernels::patch_means::PatchMeans;
use diffusion_core::{generator, randn_like};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::cosine_schedule;
use part_f_the_way_back::Prediction;
use part_g_local_denoiser::{
    Border, LocalDenoiser, Pieces, shrinking_patches, step_without_noise,
};

use crate::{MAX_STEPS, Page, Refused};

/// The largest picture, in pixels a side, so that a page never has to wait long for a slice.
const MAX_SIDE: u32 = 64;

/// A picture that grows out of noise, as far as it has come.
pub(crate) struct Growing {
    side: u32,
    denoiser: LocalDenoiser,
    /// The state, and how many steps are left.
    x: DMatrix<f32>,
    left: usize,
    /// What the next step is made from, as far as it is computed.
    comparison: Option<PatchMeans>,
    /// What the last step was made from.
    guess: Option<Guess>,
}

struct Guess {
    x0: DMatrix<f32>,
    /// The side of the patches.
    patch: usize,
    /// How many of them a pixel is made from, on average.
    effective: f64,
    /// For each pixel, where in the photograph the nearest patch is.
    nearest: Vec<[usize; 2]>,
}

export!(
    /// See [`Page::part_g`].
    part_g(side: u32, patch: usize, steps: usize, seed: u32)
);
export!(
    /// See [`Page::part_g_advance`].
    part_g_advance()
);
export!(
    /// See [`Page::part_g_look`].
    part_g_look()
);

impl Page {
    /// Begins with noise, to become a picture from the patches of the one of this side, in so many
    /// steps, as the command does. Patches shrink if `patch` is 0, and else have that side.
    pub fn part_g(
        &mut self,
        side: u32,
        patch: usize,
        steps: usize,
        seed: u32,
    ) -> Result<(), Refused> {
        if !(1..=MAX_STEPS).contains(&steps) || side > MAX_SIDE {
            return Err(Refused::OutOfRange);
        }
        let photo = self.picture(side)?.clone();
        let scheduler = NoiseScheduler::from_betas(cosine_schedule(steps)?)?;
        let patches = match patch {
            0 => shrinking_patches(&scheduler, side as usize),
            patch => vec![patch; steps],
        };
        let x = randn_like(&photo.x, &mut generator(seed.into()));
        let size = [side as usize; 2];
        let denoiser = LocalDenoiser::new(photo, size, scheduler, patches, Border::Seen);
        self.growing = Some(Growing {
            side,
            denoiser: denoiser.map_err(|_| Refused::OutOfRange)?,
            x,
            left: steps,
            comparison: None,
            guess: None,
        });
        Ok(())
    }

    /// Computes a slice of the next step, a few milliseconds long, and takes the step when it was
    /// the last. The number is how many steps are left.
    pub fn part_g_advance(&mut self) -> Result<(), Refused> {
        let growing = self.growing.as_mut().ok_or(Refused::OutOfRange)?;
        let t = growing.left.checked_sub(1).ok_or(Refused::OutOfRange)?;
        let mut comparison = match growing.comparison.take() {
            Some(comparison) => comparison,
            None => growing.denoiser.compare(&growing.x, t)?,
        };
        comparison.advance();
        if comparison.remaining() > 0 {
            growing.comparison = Some(comparison);
        } else {
            growing.step(&comparison, t)?;
        }
        self.numbers = vec![growing.left as f64];
        Ok(())
    }

    /// Three pictures: the state; the guess that it was made from; and where in the photograph that comes
    /// from, red to the right and green downwards. Of noise there is no guess yet, and the two are
    /// grey.
    ///
    /// Numbers: alpha-bar of the state, and if there is a guess, the side of its patches, how many
    /// of them a pixel was made from on average, how many pieces of the photograph the guess is put
    /// together from, and how many pixels the largest has.
    pub fn part_g_look(&mut self) -> Result<(), Refused> {
        let growing = self.growing.as_ref().ok_or(Refused::OutOfRange)?;
        let side = growing.side as usize;
        let alpha_bar = match growing.left {
            0 => 1.0,
            left => growing.denoiser.scheduler().alpha_bar()[left - 1],
        };
        self.numbers = vec![alpha_bar];
        self.states = match &growing.guess {
            None => {
                let grey = DMatrix::zeros(3, side * side);
                vec![growing.x.clone(), grey.clone(), grey]
            }
            Some(guess) => {
                let pieces = Pieces::of(&guess.nearest, side);
                let counts = [pieces.sizes.len() as f64, pieces.largest() as f64];
                self.numbers.extend([guess.patch as f64, guess.effective]);
                self.numbers.extend(counts);
                let map = DMatrix::from_fn(3, side * side, |colour, pixel| {
                    place_as_colour(guess.nearest[pixel], side)[colour]
                });
                vec![growing.x.clone(), guess.x0.clone(), map]
            }
        };
        self.side = growing.side;
        Ok(())
    }
}

/// A colour for each place of a square picture, by its column and row: red to the right and green
/// downwards.
pub fn place_as_colour([column, row]: [usize; 2], side: usize) -> [f32; 3] {
    let share = |place: usize| 2.0 * place as f32 / (side - 1) as f32 - 1.0;
    [share(column), share(row), 0.2]
}

impl Growing {
    fn step(&mut self, comparison: &PatchMeans, t: usize) -> Result<(), Refused> {
        let x0 = comparison.means();
        let numbers = comparison.effective_numbers();
        let sum: f64 = numbers.iter().map(|&number| f64::from(number)).sum();
        let prediction = Prediction::X0(x0.clone());
        self.x = step_without_noise(self.denoiser.scheduler(), prediction, &self.x, t)?;
        self.left = t;
        self.guess = Some(Guess {
            x0,
            patch: self.denoiser.patch()[t],
            effective: sum / numbers.len() as f64,
            nearest: comparison.nearest(),
        });
        Ok(())
    }
}
