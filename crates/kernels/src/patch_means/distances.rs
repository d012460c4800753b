//! Squared distances of two rows of pixels, summed up along patches.

/// How many pixels of a row are gone through at once.
const PIXELS: usize = 16;

/// How many pixels of a picture are weighed at once: as many as stay in the registers.
pub const LANES: usize = 32;

/// The sums of one row of a picture and one of the photograph, as wide as a patch.
#[derive(Clone, Debug)]
pub struct RowDistances {
    patch: usize,
    /// How many pixels of the photograph's row there are.
    length: usize,
    /// How many pixels of the picture's row there are, rounded up.
    stride: usize,
    /// For each pixel of the photograph, the sum for each pixel of the picture.
    sums: Vec<f32>,
}

/// How many pixels a row of a picture has, so that it can be gone through: so many, and
/// more that don't matter.
pub fn stride(pixels: usize) -> usize {
    pixels.next_multiple_of(PIXELS)
}

impl RowDistances {
    /// For patches of this width, rows of `length` pixels of the photograph, and of
    /// `pixels` of the picture.
    pub fn new(patch: usize, length: usize, pixels: usize) -> Self {
        let stride = stride(pixels);
        // Something that doesn't matter is read from behind the last.
        let sums = vec![0.0; length * stride + LANES + stride];
        RowDistances { patch, length, stride, sums }
    }

    /// How many pixels a row of the picture has, with something that doesn't matter
    /// behind the last that counts.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// The squared distances of patches that are one row high. `x` holds all red values
    /// of a row, all green, all blue. Of the results, the first are those of the
    /// photograph's first patch and the picture's first [`LANES`] patches; those of the
    /// next lanes follow after all of the photograph's patches.
    #[inline(always)]
    pub fn measure(&mut self, x: &[f32], photo: &[[f32; 3]], all: &mut [[f32; LANES]]) {
        self.single_pixels(x, photo);
        let (mut width, mut done) = (1, 0);
        loop {
            if self.patch & width != 0 {
                self.add_to(all, done);
                done += width;
            }
            if 2 * width > self.patch {
                break;
            }
            self.double(width);
            width *= 2;
        }
    }

    /// The squared distances of single pixels.
    #[inline(always)]
    fn single_pixels(&mut self, x: &[f32], photo: &[[f32; 3]]) {
        let (red, rest) = x.split_at(self.stride);
        let (green, blue) = rest.split_at(self.stride);
        for first in (0..self.stride).step_by(PIXELS) {
            let some = |values: &[f32]| -> [f32; PIXELS] {
                values[first..][..PIXELS].try_into().expect("as many")
            };
            let x = [some(red), some(green), some(blue)];
            for (sums, pixel) in self.sums.chunks_exact_mut(self.stride).zip(photo) {
                let sums: &mut [f32; PIXELS] =
                    (&mut sums[first..][..PIXELS]).try_into().expect("as many");
                for (i, sum) in sums.iter_mut().enumerate() {
                    let [r, g, b] = [0, 1, 2].map(|colour| x[colour][i] - pixel[colour]);
                    *sum = r * r + g * g + b * b;
                }
            }
        }
    }

    /// Makes sums twice as wide from those of this width.
    #[inline(always)]
    fn double(&mut self, width: usize) {
        for pixel in 0..self.length - (2 * width - 1) {
            let (sums, more) = self.sums.split_at_mut((pixel + width) * self.stride);
            let sums = &mut sums[pixel * self.stride..][..self.stride - width];
            for (sum, more) in sums.iter_mut().zip(&more[width..]) {
                *sum += more;
            }
        }
    }

    /// Adds what follows on the first `done` pixels of a patch, or begins with it.
    #[inline(always)]
    fn add_to(&self, all: &mut [[f32; LANES]], done: usize) {
        let patches = self.length - self.patch + 1;
        for (group, all) in all.chunks_exact_mut(patches).enumerate() {
            for (patch, all) in all.iter_mut().enumerate() {
                let from = (patch + done) * self.stride + done + group * LANES;
                let more: &[f32; LANES] =
                    self.sums[from..][..LANES].try_into().expect("as many");
                for (sum, more) in all.iter_mut().zip(more) {
                    *sum = if done == 0 { *more } else { *sum + more };
                }
            }
        }
    }
}
