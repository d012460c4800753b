//! Part F, live.

use diffusion_kernels::likelihoods::{nearest, sharing};
use diffusion_core::{Generator, generator, points, randn_like};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::cosine_schedule;
use part_f_the_way_back::{DdpmSampler, ExactDenoiser, Variance};

use crate::plane::{self, coordinates};
use crate::{MAX_STEPS, Page, Refused};

/// The most points there can be, so that a page never has to wait long for a step.
const MAX_POINTS: usize = 2000;

/// The most places in a row of a field, for the same reason.
const MAX_PLACES: usize = 40;

/// How far a field reaches from 0 in each direction.
const REACH: f32 = 1.5;

/// A walk back to points, as far as it has been asked for.
pub(crate) struct WayBack {
    data: DMatrix<f32>,
    denoiser: ExactDenoiser,
    sampler: DdpmSampler,
    rng: Generator,
    /// The noise, and the state after each step back.
    states: Vec<DMatrix<f32>>,
}

export!(
    /// See [`Page::part_f`].
    part_f(kind: u32, side: u32, points: usize, steps: usize, seed: u32)
);
export!(
    /// See [`Page::part_f_step`].
    part_f_step()
);
export!(
    /// See [`Page::part_f_state`].
    part_f_state(back: usize)
);
export!(
    /// See [`Page::part_f_field`].
    part_f_field(back: usize, places: usize)
);
export!(
    /// See [`Page::part_f_guess`].
    part_f_guess(back: usize, x: f64, y: f64)
);

impl Page {
    /// Begins a walk back to points of the kind 0 (the picture of this side), 1 (spiral), 2 (moons)
    /// or 3 (checkerboard), from as many points of noise, as the command does: with the cosine
    /// schedule and beta-tilde. The numbers are the data, x and y of each.
    pub fn part_f(
        &mut self,
        kind: u32,
        side: u32,
        points: usize,
        steps: usize,
        seed: u32,
    ) -> Result<(), Refused> {
        if !(1..=MAX_POINTS).contains(&points) || steps > 2 * MAX_STEPS {
            return Err(Refused::OutOfRange);
        }
        let data = match kind {
            0 => {
                let mut rng = generator(points::SEED);
                points::of_picture(self.picture(side)?, points, &mut rng)
            }
            _ => plane::data(kind - 1, points)?,
        };
        let scheduler = NoiseScheduler::from_betas(cosine_schedule(steps)?)?;
        let denoiser = ExactDenoiser::new(&data, scheduler.clone())
            .map_err(|_| Refused::OutOfRange)?;
        let variance = Variance::BetaTilde;
        let mut rng = generator(seed.into());
        self.numbers = coordinates(&data);
        self.way_back = Some(WayBack {
            states: vec![randn_like(&data, &mut rng)],
            data,
            denoiser,
            sampler: DdpmSampler { scheduler, variance, clip: false },
            rng,
        });
        Ok(())
    }

    /// Takes one more step back.
    pub fn part_f_step(&mut self) -> Result<(), Refused> {
        let WayBack { denoiser, sampler, rng, states, .. } = self.way_back_mut()?;
        let x = states.last().ok_or(Refused::OutOfRange)?;
        let left = sampler.scheduler.steps() - (states.len() - 1);
        let t = left.checked_sub(1).ok_or(Refused::OutOfRange)?;
        let before = sampler.step(denoiser, x, t, rng)?;
        states.push(before);
        Ok(())
    }

    /// The state so many steps back from the noise, if they have been taken. Numbers: alpha-bar,
    /// the mean distance from the nearest datum, and x and y of each point.
    pub fn part_f_state(&mut self, back: usize) -> Result<(), Refused> {
        let way = self.way_back()?;
        let x = way.states.get(back).ok_or(Refused::OutOfRange)?;
        let alpha_bar = match way.timestep(back) {
            Some(t) => way.sampler.scheduler.alpha_bar()[t],
            None => 1.0,
        };
        let distances = nearest(x, &way.data);
        let distance = distances.iter().sum::<f64>() / distances.len() as f64;
        let mut numbers = vec![alpha_bar, distance];
        numbers.extend(coordinates(x));
        self.numbers = numbers;
        Ok(())
    }

    /// Where the denoiser pulls after so many steps back, before the last: at `places` × `places`
    /// places from -1.5 to 1.5. Four numbers for each: where it is, and where the guess
    /// is from there, scaled as the data are at this timestep.
    pub fn part_f_field(&mut self, back: usize, places: usize) -> Result<(), Refused> {
        if !(2..=MAX_PLACES).contains(&places) {
            return Err(Refused::OutOfRange);
        }
        let way = self.way_back()?;
        let t = way.timestep(back).ok_or(Refused::OutOfRange)?;
        let place = |i: usize| REACH * (2.0 * i as f32 / (places - 1) as f32 - 1.0);
        let x = DMatrix::from_fn(2, places * places, |row, index| {
            place(if row == 0 { index % places } else { index / places })
        });
        let (a, _) = way.sampler.scheduler.scales(t)?;
        let guess = way.denoiser.mean_of_data(&x, t)?;
        let ends = x.column_iter().zip(guess.column_iter());
        self.numbers = ends
            .flat_map(|(x, guess)| {
                let pull =
                    [0, 1].map(|row| a * f64::from(guess[row]) - f64::from(x[row]));
                [f64::from(x[0]), f64::from(x[1]), pull[0], pull[1]]
            })
            .collect();
        Ok(())
    }

    /// What the denoiser makes of a state at (`x`, `y`) after so many steps back, before the last.
    /// Numbers: the guess, x and y; how many data have nine tenths of the weight together; and
    /// the weight of each datum.
    pub fn part_f_guess(&mut self, back: usize, x: f64, y: f64) -> Result<(), Refused> {
        let way = self.way_back()?;
        let t = way.timestep(back).ok_or(Refused::OutOfRange)?;
        let state = [x as f32, y as f32];
        let guess =
            way.denoiser.mean_of_data(&DMatrix::from_column_slice(2, 1, &state), t)?;
        let weights = way.denoiser.weights(&state, t)?;
        let mut numbers: Vec<f64> = guess.iter().map(|&value| f64::from(value)).collect();
        numbers.push(sharing(&weights, 0.9) as f64);
        numbers.extend(weights);
        self.numbers = numbers;
        Ok(())
    }

    fn way_back(&self) -> Result<&WayBack, Refused> {
        self.way_back.as_ref().ok_or(Refused::OutOfRange)
    }

    fn way_back_mut(&mut self) -> Result<&mut WayBack, Refused> {
        self.way_back.as_mut().ok_or(Refused::OutOfRange)
    }
}

impl WayBack {
    /// The timestep of the state so many steps back; the samples have none.
    fn timestep(&self, back: usize) -> Option<usize> {
        self.sampler.scheduler.steps().checked_sub(back + 1)
    }
}
