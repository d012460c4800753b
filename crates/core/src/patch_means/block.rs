//! The means for a block of neighbouring pixels.

use std::f64::consts::LOG2_E;
use std::ops::Range;

use multiversion::multiversion;

use super::Comparison;
use super::border::Border;
use super::distances::{LANES, RowDistances};
use crate::mathematics::f32::quick_exp2;
use crate::matrix_product::Instructions;

/// The most pixels in a row of a block.
pub const WIDTH: usize = 2 * LANES;

/// From here down, 2ˣ as [`quick_exp2`] has it is 0.
const NOTHING: f32 = -127.0;

/// A block of pixels.
#[derive(Clone, Debug)]
pub struct Block {
    rows: Range<usize>,
    columns: Range<usize>,
    border: Border,
    patch: usize,
    /// The factor of a squared distance in an exponent of 2.
    scale: f32,
    heights: Heights,
    /// The rows of the picture that the patches have, each its red values, its green, its blue.
    x: Vec<f32>,
    /// The rows of the photograph, as much of it as is in the picture.
    photo: Vec<[f32; 3]>,
    /// The colours of the photograph's pixels that are in the middle of a patch.
    middles: Vec<[f32; 3]>,
    /// The columns of these pixels.
    middle_columns: Range<usize>,
    /// What each of them sees of the photograph's left and right border.
    middle_views: Vec<u32>,
    /// What each of the block's columns sees of the picture's.
    views: Vec<[u32; LANES]>,
    row_distances: RowDistances,
    /// The row distances of as many pairs of rows as a patch is high.
    ring: Vec<[f32; LANES]>,
    /// The distances of a group of patches from those in a row of the photograph.
    distances: Vec<[f32; LANES]>,
    means: Vec<Means>,
    /// Which rows of the photograph are still to be compared, relative to those of the picture.
    left: Range<isize>,
}

/// The number of rows of the picture and of the photograph.
#[derive(Clone, Copy, Debug)]
struct Heights {
    picture: usize,
    photo: usize,
}

/// Means in the making, of [`LANES`] pixels side by side.
#[derive(Clone, Debug)]
struct Means {
    /// The squared distance of the nearest patch so far.
    least: [f32; LANES],
    /// Its middle, as a row and a column of the photograph.
    nearest: [[u32; 2]; LANES],
    sums: Sums,
}

/// Sums over patches, each patch weighed by its likelihood relative to that of the nearest.
#[derive(Clone, Copy, Debug)]
struct Sums {
    weights: [f32; LANES],
    squares: [f32; LANES],
    colours: [[f32; LANES]; 3],
}

const NO_SUMS: Sums =
    Sums { weights: [0.0; LANES], squares: [0.0; LANES], colours: [[0.0; LANES]; 3] };

impl Block {
    /// For these pixels, at most [`WIDTH`] in a row.
    pub fn new(
        comparison: &Comparison,
        rows: Range<usize>,
        columns: Range<usize>,
    ) -> Self {
        let &Comparison { photo, x, width, patch, border, factors: (a, b) } = comparison;
        let reach = patch / 2;
        let (photo_width, height) = (photo.width as usize, x.ncols() / width);
        let heights = Heights { picture: height, photo: photo.height as usize };
        let middle_columns = border.middles(photo_width, reach);
        // As many pixels as all these patches have.
        let length = middle_columns.len() + 2 * reach;
        let row_distances =
            RowDistances::new(patch, length, columns.len() + 2 * reach);

        let stride = row_distances.stride();
        let mut planes = vec![0.0; (rows.len() + 2 * reach) * 3 * stride];
        let reached = rows.start as isize - reach as isize..;
        for (row, planes) in reached.zip(planes.chunks_exact_mut(3 * stride)) {
            let Some(row) = border.pixel(row, height) else { continue };
            for (place, column) in (columns.start as isize - reach as isize..)
                .take(columns.len() + 2 * reach)
                .enumerate()
            {
                let Some(column) = border.pixel(column, width) else { continue };
                for colour in 0..3 {
                    planes[colour * stride + place] = x[(colour, row * width + column)];
                }
            }
        }

        let first = middle_columns.start as isize - reach as isize;
        let colour = |row: usize, column: usize| -> [f32; 3] {
            let pixel = photo.x.column(row * photo_width + column);
            [pixel[0], pixel[1], pixel[2]]
        };
        let pixels = (0..heights.photo).flat_map(|row| {
            (first..).take(length).map(move |column| {
                let inside = Border::Seen.pixel(column, photo_width);
                inside.map_or([0.0; 3], |column| colour(row, column))
            })
        });
        let middles = (0..heights.photo).flat_map(|row| {
            middle_columns.clone().map(move |column| colour(row, column))
        });

        let view = |place, length| {
            let [one, other] = border.view(place, length, reach);
            (one << 16 | other) as u32
        };
        let groups = columns.len().div_ceil(LANES);
        let last = columns.end - 1;
        let views = (0..groups).map(|group| {
            let column = |lane: usize| (columns.start + group * LANES + lane).min(last);
            std::array::from_fn(|lane| view(column(lane), width))
        });
        let nothing = Means {
            least: [f32::INFINITY; LANES],
            nearest: [[0; 2]; LANES],
            sums: NO_SUMS,
        };
        let middle_rows = border.middles(heights.photo, reach);
        Block {
            border,
            patch,
            // Not infinite, so that the nearest, which is no further than itself, is likely.
            scale: (0.5 * LOG2_E / (b * b)).min(f32::MAX.into()) as f32,
            heights,
            x: planes,
            photo: pixels.map(|pixel| pixel.map(|value| a as f32 * value)).collect(),
            middles: middles.collect(),
            middle_views: middle_columns
                .clone()
                .map(|column| view(column, photo_width))
                .collect(),
            views: views.collect(),
            row_distances,
            ring: vec![[0.0; LANES]; patch * groups * middle_columns.len()],
            distances: vec![[0.0; LANES]; middle_columns.len()],
            means: vec![nothing; rows.len() * groups],
            left: middle_rows.start as isize - (rows.end as isize - 1)
                ..middle_rows.end as isize - rows.start as isize,
            middle_columns,
            rows,
            columns,
        }
    }

