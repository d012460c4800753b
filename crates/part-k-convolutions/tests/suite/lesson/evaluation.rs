//! Errors and correlations, as they are written down.

use std::cell::RefCell;

use diffusion_core::generator;
use diffusion_testing::statistics;
use nalgebra::DMatrix;
use part_f_the_way_back::{
    Denoiser, DenoiserError, NoiseLevel, Prediction, PredictionType,
};
use part_k_convolutions::evaluation::{correlation, errors};

use super::{level, normal};

/// Predicts a part of what it is given, and remembers that.
struct Part(f32, RefCell<Vec<DMatrix<f32>>>);

impl Part {
    fn new(part: f32) -> Self {
        Part(part, RefCell::default())
    }
}

impl Denoiser for Part {
    fn predict(
        &self,
        x: &DMatrix<f32>,
        _: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        self.1.borrow_mut().push(x.clone());
        Ok(Prediction { kind: PredictionType::X0, values: self.0 * x })
    }
}

/// A denoiser that says what noise there is.
struct NoNoise;

impl Denoiser for NoNoise {
    fn predict(
        &self,
        x: &DMatrix<f32>,
        _: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        Ok(Prediction { kind: PredictionType::Noise, values: 0.0 * x })
    }
}

#[test]
fn errors_are_means_over_the_values_that_count() {
    let x0 = normal(12, 2, &mut generator(1));
    let (one, other) = (Part::new(0.5), Part::new(0.25));
    let levels = [level(2), level(8)];
    let counts = |row: usize| row % 3 == 1;
    let found = errors(&x0, &[&one, &other, &NoNoise], &levels, 50, counts).unwrap();
    assert_eq!(found.len(), 2);
    for (i, (errors, &at)) in found.iter().zip(&levels).enumerate() {
        assert_eq!(errors.level, at);
        // The same noisy pictures for all of them: of each clean one, as many.
        let x = one.1.borrow()[i].clone();
        assert_eq!(x, other.1.borrow()[i]);
        assert_eq!(x.shape(), (12, 100));
        let noise = DMatrix::from_fn(12, 100, |row, column| {
            (f64::from(x[(row, column)]) - at.a * f64::from(x0[(row, column % 2)])) / at.b
        });
        let n = noise.len() as f64;
        assert!((noise.sum() / n).abs() < 4.0 / n.sqrt());
        assert!((noise.norm_squared() / n - 1.0).abs() < 6.0 / n.sqrt());
        let mean = |of: &dyn Fn(f64, f64) -> f64| {
            let (mut sum, mut count) = (0.0, 0.0);
            for row in [1, 4, 7, 10] {
                for column in 0..100 {
                    sum += of(x[(row, column)].into(), x0[(row, column % 2)].into());
                    count += 1.0;
                }
            }
            sum / count
        };
        let scale = 1.0 / at.a;
        let from_x0 =
            [0.5, 0.25, scale].map(|part| mean(&|x, x0| (part * x - x0).powi(2)));
        let from_first =
            [0.0, 0.25, scale - 0.5].map(|off| mean(&|x, _| (off * x).powi(2)));
        for (ours, expected) in
            [(&errors.from_x0, from_x0), (&errors.from_first, from_first)]
        {
            assert_eq!(ours.len(), 3);
            for (ours, expected) in ours.iter().zip(expected) {
                assert!(
                    (ours - expected).abs() <= 1e-5 * expected,
                    "{ours}, not {expected}"
                );
            }
        }
    }
    // Another noise at each level, and the same ones each time.
    let noise = |i: usize| one.1.borrow()[i].clone() / levels[i].b as f32;
    assert!((noise(0) - noise(1)).amax() > 0.5);
    assert_eq!(
        errors(&x0, &[&Part::new(0.5), &other, &NoNoise], &levels, 50, counts).unwrap(),
        found
    );
}

#[test]
fn what_is_no_denoiser_of_the_pictures_is_an_error() {
    struct Refuses;
    impl Denoiser for Refuses {
        fn predict(
            &self,
            x: &DMatrix<f32>,
            _: NoiseLevel,
        ) -> Result<Prediction, DenoiserError> {
            Err(DenoiserError::Shape { found: x.nrows(), expected: 5 })
        }
    }
    let x0 = normal(12, 1, &mut generator(1));
    let error = errors(&x0, &[&NoNoise, &Refuses], &[level(2)], 1, |_| true).unwrap_err();
    assert!(matches!(error, DenoiserError::Shape { found: 12, expected: 5 }));
}

#[test]
fn a_correlation_is_that_of_the_deviations() {
    let rng = &mut generator(2);
    let mean = [0.5, -0.25, 3.0];
    let deviation = |seed: f32, rng: &mut _| normal(3 * 40, 1, rng).map(|x| x + seed);
    let (one, other) = (deviation(0.1, rng), deviation(-0.3, rng));
    let mixed = 0.8 * &one + 0.6 * &other;
    let picture = |deviation: &DMatrix<f32>| -> Vec<f32> {
        let values = deviation.iter().enumerate();
        values.map(|(place, value)| value + mean[place / 40] as f32).collect()
    };
    let of =
        |x: &DMatrix<f32>, y: &DMatrix<f32>| correlation(&picture(x), &picture(y), mean);
    let pairs = |x: &DMatrix<f32>, y: &DMatrix<f32>| {
        let pairs: Vec<(f32, f32)> = x.iter().copied().zip(y.iter().copied()).collect();
        statistics::correlation(pairs.into_iter())
    };
    for (x, y) in [(&one, &other), (&one, &mixed), (&mixed, &other)] {
        assert!((of(x, y) - pairs(x, y)).abs() < 1e-5, "{}", of(x, y));
        assert!((of(x, y) - of(y, x)).abs() < 1e-12);
    }
    assert!((of(&one, &one) - 1.0).abs() < 1e-12);
    assert!((of(&one, &(-2.0 * &one)) + 1.0).abs() < 1e-6);
    // Colours that differ by nothing but their means have nothing to do with each other.
    assert!(of(&one, &other).abs() < 0.3 && of(&one, &mixed) > 0.6);
}
