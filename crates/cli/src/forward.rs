//! Running a forward process on a picture: states are made one after the other, and each
//! is measured, drawn and forgotten.

use std::error::Error;

use diffusion_core::{Generator, Moments, Picture, Trajectory, generator};
use nalgebra::DMatrix;

use crate::arguments::ForwardArguments;
use crate::recording::{Plan, Recording};
use crate::table::Cell;
use crate::{RunError, load};

/// What a part says of a step of its own: the table's columns of the schedule, and the
/// signal and noise scale `(a, b)` in `a * x + b * noise`.
pub struct Formula<const N: usize> {
    /// The step's values in the schedule, in the order of the table's columns.
    pub schedule: [f64; N],
    /// How much of the state it starts from stays, and how much noise comes, as
    /// amplitudes.
    pub scales: (f64, f64),
}

/// What a lesson has made, or why it could not.
pub type LessonResult<T> = Result<T, Box<dyn Error + Send + Sync>>;

impl ForwardArguments {
    /// Step by step: `add_noise(x, t, rng)` makes each state from the one before, with
    /// `t` from 0. The table counts steps from 1; its row 0 is the input.
    pub fn steps<const N: usize>(
        &self,
        steps: usize,
        schedule: [&'static str; N],
        formula: impl Fn(usize) -> LessonResult<Formula<N>>,
        add_noise: impl Fn(&DMatrix<f32>, usize, &mut Generator) -> LessonResult<DMatrix<f32>>,
    ) -> Result<(), RunError> {
        let picture = self.picture()?;
        let mut recording = self.record(steps, "step", &schedule, &picture)?;
        let input = Moments::of(&picture.x);
        recording.table.push(row(0, &[Cell::Empty; N], input, input));
        let mut expected = input;
        let mut trajectory = Trajectory::new(picture.x.clone(), generator(self.run.seed));
        for t in 0..steps {
            let Formula { schedule, scales: (a, b) } =
                formula(t).map_err(RunError::Lesson)?;
            expected = expected.after_noise(a, b);
            let x = trajectory.try_step(&add_noise).map_err(RunError::Lesson)?;
            let row = |measured| {
                Some(row(t + 1, &schedule.map(Cell::Schedule), measured, expected))
            };
            recording.state(t + 1, x, row, Some(picture.pixels_of(x)))?;
        }
        recording.finish(&[])
    }

    /// Jumps: `add_noise(x0, t, rng)` makes each state from the input, with `t` from 0.
    /// The table has one row for each `t`.
    pub fn jumps<const N: usize>(
        &self,
        steps: usize,
        schedule: [&'static str; N],
        formula: impl Fn(usize) -> LessonResult<Formula<N>>,
        add_noise: impl Fn(&DMatrix<f32>, usize, &mut Generator) -> LessonResult<DMatrix<f32>>,
    ) -> Result<(), RunError> {
        let picture = self.picture()?;
        let mut recording = self.record(steps, "t", &schedule, &picture)?;
        let input = Moments::of(&picture.x);
        let mut rng = generator(self.run.seed);
        for t in 0..steps {
            let Formula { schedule, scales: (a, b) } =
                formula(t).map_err(RunError::Lesson)?;
            let expected = input.after_noise(a, b);
            let x = add_noise(&picture.x, t, &mut rng).map_err(RunError::Lesson)?;
            let row = |measured| {
                Some(row(t, &schedule.map(Cell::Schedule), measured, expected))
            };
            recording.state(t, &x, row, Some(picture.pixels_of(&x)))?;
        }
        recording.finish(&[])
    }

    fn picture(&self) -> Result<Picture, RunError> {
        let size = self.picture.size.map(|size| size as u32);
        Ok(load::picture(&self.picture.image, size)?)
    }

    /// A recording of so many states, with the picture itself as its first frame.
    fn record(
        &self,
        states: usize,
        index: &'static str,
        schedule: &[&'static str],
        picture: &Picture,
    ) -> Result<Recording<'_>, RunError> {
        let moments = ["mean", "std", "expected_mean", "expected_std"];
        let mut recording = Recording::new(
            &self.run,
            Plan {
                frames: states + 1,
                size: (picture.width, picture.height),
                columns: [&[index], schedule, &moments].concat(),
                save: None,
            },
        )?;
        recording.expect(states, false);
        recording.frame(&picture.pixels_of(&picture.x))?;
        Ok(recording)
    }
}

fn row(
    number: usize,
    schedule: &[Cell],
    measured: Moments,
    expected: Moments,
) -> Vec<Cell> {
    let moments = [measured.mean, measured.std, expected.mean, expected.std];
    [&[Cell::Index(number)], schedule, &moments.map(Cell::Moment)].concat()
}
