//! The schedules in `data/reference/`, which numpy computed.

use std::fs;
use std::path::Path;

/// A schedule's values by timestep, counted from 0.
pub struct Schedule {
    /// The variance of each step's noise.
    pub beta: Vec<f64>,
    /// `1 - beta`.
    pub alpha: Vec<f64>,
    /// The cumulative product of `alpha`.
    pub alpha_bar: Vec<f64>,
}

/// Reads `linear_{steps}.csv`.
pub fn linear(steps: usize) -> Schedule {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = here.join(format!("../../data/reference/linear_{steps}.csv"));
    let text = fs::read_to_string(path).expect("the reference is in the repository");
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("t,beta,alpha,alpha_bar"));
    let mut schedule = Schedule { beta: vec![], alpha: vec![], alpha_bar: vec![] };
    for (t, line) in lines.enumerate() {
        let values: Vec<f64> =
            line.split(',').map(|value| value.parse().unwrap()).collect();
        assert_eq!(values[0], t as f64);
        schedule.beta.push(values[1]);
        schedule.alpha.push(values[2]);
        schedule.alpha_bar.push(values[3]);
    }
    assert_eq!(schedule.beta.len(), steps);
    schedule
}

/// Fails unless both have the same length and each pair of values differs by a factor of
/// at most `1 + 1e-9`.
pub fn assert_close(values: &[f64], reference: &[f64]) {
    assert_eq!(values.len(), reference.len());
    for (t, (value, reference)) in values.iter().zip(reference).enumerate() {
        let error = (value - reference).abs() / reference;
        assert!(
            error <= 1e-9,
            "t = {t}: {value} for {reference}, relative error {error:e}"
        );
    }
}
