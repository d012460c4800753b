//! Step by step and by a jump to the same timesteps, live.

use diffusion_core::histogram::densities;
use diffusion_core::{Generator, Trajectory, generator};
use nalgebra::DMatrix;
use part_c_schedule_for_beta::NoiseScheduler as Stepper;
use part_d_alpha_bar_trick::NoiseScheduler as Jumper;

use crate::{Page, Refused};

/// The states of a trajectory and of jumps, as far as they have been asked for:
/// `stepped[0]` and `jumped[0]` are those at t = 0.
pub(crate) struct BothWays {
    side: u32,
    stepper: Stepper,
    jumper: Jumper,
    trajectory: Trajectory,
    rng: Generator,
    stepped: Vec<DMatrix<f32>>,
    jumped: Vec<DMatrix<f32>>,
}

export!(
    /// See [`Page::both_ways`].
    both_ways(side: u32, start: f64, end: f64, steps: usize, seed: u32)
);
export!(
    /// See [`Page::both_ways_at`].
    both_ways_at(t: usize)
);
export!(
    /// See [`Page::both_ways_of`].
    both_ways_of(value: usize, t: usize)
);

impl Page {
    /// Begins a trajectory of part C and jumps of part D from the same picture and with
    /// the same seed, as the two commands do.
    pub fn both_ways(
        &mut self,
        side: u32,
        start: f64,
        end: f64,
        steps: usize,
        seed: u32,
    ) -> Result<(), Refused> {
        let trajectory =
            Trajectory::new(self.picture(side)?.x.clone(), generator(seed.into()));
        self.both_ways = Some(BothWays {
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

    /// Two states at `t`, the one step by step and the one jumped to, with a histogram of
    /// each as numbers. What is missing on the way to `t` is made first.
    pub fn both_ways_at(&mut self, t: usize) -> Result<(), Refused> {
        let both = self.both_ways.as_mut().ok_or(Refused::NoPicture)?;
        let picture = self.pictures.get(&both.side).ok_or(Refused::NoPicture)?;
        if both.trajectory.x().len() != picture.x.len() {
            return Err(Refused::NoPicture);
        }
        both.go_to(&picture.x, t)?;
        self.states = vec![both.stepped[t].clone(), both.jumped[t].clone()];
        self.side = both.side;
        self.numbers.clear();
        self.numbers.extend(self.states.iter().flat_map(densities));
        Ok(())
    }

    /// What becomes of one value of the picture (the red of the first pixel is the first,
    /// its green the second): four numbers for each timestep up to `t`, its mean and its
    /// standard deviation by the formula, the value step by step, and the one jumped to.
    pub fn both_ways_of(&mut self, value: usize, t: usize) -> Result<(), Refused> {
        let both = self.both_ways.as_mut().ok_or(Refused::NoPicture)?;
        let picture = self.pictures.get(&both.side).ok_or(Refused::NoPicture)?;
        let x0 = *picture.x.as_slice().get(value).ok_or(Refused::OutOfRange)?;
        both.go_to(&picture.x, t)?;
        self.numbers.clear();
        for t in 0..=t {
            let (a, b) = both.jumper.scales(t)?;
            let made = [&both.stepped[t], &both.jumped[t]].map(|x| x.as_slice()[value]);
            self.numbers.extend([a * f64::from(x0), b]);
            self.numbers.extend(made.map(f64::from));
        }
        Ok(())
    }
}

impl BothWays {
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
