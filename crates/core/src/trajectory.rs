//! A trajectory: each state is made from the one before.

use std::convert::Infallible;

use nalgebra::DMatrix;

use crate::Generator;

/// A trajectory, made step by step. It owns its latest state and the generator of the
/// noise, so that it can be left and gone on with at any step.
#[derive(Clone, Debug)]
pub struct Trajectory {
    x: DMatrix<f32>,
    t: usize,
    rng: Generator,
}

impl Trajectory {
    /// A trajectory that starts from `x`, of any shape. The noise comes from `rng`.
    pub fn new(x: DMatrix<f32>, rng: Generator) -> Self {
        Trajectory { x, t: 0, rng }
    }

    /// The latest state.
    pub fn x(&self) -> &DMatrix<f32> {
        &self.x
    }

    /// The timestep of the next step, which is also the number of steps made.
    pub fn t(&self) -> usize {
        self.t
    }

    /// Makes one step: `next(x, t, rng)` is the new state.
    pub fn step(
        &mut self,
        next: impl FnOnce(&DMatrix<f32>, usize, &mut Generator) -> DMatrix<f32>,
    ) -> &DMatrix<f32> {
        match self.try_step(|x, t, rng| Ok::<_, Infallible>(next(x, t, rng))) {
            Ok(x) => x,
        }
    }

    /// Makes one step that may fail, and then leaves the trajectory as it was.
    ///
    /// # Errors
    ///
    /// Those of `next`.
    pub fn try_step<E>(
        &mut self,
        next: impl FnOnce(&DMatrix<f32>, usize, &mut Generator) -> Result<DMatrix<f32>, E>,
    ) -> Result<&DMatrix<f32>, E> {
        self.x = next(&self.x, self.t, &mut self.rng)?;
        self.t += 1;
        Ok(&self.x)
    }
}
