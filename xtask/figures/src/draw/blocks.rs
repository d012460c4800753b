//! Pictures averaged over blocks: what is seen of them from afar.

use nalgebra::DMatrix;

/// A square picture of `side` × `side` pixels with each block of `block` × `block` averaged.
pub fn averaged(x: &DMatrix<f32>, side: usize, block: usize) -> DMatrix<f32> {
    let blocks = side / block;
    DMatrix::from_fn(x.nrows(), blocks * blocks, |row, index| {
        let (top, left) = (index / blocks * block, index % blocks * block);
        let pixel = |i| x[(row, (top + i / block) * side + left + i % block)];
        (0..block * block).map(pixel).sum::<f32>() / (block * block) as f32
    })
}
