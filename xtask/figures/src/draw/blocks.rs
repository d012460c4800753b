//! Square pictures as blocks: averaged over them, as they are seen from afar, and
//! enlarged, each pixel as a block.

use diffusion_core::Picture;
use nalgebra::DMatrix;

/// A square picture of `side` × `side` pixels with each block of `block` × `block`
/// averaged.
pub fn averaged(x: &DMatrix<f32>, side: usize, block: usize) -> DMatrix<f32> {
    let blocks = side / block;
    DMatrix::from_fn(x.nrows(), blocks * blocks, |row, index| {
        let (top, left) = (index / blocks * block, index % blocks * block);
        let pixel = |i| x[(row, (top + i / block) * side + left + i % block)];
        (0..block * block).map(pixel).sum::<f32>() / (block * block) as f32
    })
}

/// A square picture that is drawn with several pixels for each of its own.
pub struct Enlarged {
    /// The enlarged picture.
    pub picture: Picture,
    side: usize,
    times: usize,
}

impl Enlarged {
    /// `picture`, `times` as wide and as high.
    pub fn new(picture: &Picture, times: usize) -> Self {
        let side = picture.width as usize;
        let mut enlarged = Enlarged {
            picture: Picture {
                x: DMatrix::zeros(0, 0),
                width: (side * times) as u32,
                height: (side * times) as u32,
            },
            side,
            times,
        };
        enlarged.picture.x = enlarged.of(&picture.x);
        enlarged
    }

    /// Another state of the picture's size, enlarged as it is.
    pub fn of(&self, x: &DMatrix<f32>) -> DMatrix<f32> {
        let width = self.side * self.times;
        DMatrix::from_fn(x.nrows(), width * width, |row, index| {
            let (top, left) = (index / width / self.times, index % width / self.times);
            x[(row, top * self.side + left)]
        })
    }
}
