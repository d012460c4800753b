//! Squared distances, weights and means, as they are written down, and how far off those
//! of f32 may be.

use diffusion_core::Picture;
use nalgebra::DMatrix;
use part_f_the_way_back::NoiseLevel;
use part_g_local_denoiser::{Border, LocalDenoiser};

/// The squared distances of patches in f64, and what the roundings of f32 can make of
/// them.
pub struct Patches {
    photo: Picture,
    noisy: Picture,
    scales: (f64, f64),
    side: usize,
    border: Border,
}

impl Patches {
    /// Those that a denoiser of `photo` compares for the picture `x`, of this width and
    /// height, at a noise level.
    pub fn of(
        denoiser: &LocalDenoiser,
        [width, height]: [usize; 2],
        x: &DMatrix<f32>,
        at: NoiseLevel,
        border: Border,
    ) -> Self {
        let noisy = Picture { x: x.clone(), width: width as u32, height: height as u32 };
        let photo = denoiser.photo().clone();
        let side = denoiser.patch().at(at.sigma());
        Patches { photo, noisy, scales: (at.a, at.b), side, border }
    }

    /// The squared distance of two patches, if they are compared.
    pub fn square(&self, pixel: [usize; 2], place: [usize; 2]) -> Option<f64> {
        let reach = (self.side / 2) as isize;
        let mut sum = 0.0;
        for down in -reach..=reach {
            for right in -reach..=reach {
                let noisy = beside(&self.noisy, self.border, pixel, [right, down]);
                let clean = beside(&self.photo, Border::Seen, place, [right, down]);
                match (noisy, clean) {
                    (Some(noisy), Some(clean)) => {
                        for (&noisy, &clean) in noisy.iter().zip(&clean) {
                            let clean = self.scales.0 * f64::from(clean);
                            sum += (f64::from(noisy) - clean).powi(2);
                        }
                    }
                    (None, None) => {}
                    _ => return None,
                }
            }
        }
        Some(sum)
    }

    /// The mean for a pixel, and how far the f32 one may be from it.
    ///
    /// A squared distance is a sum of squares of differences. Each difference is off by
    /// two roundings of the photograph's part in it and one of its own; and whatever
    /// order the sum has, each term goes through at most as many additions as a column of
    /// the patch has pixels, a row has doublings, and a pixel has colours. An absolute
    /// error of an exponent is a relative one of its weight. The rest are the roundings
    /// of `quick_exp2` and of the sums of weights.
    pub fn mean_and_bound(&self, pixel: [usize; 2]) -> ([f64; 3], f64) {
        let width = self.photo.width as usize;
        let squares: Vec<Option<f64>> = (0..self.photo.x.ncols())
            .map(|place| self.square(pixel, [place % width, place / width]))
            .collect();
        let b = self.scales.1;
        let least = squares.iter().flatten().copied().fold(f64::INFINITY, f64::min);
        let weights: Vec<f64> = squares
            .iter()
            .map(|square| match square {
                Some(square) if *square == least => 1.0,
                Some(square) => ((least - square) / (2.0 * b * b)).exp(),
                None => 0.0,
            })
            .collect();
        let total: f64 = weights.iter().sum();
        let mean = [0, 1, 2].map(|colour| {
            let values = self.photo.x.row(colour);
            let pairs = weights.iter().zip(&values);
            pairs.map(|(w, &value)| w * f64::from(value)).sum::<f64>() / total
        });

        let unit = f64::from(f32::EPSILON) / 2.0;
        let side = self.side as f64;
        let additions = side + 2.0 * side.log2().ceil() + 2.0;
        let error_of = |square: f64| {
            let terms = (additions + 4.0) * unit * square;
            // The root of the number of values, for the sum of |difference| |share|.
            terms + 2.0 * 2.0 * unit * square.sqrt() * side * 3.0_f64.sqrt()
        };
        let off = squares.iter().zip(&weights).map(|(square, w)| {
            let square = square.unwrap_or(0.0);
            let exponent = (square - least) / (2.0 * b * b);
            let error = (error_of(square) + error_of(least)) / (2.0 * b * b);
            let error = error + 3.0 * unit * exponent + 4.0 * unit;
            w * (error.min(50.0).exp() - 1.0).min(1.0 / w.max(1e-300))
        });
        let sums = (self.photo.width + self.photo.height + 6) as f64 * unit;
        // A middle is at most 2 from the mean.
        (mean, 2.0 * off.sum::<f64>() / total + 2.0 * sums)
    }
}

/// The pixel that is so far beside another.
fn beside(
    picture: &Picture,
    border: Border,
    pixel: [usize; 2],
    by: [isize; 2],
) -> Option<[f32; 3]> {
    let size = [picture.width as usize, picture.height as usize];
    let place = |axis: usize| border.pixel(pixel[axis] as isize + by[axis], size[axis]);
    let pixel = picture.x.column(place(1)? * size[0] + place(0)?);
    Some([pixel[0], pixel[1], pixel[2]])
}
