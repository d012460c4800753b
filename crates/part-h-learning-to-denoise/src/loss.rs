//! What is to be learned, and from what: noisy states whose noise is known.
//!
//! The forward process makes as many examples as one likes: it takes a datum, a timestep and noise,
//! and mixes them. Whoever sees the state only has to guess what is in it (Ho et al. 2020,
//! algorithm 1).

use diffusion_core::randn_like;
use nalgebra::{DMatrix, DMatrixView};
use part_c_schedule_for_beta::TimestepError;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::signal_to_noise_ratio;
use part_f_the_way_back::Prediction;
use rand::{Rng, RngExt};

use crate::data::Data;

/// What a network is asked for. Part F has them as a [`Prediction`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The noise.
    Noise,
    /// The clean data.
    X0,
    /// The velocity.
    Velocity,
}

impl Target {
    /// The target for a state that was made of `x0` and `noise` with the
    /// factors `(a, b)`.
    pub fn of(self, x0: f32, noise: f32, (a, b): (f32, f32)) -> f32 {
        match self {
            Target::Noise => noise,
            Target::X0 => x0,
            Target::Velocity => a * noise - b * x0,
        }
    }

    /// What a network predicts, from its answers.
    pub fn prediction(self, answer: DMatrix<f32>) -> Prediction {
        match self {
            Target::Noise => Prediction::Noise(answer),
            Target::X0 => Prediction::X0(answer),
            Target::Velocity => Prediction::Velocity(answer),
        }
    }
}

impl Target {
    // ANCHOR: weight
    /// How many times as large as an error of `x0` the loss counts it (equation H.2): for
    /// the same guess, the loss of this target over the loss of `x0`.
    pub fn weight(self, alpha_bar: f64) -> f64 {
        match self {
            Target::Noise => signal_to_noise_ratio(alpha_bar),
            Target::X0 => 1.0,
            Target::Velocity => signal_to_noise_ratio(alpha_bar) + 1.0,
        }
    }
    // ANCHOR_END: weight

    /// What any denoiser predicts, said as an answer to this. The states `x` were made with the
    /// factors `(a, b)`.
    pub fn answer(
        self,
        prediction: Prediction,
        x: &DMatrix<f32>,
        factors: (f64, f64),
    ) -> DMatrix<f32> {
        match self {
            Target::Noise => prediction.noise(x, factors),
            Target::X0 => prediction.x0(x, factors),
            Target::Velocity => prediction.velocity(x, factors),
        }
    }
}

// ANCHOR: examples
/// Noisy states, and what to say of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Examples {
    /// The states, d × n.
    pub x: DMatrix<f32>,
    /// The timestep after which each of them is seen.
    pub t: Vec<usize>,
    /// The label, if there is one.
    pub labels: Vec<Option<usize>>,
    /// What the network should answer, d × n.
    pub targets: DMatrix<f32>,
}

impl Examples {
    /// Draws `n` examples: any datum, any timestep, new noise. A label is left out with
    /// the probability `label_dropout`, from 0 to 1.
    pub fn draw(
        n: usize,
        data: &Data,
        scheduler: &NoiseScheduler,
        target: Target,
        label_dropout: f64,
        rng: &mut impl Rng,
    ) -> Self {
        let drawn: Vec<usize> = (0..n).map(|_| below(data.x.ncols(), rng)).collect();
        let t: Vec<usize> = (0..n).map(|_| below(scheduler.steps(), rng)).collect();
        let label = |&datum: &usize| {
            let label = data.labels.as_ref()?[datum];
            (rng.random::<f64>() >= label_dropout).then_some(label)
        };
        let labels = drawn.iter().map(label).collect();
        let x0 = data.x.select_columns(&drawn);
        Self::of(x0, t, labels, scheduler, target, rng)
            .expect("all timesteps are the scheduler's")
    }

    /// Examples of these `x0`, d × n, at these timesteps, with new noise.
    ///
    /// # Errors
    ///
    /// If one of the timesteps is not there.
    ///
    /// # Panics
    ///
    /// If there is not one timestep and one label for each column.
    pub fn of(
        x0: DMatrix<f32>,
        t: Vec<usize>,
        labels: Vec<Option<usize>>,
        scheduler: &NoiseScheduler,
        target: Target,
        rng: &mut impl Rng,
    ) -> Result<Self, TimestepError> {
        assert_eq!(labels.len(), x0.ncols(), "one label for each column");
        let noise = randn_like(&x0, rng);
        let x = scheduler.add_given_noise(&x0, &noise, &t)?;
        let mut targets = noise;
        for (column, &t) in t.iter().enumerate() {
            let (a, b) = scheduler.factors(t)?;
            let factors = (a as f32, b as f32);
            for row in 0..x0.nrows() {
                let place = (row, column);
                targets[place] = target.of(x0[place], targets[place], factors);
            }
        }
        Ok(Examples { x, t, labels, targets })
    }
}
// ANCHOR_END: examples

impl Examples {
    /// Those that have this label.
    pub fn with_label(&self, label: Option<usize>) -> Self {
        let columns = 0..self.t.len();
        let these: Vec<usize> =
            columns.filter(|&column| self.labels[column] == label).collect();
        Examples {
            x: self.x.select_columns(&these),
            t: these.iter().map(|&column| self.t[column]).collect(),
            labels: vec![label; these.len()],
            targets: self.targets.select_columns(&these),
        }
    }
}

/// Any number below `end`, which is at least 1: each as likely, and the same one where a
/// `usize` is shorter.
fn below(end: usize, rng: &mut impl Rng) -> usize {
    rng.random_range(0..end as u64) as usize
}

// ANCHOR: loss
/// The squared error of some answers, summed over all their values (equation H.1; Ho
/// et al. 2020, equation 14). The loss of a batch is the sum over all of it, divided by
/// `count`, the number of its values.
///
/// Into `derivatives` goes the derivative of the loss with respect to each answer.
///
/// # Panics
///
/// If the three have not the same shape.
pub fn squared_error(
    answers: &DMatrix<f32>,
    targets: DMatrixView<f32>,
    count: usize,
    derivatives: &mut DMatrix<f32>,
) -> f64 {
    assert_eq!(answers.shape(), targets.shape(), "a target for each answer");
    assert_eq!(answers.shape(), derivatives.shape(), "a derivative for each answer");
    let scale = 2.0 / count as f32;
    let mut sum = 0.0;
    for ((answer, target), derivative) in answers.iter().zip(&targets).zip(derivatives) {
        let error = answer - target;
        sum += f64::from(error) * f64::from(error);
        *derivative = scale * error;
    }
    sum
}
// ANCHOR_END: loss
