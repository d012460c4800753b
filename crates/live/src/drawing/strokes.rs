//! The strokes of a drawing, and points along them.

use diffusion_core::{generator, points, randn_like};
use nalgebra::DMatrix;

use crate::Refused;

/// How far from 0 a stroke can be, in each direction.
const REACH: f64 = 1.3;

/// The standard deviation of what is added to points of a line, to make it as thick as a
/// pen's: as for those of [`diffusion_core::points`].
const PEN: f32 = 0.02;

/// A stroke counts as at least this long, which is about as thick as it is. So a dot has
/// points, too.
const LEAST_LENGTH: f64 = 0.08;

/// A line through places of the plane.
struct Stroke {
    places: Vec<[f64; 2]>,
    /// The length up to each place.
    lengths: Vec<f64>,
}

/// So many points along some strokes, 2 × count, as dense on each as on any other. Each is
/// off by normal noise of the standard deviation 0.02.
///
/// The strokes come as x and y of each place, with a pair that is no number between one
/// stroke and the next.
///
/// # Errors
///
/// If there is no place, or one that is not from -1.3 to 1.3 in each direction.
pub(super) fn points(count: usize, places: &[[f64; 2]]) -> Result<DMatrix<f32>, Refused> {
    let is_place = |place: &[f64; 2]| place.iter().all(|value| value.abs() <= REACH);
    let is_between = |place: &[f64; 2]| place.iter().all(|value| value.is_nan());
    let mut strokes = Vec::new();
    for places in places.split(is_between).filter(|places| !places.is_empty()) {
        if !places.iter().all(is_place) {
            return Err(Refused::OutOfRange);
        }
        strokes.push(Stroke::through(places));
    }
    let total: f64 = strokes.iter().map(Stroke::length).sum();
    let mut stroke = strokes.iter();
    let mut under_way = stroke.next().ok_or(Refused::OutOfRange)?;
    let mut begin = 0.0;
    let values = (0..count).flat_map(|point| {
        let length = total * (point as f64 + 0.5) / count as f64;
        while length > begin + under_way.length() {
            // Not after the last, however the sums are rounded.
            let Some(next) = stroke.next() else { break };
            begin += under_way.length();
            under_way = next;
        }
        under_way.at((length - begin) / under_way.length()).map(|value| value as f32)
    });
    let line = DMatrix::from_iterator(2, count, values);
    let noise = randn_like(&line, &mut generator(points::SEED));
    Ok(line + PEN * noise)
}

impl Stroke {
    fn through(places: &[[f64; 2]]) -> Self {
        let mut length = 0.0;
        let mut lengths = vec![length];
        for pair in places.windows(2) {
            let [x, y] = [0, 1].map(|row| pair[1][row] - pair[0][row]);
            length += (x * x + y * y).sqrt();
            lengths.push(length);
        }
        Stroke { places: places.to_vec(), lengths }
    }

    /// The length that it counts as.
    fn length(&self) -> f64 {
        self.lengths[self.lengths.len() - 1].max(LEAST_LENGTH)
    }

    /// The place after this fraction of its length, from 0 to 1.
    fn at(&self, fraction: f64) -> [f64; 2] {
        let Stroke { places, lengths } = self;
        let length = fraction * lengths[lengths.len() - 1];
        let after = lengths.partition_point(|&up_to| up_to < length);
        let after = after.min(places.len() - 1);
        let Some(before) = after.checked_sub(1) else { return places[0] };
        let progress = (length - lengths[before]) / (lengths[after] - lengths[before]);
        [0, 1].map(|row| {
            places[before][row] + progress * (places[after][row] - places[before][row])
        })
    }
}
