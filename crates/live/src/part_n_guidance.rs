//! Chapter N, live: one of two moons with guidance, and the density that guidance is said
//! to sample.

use std::f64::consts::PI;

use diffusion_core::mathematics::f64::{cos, exp};
use diffusion_core::{Generator, generator, points, randn_like};
use nalgebra::DMatrix;
use part_e_schedules::cosine;
use part_f_the_way_back::NoiseLevel;
use part_i_samplers::{Ddim, Levels, Sampling, SamplingConfig, Spacing, X0Clipping};
use part_n_to_order::guidance::tilted_log_density;
use part_n_to_order::{Guided, SmoothedData};

use crate::plane::{self, coordinates};
use crate::whole::whole;
use crate::{Call, LiveFigure, MAX_SAMPLER_STEPS, Page, Refused};

/// How many points both moons have, and how far each spreads: with fewer, single points
/// would be seen in the density.
const POINTS: usize = 600;
const SPREAD: f64 = 0.04;

/// How far a density reaches from 0 in each direction.
const REACH: f32 = 1.5;

/// The largest guidance scale, and the sigma from which on an interval has no end.
const MAX_SCALE: f32 = 20.0;
const NO_END: f64 = 100.0;

const TIMESTEPS: usize = 1000;

/// The upper moon, and both.
struct Moons {
    upper: SmoothedData,
    both: SmoothedData,
}

/// Points that are sampled.
struct Sampled {
    /// Those of the steps, and the clean one.
    levels: Vec<NoiseLevel>,
    sampling: Sampling,
    rng: Generator,
    taken: usize,
    guidance: (f32, [f64; 2]),
}

/// The logarithms of both densities at the places of a grid, with a tilt of 1 and of 0.
struct Densities {
    step: usize,
    places: usize,
    with_label: Vec<f64>,
    all: Vec<f64>,
}

/// The figure of chapter N's guidance.
pub struct PartNGuidance {
    moons: Moons,
    sampled: Option<Sampled>,
    densities: Vec<Densities>,
}

impl Default for PartNGuidance {
    fn default() -> Self {
        let both = points::moons(POINTS, &mut generator(points::SEED));
        let upper: Vec<usize> = (0..POINTS).filter(|&it| is_upper(&both, it)).collect();
        let [upper, both] = [both.select_columns(&upper), both]
            .map(|data| SmoothedData::new(data, SPREAD).expect("there are points"));
        PartNGuidance {
            moons: Moons { upper, both },
            sampled: None,
            densities: Vec::new(),
        }
    }
}

impl LiveFigure for PartNGuidance {
    fn call(&mut self, page: &mut Page, call: Call<'_>) -> Result<(), Refused> {
        match call {
            ("data", []) => {
                page.numbers = coordinates(self.moons.both.data());
                Ok(())
            }
            ("begin", &[scale, least, most, samples, steps, seed]) => {
                let [samples, steps] = [whole(samples)?, whole(steps)?];
                let interval = [least, most];
                self.begin(page, scale as f32, interval, samples, steps, whole(seed)?)
            }
            ("step", []) => self.step(page),
            ("density", &[step, places, scale]) => {
                self.density(page, whole(step)?, whole(places)?, scale)
            }
            _ => Err(Refused::Unknown),
        }
    }
}

impl PartNGuidance {
    /// Begins with noise, to become so many points of the upper moon in so many steps of
    /// DDIM without new noise, with this guidance scale where sigma is in the interval. An
    /// interval that ends at 100 has no end. The numbers are those of
    /// [`step`](Self::step).
    ///
    /// # Errors
    ///
    /// If the scale is not from 0 to 20, the interval begins below 0, `samples` is not
    /// from 1 to 2000, or `steps` not from 1 to 50.
    pub fn begin(
        &mut self,
        page: &mut Page,
        scale: f32,
        [least, most]: [f64; 2],
        samples: usize,
        steps: usize,
        seed: u32,
    ) -> Result<(), Refused> {
        plane::check(samples)?;
        let is_allowed = (0.0..=MAX_SCALE).contains(&scale) && least >= 0.0;
        if !is_allowed || most.is_nan() || steps > MAX_SAMPLER_STEPS {
            return Err(Refused::OutOfRange);
        }
        let most = if most >= NO_END { f64::INFINITY } else { most };
        let timesteps = Spacing::Trailing.timesteps(steps, TIMESTEPS)?;
        let levels = Levels::of_timesteps(&cosine(TIMESTEPS)?, &timesteps)?;
        let mut rng = generator(seed.into());
        let noise = randn_like(&DMatrix::zeros(2, samples), &mut rng);
        let config = SamplingConfig {
            sampler: &Ddim { eta: 0.0 },
            levels: &levels,
            clipping: X0Clipping::None,
        };
        let sampling = Sampling::new(&config, noise)?;
        let guidance = (scale, [least, most]);
        let levels = [levels.as_slice(), &[NoiseLevel::CLEAN]].concat();
        let sampled = Sampled { levels, sampling, rng, taken: 0, guidance };
        page.numbers = sampled.numbers()?;
        let is_of_other_levels = |old: &Sampled| old.levels.len() != sampled.levels.len();
        if self.sampled.as_ref().is_some_and(is_of_other_levels) {
            self.densities.clear();
        }
        self.sampled = Some(sampled);
        Ok(())
    }

