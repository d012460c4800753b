//! Where a flow leads noise, and how far from straight.

use diffusion_core::generator;
use diffusion_kernels::distances::column_by_column;
use nalgebra::DMatrix;
use part_f_the_way_back::Denoiser;
use part_i_samplers::{
    Coordinate, Heun, Levels, Sampler, Sampling, SamplingConfig, SamplingError,
    X0Clipping,
};

use crate::levels::flow_levels;

// ANCHOR: trajectories
/// The paths that some noise takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Trajectories {
    /// The times, from 1 for noise to 0 for data.
    pub times: Vec<f64>,
    /// The states at each of them, d × n.
    pub states: Vec<DMatrix<f32>>,
}

impl Trajectories {
    /// Follows the flow of a denoiser from `noise`, d × n, in so many of Heun's steps.
    /// They get shorter towards the data, as the squares of even times do, because the
    /// velocity changes the fastest there.
    ///
    /// # Errors
    ///
    /// If there are fewer than 2 steps, or the denoiser predicts nothing.
    pub fn follow(
        denoiser: &impl Denoiser,
        noise: DMatrix<f32>,
        steps: usize,
    ) -> Result<Self, SamplingError> {
        let square = |step: usize| (step * step) as f64 / (steps * steps) as f64;
        let times: Vec<f64> = (1..=steps).rev().map(square).collect();
        let sampler = Heun { coordinate: Coordinate::FlowTime };
        Self::of_sampler(denoiser, noise, &sampler, &flow_levels(&times)?)
    }

    /// What a sampler that draws no noise makes of `noise`, d × n, at these levels of a
    /// flow.
    ///
    /// # Errors
    ///
    /// If the sampler can't take these levels, or the denoiser predicts nothing.
    pub fn of_sampler(
        denoiser: &impl Denoiser,
        noise: DMatrix<f32>,
        sampler: &dyn Sampler,
        levels: &Levels,
    ) -> Result<Self, SamplingError> {
        let config = SamplingConfig { sampler, levels, clipping: X0Clipping::None };
        let mut times: Vec<f64> = levels.as_slice().iter().map(|level| level.b).collect();
        times.push(0.0);
        let mut states = vec![noise.clone()];
        let mut sampling = Sampling::new(&config, noise)?;
        while sampling.level().is_some() {
            sampling.step(denoiser, &mut generator(0))?;
            states.push(sampling.x().clone());
        }
        Ok(Trajectories { times, states })
    }

    /// The noise that they begin with, d × n.
    pub fn noise(&self) -> &DMatrix<f32> {
        &self.states[0]
    }

    /// The samples that they end in, d × n.
    pub fn samples(&self) -> &DMatrix<f32> {
        &self.states[self.states.len() - 1]
    }
}
// ANCHOR_END: trajectories

// ANCHOR: straightness
impl Trajectories {
    /// The straightness (equation J.4; Liu et al. 2023, section 2.2, `S`, divided by the
    /// mean square of the chords): how far the velocity is from that of the chord, in
    /// the mean square. It is 0 if all paths are straight and each is gone along at one
    /// speed.
    pub fn straightness(&self) -> f64 {
        let chords = self.noise() - self.samples();
        let mut off = 0.0;
        for (times, states) in self.times.windows(2).zip(self.states.windows(2)) {
            let duration = times[0] - times[1];
            let velocity = (&states[0] - &states[1]) / duration as f32;
            off += duration * square(&(velocity - &chords));
        }
        off / square(&chords)
    }

    /// The mean length of the paths, over that of their chords: at least 1.
    pub fn length_over_chord(&self) -> f64 {
        let length = |from: &DMatrix<f32>, to: &DMatrix<f32>| -> f64 {
            column_by_column(from, to).iter().sum()
        };
        let steps = self.states.windows(2).map(|states| length(&states[0], &states[1]));
        steps.sum::<f64>() / length(self.noise(), self.samples())
    }
}
// ANCHOR_END: straightness

/// The sum of the squares of all values.
fn square(x: &DMatrix<f32>) -> f64 {
    x.iter().map(|&value| f64::from(value) * f64::from(value)).sum()
}
