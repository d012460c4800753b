//! Standard normal noise, the same bytes for the same seed on any number of threads.

#[cfg(target_family = "wasm")]
mod kept;
mod normal;
mod stream;

use nalgebra::DMatrix;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};
use rayon::prelude::*;

#[cfg(target_family = "wasm")]
use kept::fill;
#[cfg(not(target_family = "wasm"))]
use stream::fill;

/// The random generator of every run: xoshiro256++ (Blackman & Vigna 2021).
///
/// A published algorithm with a name, so that a seed means the same noise after any
/// update of the `rand` crate.
pub type Generator = Xoshiro256PlusPlus;

/// How many values share one stream of random numbers: few enough to keep all cores busy
/// with one picture, and enough that starting a stream costs nothing beside filling it.
pub const VALUES_PER_STREAM: usize = 1 << 14;

/// The generator that `--seed` names.
pub fn generator(seed: u64) -> Generator {
    Generator::seed_from_u64(seed)
}

// ANCHOR: randn_like
/// Standard normal noise of the shape of `x`: every value is drawn from N(0, 1),
/// independently of all others.
///
/// `x` gives the shape only, any number of rows and columns; its values are not read. The
/// noise is drawn in streams of 16,384 values, in column order, each from a generator of
/// its own that `rng` seeds. So the streams can be filled on all cores at once, and the
/// noise depends on `rng` alone, never on the number of threads.
pub fn randn_like(x: &DMatrix<f32>, rng: &mut impl Rng) -> DMatrix<f32> {
    let mut noise = DMatrix::zeros(x.nrows(), x.ncols());
    let values = noise.as_mut_slice();
    if values.len() <= VALUES_PER_STREAM {
        // Not worth waking another thread for.
        fill(values, rng.next_u64());
    } else {
        let seeds: Vec<u64> = (0..values.len().div_ceil(VALUES_PER_STREAM))
            .map(|_| rng.next_u64())
            .collect();
        values
            .par_chunks_mut(VALUES_PER_STREAM)
            .zip(seeds)
            .for_each(|(stream, seed)| fill(stream, seed));
    }
    noise
}
// ANCHOR_END: randn_like
