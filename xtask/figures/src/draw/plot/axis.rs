//! Axes: where a value is, and which values are named.

use std::ops::Range;

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};
use plotters::coord::types::RangedCoordf64;

/// An axis. The name and the range of a linear one stand for it: `("step", 0.0..10.0)`.
#[derive(Clone)]
pub struct Axis<'a> {
    pub(super) name: &'a str,
    pub(super) range: Range<f64>,
    pub(super) scale: Scale,
}

/// What is of the same length everywhere on an axis.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Scale {
    /// A difference.
    Linear,
    /// A ratio.
    Logarithmic,
}

impl<'a> From<(&'a str, Range<f64>)> for Axis<'a> {
    fn from((name, range): (&'a str, Range<f64>)) -> Self {
        Self { name, range, scale: Scale::Linear }
    }
}

impl<'a> Axis<'a> {
    /// An axis on which a factor of ten is of the same length everywhere, with labels at
    /// powers of ten. Its name comes with the unit, if there is one.
    ///
    /// # Panics
    ///
    /// Panics if the range isn't above 0, or has fewer than two powers of ten in it: a
    /// reader could not tell from a single label how long a factor of ten is.
    pub fn logarithmic(name: &'a str, range: Range<f64>) -> Self {
        let axis = Self { name, range, scale: Scale::Logarithmic };
        assert!(
            axis.range.start > 0.0 && axis.range.end.is_finite(),
            "the range {:?} of the logarithmic axis '{name}' is not above 0",
            axis.range
        );
        assert!(
            axis.exponents().count() >= 2,
            "the range {:?} of the logarithmic axis '{name}' has fewer than two powers of ten",
            axis.range
        );
        axis
    }

    /// Panics if the axis has no place for the value. It may have one outside its range.
    pub(super) fn assert_has(&self, value: f64) {
        let name = self.name;
        assert!(value.is_finite(), "a value on the axis '{name}' is {value}");
        assert!(
            self.scale == Scale::Linear || value > 0.0,
            "the value {value} has no place on the logarithmic axis '{name}'"
        );
    }

    pub(super) fn is_in_range(&self, value: f64) -> bool {
        (self.range.start..=self.range.end).contains(&value)
    }

    /// What stands at a value.
    pub(super) fn label(&self, value: f64) -> String {
        match self.scale {
            Scale::Linear => {
                let rounded = (value * 1e6).round() / 1e6;
                // The sum turns a negative zero into a positive one.
                (rounded + 0.0).to_string()
            }
            Scale::Logarithmic => {
                let exponent = libm::log10(value).round();
                let raised = |digit| match digit {
                    '-' => '⁻',
                    '1' => '¹',
                    '2' => '²',
                    '3' => '³',
                    // The others are together in Unicode.
                    digit => char::from_u32('⁰' as u32 + digit as u32 - '0' as u32)
                        .expect("a raised digit"),
                };
                "10".chars().chain(exponent.to_string().chars().map(raised)).collect()
            }
        }
    }

    /// The exponents of the powers of ten in the range.
    fn exponents(&self) -> impl Iterator<Item = i32> + use<> {
        // A power of ten that ends the range counts, whatever the rounding.
        let first = (libm::log10(self.range.start) - 1e-9).ceil() as i32;
        let last = (libm::log10(self.range.end) + 1e-9).floor() as i32;
        first..=last
    }

    /// Every how many powers of ten have a label if at most so many may have one.
    fn stride(&self, labels: usize) -> i32 {
        let fits = |&stride: &i32| {
            let labelled = self.exponents().filter(|exponent| exponent % stride == 0);
            labelled.count() <= labels.max(1)
        };
        (1..).find(fits).expect("a large stride leaves one label at most")
    }

    /// The powers of ten with a label.
    fn labelled(&self, labels: usize) -> Vec<f64> {
        let stride = self.stride(labels);
        let labelled = self.exponents().filter(|exponent| exponent % stride == 0);
        labelled.map(power_of_ten).collect()
    }

    /// The values with a light line: the powers of ten without a label, or, if all have
    /// one, multiples of them, as many as there is room for.
    fn unlabelled(&self, labels: usize) -> Vec<f64> {
        let stride = self.stride(labels);
        if stride > 1 {
            let unlabelled = self.exponents().filter(|exponent| exponent % stride != 0);
            return unlabelled.map(power_of_ten).collect();
        }
        let powers = self.exponents().count();
        let multiples = if 2 * powers <= labels + 2 { 2..=9 } else { 5..=5 };
        // The range may start between two powers of ten.
        let below = self.exponents().take(1).map(|first| first - 1);
        below
            .chain(self.exponents())
            .flat_map(|exponent| {
                let power = power_of_ten(exponent);
                multiples.clone().map(move |multiple| f64::from(multiple) * power)
            })
            .filter(|&value| self.is_in_range(value))
            .collect()
    }
}

fn power_of_ten(exponent: i32) -> f64 {
    10_f64.powi(exponent)
}

impl Ranged for Axis<'_> {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let Range { start, end } = self.range;
        match self.scale {
            Scale::Linear => RangedCoordf64::from(start..end).map(value, limit),
            Scale::Logarithmic => {
                RangedCoordf64::from(libm::log10(start)..libm::log10(end))
                    .map(&libm::log10(*value), limit)
            }
        }
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        match (self.scale, hint.weight().allow_light_points()) {
            (Scale::Linear, true) => Vec::new(),
            (Scale::Linear, false) => {
                RangedCoordf64::from(self.range.clone()).key_points(hint)
            }
            (Scale::Logarithmic, true) => self.unlabelled(hint.bold_points()),
            (Scale::Logarithmic, false) => self.labelled(hint.max_num_points()),
        }
    }

    fn range(&self) -> Range<f64> {
        self.range.clone()
    }
}
