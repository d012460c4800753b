//! Sums with the same bits everywhere: sixteen side by side, whatever the processor, and
//! then one after the other.

/// In so many sums side by side, whatever the processor.
const LANES: usize = 16;

/// `((0 + x₀) + x₁₆) + …` in sixteen lanes, which are then added one after the other.
pub fn sum(x: &[f32]) -> f32 {
    let (whole, rest) = x.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for values in whole {
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum += value;
        }
    }
    sums.iter().chain(rest).sum()
}

/// The same of the products of two values each.
///
/// # Panics
///
/// If there are not as many of both.
pub fn sum_of_products(x: &[f32], y: &[f32]) -> f32 {
    assert_eq!(x.len(), y.len(), "two factors for each product");
    let ((x, x_rest), (y, y_rest)) = (x.as_chunks::<LANES>(), y.as_chunks::<LANES>());
    let mut sums = [0.0; LANES];
    for (x, y) in x.iter().zip(y) {
        for (sum, (x, y)) in sums.iter_mut().zip(x.iter().zip(y)) {
            *sum += x * y;
        }
    }
    let rest = x_rest.iter().zip(y_rest).map(|(x, y)| x * y);
    sums.iter().sum::<f32>() + rest.sum::<f32>()
}
