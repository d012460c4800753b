//! The weights' derivatives as sums over pixels.
//!
//! It is a product, too, and its sums are as long as a batch has pixels. The patches are
//! never a matrix in memory: sixteen channels are put side by side, and from there, what a
//! place of the kernel meets is copied into a strip, sixteen numbers at once.

use std::array;
use std::cell::Cell;

use super::geometry::{Grid, Way};
use super::tiles::{COLUMNS, LANES, PAIR, Pair, aligned, as_pairs};
use super::{COPYING, Task, for_chunks};
use crate::Instructions;

/// How many pixels are added to a tile before it goes back to memory: as many as let what
/// a block takes stay in the nearest cache.
const DEPTH: usize = 256;

/// How many numbers of pictures are made ready at once, for each thread.
const READY: usize = 1 << 18;

thread_local! {
    static READY_SOURCE: Cell<Vec<f32>> = const { Cell::new(Vec::new()) };
    static READY_GRADIENT: Cell<Vec<f32>> = const { Cell::new(Vec::new()) };
    static PLANES: Cell<Vec<f32>> = const { Cell::new(Vec::new()) };
    static STRIPS: Cell<Vec<f32>> = const { Cell::new(Vec::new()) };
    static SUMS: Cell<Vec<f32>> = const { Cell::new(Vec::new()) };
}

/// How the rows of the matrix of weights are put into strips of sixteen lanes.
#[derive(Clone, Copy)]
pub struct Strips<'a> {
    way: &'a Way,
    /// Whether a lane is a channel, of which each place of the kernel takes another part.
    /// Otherwise it is a channel and a place: with few channels, most lanes would be
    /// empty.
    lanes_are_channels: bool,
}

impl<'a> Strips<'a> {
    fn new(way: &'a Way) -> Self {
        let (channels, places) = (way.source.channels, way.grids[0].taps.len());
        let tiles = way.channels.div_ceil(COLUMNS);
        // For each pixel: sixteen lanes are copied, and multiplied with each tile.
        let of_channels = channels.div_ceil(LANES) * (LANES + 2 * tiles * places);
        let of_both = (channels * places).div_ceil(LANES) * (LANES + 2 * tiles);
        Strips { way, lanes_are_channels: of_channels <= of_both }
    }

    fn grid(&self) -> &'a Grid {
        &self.way.grids[0]
    }

    fn places(&self) -> usize {
        self.grid().taps.len()
    }

    fn lanes(&self) -> usize {
        let channels = self.way.source.channels;
        if self.lanes_are_channels { channels } else { channels * self.places() }
    }

    /// How many times sixteen lanes are made ready.
    fn blocks(&self) -> usize {
        self.lanes().div_ceil(LANES)
    }

    /// The strips of a block.
    fn in_block(&self) -> usize {
        if self.lanes_are_channels { self.places() } else { 1 }
    }

    fn count(&self) -> usize {
        self.blocks() * self.in_block()
    }

    /// The block of a strip, and where in a plane it begins.
    fn find(&self, strip: usize) -> (usize, usize) {
        let (block, place) = (strip / self.in_block(), strip % self.in_block());
        (block, if self.lanes_are_channels { self.grid().taps[place] } else { 0 })
    }
}

/// Has the derivatives with respect to all weights computed by `run`, on all threads if
/// they are many.
pub fn all(
    instructions: Instructions,
    way: &Way,
    source: &[f32],
    gradient: &[f32],
    target: &mut [f32],
    run: &(impl Fn(Task) + Sync),
) {
    let strips = Strips::new(way);
    let (inputs, outputs) = (way.inputs(), way.outputs());
    let pictures = gradient.len() / outputs;
    let area = way.size[0] * way.size[1];
    let tiles = way.channels.div_ceil(COLUMNS);
    let block = way.source.size() * LANES;
    let strip = area * COLUMNS;
    let numbers = strips.blocks() * block + tiles * strip;
    let threads = rayon::current_num_threads();
    let together =
        (threads * READY / numbers).max(DEPTH.div_ceil(area)).min(pictures.max(1));
    let pairs = strips.count().div_ceil(2);

    let mut source_memory = READY_SOURCE.take();
    let mut gradient_memory = READY_GRADIENT.take();
    let mut sums_memory = SUMS.take();
    let sums = aligned(&mut sums_memory, pairs * tiles * PAIR);
    sums.fill(0.0);
    let groups =
        source.chunks(together * inputs).zip(gradient.chunks(together * outputs));
    for (source, gradient) in groups {
        let pictures = source.len() / inputs;
        let size = strips.blocks() * pictures * block;
        let ready_source = aligned(&mut source_memory, size);
        for_chunks(ready_source, pictures * block, COPYING * size, |block, target| {
            run(Task::Interleaving(Interleaving::Source {
                strips,
                block,
                source,
                target,
            }));
        });
        let size = tiles * pictures * strip;
        let ready_gradient = aligned(&mut gradient_memory, size);
        for_chunks(ready_gradient, pictures * strip, COPYING * size, |tile, target| {
            run(Task::Interleaving(Interleaving::Gradient {
                way,
                tile,
                gradient,
                target,
            }));
        });
        let (source, gradient) = (&*ready_source, &*ready_gradient);
        // The strips of a pair are copied once for each part.
        let part = match threads {
            1 => pairs * tiles,
            _ if pairs < 2 * threads => (pairs * tiles).div_ceil(threads),
            _ => pairs.div_ceil(4 * threads) * tiles,
        };
        let work = pairs * tiles * PAIR * area * pictures;
        for_chunks(sums, part * PAIR, work, |i, sums| {
            let sums = as_pairs(sums);
            run(Task::Sums(Sums {
                instructions,
                strips,
                source,
                gradient,
                pictures,
                first: i * part,
                sums,
            }));
        });
    }
    let sums = as_pairs(sums);
    for_chunks(
        target,
        target.len() / way.channels,
        COPYING * target.len(),
        |channel, column| {
            give(strips, sums, channel, column);
        },
    );
    READY_SOURCE.set(source_memory);
    READY_GRADIENT.set(gradient_memory);
    SUMS.set(sums_memory);
}

