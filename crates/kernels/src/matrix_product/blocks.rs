//! A product on one thread, cut into blocks that stay in the caches and tiles that stay
//! in the registers (Goto & van de Geijn, *Anatomy of High-Performance Matrix
//! Multiplication*, 2008).

use std::array;
use std::cell::Cell;

use nalgebra::DMatrix;

/// The size of a tile: how many sums grow at once. LLVM makes vectors of this shape for
/// every kind of processor, which can't be said of all shapes; the benches show it.
const ROWS: usize = 16;
const COLUMNS: usize = 4;

/// How many products are added to a tile before it goes back to memory: as many as let a
/// strip of each factor stay in the nearest cache.
const DEPTH: usize = 256;

/// In bytes: as many as one column of a tile.
const CACHE_LINE: usize = 64;

/// A factor as the product sees it: `lanes` values side by side, one for each row of the
/// result (the left factor) or for each column (the right one), and `depth` of them to
/// sum over.
#[derive(Clone, Copy)]
pub struct Factor<'a> {
    pub lanes: usize,
    pub depth: usize,
    values: &'a [f32],
    /// From one column in memory to the next.
    stride: usize,
    /// Whether a lane is a column in memory, or a row.
    lanes_are_columns: bool,
}

impl<'a> Factor<'a> {
    /// The rows of `x` are the lanes.
    pub fn by_rows(x: &'a DMatrix<f32>) -> Self {
        let ((lanes, depth), values) = (x.shape(), x.as_slice());
        Factor { lanes, depth, values, stride: lanes, lanes_are_columns: false }
    }

    /// The columns of `x` are the lanes.
    pub fn by_columns(x: &'a DMatrix<f32>) -> Self {
        let ((depth, lanes), values) = (x.shape(), x.as_slice());
        Factor { lanes, depth, values, stride: depth, lanes_are_columns: true }
    }

    /// Only `lanes` of its lanes, from the lane `first` on.
    pub fn part(self, first: usize, lanes: usize) -> Self {
        let skipped = if self.lanes_are_columns { first * self.stride } else { first };
        Factor { lanes, values: &self.values[skipped..], ..self }
    }

    /// Copies `WIDTH` lanes, from the lane `first` on, into `strip`, from the depth
    /// `from` on, as deep as the strip is. There they lie side by side: all of one depth,
    /// all of the next. Behind the last lane is something that doesn't matter.
    #[inline(never)]
    fn pack<const WIDTH: usize>(self, first: usize, from: usize, strip: &mut [f32]) {
        let lanes = WIDTH.min(self.lanes - first);
        let (strip, _) = strip.as_chunks_mut::<WIDTH>();
        if self.lanes_are_columns {
            let depth = strip.len();
            let column = |lane: usize| {
                let start = (first + lane.min(lanes - 1)) * self.stride + from;
                &self.values[start..][..depth]
            };
            // Four columns at once, so that four values can be stored as one.
            for lane in (0..lanes).step_by(4) {
                let [a, b, c, d] = array::from_fn(|i| column(lane + i));
                for ((((values, a), b), c), d) in
                    strip.iter_mut().zip(a).zip(b).zip(c).zip(d)
                {
                    [
                        values[lane],
                        values[lane + 1],
                        values[lane + 2],
                        values[lane + 3],
                    ] = [*a, *b, *c, *d];
                }
            }
        } else {
            for (i, values) in strip.iter_mut().enumerate() {
                let row = &self.values[(from + i) * self.stride + first..][..lanes];
                if let Ok(row) = row.try_into() {
                    *values = row;
                } else {
                    values[..lanes].copy_from_slice(row);
                    values[lanes..].fill(0.0);
                }
            }
        }
    }
}

thread_local! {
    /// Where factors are packed, kept from one product to the next.
    static STRIPS: Cell<Vec<f32>> = const { Cell::new(Vec::new()) };
    /// Where a product is computed with its rows and columns exchanged.
    static EXCHANGED: Cell<Vec<f32>> = const { Cell::new(Vec::new()) };
}

