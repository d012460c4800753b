//! Chapter H, live: digits out of noise, with a network that has learned already.

use std::mem;

use nalgebra::DMatrix;

use crate::digits::sheet;
use crate::learned_digits::LearnedDigits;
use crate::part_h::Sampled;
use crate::whole::whole;
use crate::{Call, LiveFigure, Page, Refused};

/// The most guidance scales side by side, so that a page never has to wait long for a
/// step of all.
const MAX_SCALES: usize = 8;

/// Digits that are sampled from the same noise.
struct Guided {
    label: usize,
    samples: usize,
    seed: u64,
    /// With each guidance scale.
    sampled: Vec<Sampled>,
}

/// The figure of chapter H's digits.
#[derive(Default)]
pub struct PartHDigits {
    learned: Option<LearnedDigits>,
    guided: Option<Guided>,
}

impl LiveFigure for PartHDigits {
    fn call(&mut self, page: &mut Page, call: Call<'_>) -> Result<(), Refused> {
        match call {
            ("network", []) => self.network(&mem::take(&mut page.given)),
            ("begin", &[label, samples, seed]) => {
                self.begin(page, whole(label)?, whole(samples)?, whole(seed)?)
            }
            ("guide", &[guidance]) => self.guide(page, guidance as f32),
            ("advance", []) => self.advance(page),
            ("sheet", &[scale, columns]) => {
                self.sheet(page, whole(scale)?, whole(columns)?)
            }
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

    /// Digits with this label, or with each label in turn if `label` is how many there
    /// are, are what the noise of this seed is to become, with each guidance scale that
    /// [`guide`](Self::guide) is called with. There are no numbers.
    ///
    /// # Errors
    ///
    /// If there is no network or label, or `samples` is not from 2 to 100.
    pub fn begin(
        &mut self,
        page: &mut Page,
        label: usize,
        samples: usize,
        seed: u32,
    ) -> Result<(), Refused> {
        let model = self.learned.as_ref().ok_or(Refused::OutOfRange)?;
        // With any scale: that it can be done.
        model.denoiser(label, 1.0, samples)?;
        page.numbers.clear();
        let seed = seed.into();
        self.guided = Some(Guided { label, samples, seed, sampled: Vec::new() });
        Ok(())
    }

    /// Begins with the noise, to be sampled with this guidance scale as the command does,
    /// beside the scales before it. The number is how many steps there are.
    ///
    /// # Errors
    ///
    /// If it has not begun, `guidance` is not from 0 to 100, there are 8 scales already,
    /// or those before it have taken a step.
    pub fn guide(&mut self, page: &mut Page, guidance: f32) -> Result<(), Refused> {
        let model = self.learned.as_ref().ok_or(Refused::OutOfRange)?;
        let Guided { label, samples, seed, sampled } =
            self.guided.as_mut().ok_or(Refused::OutOfRange)?;
        let scheduler = model.scheduler.clone();
        let has_advanced = |sampled: &Sampled| sampled.remaining < scheduler.steps();
        if sampled.len() == MAX_SCALES || sampled.iter().any(has_advanced) {
            return Err(Refused::OutOfRange);
        }
        let denoiser = model.denoiser(*label, guidance, *samples)?;
        let guided = Sampled::new(denoiser, scheduler, true, *samples, *seed);
        page.numbers = vec![guided.remaining as f64];
        sampled.push(guided);
        Ok(())
    }

    /// Takes one step back with the first scale that has taken the fewest. The number is
    /// how many steps are left, of the scale that has the most left.
    ///
    /// # Errors
    ///
    /// If there is no scale, or no step is left.
    pub fn advance(&mut self, page: &mut Page) -> Result<(), Refused> {
        let Guided { sampled, .. } = self.guided.as_mut().ok_or(Refused::OutOfRange)?;
        let most = |sampled: &[Sampled]| sampled.iter().map(|one| one.remaining).max();
        let remaining = most(sampled).ok_or(Refused::OutOfRange)?;
        let next = sampled.iter_mut().find(|one| one.remaining == remaining);
        next.ok_or(Refused::OutOfRange)?.step()?;
        page.numbers = vec![most(sampled).unwrap_or(0) as f64];
        Ok(())
    }

    /// A sheet of the digits with the guidance scale of this number, so many in a row,
    /// with a dark line between two, as those of the command. The number is how much two
    /// of them differ on average: the root mean square over their pixels, which go from
    /// -1 to 1.
    ///
    /// # Errors
    ///
    /// If there is no such scale, or `columns` is not from 1 to 100.
    pub fn sheet(
        &self,
        page: &mut Page,
        scale: usize,
        columns: usize,
    ) -> Result<(), Refused> {
        let guided = self.guided.as_ref().ok_or(Refused::OutOfRange)?;
        let x = &guided.sampled.get(scale).ok_or(Refused::OutOfRange)?.x;
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
