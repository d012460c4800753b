//! Chapter H, live: digits out of noise, with a network that has learned already.

use std::mem;

use nalgebra::DMatrix;

use crate::learned_digits::{LearnedDigits, sheet};
use crate::part_h::Sampled;
use crate::whole::whole;
use crate::{Call, LiveFigure, Page, Refused};

/// The figure of chapter H's digits.
#[derive(Default)]
pub struct PartHDigits {
    learned: Option<LearnedDigits>,
    sampled: Option<Sampled>,
}

impl LiveFigure for PartHDigits {
    fn call(&mut self, page: &mut Page, call: Call<'_>) -> Result<(), Refused> {
        match call {
            ("network", []) => self.network(&mem::take(&mut page.given)),
            ("begin", &[label, guidance, samples, seed]) => {
                let guidance = guidance as f32;
                self.begin(page, whole(label)?, guidance, whole(samples)?, whole(seed)?)
            }
            ("advance", []) => self.advance(page),
            ("sheet", &[columns]) => self.sheet(page, whole(columns)?),
            _ => Err(Refused::Unknown),
        }
    }
}

impl PartHDigits {
    /// Takes a network that has learned digits, as [`LearnedDigits::to_bytes`] writes
    /// it.
    ///
    /// # Errors
    ///
    /// If the bytes are not those of one.
    pub fn network(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        self.learned = Some(LearnedDigits::from_bytes(bytes)?);
        Ok(())
    }

    /// Begins with noise, to become so many digits with this label, or with each label
    /// in turn if `label` is how many there are, as the command does. The number is how
    /// many steps there are.
    ///
    /// # Errors
    ///
    /// If there is no network or label, the guidance scale is not from 0 to 100, or
    /// `samples` not from 2 to 100.
    pub fn begin(
        &mut self,
        page: &mut Page,
        label: usize,
        guidance: f32,
        samples: usize,
        seed: u32,
    ) -> Result<(), Refused> {
        let model = self.learned.as_ref().ok_or(Refused::OutOfRange)?;
        let denoiser = model.denoiser(label, guidance, samples)?;
        let scheduler = model.scheduler.clone();
        let sampled = Sampled::new(denoiser, scheduler, true, samples, seed.into());
        page.numbers = vec![sampled.remaining as f64];
        self.sampled = Some(sampled);
        Ok(())
    }

    /// Takes one step back. The number is how many are left.
    ///
    /// # Errors
    ///
    /// If it has not begun, or no step is left.
    pub fn advance(&mut self, page: &mut Page) -> Result<(), Refused> {
        let sampled = self.sampled.as_mut().ok_or(Refused::OutOfRange)?;
        sampled.step()?;
        page.numbers = vec![sampled.remaining as f64];
        Ok(())
    }

    /// A sheet of the digits, so many in a row, with a dark line between two, as those
    /// of the command. The number is how much two of them differ on average: the root
    /// mean square over their pixels, which go from -1 to 1.
    ///
    /// # Errors
    ///
    /// If it has not begun, or `columns` is not from 1 to 100.
    pub fn sheet(&self, page: &mut Page, columns: usize) -> Result<(), Refused> {
        let x = &self.sampled.as_ref().ok_or(Refused::OutOfRange)?.x;
        let picture = sheet(x, columns)?;
        page.numbers = vec![mean_difference(x)];
        page.show(&picture.pixels_of(&picture.x));
        Ok(())
    }
}

/// The root mean square of the difference of two columns, its mean over all pairs of
/// them.
fn mean_difference(x: &DMatrix<f32>) -> f64 {
    let difference = |one: usize, other: usize| {
        let pairs = x.column(one).into_iter().zip(x.column(other));
        let squares = pairs.map(|(one, other)| {
            let difference = f64::from(one - other);
            difference * difference
        });
        (squares.sum::<f64>() / x.nrows() as f64).sqrt()
    };
    let pairs = (1..x.ncols()).flat_map(|one| (0..one).map(move |other| (one, other)));
    let sum: f64 = pairs.map(|(one, other)| difference(one, other)).sum();
    sum / (x.ncols() * (x.ncols() - 1) / 2) as f64
}
