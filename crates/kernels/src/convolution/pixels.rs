//! Pixels as sums over pixels: the way forward, and the way back.
//!
//! It is a product of patches and weights, cut into blocks as in
//! [`matrix_product`](crate::matrix_product). The patches are never a matrix in memory:
//! what a block needs of them is copied from the padded planes.

use std::array;
use std::cell::Cell;

use super::geometry::{Grid, Way};
use super::tiles::{
    COLUMNS, LANES, PAIR, ZERO, add_products, add_products_to_both, aligned, as_pairs,
};
use super::{COPYING, for_chunks};

/// How many products are added to a tile before it goes back to memory: as many as let
/// the strips stay in the nearest cache. It is also what a kernel of 3 × 3 takes of 32
/// channels.
const DEPTH: usize = 288;

/// How many pixels are computed at once, at least: small pictures are put together.
const PIXELS: usize = 256;

thread_local! {
    static WEIGHTS: Cell<Vec<f32>> = const { Cell::new(Vec::new()) };
    static PLANES: Cell<Vec<f32>> = const { Cell::new(Vec::new()) };
    static STRIPS: Cell<Vec<f32>> = const { Cell::new(Vec::new()) };
    static SUMS: Cell<Vec<f32>> = const { Cell::new(Vec::new()) };
}

/// Some pictures of a batch, and of what comes out all channels or some.
pub struct Pixels<'a> {
    way: &'a Way,
    source: &'a [f32],
    /// The packed weights of all channels.
    weights: &'a [f32],
    /// The first channel that is computed, the first one of a tile.
    first: usize,
    target: &'a mut [f32],
}

/// Has all pixels of a batch computed by `run`, on all threads if they are many.
pub fn all(
    way: &Way,
    source: &[f32],
    weights: &[f32],
    target: &mut [f32],
    run: &(impl Fn(Pixels) + Sync),
) {
    let (inputs, outputs) = (way.inputs(), way.outputs());
    let pictures = target.len() / outputs;
    if pictures == 0 {
        return;
    }
    let taps: usize = way.grids.iter().map(|grid| grid.taps.len()).sum();
    let depth = way.source.channels * taps;
    let work = pictures * outputs * depth / way.grids.len();

    let width = way.channels.next_multiple_of(COLUMNS);
    let mut memory = WEIGHTS.take();
    let mut rest = aligned(&mut memory, width * depth);
    for grid in &way.grids {
        let strip = way.source.channels * grid.taps.len() * COLUMNS;
        let strips;
        (strips, rest) = rest.split_at_mut(width / COLUMNS * strip);
        for_chunks(strips, strip.max(1), COPYING * strips.len(), |tile, strip| {
            pack_weights(way, grid, weights, tile * COLUMNS, strip);
        });
    }
    let weights = &*aligned(&mut memory, width * depth);

    let area = way.size[0] * way.size[1];
    let threads = rayon::current_num_threads();
    // If the pictures don't come out even, their channels are shared, too.
    let parts = match pictures {
        _ if pictures < threads => threads.div_ceil(pictures),
        _ if pictures < 4 * threads && !pictures.is_multiple_of(threads) => 2,
        _ => 1,
    };
    let part = way.channels.div_ceil(parts).next_multiple_of(COLUMNS).min(way.channels);
    let (together, part) = if part < way.channels {
        (1, part * area)
    } else {
        let together = PIXELS.div_ceil(area).min(pictures.div_ceil(threads));
        (together, together * outputs)
    };
    for_chunks(target, together * outputs, work, |i, target| {
        let source = &source[i * together * inputs..];
        let source = &source[..target.len() / outputs * inputs];
        for_chunks(target, part, work, |j, target| {
            run(Pixels { way, source, weights, first: j * part / area, target });
        });
    });
    WEIGHTS.set(memory);
}

