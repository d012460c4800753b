//! Trajectories of diffusers 0.42.1, which `reference.py` made, made again state by
//! state, at the sigmas that diffusers had. It computes in f32. An error is relative to
//! the largest value of a state, if that is above 1.

use nalgebra::DMatrix;
use part_f_the_way_back::{Prediction, PredictionType};
use part_i_samplers::{
    Coordinate, DpmSolver, Euler, Heun, Sampler, Sampling, SamplingConfig, X0Clipping,
};
use part_j_flow_matching::Renoise;
use part_j_flow_matching::levels::flow_levels;

/// One line of `reference.csv`.
struct Reference<'a> {
    sampler: &'a str,
    shift: &'a str,
    sigmas: Vec<f64>,
    told: Vec<f64>,
    states: Vec<f64>,
}

impl<'a> Reference<'a> {
    fn all() -> Vec<Self> {
        let list = |numbers: &str| -> Vec<f64> {
            numbers.split(' ').map(|number| number.parse().unwrap()).collect()
        };
        let of_line = |line: &'a str| {
            let cells: Vec<&str> = line.split(',').collect();
            let [sampler, shift] = [cells[0], cells[1]];
            let [sigmas, told, states] = [3, 4, 5].map(|cell| list(cells[cell]));
            Reference { sampler, shift, sigmas, told, states }
        };
        include_str!("reference.csv").lines().skip(1).map(of_line).collect()
    }

    fn name(&self) -> String {
        let Reference { sampler, shift, sigmas, .. } = self;
        format!("{sampler}, shift {shift}, {} steps", sigmas.len() - 1)
    }

    fn sampler(&self) -> &dyn Sampler {
        match self.sampler {
            "euler" => &Euler,
            "renoise" => &Renoise,
            "heun" => &Heun { coordinate: Coordinate::FlowTime },
            _ => &DpmSolver,
        }
    }

    /// Samples, and returns the largest error of all states.
    fn largest_error(&self) -> f64 {
        let (&end, times) = self.sigmas.split_last().unwrap();
        assert_eq!(end, 0.0);
        // Rounding has led to a little more than 1 with some shifts.
        let times: Vec<f64> = times.iter().map(|time| time.min(1.0)).collect();
        let levels = flow_levels(&times).unwrap();
        let (sampler, clipping) = (self.sampler(), X0Clipping::None);
        let config = SamplingConfig { sampler, levels: &levels, clipping };
        let mut theirs = self.states.chunks_exact(4);
        let begin = theirs.next().unwrap().iter().map(|&value| value as f32);
        let begin = DMatrix::from_iterator(2, 2, begin);
        let mut sampling = Sampling::new(&config, begin).unwrap();
        let mut largest = 0.0_f64;
        for (step, &told) in self.told.iter().enumerate() {
            let prediction = predict(sampling.x(), told);
            sampling.advance(prediction, |_| noise_of_step(step)).unwrap();
            let ours = sampling.x().map(f64::from);
            let theirs = DMatrix::from_column_slice(2, 2, theirs.next().unwrap());
            largest = largest.max((ours - &theirs).amax() / theirs.amax().max(1.0));
        }
        assert!(sampling.level().is_none(), "{}: fewer states than ours", self.name());
        assert!(theirs.next().is_none(), "{}: more states than ours", self.name());
        largest
    }
}

/// Stands for a network, the same as in `reference.py`.
fn predict(x: &DMatrix<f32>, told: f64) -> Prediction {
    let u = (told / 1000.0) as f32;
    let values = x.map(|x| (1.3 * u - 0.2) * x - 0.6 * x / (1.0 + x * x));
    Prediction { kind: PredictionType::Flow, values }
}

/// The noise of a step, the same as in `reference.py`.
fn noise_of_step(step: usize) -> DMatrix<f32> {
    let value = |i: usize| 1.4 * (12.9898 * (4 * step + i) as f64 + 1.0).sin();
    DMatrix::from_iterator(2, 2, (0..4).map(|i| value(i) as f32))
}

/// They are some roundings off, 7e-7 at most. Heun's are off by 2e-5 where a step leaves
/// a thousandth of the noise: there, two predictions of `x0` count 500 and -499 times.
#[test]
fn every_state_is_that_of_diffusers() {
    let references = Reference::all();
    assert_eq!(references.len(), 72);
    for (sampler, count) in
        [("euler", 27), ("renoise", 27), ("heun", 9), ("dpm-solver++", 9)]
    {
        let these = references.iter().filter(|reference| reference.sampler == sampler);
        assert_eq!(these.count(), count, "{sampler} in reference.csv");
    }
    for reference in references {
        let error = reference.largest_error();
        let bound = if reference.sampler == "heun" { 1e-4 } else { 3e-6 };
        assert!(error < bound, "{}: a state is off by {error:e}", reference.name());
    }
}
