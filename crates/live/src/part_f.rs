//! Chapter F, live.

use diffusion_core::{Generator, generator, points, randn_like};
use diffusion_kernels::likelihoods::{count_of_fraction, nearest};
use nalgebra::DMatrix;
use part_e_schedules::cosine;
use part_f_the_way_back::{DdpmSampler, ExactDenoiser, NoiseLevel, Variance};

use crate::named_data::named_data;
use crate::plane::{self, coordinates};
use crate::whole::whole;
use crate::{Call, LiveFigure, MAX_STEPS, Page, Refused};

/// How far a field reaches from 0 in each direction.
const REACH: f32 = 1.5;

/// Points that are sampled, as far as they have been asked for.
struct SampledPoints {
    data: DMatrix<f32>,
    denoiser: ExactDenoiser,
    sampler: DdpmSampler,
    rng: Generator,
    /// The noise, and the state after each step back.
    states: Vec<DMatrix<f32>>,
}

/// The figure of chapter F.
#[derive(Default)]
pub struct PartF {
    points: Option<SampledPoints>,
}

impl LiveFigure for PartF {
    fn call(&mut self, page: &mut Page, call: Call<'_>) -> Result<(), Refused> {
        match call {
            ("begin", &[kind, side, points, steps, seed]) => {
                let [points, steps] = [whole(points)?, whole(steps)?];
                self.begin(page, whole(kind)?, whole(side)?, points, steps, whole(seed)?)
            }
            ("step", []) => self.step(),
            ("state", &[back]) => self.state(page, whole(back)?),
            ("field", &[back, places]) => self.field(page, whole(back)?, whole(places)?),
            ("posterior_mean", &[back, x, y]) => {
                self.posterior_mean(page, whole(back)?, [x, y])
            }
            _ => Err(Refused::Unknown),
        }
    }
}

impl PartF {
    /// Begins with noise, to become points of the kind 0 (the picture of this side), 1
    /// (spiral), 2 (moons) or 3 (checkerboard), as many as there are data, as the
    /// command does: with the cosine schedule and beta-tilde. The numbers are the data,
    /// x and y of each.
    ///
    /// # Errors
    ///
    /// If there are no such data, `points` is not from 1 to 2000, or `steps` not from 1
    /// to 128.
    pub fn begin(
        &mut self,
        page: &mut Page,
        kind: usize,
        side: u32,
        points: usize,
        steps: usize,
        seed: u32,
    ) -> Result<(), Refused> {
        plane::check(points)?;
        if steps > 2 * MAX_STEPS {
            return Err(Refused::OutOfRange);
        }
        let data = match kind {
            0 => {
                let mut rng = generator(points::SEED);
                points::of_picture(page.picture(side)?, points, &mut rng)
            }
            _ => named_data(kind - 1, points)?,
        };
        let scheduler = cosine(steps)?;
        let denoiser = ExactDenoiser::new(&data).map_err(|_| Refused::OutOfRange)?;
        let variance = Variance::BetaTilde;
        let mut rng = generator(seed.into());
        page.numbers = coordinates(&data);
        self.points = Some(SampledPoints {
            states: vec![randn_like(&data, &mut rng)],
            data,
            denoiser,
            sampler: DdpmSampler { scheduler, variance, clip: false },
            rng,
        });
        Ok(())
    }

    /// Takes one more step back.
    ///
    /// # Errors
    ///
    /// If it has not begun, or no step is left.
    pub fn step(&mut self) -> Result<(), Refused> {
        let SampledPoints { denoiser, sampler, rng, states, .. } =
            self.points.as_mut().ok_or(Refused::OutOfRange)?;
        let x = states.last().ok_or(Refused::OutOfRange)?;
        let remaining = sampler.scheduler.steps() - (states.len() - 1);
        let t = remaining.checked_sub(1).ok_or(Refused::OutOfRange)?;
        let before = sampler.step(denoiser, x, t, rng)?;
        states.push(before);
        Ok(())
    }

    /// The state so many steps back from the noise, if they have been taken. Numbers:
    /// alpha-bar, the mean distance from the nearest datum, and x and y of each point.
    ///
    /// # Errors
    ///
    /// If they have not.
    pub fn state(&self, page: &mut Page, back: usize) -> Result<(), Refused> {
        let points = self.sampled_points()?;
        let x = points.states.get(back).ok_or(Refused::OutOfRange)?;
        let alpha_bar = match points.timestep(back) {
            Some(t) => points.sampler.scheduler.alpha_bar()[t],
            None => 1.0,
        };
        let distances = nearest(x, &points.data);
        let distance = distances.iter().sum::<f64>() / distances.len() as f64;
        let mut numbers = vec![alpha_bar, distance];
        numbers.extend(coordinates(x));
        page.numbers = numbers;
        Ok(())
    }

    /// Where the denoiser pulls after so many steps back, before the last: at `places`
    /// × `places` places from -1.5 to 1.5. Four numbers for each: where it is, and
    /// where the posterior mean is from there, scaled as the data are at this timestep.
    ///
    /// # Errors
    ///
    /// If there is no such step, or `places` is not from 2 to 80.
    pub fn field(
        &self,
        page: &mut Page,
        back: usize,
        places: usize,
    ) -> Result<(), Refused> {
        let points = self.sampled_points()?;
        let t = points.timestep(back).ok_or(Refused::OutOfRange)?;
        let x = plane::grid(places, REACH)?;
        let level = NoiseLevel::of_timestep(&points.sampler.scheduler, t)?;
        let mean = points.denoiser.posterior_mean(&x, level);
        let ends = x.column_iter().zip(mean.column_iter());
        page.numbers = ends
            .flat_map(|(x, mean)| {
                let pull =
                    [0, 1].map(|row| level.a * f64::from(mean[row]) - f64::from(x[row]));
                [f64::from(x[0]), f64::from(x[1]), pull[0], pull[1]]
            })
            .collect();
        Ok(())
    }

    /// What the denoiser makes of a state at this place after so many steps back,
    /// before the last. Numbers: the posterior mean, x and y; how many data have nine
    /// tenths of the weight together; and the weight of each datum.
    ///
    /// # Errors
    ///
    /// If there is no such step.
    pub fn posterior_mean(
        &self,
        page: &mut Page,
        back: usize,
        place: [f64; 2],
    ) -> Result<(), Refused> {
        let points = self.sampled_points()?;
        let t = points.timestep(back).ok_or(Refused::OutOfRange)?;
        let state = place.map(|value| value as f32);
        let level = NoiseLevel::of_timestep(&points.sampler.scheduler, t)?;
        let x = DMatrix::from_column_slice(2, 1, &state);
        let mean = points.denoiser.posterior_mean(&x, level);
        let weights = points.denoiser.weights(&state, level);
        let mut numbers: Vec<f64> = mean.iter().map(|&value| f64::from(value)).collect();
        numbers.push(count_of_fraction(&weights, 0.9) as f64);
        numbers.extend(weights);
        page.numbers = numbers;
        Ok(())
    }

    fn sampled_points(&self) -> Result<&SampledPoints, Refused> {
        self.points.as_ref().ok_or(Refused::OutOfRange)
    }
}

impl SampledPoints {
    /// The timestep of the state so many steps back; the samples have none.
    fn timestep(&self, back: usize) -> Option<usize> {
        self.sampler.scheduler.steps().checked_sub(back + 1)
    }
}
