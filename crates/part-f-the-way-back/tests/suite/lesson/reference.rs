//! The values in `reference.csv`, which `reference.py` computed in exact arithmetic.

use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{ExactDenoiser, Posterior};

use super::level;

/// Holds posteriors, posterior means and means of a step back against them.
pub fn check() {
    let scheduler = NoiseScheduler::from_betas(vec![0.01, 0.1, 0.3, 0.7]).unwrap();
    let data = DMatrix::from_column_slice(2, 3, &[-1.0, 0.5, 1.0, -0.25, 0.5, 1.0]);
    let x = DMatrix::from_column_slice(2, 3, &[0.25, 0.5, -2.0, 0.75, 1.25, -1.5]);
    let denoiser = ExactDenoiser::new(&data).unwrap();
    let lines = include_str!("reference.csv").lines().skip(1);
    for (t, line) in lines.enumerate() {
        let values: Vec<f64> =
            line.split(',').map(|cell| cell.parse().unwrap()).collect();
        assert_eq!(values[0], t as f64);
        let posterior = Posterior::of_step(&scheduler, t).unwrap();
        let ours = [posterior.x0_factor, posterior.x_t_factor, posterior.variance];
        for (ours, reference) in ours.iter().zip(&values[1..4]) {
            assert!((ours - reference).abs() < 1e-14, "t = {t}: {ours}, not {reference}");
        }
        let predicted = denoiser.posterior_mean(&x, level(&scheduler, t));
        let mean = posterior.mean(&predicted, &x);
        let ours = predicted
            .iter()
            .zip(mean.iter())
            .flat_map(|(predicted, mean)| [predicted, mean]);
        for (ours, reference) in ours.zip(&values[4..]) {
            let error = (f64::from(*ours) - reference).abs();
            assert!(error < 1e-6, "t = {t}: {ours}, not {reference}");
        }
    }
    assert_eq!(scheduler.steps(), 4);
}