    /// How often [`advance`](Self::advance) is still to be called.
    pub fn left(&self) -> usize {
        self.left.len()
    }

    /// The rows of the pixels in the picture.
    pub fn rows(&self) -> Range<usize> {
        self.rows.clone()
    }

    /// Their columns.
    pub fn columns(&self) -> Range<usize> {
        self.columns.clone()
    }

    /// The mean for the pixel at this place, counted row by row within the block.
    pub fn mean(&self, place: usize) -> [f32; 3] {
        let (means, lane) = self.at(place);
        let Sums { weights, colours, .. } = &means.sums;
        colours.map(|sums| sums[lane] / weights[lane])
    }

    /// The effective number of patches in it.
    pub fn effective_number(&self, place: usize) -> f32 {
        let (means, lane) = self.at(place);
        let Sums { weights, squares, .. } = &means.sums;
        weights[lane] / squares[lane] * weights[lane]
    }

    /// The column and the row of the middle of the nearest patch.
    pub fn nearest(&self, place: usize) -> [usize; 2] {
        let (means, lane) = self.at(place);
        let [row, column] = means.nearest[lane];
        [column as usize, row as usize]
    }

    fn at(&self, place: usize) -> (&Means, usize) {
        let (row, column) = (place / self.columns.len(), place % self.columns.len());
        (&self.means[row * self.views.len() + column / LANES], column % LANES)
    }

    /// Compares each row of the block with the row of the photograph that is so many rows further
    /// down.
    ///
    /// # Panics
    ///
    /// If nothing is [`left`](Self::left).
    pub fn advance(&mut self, instructions: Instructions) {
        let down = self.left.next().expect("something is left");
        match instructions {
            Instructions::Plain => plain(self, down),
            Instructions::Avx2 => avx2(self, down),
            Instructions::Avx512 => avx512(self, down),
        }
    }

    /// The row of the photograph that is compared with this row of the picture, if there is one
    /// and both are as far from the border.
    #[inline(always)]
    fn partner(&self, row: usize, down: isize) -> Option<usize> {
        let reach = self.patch / 2;
        let partner = row.checked_add_signed(down)?;
        let is_middle =
            self.border.middles(self.heights.photo, reach).contains(&partner);
        let view = |row, height| self.border.view(row, height, reach);
        let sees_the_same = is_middle
            && view(row, self.heights.picture) == view(partner, self.heights.photo);
        sees_the_same.then_some(partner)
    }
}

fn plain(block: &mut Block, down: isize) {
    compare(block, down);
}

#[multiversion(targets("x86_64+avx2"))]
fn avx2(block: &mut Block, down: isize) {
    compare(block, down);
}

#[multiversion(targets("x86_64+avx512f"))]
fn avx512(block: &mut Block, down: isize) {
    compare(block, down);
}

/// A pair of rows of pixels serves all patches that it goes through: its distances stay in the
/// ring until the last of these is done.
#[inline(always)]
fn compare(block: &mut Block, down: isize) {
    let reach = block.patch / 2;
    let in_ring = block.ring.len() / block.patch;
    let mut next = isize::MIN;
    let mut slots = Vec::with_capacity(block.patch);
    for row in block.rows.clone() {
        let Some(partner) = block.partner(row, down) else { continue };
        let [above, below] = block.border.view(row, block.heights.picture, reach);
        let patch_rows = row as isize - above as isize..=row as isize + below as isize;
        next = next.max(*patch_rows.start());
        while next <= *patch_rows.end() {
            let slot = next.rem_euclid(block.patch as isize) as usize * in_ring;
            let from = next - (block.rows.start as isize - reach as isize);
            let size = 3 * block.row_distances.stride();
            let x = &block.x[from as usize * size..][..size];
            let length = block.photo.len() / block.heights.photo;
            let photo = &block.photo[(next + down) as usize * length..][..length];
            block.row_distances.measure(x, photo, &mut block.ring[slot..][..in_ring]);
            next += 1;
        }
        slots.clear();
        slots.extend(
            patch_rows.map(|row| row.rem_euclid(block.patch as isize) as usize * in_ring),
        );
        weigh(block, row, partner, &slots);
    }
}