/// Copies the weights of up to four channels, from the channel `first` on, into a strip.
/// There they lie side by side: all of one product of the sum, all of the next.
fn pack_weights(
    way: &Way,
    grid: &Grid,
    weights: &[f32],
    first: usize,
    strip: &mut [f32],
) {
    let [to_next_out, to_next_in] = way.weight_strides;
    let (strip, _) = strip.as_chunks_mut::<COLUMNS>();
    for (channel, strip) in strip.chunks_exact_mut(grid.places.len()).enumerate() {
        // Behind the last channel is something that doesn't matter.
        let [a, b, c, d] = array::from_fn(|i| {
            let out = (first + i).min(way.channels - 1);
            let start = out * to_next_out + channel * to_next_in;
            &weights[start..][..to_next_out.min(to_next_in)]
        });
        let is_whole = grid.places.len() == a.len();
        if is_whole && grid.places[0] == 0 {
            let all = strip.iter_mut().zip(a).zip(b).zip(c).zip(d);
            all.for_each(|((((values, a), b), c), d)| *values = [*a, *b, *c, *d]);
        } else if is_whole {
            // The whole kernel, flipped.
            let flipped = strip.iter_mut().rev().zip(a).zip(b).zip(c).zip(d);
            flipped.for_each(|((((values, a), b), c), d)| *values = [*a, *b, *c, *d]);
        } else {
            for (place, values) in grid.places.iter().zip(strip) {
                *values = [a[*place], b[*place], c[*place], d[*place]];
            }
        }
    }
}

/// Pixels side by side in a row, which are lanes side by side in a strip.
#[derive(Clone, Copy, Default)]
struct Run {
    /// The first lane.
    lane: usize,
    /// How many.
    length: usize,
    /// Where in the padded planes is what the first pixel takes.
    source: usize,
    /// Where in the first channel of what comes out it is.
    target: usize,
}

/// What the lanes of a strip are.
#[derive(Clone, Copy, Default)]
struct Runs {
    runs: [Run; LANES],
    count: usize,
}

impl Runs {
    fn get(&self) -> &[Run] {
        &self.runs[..self.count]
    }
}

impl Pixels<'_> {
    #[inline(always)]
    pub fn run<const PAIRS: bool>(self) {
        let Pixels { way, source, weights, first, target } = self;
        let size = way.source.channels * way.source.size();
        let pictures = source.len() / way.inputs();
        let mut memory = PLANES.take();
        // A copy of sixteen may reach beyond the last row.
        let planes = aligned(&mut memory, pictures * size + LANES);
        for (from, to) in
            source.chunks_exact(way.inputs()).zip(planes.chunks_exact_mut(size))
        {
            way.source.pad(from, to);
        }
        if way.grids.iter().any(|grid| grid.taps.is_empty()) {
            // No place of the kernel meets these pixels.
            target.fill(0.0);
        }
        let mut rest = weights;
        for grid in &way.grids {
            let strip = way.source.channels * grid.taps.len() * COLUMNS;
            let (strips, others) = rest.split_at(way.channels.div_ceil(COLUMNS) * strip);
            rest = others;
            if strip > 0 {
                let weights = &strips[first / COLUMNS * strip..];
                let block = Block { way, grid, planes, weights, pictures };
                block.sums::<PAIRS>(target);
            }
        }
        PLANES.set(memory);
    }
}

/// The pixels of a grid.
struct Block<'a> {
    way: &'a Way,
    grid: &'a Grid,
    planes: &'a [f32],
    weights: &'a [f32],
    pictures: usize,
}

