//! Step by step and by a jump to the same timesteps, live.

use diffusion_core::histogram::densities;
use diffusion_core::{Generator, Trajectory, generator};
use nalgebra::DMatrix;
use part_c_schedule_for_beta::NoiseScheduler as Stepper;
use part_d_alpha_bar_trick::NoiseScheduler as Jumper;

use crate::whole::whole;
use crate::{Call, LiveFigure, Page, Refused};

/// The figure that takes both ways.
#[derive(Default)]
pub struct BothWays {
    states: Option<States>,
}

impl LiveFigure for BothWays {
    fn call(&mut self, page: &mut Page, call: Call<'_>) -> Result<(), Refused> {
        match call {
            ("begin", &[side, start, end, steps, seed]) => {
                let ends = [start, end];
                self.begin(page, whole(side)?, ends, whole(steps)?, whole(seed)?)
            }
            ("at", &[t]) => self.at(page, whole(t)?),
            ("value", &[value, t]) => self.value(page, whole(value)?, whole(t)?),
            _ => Err(Refused::Unknown),
        }
    }
}

/// The states of a trajectory and of jumps, as far as they have been asked for:
/// `stepped[0]` and `jumped[0]` are those at t = 0.
struct States {
    side: u32,
    stepper: Stepper,
    jumper: Jumper,
    trajectory: Trajectory,
    rng: Generator,
    stepped: Vec<DMatrix<f32>>,
    jumped: Vec<DMatrix<f32>>,
}

impl BothWays {
    /// Begins a trajectory of chapter C and jumps of chapter D from the same picture
    /// and with the same seed, as the two commands do.
    ///
    /// # Errors
    ///
    /// If there is no such picture, or these are no values of a schedule.
    pub fn begin(
        &mut self,
        page: &Page,
        side: u32,
        [start, end]: [f64; 2],
        steps: usize,
        seed: u32,
    ) -> Result<(), Refused> {
        let trajectory =
            Trajectory::new(page.picture(side)?.x.clone(), generator(seed.into()));
        self.states = Some(States {
            side,
            stepper: Stepper::new(steps, start, end)?,
            jumper: Jumper::new(steps, start, end)?,
            trajectory,
            rng: generator(seed.into()),
            stepped: Vec::new(),
            jumped: Vec::new(),
        });
        Ok(())
    }

    /// Two states at `t`, the one step by step and the one jumped to, with a histogram
    /// of each as numbers. What is missing on the way to `t` is made first.
    ///
    /// # Errors
    ///
    /// If it has not begun, the picture has another shape since, or there is no such
    /// timestep.
    pub fn at(&mut self, page: &mut Page, t: usize) -> Result<(), Refused> {
        let both = self.states.as_mut().ok_or(Refused::NoPicture)?;
        let picture = page.picture(both.side)?;
        if both.trajectory.x().len() != picture.x.len() {
            return Err(Refused::NoPicture);
        }
        both.go_to(&picture.x, t)?;
        page.states = vec![both.stepped[t].clone(), both.jumped[t].clone()];
        page.side = both.side;
        page.numbers.clear();
        page.numbers.extend(page.states.iter().flat_map(densities));
        Ok(())
    }

    /// What becomes of one value of the picture (the red of the first pixel is the
    /// first, its green the second): four numbers for each timestep up to `t`, its mean
    /// and its standard deviation by the formula, the value step by step, and the one
    /// jumped to.
    ///
    /// # Errors
    ///
    /// If it has not begun, or there is no such value or timestep.
    pub fn value(
        &mut self,
        page: &mut Page,
        value: usize,
        t: usize,
    ) -> Result<(), Refused> {
        let both = self.states.as_mut().ok_or(Refused::NoPicture)?;
        let picture = page.picture(both.side)?;
        let x0 = *picture.x.as_slice().get(value).ok_or(Refused::OutOfRange)?;
        both.go_to(&picture.x, t)?;
        page.numbers.clear();
        for t in 0..=t {
            let (a, b) = both.jumper.scales(t)?;
            let made = [&both.stepped[t], &both.jumped[t]].map(|x| x.as_slice()[value]);
            page.numbers.extend([a * f64::from(x0), b]);
            page.numbers.extend(made.map(f64::from));
        }
        Ok(())
    }
}

impl States {
    fn go_to(&mut self, x0: &DMatrix<f32>, t: usize) -> Result<(), Refused> {
        for t in self.jumped.len()..=t {
            self.jumped.push(self.jumper.add_noise(x0, t, &mut self.rng)?);
            let next = |x: &DMatrix<f32>, t, rng: &mut Generator| {
                self.stepper.add_noise(x, t, rng)
            };
            self.stepped.push(self.trajectory.try_step(next)?.clone());
        }
        Ok(())
    }
}