    /// Takes a step. Numbers: a and sigma of the level that the points are at then; the
    /// fraction of them in the tenth of the moon that reaches into the other; and x and y
    /// of each point.
    ///
    /// # Errors
    ///
    /// If it has not begun, or no step is left.
    pub fn step(&mut self, page: &mut Page) -> Result<(), Refused> {
        let sampled = self.sampled.as_mut().ok_or(Refused::OutOfRange)?;
        if sampled.taken + 1 >= sampled.levels.len() {
            return Err(Refused::OutOfRange);
        }
        let (scale, interval) = sampled.guidance;
        let (good, bad) = (&self.moons.upper, &self.moons.both);
        let guided = Guided { good, bad, scale, interval, rescale: 0.0 };
        sampled.sampling.step(&guided, &mut sampled.rng)?;
        sampled.taken += 1;
        page.numbers = sampled.numbers()?;
        Ok(())
    }

    /// The density that guidance of this scale is said to sample after so many steps, at
    /// `places` × `places` places from -1.5 to 1.5, row by row from the bottom. Numbers:
    /// the fraction of it in the tenth of the moon that reaches into the other, by these
    /// places; and for each how dense it is there, where 1 is the most.
    ///
    /// # Errors
    ///
    /// If it has not begun or there are not so many steps, the scale is not from 0 to 20,
    /// or `places` not from 2 to 80.
    pub fn density(
        &mut self,
        page: &mut Page,
        step: usize,
        places: usize,
        scale: f64,
    ) -> Result<(), Refused> {
        let sampled = self.sampled.as_ref().ok_or(Refused::OutOfRange)?;
        let level = *sampled.levels.get(step).ok_or(Refused::OutOfRange)?;
        if !(0.0..=f64::from(MAX_SCALE)).contains(&scale) {
            return Err(Refused::OutOfRange);
        }
        let grid = plane::grid(places, REACH)?;
        let is_it = |known: &&Densities| (known.step, known.places) == (step, places);
        if !self.densities.iter().any(|known| is_it(&known)) {
            let known = self.moons.densities(&grid, level, (step, places));
            self.densities.push(known);
        }
        let known = self.densities.iter().find(is_it).ok_or(Refused::OutOfRange)?;
        // As `tilted_log_density` has it, of what is known of both.
        let tilted: Vec<f64> = known
            .with_label
            .iter()
            .zip(&known.all)
            .map(|(with_label, all)| scale * with_label + (1.0 - scale) * all)
            .collect();
        let most = tilted.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let density: Vec<f64> = tilted.iter().map(|log| exp(log - most)).collect();
        let sum: f64 = density.iter().sum();
        let is_in = |place: &usize| is_at_the_end(&grid, *place, level.a);
        let in_end: f64 = (0..density.len()).filter(is_in).map(|at| density[at]).sum();
        page.numbers = vec![in_end / sum];
        page.numbers.extend(density);
        Ok(())
    }
}

impl Moons {
    /// Of states at this level, at each of these places.
    fn densities(
        &self,
        grid: &DMatrix<f32>,
        level: NoiseLevel,
        (step, places): (usize, usize),
    ) -> Densities {
        let data = [&self.upper, &self.both];
        let at = |scale: f64| {
            let columns = grid.column_iter();
            let tilted =
                columns.map(|x| tilted_log_density(data, scale, x.as_slice(), level));
            tilted.collect::<Vec<f64>>()
        };
        Densities { step, places, with_label: at(1.0), all: at(0.0) }
    }
}

impl Sampled {
    fn numbers(&self) -> Result<Vec<f64>, Refused> {
        let level = self.levels.get(self.taken).ok_or(Refused::OutOfRange)?;
        let x = self.sampling.x();
        let is_in = |point: &usize| is_at_the_end(x, *point, level.a);
        let fraction = (0..x.ncols()).filter(is_in).count() as f64 / x.ncols() as f64;
        let mut numbers = vec![level.a, level.sigma(), fraction];
        numbers.extend(coordinates(x));
        Ok(numbers)
    }
}

/// Where a point is from the middle of the upper moon's half circle, if states are scaled
/// by `a`; or, with a negative one, from the lower moon's, turned round.
fn from_middle(x: &DMatrix<f32>, point: usize, a: f64) -> [f64; 2] {
    let [right, up] = [0, 1].map(|row| f64::from(x[(row, point)]) / a);
    [right + 0.31, up + 0.155]
}

/// Whether a point is of the upper moon: nearer to its half circle than to the other's.
fn is_upper(x: &DMatrix<f32>, point: usize) -> bool {
    let away = |a: f64| {
        let [right, up] = from_middle(x, point, a);
        ((right * right + up * up).sqrt() - 0.62).abs() + (-up).max(0.0)
    };
    away(1.0) < away(-1.0)
}

/// Whether a state is in the tenth of the upper moon that reaches into the other: within
/// a tenth of a half turn from its right end, or below that.
fn is_at_the_end(x: &DMatrix<f32>, point: usize, a: f64) -> bool {
    let [right, up] = from_middle(x, point, a);
    right >= cos(PI / 10.0) * (right * right + up * up).sqrt()
}
