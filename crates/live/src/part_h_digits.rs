//! Part H, live: digits out of noise, with a network that has learned already.

use nalgebra::DMatrix;

use crate::learned_digits::sheet;
use crate::part_h::Sampled;
use crate::{Page, Refused};

export!(
    /// See [`Page::part_h_digits`].
    part_h_digits(label: u32, guidance: f32, samples: usize, seed: u32)
);
export!(
    /// See [`Page::part_h_digits_step`].
    part_h_digits_step()
);
export!(
    /// See [`Page::part_h_digits_sheet`].
    part_h_digits_sheet(columns: usize)
);

impl Page {
    /// Begins with noise, to become so many digits with this label, or with each label in
    /// turn if `label` is how many there are, as the command does. The number is how many
    /// steps there are.
    pub fn part_h_digits(
        &mut self,
        label: u32,
        guidance: f32,
        samples: usize,
        seed: u32,
    ) -> Result<(), Refused> {
        let model = self.learned_digits.as_ref().ok_or(Refused::OutOfRange)?;
        let denoiser = model.denoiser(label as usize, guidance, samples)?;
        let scheduler = model.scheduler.clone();
        let sampled = Sampled::new(denoiser, scheduler, true, samples, seed.into());
        self.numbers = vec![sampled.remaining as f64];
        self.digits = Some(sampled);
        Ok(())
    }

    /// Takes one step back. The number is how many are left.
    pub fn part_h_digits_step(&mut self) -> Result<(), Refused> {
        let sampled = self.digits.as_mut().ok_or(Refused::OutOfRange)?;
        sampled.step()?;
        self.numbers = vec![sampled.remaining as f64];
        Ok(())
    }

    /// A sheet of the digits, so many in a row, with a dark line between two, as those of
    /// the command. The number is how much two of them differ on average: the root mean
    /// square over their pixels, which go from -1 to 1.
    pub fn part_h_digits_sheet(&mut self, columns: usize) -> Result<(), Refused> {
        let x = &self.digits.as_ref().ok_or(Refused::OutOfRange)?.x;
        let picture = sheet(x, columns)?;
        self.numbers = vec![mean_difference(x)];
        self.show(&picture.pixels_of(&picture.x));
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
