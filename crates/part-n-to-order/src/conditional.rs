//! The exact denoiser of what was seen in part: the truth that every method is held to.
//!
//! Chapter F asks of each datum how likely it led to a state. If there is an observation,
//! too, one asks for both: how likely did it lead to this state and to this observation?
//! That is one more term in the same softmax.

use nalgebra::DMatrix;
use part_f_the_way_back::{
    Denoiser, DenoiserError, NoiseLevel, Prediction, PredictionType,
};

use crate::error::OrderError;
use crate::likely;
use crate::measurement::Observation;
use crate::smoothed_data::{Given, SmoothedData, normalized};

/// The exact denoiser of data of which something was seen.
#[derive(Clone, Debug)]
pub struct ConditionalDenoiser<'a> {
    data: &'a SmoothedData,
    observation: &'a Observation,
    /// How far each datum reaches along each direction, k × m.
    along: DMatrix<f32>,
}

impl<'a> ConditionalDenoiser<'a> {
    /// Of these data and this observation.
    ///
    /// # Errors
    ///
    /// If a datum has not as many values as are measured, or if points are seen without
    /// noise.
    pub fn new(
        data: &'a SmoothedData,
        observation: &'a Observation,
    ) -> Result<Self, OrderError> {
        let (found, expected) = (data.data().nrows(), observation.measurement.values());
        if found != expected {
            return Err(OrderError::Values { found, expected });
        }
        let is_seen = !observation.y.is_empty();
        if is_seen && observation.noise == 0.0 && data.spread() == 0.0 {
            return Err(OrderError::Certain);
        }
        let along = observation.measurement.along(data.data());
        Ok(ConditionalDenoiser { data, observation, along })
    }

    /// The standard deviation of what is seen along each direction, if it is known which
    /// datum it came from: of its noise, and of what the datum's spread leaves open.
    fn stds(&self, given: &Given) -> Vec<f64> {
        let noise = self.observation.noise;
        let std = |&gain: &f32| {
            let open = f64::from(gain) * f64::from(gain) * given.variance;
            (noise * noise + open).sqrt().max(1e-10)
        };
        self.observation.measurement.gains().iter().map(std).collect()
    }

    // ANCHOR: weights
    /// How likely each datum led to the state `x`, d values, and to what was seen: m
    /// weights that add up to 1 (equation N.4).
    pub fn weights(&self, x: &[f32], at: NoiseLevel) -> Vec<f64> {
        let given = self.data.given(at);
        let stds = self.stds(&given);
        let squares = self.data.squares(x, at.a);
        let state = DMatrix::from_column_slice(x.len(), 1, x);
        let state = self.observation.measurement.along(&state);
        let logarithm = |(datum, square): (usize, f64)| {
            let mut log = -square / (2.0 * given.std * given.std);
            for (j, std) in stds.iter().enumerate() {
                let [gain, y] =
                    [self.observation.measurement.gains()[j], self.observation.y[j]];
                // Where x0 is expected along this direction, if it came from this datum.
                let x0 = given.datum * f64::from(self.along[(j, datum)])
                    + given.state * f64::from(state[j]);
                let miss = (f64::from(y) - f64::from(gain) * x0) / std;
                log -= miss * miss / 2.0;
            }
            log
        };
        normalized(squares.into_iter().enumerate().map(logarithm).collect())
    }

    /// How likely each datum led to what was seen, if there is no state: the posterior
    /// that all of this is about, m weights that add up to 1.
    pub fn posterior(&self) -> Vec<f64> {
        let nothing = NoiseLevel { t: f64::INFINITY, a: 0.0, b: 1.0 };
        self.weights(&vec![0.0; self.data.data().nrows()], nothing)
    }
    // ANCHOR_END: weights

    // ANCHOR: posterior_mean
    /// The posterior mean of `x0` (equation N.5), for each column of `x`, d × n: d × n.
    ///
    /// # Panics
    ///
    /// If `x` has not as many rows as a datum has values.
    pub fn posterior_mean(&self, x: &DMatrix<f32>, at: NoiseLevel) -> DMatrix<f32> {
        let given = self.data.given(at);
        let stds = self.stds(&given);
        let (rows, means) = self.beside(x, at.a, &given, &stds);
        let weighed = (&rows, &means, given.std);
        let (data, d) = (self.data.data(), x.nrows());
        let mean = likely::of_states(weighed, data, d, |_, likely| likely.mean());
        let mean = given.datum as f32 * mean + given.state as f32 * x;
        // Along each direction, the spread of a datum leaves room for what was seen.
        let mut pull = self.observation.residual(&mean);
        let gains = self.observation.measurement.gains().iter().zip(&stds);
        for (mut row, (&gain, std)) in pull.row_iter_mut().zip(gains) {
            row *= (given.variance * f64::from(gain) / (std * std)) as f32;
        }
        mean + self.observation.measurement.back(&pull)
    }
    // ANCHOR_END: posterior_mean

    /// States and data with what is seen below them, scaled so that all have noise of the
    /// same standard deviation: (d + k) × n and (d + k) × m.
    fn beside(
        &self,
        x: &DMatrix<f32>,
        a: f64,
        given: &Given,
        stds: &[f64],
    ) -> (DMatrix<f32>, DMatrix<f32>) {
        let Observation { measurement, y, .. } = self.observation;
        let along = measurement.along(x);
        let (d, k) = (x.nrows(), y.len());
        let scale = |j: usize| given.std / stds[j];
        let seen = |j: usize, sample: usize| {
            let gain = f64::from(measurement.gains()[j]);
            let of_state = gain * given.state * f64::from(along[(j, sample)]);
            (scale(j) * (f64::from(y[j]) - of_state)) as f32
        };
        let mut rows = DMatrix::zeros(d + k, x.ncols());
        rows.rows_mut(0, d).copy_from(x);
        for sample in 0..x.ncols() {
            for j in 0..k {
                rows[(d + j, sample)] = seen(j, sample);
            }
        }
        let data = self.data.data();
        let mut means = DMatrix::zeros(d + k, data.ncols());
        means.rows_mut(0, d).copy_from(&(a as f32 * data));
        for j in 0..k {
            let factor = scale(j) * f64::from(measurement.gains()[j]) * given.datum;
            means.row_mut(d + j).copy_from(&(factor as f32 * self.along.row(j)));
        }
        (rows, means)
    }
}

impl Denoiser for ConditionalDenoiser<'_> {
    /// It predicts `x0`, as the [`posterior_mean`](ConditionalDenoiser::posterior_mean).
    fn predict(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        let (found, expected) = (x.nrows(), self.data.data().nrows());
        if found != expected {
            return Err(DenoiserError::Shape { found, expected });
        }
        Ok(Prediction { kind: PredictionType::X0, values: self.posterior_mean(x, at) })
    }
}
