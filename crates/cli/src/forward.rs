//! Running a forward process on a picture: states are made one after the other, and each is
//! measured, drawn and forgotten.

use std::error::Error;

use diffusion_core::{Generator, Moments, Picture, Walk, generator};
use indicatif::ProgressBar;
use nalgebra::DMatrix;

use crate::arguments::ForwardArguments;
use crate::film::Film;
use crate::table::{Cell, Table};
use crate::{RunError, load, progress};

/// What a part says of a step of its own: the table's columns of the schedule, and the
/// factors `(a, b)` in `a * x + b * noise`.
pub struct Formula<const N: usize> {
    /// The step's values in the schedule, in the order of the table's columns.
    pub schedule: [f64; N],
    /// How much of the state it starts from stays, and how much noise comes, as amplitudes.
    pub factors: (f64, f64),
}

/// What a lesson has made, or why it could not.
pub type LessonResult<T> = Result<T, Box<dyn Error + Send + Sync>>;

impl ForwardArguments {
    /// Walks: `add_noise(x, t, rng)` makes each state from the one before, with `t` from 0.
    /// The table counts steps from 1; its row 0 is the input.
    pub fn walk<const N: usize>(
        &self,
        steps: usize,
        schedule: [&'static str; N],
        formula: impl Fn(usize) -> LessonResult<Formula<N>>,
        add_noise: impl Fn(&DMatrix<f32>, usize, &mut Generator) -> LessonResult<DMatrix<f32>>,
    ) -> Result<(), RunError> {
        let mut run = Run::begin(self, steps, "step", &schedule)?;
        run.push_row(0, &[Cell::Empty; N], run.input, run.input);
        let mut expected = run.input;
        let mut walk = Walk::new(run.picture.x.clone(), generator(self.run.seed));
        for t in 0..steps {
            let Formula { schedule, factors: (a, b) } =
                formula(t).map_err(RunError::Lesson)?;
            expected = expected.after_noise(a, b);
            let x = walk.try_step(&add_noise).map_err(RunError::Lesson)?;
            run.push(t + 1, x, schedule, expected)?;
        }
        run.end()
    }

    /// Jumps: `add_noise(x0, t, rng)` makes each state from the input, with `t` from 0. The
    /// table has one row for each `t`.
    pub fn jump<const N: usize>(
        &self,
        steps: usize,
        schedule: [&'static str; N],
        formula: impl Fn(usize) -> LessonResult<Formula<N>>,
        add_noise: impl Fn(&DMatrix<f32>, usize, &mut Generator) -> LessonResult<DMatrix<f32>>,
    ) -> Result<(), RunError> {
        let mut run = Run::begin(self, steps, "t", &schedule)?;
        let mut rng = generator(self.run.seed);
        for t in 0..steps {
            let Formula { schedule, factors: (a, b) } =
                formula(t).map_err(RunError::Lesson)?;
            let expected = run.input.after_noise(a, b);
            let x = add_noise(&run.picture.x, t, &mut rng).map_err(RunError::Lesson)?;
            run.push(t, &x, schedule, expected)?;
        }
        run.end()
    }
}

/// A run between its first state and its last.
struct Run<'a> {
    arguments: &'a ForwardArguments,
    picture: Picture,
    input: Moments,
    film: Film,
    table: Table,
    progress: ProgressBar,
}

impl<'a> Run<'a> {
    /// Loads the picture, and checks the outputs before there is anything to write.
    fn begin(
        arguments: &'a ForwardArguments,
        steps: usize,
        index: &'static str,
        schedule: &[&'static str],
    ) -> Result<Self, RunError> {
        let frames = steps + 1;
        arguments.run.check_outputs(frames, &[arguments.picture.input()], None)?;
        let size = arguments.picture.size.map(|size| size as u32);
        let picture = load::picture(&arguments.picture.image, size)?;
        let mut film = Film::new(&arguments.run, frames, picture.width, picture.height)?;
        film.push(&picture.pixels_of(&picture.x))?;
        let moments = ["mean", "std", "expected_mean", "expected_std"];
        Ok(Run {
            arguments,
            input: Moments::of(&picture.x),
            picture,
            film,
            table: Table::new([&[index], schedule, &moments].concat()),
            progress: progress::bar(steps),
        })
    }

    /// Takes a new state: measures it, and draws it.
    fn push<const N: usize>(
        &mut self,
        row: usize,
        x: &DMatrix<f32>,
        schedule: [f64; N],
        expected: Moments,
    ) -> Result<(), RunError> {
        let measured = Moments::of(x);
        if !measured.std.is_finite() {
            return Err(RunError::Diverged { step: row });
        }
        self.push_row(row, &schedule.map(Cell::Schedule), measured, expected);
        self.film.push(&self.picture.pixels_of(x))?;
        self.progress.inc(1);
        Ok(())
    }

    fn push_row(
        &mut self,
        row: usize,
        schedule: &[Cell],
        measured: Moments,
        expected: Moments,
    ) {
        let moments = [measured.mean, measured.std, expected.mean, expected.std];
        self.table
            .push([&[Cell::Index(row)], schedule, &moments.map(Cell::Moment)].concat());
    }

    fn end(self) -> Result<(), RunError> {
        self.progress.set_message("saving");
        let film = self.film.save()?;
        self.progress.finish_and_clear();
        self.arguments.run.print(&self.table, &[], Some(&film))
    }
}
