//! What is seen, and the directions along which it is seen.

use diffusion_core::generator;
use nalgebra::DMatrix;
use part_n_to_order::{Measurement, Observation, OrderError};
use rand::Rng;

use super::normal;

fn all() -> Vec<Measurement> {
    vec![
        Measurement::mask(64, &[3, 60, 7]).unwrap(),
        Measurement::mask(64, &[]).unwrap(),
        Measurement::means([8, 8], 2).unwrap(),
        Measurement::means([16, 4], 4).unwrap(),
        Measurement::blur([8, 8], 2),
        Measurement::blur([4, 16], 1),
        Measurement::projection(normal(64, 1, &mut generator(5)).as_slice()).unwrap(),
    ]
}

#[test]
fn directions_are_at_right_angles_and_of_length_1() {
    for measurement in all() {
        let k = measurement.gains().len();
        let back = measurement.back(&DMatrix::identity(k, k));
        let products = measurement.along(&back);
        assert!((products - DMatrix::identity(k, k)).amax() < 1e-5 || k == 0);
        assert!(measurement.gains().iter().all(|gain| (0.0..=1.0).contains(gain)));
    }
}

/// Without noise: values as they are, and means of them.
#[test]
fn masks_and_means_are_what_they_say() {
    let x0 = normal(16, 1, &mut generator(0));
    let seen = |measurement| {
        Observation::of(x0.as_slice(), measurement, 0.0, &mut generator(1)).unwrap().y
    };
    assert_eq!(seen(Measurement::mask(16, &[2, 9]).unwrap()), [x0[2], x0[9]]);
    let means = seen(Measurement::means([4, 4], 2).unwrap());
    assert_eq!(means.len(), 4);
    let below_right = [10, 11, 14, 15].map(|pixel: usize| x0[pixel]);
    assert!((means[3] - below_right.iter().sum::<f32>() / 4.0).abs() < 1e-6);
}

/// Of some places, what is seen is the same whichever others are seen, noise and all.
#[test]
fn the_noise_of_a_place_is_its_own() {
    let x0 = normal(16, 1, &mut generator(0));
    let seen = |places: &[usize]| {
        let rng = &mut generator(1);
        let seen = Observation::of_places(x0.as_slice(), places, 0.5, rng)?;
        // What is drawn next is the same, too.
        Ok::<_, OrderError>((seen.y, rng.next_u64()))
    };
    let (all, next) = seen(&(0..16).collect::<Vec<_>>()).unwrap();
    assert!(all.iter().zip(&x0).all(|(y, x0)| y != x0));
    assert_eq!(seen(&[9, 2]).unwrap(), (vec![all[9], all[2]], next));
    assert_eq!(seen(&[]).unwrap(), (Vec::new(), next));
    assert!(matches!(seen(&[16]), Err(OrderError::Place { place: 16, .. })));
    assert!(matches!(seen(&[3, 3]), Err(OrderError::Place { place: 3, .. })));
}

/// The waves and their gains are those of the blur, pixel by pixel.
#[test]
fn a_blur_is_what_it_says() {
    let (width, height) = (5, 4);
    let x0 = normal(width * height, 1, &mut generator(0));
    let at = |x: &DMatrix<f32>, column: isize, row: isize| {
        let inside = |place: isize, length: usize| {
            let length = length as isize;
            let mirrored = if place < 0 { -1 - place } else { place };
            (if mirrored < length { mirrored } else { 2 * length - 1 - mirrored })
                as usize
        };
        x[inside(row, height) * width + inside(column, width)]
    };
    let once = |x: &DMatrix<f32>, [right, down]: [isize; 2]| {
        DMatrix::from_fn(width * height, 1, |pixel, _| {
            let [column, row] = [pixel % width, pixel / width].map(|at| at as isize);
            let before = at(x, column - right, row - down);
            let after = at(x, column + right, row + down);
            x[pixel] / 2.0 + (before + after) / 4.0
        })
    };
    let mut expected = x0.clone();
    for _ in 0..3 {
        expected = once(&once(&expected, [1, 0]), [0, 1]);
    }
    let measurement = Measurement::blur([width, height], 3);
    let seen =
        Observation::of(x0.as_slice(), measurement, 0.0, &mut generator(1)).unwrap();
    assert!((seen.picture() - expected).amax() < 1e-6);
}

/// Its noise has the standard deviation that is asked for, along each direction.
#[test]
fn what_is_seen_has_noise() {
    let x0 = vec![0.25; 10_000];
    let everything: Vec<usize> = (0..x0.len()).collect();
    let measurement = Measurement::mask(x0.len(), &everything).unwrap();
    let seen = Observation::of(&x0, measurement, 0.5, &mut generator(1)).unwrap();
    let squares = seen.y.iter().map(|y| f64::from(y - 0.25).powi(2));
    let std = (squares.sum::<f64>() / x0.len() as f64).sqrt();
    assert!((std - 0.5).abs() < 4.0 * 0.5 / (2.0 * x0.len() as f64).sqrt(), "{std}");
    let x0 = DMatrix::from_vec(x0.len(), 1, x0);
    assert_eq!(
        seen.residual(&x0).amax() > 1.0,
        seen.y.iter().any(|y| (y - 0.25).abs() > 1.0)
    );
}