/// Weighs all patches in a row of the photograph, for all pixels in a row of the picture. All
/// loops over lanes have a length that is known, and so become vectors.
#[inline(always)]
fn weigh(block: &mut Block, row: usize, partner: usize, slots: &[usize]) {
    let Block { distances, ring, views, middle_views, scale, .. } = block;
    let count = distances.len();
    let groups = views.len();
    let middles = &block.middles[partner * count..][..count];
    let from = (row - block.rows.start) * groups;
    for (group, means) in block.means[from..][..groups].iter_mut().enumerate() {
        let mut least = [f32::INFINITY; LANES];
        for (patch, distances) in distances.iter_mut().enumerate() {
            let sums = add_rows(ring, slots, group * count + patch);
            *distances = if_seen(sums, &views[group], middle_views[patch]);
            least = lesser(least, distances);
        }

        let before = means.least;
        let now = lesser(least, &before);
        for lane in 0..LANES {
            if least[lane] < before[lane] {
                let at = distances.iter().position(|all| all[lane] == least[lane]);
                let column = block.middle_columns.start + at.unwrap_or(0);
                means.nearest[lane] = [partner as u32, column as u32];
            }
        }
        means.least = now;
        let mut faded = [0.0; LANES];
        for lane in 0..LANES {
            faded[lane] = quick_exp2((now[lane] - before[lane]) * *scale);
        }

        let mut sums = NO_SUMS;
        for (distances, middle) in distances.iter().zip(middles) {
            let exponents = scaled(&now, distances, *scale);
            if are_any(&exponents) {
                sums = add_patch(sums, &exponents, middle);
            }
        }
        let all = &mut means.sums;
        for lane in 0..LANES {
            let faded = faded[lane];
            all.weights[lane] = all.weights[lane] * faded + sums.weights[lane];
            all.squares[lane] = all.squares[lane] * (faded * faded) + sums.squares[lane];
            for colour in 0..3 {
                let all = &mut all.colours[colour][lane];
                *all = *all * faded + sums.colours[colour][lane];
            }
        }
    }
}

// Functions of their own, with arguments by value, to have them in registers.

#[inline(always)]
fn add_rows(ring: &[[f32; LANES]], slots: &[usize], at: usize) -> [f32; LANES] {
    let mut sums = [0.0; LANES];
    for slot in slots {
        let row = &ring[slot + at];
        for lane in 0..LANES {
            sums[lane] += row[lane];
        }
    }
    sums
}

/// Infinite where the patches don't see the same of the border.
#[inline(always)]
fn if_seen(
    mut distances: [f32; LANES],
    views: &[u32; LANES],
    view: u32,
) -> [f32; LANES] {
    for lane in 0..LANES {
        distances[lane] =
            if views[lane] == view { distances[lane] } else { f32::INFINITY };
    }
    distances
}

#[inline(always)]
fn lesser(mut least: [f32; LANES], distances: &[f32; LANES]) -> [f32; LANES] {
    for lane in 0..LANES {
        let (one, other) = (distances[lane], least[lane]);
        least[lane] = if one < other { one } else { other };
    }
    least
}

#[inline(always)]
fn scaled(
    least: &[f32; LANES],
    distances: &[f32; LANES],
    scale: f32,
) -> [f32; LANES] {
    let mut exponents = [0.0; LANES];
    for lane in 0..LANES {
        exponents[lane] = (least[lane] - distances[lane]) * scale;
    }
    exponents
}

/// Whether any weight is not 0. One that is no number is not 0, either.
#[inline(always)]
#[allow(clippy::neg_cmp_op_on_partial_ord, reason = "of NaN, both are false")]
fn are_any(exponents: &[f32; LANES]) -> bool {
    let mut any = 0;
    for exponent in exponents {
        any |= u32::from(!(*exponent <= NOTHING));
    }
    any != 0
}

#[inline(always)]
fn add_patch(mut sums: Sums, exponents: &[f32; LANES], middle: &[f32; 3]) -> Sums {
    for lane in 0..LANES {
        let weight = quick_exp2(exponents[lane]);
        sums.weights[lane] += weight;
        sums.squares[lane] += weight * weight;
        for colour in 0..3 {
            sums.colours[colour][lane] += weight * middle[colour];
        }
    }
    sums
}
