//! What attention knows of places: nothing.

use diffusion_core::generator;
use nalgebra::DMatrix;
use part_l_u_net::attention::Attention;
use part_l_u_net::group_norm::GroupNorm;

use super::normal;

/// The pixels of 8 channels in another order.
fn reordered(x: &DMatrix<f32>, order: &[usize]) -> DMatrix<f32> {
    let pixels = order.len();
    DMatrix::from_fn(x.nrows(), x.ncols(), |row, column| {
        x[(row - row % pixels + order[row % pixels], column)]
    })
}

#[test]
fn pixels_in_another_order_come_out_in_that_order() {
    let rng = &mut generator(0);
    let norm = Some(GroupNorm::new(2, 8, 1e-5));
    let attention = Attention::new(8, [3, 4], 2, norm, rng);
    let x = normal(8 * 12, 2, rng);
    let order = [5, 0, 11, 3, 8, 1, 9, 2, 10, 4, 7, 6];
    let (y, _) = attention.forward(&x);
    let (of_reordered, _) = attention.forward(&reordered(&x, &order));
    assert!((of_reordered - reordered(&y, &order)).amax() < 1e-5);
    assert!((&y - reordered(&y, &order)).amax() > 0.1);
}
