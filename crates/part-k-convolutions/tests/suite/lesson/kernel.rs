//! A convolution is a linear layer on patches.

use diffusion_core::generator;
use diffusion_core::picture::channels_first;
use diffusion_kernels::convolution::Convolution;
use nalgebra::DMatrix;
use part_g_local_denoiser::Border;
use part_k_convolutions::Padding;
use part_k_convolutions::kernel::Kernel;

use super::{bits_of, random_photo};

/// All pixels at once have the bits of each by itself, also where a kernel is larger than
/// the picture and goes round it more than once.
#[test]
fn all_pixels_are_computed_as_one_pixel_is() {
    let rng = &mut generator(1);
    let borders = [(Padding::Circular, Border::Wrapped), (Padding::Zeros, Border::Seen)];
    for (padding, border) in borders {
        for side in [1, 3, 5, 7] {
            for size in [[9, 13], [8, 16], [2, 1], [3, 20]] {
                let [rows, columns] = size;
                let shape = Convolution::new([3, 5], size, side, 1, padding);
                let kernel = Kernel::new(&shape, rng);
                let picture = random_photo(size, 2);
                let mut y = DMatrix::zeros(5 * rows * columns, 1);
                kernel.forward(&shape, &channels_first(&picture.x), &mut y);
                for pixel in 0..rows * columns {
                    let place = [pixel % columns, pixel / columns];
                    let one = kernel.at_pixel(&picture, place, border);
                    let all: Vec<f32> =
                        y.iter().skip(pixel).step_by(rows * columns).copied().collect();
                    assert_eq!(
                        bits_of(one.as_slice()),
                        bits_of(&all),
                        "{padding:?}, {side}, {size:?}, {place:?}"
                    );
                }
            }
        }
    }
}
