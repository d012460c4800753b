//! All live figures, and how a script calls one.

use std::mem;

use crate::{Page, Refused};

/// The name of a method, and its numbers in the order of its arguments.
pub type Call<'a> = (&'a str, &'a [f64]);

/// What a live figure calls, with what it keeps from one call to the next.
pub trait LiveFigure {
    /// Calls a method. What it makes is in the page's buffers.
    ///
    /// # Errors
    ///
    /// [`Refused::Unknown`] if it has no such method, or not with so many numbers;
    /// [`Refused::OutOfRange`] if a number is not whole that should be; and those of the
    /// method.
    fn call(&mut self, page: &mut Page, call: Call<'_>) -> Result<(), Refused>;
}

/// Makes a figure that has been asked for nothing yet.
pub type NewFigure = fn() -> Box<dyn LiveFigure>;

/// The figures that there are, by name: `KIND` of a chapter's `{{#live KIND …}}` and of
/// the figure's script, `book/src/live/KIND.js`. Only the tests call
/// `convolution` and `matrix-product`.
pub const FIGURES: &[(&str, NewFigure)] = &[
    #[cfg(feature = "part-one")]
    ("forward", new::<crate::PartD>),
    #[cfg(feature = "part-one")]
    ("part-a", new::<crate::PartA>),
    #[cfg(feature = "part-one")]
    ("part-b", new::<crate::PartB>),
    #[cfg(feature = "part-one")]
    ("part-c", new::<crate::PartC>),
    #[cfg(feature = "part-one")]
    ("part-d", new::<crate::PartD>),
    #[cfg(feature = "part-one")]
    ("walk-or-jump", new::<crate::BothWays>),
    #[cfg(feature = "part-one")]
    ("two-peaks", new::<crate::TwoPeaks>),
    #[cfg(feature = "schedules")]
    ("part-e", new::<crate::PartE>),
    #[cfg(feature = "way-back")]
    ("part-f", new::<crate::PartF>),
    #[cfg(feature = "way-back")]
    ("part-g", new::<crate::PartG>),
    #[cfg(feature = "learning")]
    ("part-h", new::<crate::PartH>),
    #[cfg(feature = "learning")]
    ("part-h-digits", new::<crate::PartHDigits>),
    #[cfg(feature = "samplers")]
    ("part-i", new::<crate::PartI>),
    #[cfg(feature = "samplers")]
    ("part-i-digits", new::<crate::PartIDigits>),
    #[cfg(feature = "flows")]
    ("part-j", new::<crate::PartJ>),
    #[cfg(feature = "convolutions")]
    ("part-k", new::<crate::PartK>),
    #[cfg(feature = "u-net")]
    ("part-l", new::<crate::PartL>),
    #[cfg(feature = "to-order")]
    ("part-n", new::<crate::PartN>),
    #[cfg(feature = "to-order")]
    ("part-n-guidance", new::<crate::PartNGuidance>),
    #[cfg(feature = "drawing")]
    ("draw", new::<crate::Drawing>),
    #[cfg(feature = "kernels")]
    ("convolution", new::<crate::Convolved>),
    #[cfg(feature = "kernels")]
    ("matrix-product", new::<crate::MatrixProduct>),
];

fn new<F: LiveFigure + Default + 'static>() -> Box<dyn LiveFigure> {
    Box::<F>::default()
}

/// A page and its figures: what a module holds, and its native twin.
#[derive(Default)]
pub struct Lessons {
    /// What all figures of the page share.
    pub page: Page,
    figures: Vec<Box<dyn LiveFigure>>,
}

impl Lessons {
    /// Begins a figure of this name, with a state of its own. Returns the number that it
    /// is called by, from 1.
    ///
    /// # Errors
    ///
    /// [`Refused::Unknown`] if there is no such figure.
    pub fn begin(&mut self, name: &str) -> Result<usize, Refused> {
        let figure = FIGURES.iter().find(|(other, _)| *other == name);
        let (_, new) = figure.ok_or(Refused::Unknown)?;
        self.figures.push(new());
        Ok(self.figures.len())
    }

    /// Calls a method of a figure, or, for the number 0, one that all share. Among these
    /// is `begin`, whose number is the one of a new figure of the name that is handed in.
    ///
    /// # Errors
    ///
    /// [`Refused::Unknown`] if there is no such figure, and those of
    /// [`LiveFigure::call`].
    pub fn call(&mut self, figure: usize, call: Call<'_>) -> Result<(), Refused> {
        if let Some(index) = figure.checked_sub(1) {
            let figure = self.figures.get_mut(index).ok_or(Refused::Unknown)?;
            return figure.call(&mut self.page, call);
        }
        let ("begin", []) = call else { return self.page.call(call) };
        let name = mem::take(&mut self.page.given);
        let figure = self.begin(str::from_utf8(&name).map_err(|_| Refused::Unknown)?)?;
        self.page.numbers = vec![figure as f64];
        Ok(())
    }
}
