//! Is the nearest datum found?

use diffusion_core::generator;
use nalgebra::DMatrix;
use part_l_u_net::judge::nearest;

use super::normal;

/// Beside all distances in f64. The data are as many as one look at the samples takes, and
/// more, fewer, and some that are left over; so are the values.
#[test]
fn the_nearest_is_the_one_that_is_least_far() {
    for (d, m, n) in [(1, 1, 3), (7, 5, 2), (64, 67, 33), (300, 130, 5), (1024, 64, 9)] {
        let rng = &mut generator(1);
        let (samples, mut data) = (normal(d, n, rng), normal(d, m, rng));
        // Of two that are the same, the first counts.
        let first = data.column(0).into_owned();
        data.set_column(m - 1, &first);
        let found = nearest(&samples, &data);
        assert_eq!(found.len(), n);
        for (sample, found) in samples.column_iter().zip(found) {
            let far = |datum: usize| {
                (sample.map(f64::from) - data.column(datum).map(f64::from)).norm()
            };
            let best = (0..m).min_by(|&one, &other| far(one).total_cmp(&far(other)));
            assert_eq!(Some(found.datum), best, "{d} values, {m} data");
            let expected = far(found.datum);
            assert!((found.distance - expected).abs() <= 1e-5 * expected, "{found:?}");
        }
    }
}

/// What is no number is near to nothing.
#[test]
fn a_sample_that_is_no_number_has_no_distance() {
    let data = DMatrix::from_fn(3, 6, |row, column| (row + column) as f32);
    let samples = DMatrix::from_column_slice(3, 2, &[4.0, 5.0, 6.5, 1.0, f32::NAN, 1.0]);
    let found = nearest(&samples, &data);
    assert_eq!((found[0].datum, found[0].distance), (4, 0.5));
    assert_eq!(found[1].datum, 0);
    assert!(found[1].distance.is_nan());
}
