//! Part I, live: the same noise, led by two samplers in as many steps as the reader likes.

use std::collections::BTreeMap;

use diffusion_kernels::distances::column_by_column;
use diffusion_kernels::likelihoods::nearest;
use diffusion_core::{Generator, generator, randn_like};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{Denoiser, ExactDenoiser, Variance};
use part_h_learning_to_denoise::evaluation::mean;
use part_i_samplers::{
    Ddim, Ddpm, DpmSolver, Euler, EulerAncestral, Heun, Levels, Range, Sampler, Way,
};

use crate::plane::{self, coordinates};
use crate::{Page, Refused};

/// The most data and the most points of noise, so that a page never has to wait long for a look.
const MAX_POINTS: usize = 2000;

/// The most steps of a walk.
pub(crate) const MAX_STEPS: usize = 50;

/// The samplers by the numbers that the page knows them by, in the order of the command's comparison.
pub(crate) const SAMPLERS: [&dyn Sampler; 6] = [
    &Ddpm { variance: Variance::BetaTilde },
    &EulerAncestral,
    &Ddim { eta: 0.0 },
    &Euler,
    &Heun,
    &DpmSolver,
];

/// A walk that is under way, and how often it has asked the denoiser.
pub(crate) struct Walk {
    way: Way,
    rng: Generator,
    pub(crate) evaluations: usize,
}

/// Some noise, and where it is led.
pub(crate) struct Led {
    data: DMatrix<f32>,
    denoiser: ExactDenoiser,
    noise: DMatrix<f32>,
    /// What new noise is drawn from, as it was when the first noise had been drawn.
    rng: Generator,
    /// The walk through all timesteps, whose end is the measure of the others.
    finest: Walk,
    /// The walks that were asked for, by their sampler and number of steps.
    walks: BTreeMap<(u32, usize), Walk>,
}

export!(
    /// See [`Page::part_i`].
    part_i(kind: u32, points: usize, samples: usize, seed: u32)
);
export!(
    /// See [`Page::part_i_finest`].
    part_i_finest()
);
export!(
    /// See [`Page::part_i_walk`].
    part_i_walk(sampler: u32, steps: usize)
);
export!(
    /// See [`Page::part_i_look`].
    part_i_look(sampler: u32, steps: usize)
);

impl Page {
    /// Draws noise, as the command does, to be led to points of the kind 0 (spiral), 1 (moons) or
    /// 2 (checkerboard), with the linear schedule of 1000 timesteps. The numbers are the data, x and
    /// y of each.
    pub fn part_i(
        &mut self,
        kind: u32,
        points: usize,
        samples: usize,
        seed: u32,
    ) -> Result<(), Refused> {
        let is_allowed = |count| (1..=MAX_POINTS).contains(&count);
        if !is_allowed(points) || !is_allowed(samples) {
            return Err(Refused::OutOfRange);
        }
        let data = plane::data(kind, points)?;
        let scheduler = NoiseScheduler::new(1000, 1e-4, 0.02)?;
        let levels = Levels::of_all_timesteps(&scheduler)?;
        let denoiser =
            ExactDenoiser::new(&data, scheduler).map_err(|_| Refused::OutOfRange)?;
        let mut rng = generator(seed.into());
        let noise = randn_like(&DMatrix::zeros(2, samples), &mut rng);
        let (from, same) = (noise.clone(), rng.clone());
        let finest = Walk::new(&DpmSolver, &levels, Range::Any, from, same)?;
        self.numbers = coordinates(&data);
        let walks = BTreeMap::new();
        self.led = Some(Led { data, denoiser, noise, rng, finest, walks });
        Ok(())
    }

    /// Goes on with the finest walk, by one look at the denoiser. As long as it isn't over there are no
    /// numbers; then they are x and y of each point where it has ended.
    pub fn part_i_finest(&mut self) -> Result<(), Refused> {
        let Led { denoiser, finest, .. } = self.led_mut()?;
        finest.look(denoiser)?;
        let ended = if finest.is_over() { coordinates(finest.x()) } else { Vec::new() };
        self.numbers = ended;
        Ok(())
    }

    /// Goes on with a walk of so many steps, at Karras' levels moved to timesteps, by one look at the
    /// denoiser. The number is 0 when it is over, and 1 before.
    pub fn part_i_walk(&mut self, sampler: u32, steps: usize) -> Result<(), Refused> {
        let led = self.led_mut()?;
        if !led.walks.contains_key(&(sampler, steps)) {
            let walk = led.begin(sampler, steps)?;
            led.walks.insert((sampler, steps), walk);
        }
        let Led { denoiser, walks, .. } = led;
        let walk = walks.get_mut(&(sampler, steps)).ok_or(Refused::OutOfRange)?;
        walk.look(denoiser)?;
        self.numbers = vec![f64::from(u8::from(!walk.is_over()))];
        Ok(())
    }

    /// Where a walk has come to. Numbers: how often it has asked the denoiser; how far a point is from the
    /// nearest datum, on average; how far from where the finest walk has led the same noise (no number before that
    /// is over); and x and y of each point.
    pub fn part_i_look(&mut self, sampler: u32, steps: usize) -> Result<(), Refused> {
        let Led { data, finest, walks, .. } =
            self.led.as_ref().ok_or(Refused::OutOfRange)?;
        let walk = walks.get(&(sampler, steps)).ok_or(Refused::OutOfRange)?;
        let distance = mean(&nearest(walk.x(), data));
        let error = match finest.is_over() {
            true => mean(&column_by_column(walk.x(), finest.x())),
            false => f64::NAN,
        };
        let mut numbers = vec![walk.evaluations as f64, distance, error];
        numbers.extend(coordinates(walk.x()));
        self.numbers = numbers;
        Ok(())
    }

    fn led_mut(&mut self) -> Result<&mut Led, Refused> {
        self.led.as_mut().ok_or(Refused::OutOfRange)
    }
}

impl Led {
    fn begin(&self, sampler: u32, steps: usize) -> Result<Walk, Refused> {
        let sampler = *SAMPLERS.get(sampler as usize).ok_or(Refused::OutOfRange)?;
        if steps > MAX_STEPS {
            return Err(Refused::OutOfRange);
        }
        let scheduler = self.denoiser.scheduler();
        let last = scheduler.steps() - 1;
        let levels = Levels::karras(scheduler, last, 0, steps)?.rounded(scheduler)?;
        Walk::new(sampler, &levels, Range::Any, self.noise.clone(), self.rng.clone())
    }
}

impl Walk {
    pub(crate) fn new(
        sampler: &dyn Sampler,
        levels: &Levels,
        range: Range,
        noise: DMatrix<f32>,
        rng: Generator,
    ) -> Result<Self, Refused> {
        Ok(Walk { way: Way::new(sampler, levels, range, noise)?, rng, evaluations: 0 })
    }

    /// Asks the denoiser once and goes on, if the walk isn't over.
    pub(crate) fn look(&mut self, denoiser: &impl Denoiser) -> Result<(), Refused> {
        let Walk { way, rng, evaluations } = self;
        let Some(level) = way.level() else { return Ok(()) };
        let prediction = denoiser.predict(way.x(), level.timestep())?;
        way.go_on(prediction, |x| randn_like(x, rng))?;
        *evaluations += 1;
        Ok(())
    }

    pub(crate) fn is_over(&self) -> bool {
        self.way.level().is_none()
    }

    pub(crate) fn x(&self) -> &DMatrix<f32> {
        self.way.x()
    }
}
