//! Chapter G, live.

use diffusion_core::picture::{channels_first, pixels_first};
use diffusion_core::{generator, randn_like};
use diffusion_kernels::patch_means::PatchMeans;
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::cosine;
use part_f_the_way_back::{NoiseLevel, Prediction, PredictionType};
use part_g_local_denoiser::{
    Border, LocalDenoiser, PatchSize, Pieces, step_without_noise,
};

use crate::whole::whole;
use crate::{Call, LiveFigure, MAX_STEPS, Page, Refused};

/// The largest picture, in pixels a side, so that a page never has to wait long for a
/// slice.
const MAX_SIDE: u32 = 64;

/// A picture that grows out of noise, as far as it has come.
struct Growing {
    side: u32,
    denoiser: LocalDenoiser,
    scheduler: NoiseScheduler,
    /// The state, and how many steps are left to take.
    x: DMatrix<f32>,
    remaining: usize,
    /// What the next step is made from, as far as it is computed.
    comparison: Option<PatchMeans>,
    /// What the last step was made from.
    last: Option<LastStep>,
}

struct LastStep {
    /// The prediction of the picture, 3 × N.
    x0: DMatrix<f32>,
    /// The side of the patches.
    patch: usize,
    /// How many of them a pixel is made from, on average.
    effective: f64,
    /// For each pixel, where in the photograph the nearest patch is.
    nearest: Vec<[usize; 2]>,
}

/// The figure of chapter G.
#[derive(Default)]
pub struct PartG {
    growing: Option<Growing>,
}

impl LiveFigure for PartG {
    fn call(&mut self, page: &mut Page, call: Call<'_>) -> Result<(), Refused> {
        match call {
            ("begin", &[side, patch, steps, seed]) => {
                self.begin(page, whole(side)?, whole(patch)?, whole(steps)?, whole(seed)?)
            }
            ("advance", []) => self.advance(page),
            ("state", []) => self.state(page),
            _ => Err(Refused::Unknown),
        }
    }
}

impl PartG {
    /// Begins with noise, to become a picture from the patches of the one of this side,
    /// in so many steps, as the command does. Patches shrink if `patch` is 0, and else
    /// have that side.
    ///
    /// # Errors
    ///
    /// If there is no such picture or it has more than 64 pixels a side, `steps` is not
    /// from 1 to [`MAX_STEPS`], or the picture has no patches of that side.
    pub fn begin(
        &mut self,
        page: &Page,
        side: u32,
        patch: usize,
        steps: usize,
        seed: u32,
    ) -> Result<(), Refused> {
        if !(1..=MAX_STEPS).contains(&steps) || side > MAX_SIDE {
            return Err(Refused::OutOfRange);
        }
        let photo = page.picture(side)?.clone();
        let scheduler = cosine(steps)?;
        let patch = match patch {
            0 => PatchSize::Shrinking { side: side as usize },
            patch => PatchSize::Fixed(patch),
        };
        let noise = randn_like(&photo.x, &mut generator(seed.into()));
        let size = [side as usize; 2];
        let denoiser = LocalDenoiser::new(photo, size, patch, Border::Seen);
        self.growing = Some(Growing {
            side,
            denoiser: denoiser.map_err(|_| Refused::OutOfRange)?,
            scheduler,
            x: channels_first(&noise),
            remaining: steps,
            comparison: None,
            last: None,
        });
        Ok(())
    }

    /// Computes a slice of the next step, a few milliseconds long, and takes the step
    /// when it was the last. The number is how many steps are left.
    ///
    /// # Errors
    ///
    /// If it has not begun, or no step is left.
    pub fn advance(&mut self, page: &mut Page) -> Result<(), Refused> {
        let growing = self.growing.as_mut().ok_or(Refused::OutOfRange)?;
        let t = growing.remaining.checked_sub(1).ok_or(Refused::OutOfRange)?;
        let mut comparison = match growing.comparison.take() {
            Some(comparison) => comparison,
            None => {
                let level = NoiseLevel::of_timestep(&growing.scheduler, t)?;
                growing.denoiser.compare(growing.x.as_slice(), level)
            }
        };
        comparison.advance();
        if comparison.remaining() > 0 {
            growing.comparison = Some(comparison);
        } else {
            growing.step(&comparison, t)?;
        }
        page.numbers = vec![growing.remaining as f64];
        Ok(())
    }

    /// Three pictures: the state; the prediction that it was made from; and where in
    /// the photograph that comes from, red to the right and green downwards. Of noise
    /// there is no prediction yet, and the two are grey.
    ///
    /// Numbers: alpha-bar of the state, and if there is a prediction, the side of its
    /// patches, how many of them a pixel was made from on average, how many pieces of
    /// the photograph the prediction is put together from, and how many pixels the
    /// largest has.
    ///
    /// # Errors
    ///
    /// If it has not begun.
    pub fn state(&self, page: &mut Page) -> Result<(), Refused> {
        let growing = self.growing.as_ref().ok_or(Refused::OutOfRange)?;
        let side = growing.side as usize;
        let alpha_bar = match growing.remaining {
            0 => 1.0,
            remaining => growing.scheduler.alpha_bar()[remaining - 1],
        };
        page.numbers = vec![alpha_bar];
        let x = pixels_first(growing.x.as_slice());
        page.states = match &growing.last {
            None => {
                let grey = DMatrix::zeros(3, side * side);
                vec![x, grey.clone(), grey]
            }
            Some(last) => {
                let pieces = Pieces::of(&last.nearest, side);
                let counts = [pieces.sizes.len() as f64, pieces.largest() as f64];
                page.numbers.extend([last.patch as f64, last.effective]);
                page.numbers.extend(counts);
                let map = DMatrix::from_fn(3, side * side, |colour, pixel| {
                    place_as_colour(last.nearest[pixel], side)[colour]
                });
                vec![x, last.x0.clone(), map]
            }
        };
        page.side = growing.side;
        Ok(())
    }
}

/// A colour for each place of a square picture, by its column and row: red to the right
/// and green downwards.
pub fn place_as_colour([column, row]: [usize; 2], side: usize) -> [f32; 3] {
    let value = |place: usize| 2.0 * place as f32 / (side - 1) as f32 - 1.0;
    [value(column), value(row), 0.2]
}

impl Growing {
    fn step(&mut self, comparison: &PatchMeans, t: usize) -> Result<(), Refused> {
        let x0 = comparison.means();
        let numbers = comparison.effective_numbers();
        let sum: f64 = numbers.iter().map(|&number| f64::from(number)).sum();
        let from = NoiseLevel::of_timestep(&self.scheduler, t)?;
        let to = NoiseLevel::before_timestep(&self.scheduler, t)?;
        let values = channels_first(&x0);
        let prediction = Prediction { kind: PredictionType::X0, values };
        self.x = step_without_noise(prediction, &self.x, from, to);
        self.remaining = t;
        self.last = Some(LastStep {
            x0,
            patch: self.denoiser.patch().at(from.sigma()),
            effective: sum / numbers.len() as f64,
            nearest: comparison.nearest(),
        });
        Ok(())
    }
}
