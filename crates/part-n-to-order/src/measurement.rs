//! What is seen of a datum: some of its pixels, means of pixels, a blur of it.
//!
//! All of these are linear. Turn the coordinates of what is seen, and each of them is a
//! list of directions at right angles in the space of data, with a gain for each (the
//! singular value decomposition). So one type is enough for all, and what is known along
//! a direction doesn't depend on what is known along another.

use std::f64::consts::PI;

use diffusion_core::mathematics::f64::cos;
use diffusion_core::randn_like;
use diffusion_kernels::matrix_product;
use nalgebra::DMatrix;
use rand::Rng;

use crate::error::OrderError;

// ANCHOR: measurement
/// What is measured of a datum of d values: k directions at right angles, each of length
/// 1, and with how much gain each is seen.
#[derive(Clone, Debug)]
pub struct Measurement {
    directions: Directions,
    gains: Vec<f32>,
    values: usize,
}

/// The directions: of sets of values that have none in common, all in a set with the same
/// weight; or any, k × d with a row for each.
#[derive(Clone, Debug)]
enum Directions {
    Sets(Vec<Vec<usize>>),
    Any(DMatrix<f32>),
}

/// What was seen: `y = A x0 + s * noise` (equation N.1).
#[derive(Clone, Debug)]
pub struct Observation {
    /// A.
    pub measurement: Measurement,
    /// y: k values, one for each direction.
    pub y: Vec<f32>,
    /// The standard deviation s of the noise in each of them, at least 0.
    pub noise: f64,
}
// ANCHOR_END: measurement

impl Measurement {
    /// Some of the values as they are: those at these places.
    ///
    /// # Errors
    ///
    /// If a place is not below the number of `values`, or is there twice.
    pub fn mask(values: usize, seen: &[usize]) -> Result<Self, OrderError> {
        Self::of_sets(values, seen.iter().map(|&place| vec![place]).collect())
    }

    /// The mean of each block of
    /// `side` × `side` pixels of a picture of `width` × `height` pixels with one value
    /// each. A mean of k values has the gain 1/√k.
    ///
    /// # Errors
    ///
    /// If the blocks do not fill the picture.
    pub fn means([width, height]: [usize; 2], side: usize) -> Result<Self, OrderError> {
        let fills = side > 0 && width.is_multiple_of(side) && height.is_multiple_of(side);
        if !fills || width * height == 0 {
            return Err(OrderError::Blocks { side, size: [width, height] });
        }
        let in_a_row = width / side;
        let mut sets = vec![Vec::new(); in_a_row * (height / side)];
        for pixel in 0..width * height {
            let (column, row) = (pixel % width, pixel / width);
            sets[row / side * in_a_row + column / side].push(pixel);
        }
        Self::of_sets(width * height, sets)
    }

    /// A picture of `width` × `height` pixels with one value each, blurred so many
    /// `times`: each time, a pixel keeps half of itself and takes a quarter from each of
    /// its neighbours, first in its row and then in its column; the border mirrors.
    ///
    /// Its directions are the waves of the discrete cosine transform, and so is what is
    /// seen: not the blurred picture, but its parts in these waves.
    pub fn blur([width, height]: [usize; 2], times: usize) -> Self {
        let rows: Vec<[usize; 2]> =
            (0..height).flat_map(|v| (0..width).map(move |u| [u, v])).collect();
        let wave = |n: usize, frequency: usize, place: usize| {
            let scale = if frequency == 0 { 1.0 } else { 2.0 } / n as f64;
            let turn = (place as f64 + 0.5) * frequency as f64 / n as f64;
            scale.sqrt() * cos(PI * turn)
        };
        let gain = |n: usize, frequency: usize| {
            (1.0 + cos(PI * frequency as f64 / n as f64)) / 2.0
        };
        let directions = DMatrix::from_fn(rows.len(), rows.len(), |row, pixel| {
            let [u, v] = rows[row];
            let across = wave(width, u, pixel % width);
            (across * wave(height, v, pixel / width)) as f32
        });
        let gains = rows.iter().map(|&[u, v]| {
            let once = gain(width, u) * gain(height, v);
            (0..times).fold(1.0, |gain, _| gain * once) as f32
        });
        let gains = gains.collect();
        Measurement { directions: Directions::Any(directions), gains, values: rows.len() }
    }

    /// One direction, of any length but 0, with the gain 1: a projection.
    ///
    /// # Errors
    ///
    /// If its length is 0 or not finite.
    pub fn projection(direction: &[f32]) -> Result<Self, OrderError> {
        let row = DMatrix::from_row_slice(1, direction.len(), direction);
        let length = row.dot(&row).sqrt();
        match length.is_normal() {
            true => Ok(Measurement {
                directions: Directions::Any(row / length),
                gains: vec![1.0],
                values: direction.len(),
            }),
            false => Err(OrderError::Direction),
        }
    }

    /// The mean of each of these sets of places.
    fn of_sets(values: usize, sets: Vec<Vec<usize>>) -> Result<Self, OrderError> {
        let mut is_taken = vec![false; values];
        for &place in sets.iter().flatten() {
            match is_taken.get_mut(place) {
                Some(is_taken) if !*is_taken => *is_taken = true,
                _ => return Err(OrderError::Place { place, values }),
            }
        }
        let gains = sets.iter().map(|set| 1.0 / (set.len() as f32).sqrt()).collect();
        Ok(Measurement { directions: Directions::Sets(sets), gains, values })
    }

