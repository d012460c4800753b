//! Sums that grow in registers, a tile of them at once.

use std::array;

use multiversion::multiversion;

use crate::Instructions;

/// The size of a tile. LLVM makes vectors of this shape for every kind of processor,
/// which can't be said of all shapes; the benches show it.
pub const LANES: usize = 16;
pub const COLUMNS: usize = 4;

/// The left factor of a tile's products: sixteen lanes side by side, for each product.
pub type Left = [[f32; LANES]];

/// A column for each of four sums, and sixteen of them side by side.
pub type Tile = [[f32; LANES]; COLUMNS];

/// Two tiles with the same right factor. With vectors of sixteen, they have to be two to
/// keep a processor busy: then each number of the right factor is loaded once for both.
pub type Pair = [Tile; 2];

pub const ZERO: Pair = [[[0.0; LANES]; COLUMNS]; 2];

/// The numbers of a pair.
pub const PAIR: usize = 2 * COLUMNS * LANES;

/// In bytes.
const CACHE_LINE: usize = 64;

/// So many numbers of a memory that is kept, whatever they are, from the start of a cache
/// line on: a vector that crosses from one to the next takes two loads.
pub fn aligned(memory: &mut Vec<f32>, length: usize) -> &mut [f32] {
    memory.resize(memory.len().max(length + LANES), 0.0);
    let start = memory.as_ptr().align_offset(CACHE_LINE).min(LANES);
    &mut memory[start..][..length]
}

/// Numbers as pairs of tiles.
pub fn as_pairs(numbers: &mut [f32]) -> &mut [Pair] {
    let (columns, _) = numbers.as_chunks_mut::<LANES>();
    let (tiles, _) = columns.as_chunks_mut::<COLUMNS>();
    tiles.as_chunks_mut::<2>().0
}

/// The sums of a tile and the products of two strips, added one after the other.
///
/// It takes the tile by value, to have the sums in registers.
#[inline(always)]
pub fn add_products(a: &[[f32; LANES]], b: &[[f32; COLUMNS]], mut tile: Tile) -> Tile {
    for (a, b) in a.iter().zip(b) {
        for (sums, &b) in tile.iter_mut().zip(b) {
            // No `mul_add`: a web page has no instruction for it, and plain x86-64
            // neither.
            *sums = array::from_fn(|lane| sums[lane] + a[lane] * b);
        }
    }
    tile
}

/// [`add_products`] for two tiles, one strip for each, and the right one for both.
#[inline(always)]
pub fn add_products_to_both(
    [a, a2]: [&[[f32; LANES]]; 2],
    b: &[[f32; COLUMNS]],
    [mut tile, mut tile2]: Pair,
) -> Pair {
    for ((a, a2), b) in a.iter().zip(a2).zip(b) {
        // One tile and then the other: if they took turns, LLVM would not see the vectors.
        for (sums, &b) in tile.iter_mut().zip(b) {
            *sums = array::from_fn(|lane| sums[lane] + a[lane] * b);
        }
        for (sums, &b) in tile2.iter_mut().zip(b) {
            *sums = array::from_fn(|lane| sums[lane] + a2[lane] * b);
        }
    }
    [tile, tile2]
}

impl Instructions {
    /// Adds the products of two left strips and some right ones, all equally deep, to a
    /// pair of tiles for each of the right ones.
    pub(super) fn multiply(self, a: [&Left; 2], b: &[[f32; COLUMNS]], sums: &mut [Pair]) {
        match self {
            Instructions::Plain => multiply_plain(a, b, sums),
            Instructions::Avx2 => multiply_avx2(a, b, sums),
            Instructions::Avx512 => multiply_avx512(a, b, sums),
        }
    }
}

fn multiply_plain(a: [&Left; 2], b: &[[f32; COLUMNS]], sums: &mut [Pair]) {
    one_by_one(a, b, sums);
}

#[multiversion(targets("x86_64+avx2"))]
fn multiply_avx2(a: [&Left; 2], b: &[[f32; COLUMNS]], sums: &mut [Pair]) {
    one_by_one(a, b, sums);
}

#[multiversion(targets("x86_64+avx512f"))]
fn multiply_avx512(a: [&Left; 2], b: &[[f32; COLUMNS]], sums: &mut [Pair]) {
    for (b, sums) in b.chunks_exact(a[0].len()).zip(sums) {
        *sums = add_products_to_both(a, b, *sums);
    }
}

#[inline(always)]
fn one_by_one(a: [&Left; 2], b: &[[f32; COLUMNS]], sums: &mut [Pair]) {
    for (b, [sums, sums2]) in b.chunks_exact(a[0].len()).zip(sums) {
        *sums = add_products(a[0], b, *sums);
        *sums2 = add_products(a[1], b, *sums2);
    }
}
