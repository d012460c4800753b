//! The means for a block of neighbouring pixels.

use std::array;
use std::ops::Range;
use std::sync::Arc;

use diffusion_core::cancellation::checkpoint;
use diffusion_core::mathematics::f32::quick_exp2;
use multiversion::multiversion;

use super::Comparison;
use super::border::Border;
use super::distances::{LANES, RowDistances, stride};
use crate::Instructions;
use crate::likelihoods::{lesser, scale};

/// The most pixels in a row of a block.
pub const WIDTH: usize = 2 * LANES;

/// A weight of 2 to this power or less counts as 0. Beside that of the nearest patch,
/// which is 1, those of ten million such patches would not change a sum; and no square of
/// a weight is so small that it takes a processor many times as long.
const NOTHING: f32 = -60.0;

/// A block of pixels.
#[derive(Clone, Debug)]
pub struct Block {
    rows: Range<usize>,
    columns: Range<usize>,
    border: Border,
    patch: usize,
    /// The factor of a squared distance in an exponent of 2.
    scale: f32,
    /// The number of rows of the picture.
    height: usize,
    /// The rows of the picture that the patches have, each its red values, its green, its
    /// blue.
    x: Vec<f32>,
    photo: Arc<Photo>,
    /// What each of the block's columns sees of the picture's left and right border.
    views: Vec<[u32; LANES]>,
    /// While there is something to compare.
    memory: Option<Memory>,
    means: Vec<Means>,
    /// Which rows of the photograph are still to be compared, relative to those of the
    /// picture.
    left: Range<isize>,
}

/// The photograph, as all blocks see it.
#[derive(Debug)]
pub struct Photo {
    height: usize,
    /// Its pixels, each as much as there is of it in the picture, and what there is
    /// beside them in the outermost patches.
    pixels: Vec<[f32; 3]>,
    /// The colours of the pixels that are in the middle of a patch.
    middles: Vec<[f32; 3]>,
    /// Their columns.
    columns: Range<usize>,
    /// What each of these columns sees of the left and right border.
    views: Vec<u32>,
}

/// What is kept from one row of pixels to the next.
#[derive(Clone, Debug)]
struct Memory {
    rows: RowDistances,
    /// The row distances of as many pairs of rows as a patch is high.
    ring: Vec<[f32; LANES]>,
    /// The distances of a group of patches from those in a row of the photograph.
    distances: Vec<[f32; LANES]>,
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

/// Sums over patches, each patch weighed by its likelihood relative to that of the
/// nearest.
#[derive(Clone, Copy, Debug)]
struct Sums {
    weights: [f32; LANES],
    squares: [f32; LANES],
    colours: [[f32; LANES]; 3],
}

const NO_SUMS: Sums =
    Sums { weights: [0.0; LANES], squares: [0.0; LANES], colours: [[0.0; LANES]; 3] };

impl Photo {
    /// The photograph of this comparison.
    pub fn new(comparison: &Comparison) -> Self {
        let &Comparison { photo, patch, border, scales: (a, _), .. } = comparison;
        let reach = patch / 2;
        let (width, height) = (photo.width as usize, photo.height as usize);
        let columns = border.middles(width, reach);
        let colour = |row: usize, column: usize| -> [f32; 3] {
            let pixel = photo.x.column(row * width + column);
            [pixel[0], pixel[1], pixel[2]]
        };
        let first = columns.start as isize - reach as isize;
        let pixels = (0..height).flat_map(|row| {
            (first..).take(columns.len() + 2 * reach).map(move |column| {
                let inside = Border::Seen.pixel(column, width);
                inside.map_or([0.0; 3], |column| colour(row, column))
            })
        });
        let pixels = pixels.map(|pixel| pixel.map(|value| a as f32 * value));
        let middles = (0..height)
            .flat_map(|row| columns.clone().map(move |column| colour(row, column)));
        Photo {
            height,
            pixels: pixels.collect(),
            middles: middles.collect(),
            views: columns
                .clone()
                .map(|column| view(border, column, width, reach))
                .collect(),
            columns,
        }
    }
}

impl Block {
    /// For these pixels, at most [`WIDTH`] in a row, and the photograph of the same
    /// comparison.
    pub fn new(
        comparison: &Comparison,
        photo: &Arc<Photo>,
        rows: Range<usize>,
        columns: Range<usize>,
    ) -> Self {
        let &Comparison { x, width, patch, border, scales: (_, b), .. } = comparison;
        let reach = patch / 2;
        let height = x.ncols() / width;
        let stride = stride(columns.len() + 2 * reach);
        let mut planes = vec![0.0; (rows.len() + 2 * reach) * 3 * stride];
        let first = rows.start as isize - reach as isize;
        for (row, planes) in (first..).zip(planes.chunks_exact_mut(3 * stride)) {
            let Some(row) = border.pixel(row, height) else { continue };
            let first = columns.start as isize - reach as isize;
            for place in 0..columns.len() + 2 * reach {
                let column = border.pixel(first + place as isize, width);
                let Some(column) = column else { continue };
                for colour in 0..3 {
                    planes[colour * stride + place] = x[(colour, row * width + column)];
                }
            }
        }

        let groups = columns.len().div_ceil(LANES);
        let views = (0..groups).map(|group| {
            let column = |lane: usize| columns.start + group * LANES + lane;
            let column = |lane| column(lane).min(columns.end - 1);
            array::from_fn(|lane| view(border, column(lane), width, reach))
        });
        let nothing = Means {
            least: [f32::INFINITY; LANES],
            nearest: [[0; 2]; LANES],
            sums: NO_SUMS,
        };
        let middles = border.middles(photo.height, reach);
        Block {
            border,
            patch,
            scale: scale(b) as f32,
            height,
            x: planes,
            photo: Arc::clone(photo),
            views: views.collect(),
            memory: None,
            means: vec![nothing; rows.len() * groups],
            left: middles.start as isize - (rows.end as isize - 1)
                ..middles.end as isize - rows.start as isize,
            rows,
            columns,
        }
    }