/// Copies the sums of a channel that comes out to its column of the weights.
fn give(strips: Strips, sums: &[Pair], channel: usize, column: &mut [f32]) {
    let tiles = strips.way.channels.div_ceil(COLUMNS);
    let (tile, of_tile) = (channel / COLUMNS, channel % COLUMNS);
    let in_block = strips.in_block();
    for (block, column) in column.chunks_mut(LANES * in_block).enumerate() {
        for place in 0..in_block {
            let strip = block * in_block + place;
            let sums = &sums[strip / 2 * tiles + tile][strip % 2][of_tile];
            for (sum, weights) in sums.iter().zip(column.chunks_exact_mut(in_block)) {
                weights[place] = *sum;
            }
        }
    }
}

/// Makes numbers ready for products: puts those side by side that are multiplied at once.
pub enum Interleaving<'a> {
    /// Sixteen lanes of the padded planes.
    Source { strips: Strips<'a>, block: usize, source: &'a [f32], target: &'a mut [f32] },
    /// Four channels of what came out.
    Gradient { way: &'a Way, tile: usize, gradient: &'a [f32], target: &'a mut [f32] },
}

impl Interleaving<'_> {
    #[inline(always)]
    pub fn run(self) {
        match self {
            Interleaving::Source { strips, block, source, target } => {
                source_block(strips, block, source, target);
            }
            Interleaving::Gradient { way, tile, gradient, target } => {
                let area = way.size[0] * way.size[1];
                let pictures = gradient.chunks_exact(way.outputs());
                for (from, to) in pictures.zip(target.chunks_exact_mut(area * COLUMNS)) {
                    let rows = array::from_fn(|i| {
                        let channel = (tile * COLUMNS + i).min(way.channels - 1);
                        &from[channel * area..][..area]
                    });
                    interleave(rows, to.as_chunks_mut::<COLUMNS>().0);
                }
            }
        }
    }
}

#[inline(always)]
fn source_block(strips: Strips, block: usize, source: &[f32], target: &mut [f32]) {
    let (way, planes) = (strips.way, &strips.way.source);
    let size = planes.size();
    let first_lane = block * LANES;
    let last_lane = strips.lanes().min(first_lane + LANES) - 1;
    let (of_channel, taps) = if strips.lanes_are_channels {
        (1, &[0][..])
    } else {
        (strips.places(), &strips.grid().taps[..])
    };
    let (first, last) = (first_lane / of_channel, last_lane / of_channel);
    // As far as the lane that begins last reaches.
    let length = size - taps.iter().max().unwrap_or(&0);

    let mut memory = PLANES.take();
    let padded = aligned(&mut memory, (last + 1 - first) * size);
    let plane = planes.rows.length() * planes.columns.length();
    for (from, to) in
        source.chunks_exact(way.inputs()).zip(target.chunks_exact_mut(size * LANES))
    {
        planes.pad(&from[first * plane..(last + 1) * plane], padded);
        let rows = array::from_fn(|i| {
            let lane = (first_lane + i).min(last_lane);
            let start = (lane / of_channel - first) * size + taps[lane % of_channel];
            &padded[start..][..length]
        });
        interleave(rows, to.as_chunks_mut::<LANES>().0);
    }
    PLANES.set(memory);
}