/// Computes the product into `c`, which has a row for each lane of `a` and a column for
/// each lane of `b`. Neither the lanes nor the depth are 0.
///
/// It is inlined, with all it calls but the packing, into a function for each kind of
/// processor: that is what compiles it for that kind.
#[inline(always)]
pub fn product(a: Factor, b: Factor, c: &mut [f32]) {
    // A tile of few rows would be mostly empty. Its columns may be few: the sums of
    // (B A)ᵀ are those of A B.
    let are_rows_few = a.lanes <= COLUMNS && b.lanes > COLUMNS;
    if !are_rows_few {
        return sums(a, b, c);
    }
    let mut memory = EXCHANGED.take();
    memory.resize(memory.len().max(c.len()), 0.0);
    let exchanged = &mut memory[..c.len()];
    sums(b, a, exchanged);
    for (row, values) in exchanged.chunks_exact(b.lanes).enumerate() {
        for (column, value) in c.chunks_exact_mut(a.lanes).zip(values) {
            column[row] = *value;
        }
    }
    EXCHANGED.set(memory);
}

/// All sums of a product, tile by tile.
#[inline(always)]
fn sums(a: Factor, b: Factor, c: &mut [f32]) {
    let rows = a.lanes;
    let deepest = a.depth.min(DEPTH);
    // Each strip of `a` is packed anew for each block of columns. With a column for each
    // product of a sum, that is one copy for each sum. More columns won't do: where the
    // sums are short, it is the block of `c` that has to stay in a cache.
    let columns = deepest.next_multiple_of(COLUMNS).max(32);

    let mut memory = STRIPS.take();
    memory.resize(memory.len().max(deepest * (ROWS + columns) + ROWS), 0.0);
    // A vector that crosses from one cache line to the next takes two loads.
    let start = memory.as_ptr().align_offset(CACHE_LINE).min(ROWS);
    let strips = &mut memory[start..];

    for (left, c) in (0..).step_by(columns).zip(c.chunks_mut(rows * columns.min(b.lanes)))
    {
        for from in (0..a.depth).step_by(DEPTH) {
            let depth = DEPTH.min(a.depth - from);
            let (a_strip, b_strips) = strips.split_at_mut(depth * ROWS);
            let tiles = c.len().div_ceil(rows * COLUMNS);
            let b_strips = &mut b_strips[..tiles * depth * COLUMNS];
            for (tile, b_strip) in b_strips.chunks_exact_mut(depth * COLUMNS).enumerate()
            {
                b.pack::<COLUMNS>(left + tile * COLUMNS, from, b_strip);
            }
            for top in (0..rows).step_by(ROWS) {
                a.pack::<ROWS>(top, from, a_strip);
                let b_strips = b_strips.chunks_exact(depth * COLUMNS);
                for (c, b_strip) in c.chunks_mut(rows * COLUMNS).zip(b_strips) {
                    add_to_tile(c, rows, top, from == 0, a_strip, b_strip);
                }
            }
        }
    }
    STRIPS.set(memory);
}

/// Adds the products of two strips, one after the other, to the sums of a tile: those of
/// `c`, up to four columns of `rows` values, from the row `top` on. They start at zero if
/// the products are the first ones.
#[inline(always)]
fn add_to_tile(
    c: &mut [f32],
    rows: usize,
    top: usize,
    first: bool,
    a: &[f32],
    b: &[f32],
) {
    let height = ROWS.min(rows - top);
    let mut tile = [[0.0; ROWS]; COLUMNS];
    if !first {
        for (sums, column) in tile.iter_mut().zip(c.chunks_exact(rows)) {
            sums[..height].copy_from_slice(&column[top..][..height]);
        }
    }
    let tile = add_products(a, b, tile);
    for (sums, column) in tile.iter().zip(c.chunks_exact_mut(rows)) {
        if height == ROWS {
            column[top..][..ROWS].copy_from_slice(sums);
        } else {
            column[top..][..height].copy_from_slice(&sums[..height]);
        }
    }
}

/// The sums of a tile and the products of two strips, added one after the other.
///
/// It is a function of its own, and takes the tile by value, to have the sums in
/// registers.
#[inline(always)]
fn add_products(
    a: &[f32],
    b: &[f32],
    mut tile: [[f32; ROWS]; COLUMNS],
) -> [[f32; ROWS]; COLUMNS] {
    for (a, b) in a.as_chunks::<ROWS>().0.iter().zip(b.as_chunks::<COLUMNS>().0) {
        for (sums, &b) in tile.iter_mut().zip(b) {
            // No `mul_add`: a web page has no instruction for it, and plain x86-64
            // neither.
            *sums = array::from_fn(|row| sums[row] + a[row] * b);
        }
    }
    tile
}