    /// How often [`advance`](Self::advance) is still to be called.
    pub fn remaining(&self) -> usize {
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

    /// Compares each row of the block with the row of the photograph that is so many rows
    /// further down.
    ///
    /// # Panics
    ///
    /// If nothing is [`remaining`](Self::remaining).
    pub fn advance(&mut self, instructions: Instructions) {
        checkpoint();
        let down = self.left.next().expect("something is left");
        let mut memory = self.memory.take().unwrap_or_else(|| self.memory());
        match instructions {
            Instructions::Plain => plain(self, &mut memory, down),
            Instructions::Avx2 => avx2(self, &mut memory, down),
            Instructions::Avx512 => avx512(self, &mut memory, down),
        }
        self.memory = Some(memory).filter(|_| self.remaining() > 0);
    }

    fn memory(&self) -> Memory {
        let reach = self.patch / 2;
        let count = self.photo.columns.len();
        Memory {
            rows: RowDistances::new(
                self.patch,
                count + 2 * reach,
                self.columns.len() + 2 * reach,
            ),
            ring: vec![[0.0; LANES]; self.patch * self.views.len() * count],
            distances: vec![[0.0; LANES]; count],
        }
    }

    /// The row of the photograph that is compared with this row of the picture, if there
    /// is one and both are as far from the border.
    #[inline(always)]
    fn partner(&self, row: usize, down: isize) -> Option<usize> {
        let reach = self.patch / 2;
        let partner = row.checked_add_signed(down)?;
        let is_middle = self.border.middles(self.photo.height, reach).contains(&partner);
        let view = |row, height| self.border.view(row, height, reach);
        let sees_the_same =
            is_middle && view(row, self.height) == view(partner, self.photo.height);
        sees_the_same.then_some(partner)
    }
}

/// What a column sees of the border, as one number.
fn view(border: Border, column: usize, width: usize, reach: usize) -> u32 {
    let [one, other] = border.view(column, width, reach);
    (one << 16 | other) as u32
}

fn plain(block: &mut Block, memory: &mut Memory, down: isize) {
    compare(block, memory, down);
}

#[multiversion(targets("x86_64+avx2"))]
fn avx2(block: &mut Block, memory: &mut Memory, down: isize) {
    compare(block, memory, down);
}

#[multiversion(targets("x86_64+avx512f"))]
fn avx512(block: &mut Block, memory: &mut Memory, down: isize) {
    compare(block, memory, down);
}

/// A pair of rows of pixels serves all patches that it goes through: its distances stay
/// in the ring until the last of these is done.
#[inline(always)]
fn compare(block: &mut Block, memory: &mut Memory, down: isize) {
    let reach = (block.patch / 2) as isize;
    let photo = Arc::clone(&block.photo);
    let in_ring = memory.ring.len() / block.patch;
    let slot = |row: isize| row.rem_euclid(block.patch as isize) as usize * in_ring;
    let x_row = 3 * memory.rows.stride();
    let photo_row = photo.pixels.len() / photo.height;
    let first = block.rows.start as isize - reach;
    let mut next = isize::MIN;
    let mut slots = Vec::with_capacity(block.patch);
    for row in block.rows.clone() {
        let Some(partner) = block.partner(row, down) else { continue };
        let [above, below] = block.border.view(row, block.height, reach as usize);
        let patch = row as isize - above as isize..=row as isize + below as isize;
        for row in next.max(*patch.start())..=*patch.end() {
            let x = &block.x[(row - first) as usize * x_row..][..x_row];
            let pixels = &photo.pixels[(row + down) as usize * photo_row..][..photo_row];
            memory.rows.measure(x, pixels, &mut memory.ring[slot(row)..][..in_ring]);
        }
        next = patch.end() + 1;
        slots.clear();
        slots.extend(patch.map(slot));
        let groups = block.views.len();
        let means = &mut block.means[(row - block.rows.start) * groups..][..groups];
        for (group, means) in means.iter_mut().enumerate() {
            memory.add_rows(&slots, group, &block.views[group], &photo.views);
            weigh(means, &memory.distances, &photo, partner, block.scale);
        }
    }
}

impl Memory {
    /// Puts the distances of a group of patches together, from those of their rows.
    #[inline(always)]
    fn add_rows(
        &mut self,
        slots: &[usize],
        group: usize,
        views: &[u32; LANES],
        photo_views: &[u32],
    ) {
        let first = group * self.distances.len();
        let patches = self.distances.iter_mut().zip(photo_views).zip(first..);
        for ((distances, &view), at) in patches {
            *distances = if_seen(add_rows(&self.ring, slots, at), views, view);
        }
    }
}

/// Weighs all patches in a row of the photograph, for a group of pixels. All loops over
/// lanes have a length that is known, and so become vectors.
#[inline(always)]
fn weigh(
    means: &mut Means,
    distances: &[[f32; LANES]],
    photo: &Photo,
    row: usize,
    scale: f32,
) {
    let least = distances.iter().fold([f32::INFINITY; LANES], lesser);
    let before = means.least;
    let now = lesser(least, &before);
    for lane in 0..LANES {
        if least[lane] < before[lane] {
            let at = distances.iter().position(|all| all[lane] == least[lane]);
            let column = photo.columns.start + at.unwrap_or(0);
            means.nearest[lane] = [row as u32, column as u32];
        }
    }
    means.least = now;

    let mut sums = NO_SUMS;
    let middles = &photo.middles[row * distances.len()..][..distances.len()];
    for (distances, middle) in distances.iter().zip(middles) {
        let exponents = scaled(&now, distances, scale);
        if are_any(&exponents) {
            sums = add_patch(sums, &exponents, middle);
        }
    }
    // If one of them is nearer than all before, those were not so likely after all.
    let faded = scaled(&now, &before, scale).map(weight);
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
fn if_seen(mut distances: [f32; LANES], views: &[u32; LANES], view: u32) -> [f32; LANES] {
    for lane in 0..LANES {
        distances[lane] =
            if views[lane] == view { distances[lane] } else { f32::INFINITY };
    }
    distances
}

#[inline(always)]
fn scaled(least: &[f32; LANES], distances: &[f32; LANES], scale: f32) -> [f32; LANES] {
    let mut exponents = [0.0; LANES];
    for lane in 0..LANES {
        exponents[lane] = (least[lane] - distances[lane]) * scale;
    }
    exponents
}

/// 2 to this power, or 0. NaN of NaN.
#[inline(always)]
fn weight(exponent: f32) -> f32 {
    if exponent <= NOTHING { 0.0 } else { quick_exp2(exponent) }
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
    for (lane, &exponent) in exponents.iter().enumerate() {
        let weight = weight(exponent);
        sums.weights[lane] += weight;
        sums.squares[lane] += weight * weight;
        for (sums, value) in sums.colours.iter_mut().zip(middle) {
            sums[lane] += weight * value;
        }
    }
    sums
}