/// Puts the first values of all rows side by side, then the second ones, and so on.
#[inline(always)]
fn interleave<const N: usize>(rows: [&[f32]; N], to: &mut [[f32; N]]) {
    let length = rows[0].len();
    let to = &mut to[..length];
    if N == 4 {
        let [a, b, c, d] = array::from_fn(|row| &rows[row][..length]);
        for ((((to, a), b), c), d) in to.iter_mut().zip(a).zip(b).zip(c).zip(d) {
            [to[0], to[1], to[2], to[3]] = [*a, *b, *c, *d];
        }
        return;
    }
    let (squares, rest) = to.as_chunks_mut::<4>();
    let fours = rows.map(|row| row.as_chunks::<4>().0);
    // Four of each at once, for which there are instructions.
    for (i, square) in squares.iter_mut().enumerate() {
        let four: [[f32; 4]; N] = array::from_fn(|row| fours[row][i]);
        for (j, to) in square.iter_mut().enumerate() {
            *to = array::from_fn(|row| four[row][j]);
        }
    }
    for (i, to) in (4 * squares.len()..).zip(rest) {
        *to = array::from_fn(|row| rows[row][i]);
    }
}

/// Adds the products of some pictures to some of the sums.
pub struct Sums<'a> {
    instructions: Instructions,
    strips: Strips<'a>,
    source: &'a [f32],
    gradient: &'a [f32],
    pictures: usize,
    /// The first of the pairs of tiles: all of two strips, then of the next two.
    first: usize,
    sums: &'a mut [Pair],
}

impl Sums<'_> {
    #[inline(always)]
    pub fn run(self) {
        let Sums { instructions, strips, source, gradient, pictures, first, sums } = self;
        let way = strips.way;
        let tiles = way.channels.div_ceil(COLUMNS);
        let [rows, columns] = way.size;
        let (area, size) = (rows * columns, way.source.size());
        let block = pictures * size;
        let source = source.as_chunks::<LANES>().0;
        let gradient = gradient.as_chunks::<COLUMNS>().0;
        let mut memory = STRIPS.take();
        let strips_of_both = aligned(&mut memory, 2 * DEPTH * LANES).as_chunks_mut().0;
        let (strip, strip2) = strips_of_both.split_at_mut(DEPTH);
        let mut offsets = [0; DEPTH];
        for from in (0..pictures * area).step_by(DEPTH) {
            let deep = DEPTH.min(pictures * area - from);
            let offsets = &mut offsets[..deep];
            // In a row, the next one is beside it. A division for each would take longer.
            let (mut pixel, mut rest) = (from, &mut *offsets);
            while !rest.is_empty() {
                let (row, column) = (pixel / columns, pixel % columns);
                let (picture, row) = (row / rows, row % rows);
                let start = picture * size + row * way.source.pitch() + column;
                let run = (columns - column).min(rest.len());
                let (offsets, others) = rest.split_at_mut(run);
                for (i, offset) in offsets.iter_mut().enumerate() {
                    *offset = start + i;
                }
                (pixel, rest) = (pixel + run, others);
            }
            let mut packed = usize::MAX;
            for (number, pair) in (first..).zip(&mut *sums) {
                let (both, tile) = (number / tiles, number % tiles);
                if packed != both {
                    packed = both;
                    for (i, strip) in [&mut *strip, &mut *strip2].into_iter().enumerate()
                    {
                        let (number, start) =
                            strips.find((2 * both + i).min(strips.count() - 1));
                        let source = &source[number * block..][..block][start..];
                        for (offset, lanes) in offsets.iter().zip(strip) {
                            *lanes = source[*offset];
                        }
                    }
                }
                let b = &gradient[tile * pictures * area + from..][..deep];
                let (a, a2) = (&strip[..deep], &strip2[..deep]);
                instructions.multiply([a, a2], b, std::slice::from_mut(pair));
            }
        }
        STRIPS.set(memory);
    }
}

/// Adds to each sum the values of its plane, one after the other.
pub fn add_planes(planes: &[f32], plane: usize, sums: &mut [f32]) {
    // Four at once: each waits for its last addition to be done.
    for (planes, sums) in planes.chunks(4 * plane).zip(sums.chunks_mut(4)) {
        let count = sums.len();
        let plane_of = |i: usize| &planes[i.min(count - 1) * plane..][..plane];
        let [a, b, c, d] = array::from_fn(plane_of);
        let mut grown: [f32; 4] = array::from_fn(|i| sums[i.min(count - 1)]);
        for (((a, b), c), d) in a.iter().zip(b).zip(c).zip(d) {
            grown = [grown[0] + a, grown[1] + b, grown[2] + c, grown[3] + d];
        }
        sums.copy_from_slice(&grown[..count]);
    }
}