    /// How many values a datum has, d.
    pub fn values(&self) -> usize {
        self.values
    }

    /// The gain of each direction, from 0 to 1: k of them.
    pub fn gains(&self) -> &[f32] {
        &self.gains
    }

    /// How far states reach along each direction, without the gains: of `x`, d × n, it is
    /// k × n.
    ///
    /// # Panics
    ///
    /// If `x` has not as many rows as a datum has values.
    pub fn along(&self, x: &DMatrix<f32>) -> DMatrix<f32> {
        assert_eq!(x.nrows(), self.values, "a state has the shape of a datum");
        match &self.directions {
            Directions::Any(rows) => matrix_product::mul(rows, x),
            Directions::Sets(sets) => {
                DMatrix::from_fn(sets.len(), x.ncols(), |set, sample| {
                    let places = sets[set].iter();
                    let sum: f32 = places.map(|&place| x[(place, sample)]).sum();
                    sum / (sets[set].len() as f32).sqrt()
                })
            }
        }
    }

    /// The states that reach so far along the directions, and not at all elsewhere: of
    /// `lengths`, k × n, it is d × n.
    ///
    /// # Panics
    ///
    /// If there are not as many rows as directions.
    pub fn back(&self, lengths: &DMatrix<f32>) -> DMatrix<f32> {
        assert_eq!(lengths.nrows(), self.gains.len(), "a length for each direction");
        match &self.directions {
            Directions::Any(rows) => matrix_product::tr_mul(rows, lengths),
            Directions::Sets(sets) => {
                let mut x = DMatrix::zeros(self.values, lengths.ncols());
                for (set, places) in sets.iter().enumerate() {
                    let root = (places.len() as f32).sqrt();
                    for sample in 0..lengths.ncols() {
                        let each = lengths[(set, sample)] / root;
                        places.iter().for_each(|&place| x[(place, sample)] = each);
                    }
                }
                x
            }
        }
    }
}

impl Observation {
    /// What is seen of the datum `x0`, d values, with noise from `rng` (equation N.1).
    ///
    /// # Errors
    ///
    /// If the datum has another number of values, or the noise is below 0 or not finite.
    pub fn of(
        x0: &[f32],
        measurement: Measurement,
        noise: f64,
        rng: &mut impl Rng,
    ) -> Result<Self, OrderError> {
        if x0.len() != measurement.values {
            let (found, expected) = (x0.len(), measurement.values);
            return Err(OrderError::Values { found, expected });
        }
        if !(noise >= 0.0 && noise.is_finite()) {
            return Err(OrderError::Noise(noise));
        }
        let along = measurement.along(&DMatrix::from_column_slice(x0.len(), 1, x0));
        let drawn = randn_like(&along, rng);
        let seen = along.iter().zip(&measurement.gains).zip(&drawn);
        let y = seen.map(|((x0, gain), drawn)| gain * x0 + noise as f32 * drawn);
        let y = y.collect();
        Ok(Observation { measurement, y, noise })
    }

    /// Of the datum `x0`, d values, those at these `places`, with noise from `rng`. Noise is
    /// drawn for all values: that of one doesn't depend on which others are seen.
    ///
    /// # Errors
    ///
    /// If a place is not in the datum, or is there twice, or the noise is below 0 or not
    /// finite.
    pub fn of_places(
        x0: &[f32],
        places: &[usize],
        noise: f64,
        rng: &mut impl Rng,
    ) -> Result<Self, OrderError> {
        let values = x0.len();
        let measurement = Measurement::mask(values, places)?;
        let all: Vec<usize> = (0..values).collect();
        let whole = Self::of(x0, Measurement::mask(values, &all)?, noise, rng)?;
        let y = places.iter().map(|&place| whole.y[place]).collect();
        Ok(Observation { measurement, y, noise })
    }

    /// What was seen as it looks, d × 1: what is not seen is 0, a mean is in all of its
    /// pixels, and a blurred picture is blurred.
    pub fn picture(&self) -> DMatrix<f32> {
        let mut y = DMatrix::from_column_slice(self.y.len(), 1, &self.y);
        if let Directions::Sets(_) = self.measurement.directions {
            y.iter_mut().zip(&self.measurement.gains).for_each(|(y, gain)| *y /= gain);
        }
        self.measurement.back(&y)
    }

    /// What is seen and not explained by predictions `x0`, d × n: `y - A x0`, k × n.
    ///
    /// # Panics
    ///
    /// If `x0` has not as many rows as a datum has values.
    pub fn residual(&self, x0: &DMatrix<f32>) -> DMatrix<f32> {
        let mut residual = self.measurement.along(x0);
        for mut sample in residual.column_iter_mut() {
            let seen = self.y.iter().zip(&self.measurement.gains);
            for (value, (y, gain)) in sample.iter_mut().zip(seen) {
                *value = y - gain * *value;
            }
        }
        residual
    }
}