impl Block<'_> {
    #[inline(always)]
    fn sums<const PAIRS: bool>(&self, target: &mut [f32]) {
        let area = self.way.size[0] * self.way.size[1];
        let channels = target.len() / self.pictures / area;
        let tiles = channels.div_ceil(COLUMNS);
        let depth = self.way.source.channels * self.grid.taps.len();
        let deepest = depth.div_ceil(depth.div_ceil(DEPTH));
        let lanes = self.pictures * self.grid.rows * self.grid.columns;
        let width = if PAIRS { 2 * LANES } else { LANES };

        let mut strips_memory = STRIPS.take();
        let strip = (deepest + 1) * LANES;
        let strips = aligned(&mut strips_memory, 2 * strip);
        let (strip, strip2) = strips.split_at_mut(strip);
        let mut sums_memory = SUMS.take();
        let between =
            if deepest < depth { lanes.div_ceil(width) * tiles * PAIR } else { 0 };
        let between = as_pairs(aligned(&mut sums_memory, between));
        let mut offsets = [0; DEPTH];

        for from in (0..depth).step_by(deepest) {
            let deep = deepest.min(depth - from);
            let offsets = &mut offsets[..deep];
            self.offsets(from, offsets);
            for (group, top) in (0..lanes).step_by(width).enumerate() {
                let are_two = PAIRS && top + LANES < lanes;
                let mut runs = [Runs::default(); 2];
                runs[0] = self.runs(top, lanes, channels);
                pack(self.planes, runs[0].get(), offsets, strip);
                if are_two {
                    runs[1] = self.runs(top + LANES, lanes, channels);
                    pack(self.planes, runs[1].get(), offsets, strip2);
                }
                let a = strip.as_chunks::<LANES>().0;
                let a2 = strip2.as_chunks::<LANES>().0;
                for tile in 0..tiles {
                    let weights = &self.weights[(tile * depth + from) * COLUMNS..];
                    let b = weights[..deep * COLUMNS].as_chunks::<COLUMNS>().0;
                    let mut pair = ZERO;
                    if from > 0 {
                        pair = between[group * tiles + tile];
                    }
                    let pair = if are_two {
                        add_products_to_both([a, a2], b, pair)
                    } else {
                        [add_products(a, b, pair[0]), pair[1]]
                    };
                    if from + deep < depth {
                        between[group * tiles + tile] = pair;
                        continue;
                    }
                    let target = &mut target[tile * COLUMNS * area..];
                    let columns = COLUMNS.min(channels - tile * COLUMNS);
                    for (tile, runs) in pair.iter().zip(&runs) {
                        for (column, sums) in tile[..columns].iter().enumerate() {
                            let target = &mut target[column * area..];
                            self.give(sums, runs.get(), target);
                        }
                    }
                }
            }
        }
        STRIPS.set(strips_memory);
        SUMS.set(sums_memory);
    }

    /// Where in the padded planes the products of a sum are, from the product `from` on.
    fn offsets(&self, from: usize, offsets: &mut [usize]) {
        let (taps, plane) = (&self.grid.taps, self.way.source.size());
        for (i, offset) in (from..).zip(offsets) {
            *offset = i / taps.len() * plane + taps[i % taps.len()];
        }
    }

    /// What the sixteen lanes from the lane `first` on are, or as many as there are.
    fn runs(&self, first: usize, lanes: usize, channels: usize) -> Runs {
        let Grid { rows, columns, step, start, .. } = *self.grid;
        let planes = &self.way.source;
        let mut found = Runs::default();
        let (mut lane, end) = (first, lanes.min(first + LANES));
        while lane < end {
            let (row, column) = (lane / columns, lane % columns);
            let (picture, row) = (row / rows, row % rows);
            let [height, width] = self.way.size;
            let run = Run {
                lane: lane - first,
                length: (columns - column).min(end - lane),
                source: picture * planes.channels * planes.size()
                    + row * planes.pitch()
                    + column,
                target: picture * channels * height * width
                    + start
                    + step * (row * width + column),
            };
            found.runs[found.count] = run;
            found.count += 1;
            lane += run.length;
        }
        found
    }

    /// Writes the sums of a channel to their pixels.
    #[inline(always)]
    fn give(&self, sums: &[f32; LANES], runs: &[Run], target: &mut [f32]) {
        for run in runs {
            let target = &mut target[run.target..];
            if run.length == LANES && self.grid.step == 1 {
                target[..LANES].copy_from_slice(sums);
                continue;
            }
            let sums = &sums[run.lane..][..run.length];
            for (sum, target) in sums.iter().zip(target.chunks_mut(self.grid.step)) {
                target[0] = *sum;
            }
        }
    }
}

/// Copies what sixteen pixels take into a strip. There it lies side by side: that of one
/// product of their sums, that of the next. Behind the last lane is something that doesn't
/// matter.
#[inline(always)]
fn pack(planes: &[f32], runs: &[Run], offsets: &[usize], strip: &mut [f32]) {
    if let [run] = runs {
        let planes = &planes[run.source..];
        for (offset, values) in offsets.iter().zip(strip.as_chunks_mut::<LANES>().0) {
            values.copy_from_slice(&planes[*offset..][..LANES]);
        }
        return;
    }
    // Sixteen at once, even if fewer are wanted: the next ones are written after them.
    for (i, offset) in offsets.iter().enumerate() {
        for run in runs {
            let values = &planes[run.source + offset..][..LANES];
            strip[i * LANES + run.lane..][..LANES].copy_from_slice(values);
        }
    }
}
