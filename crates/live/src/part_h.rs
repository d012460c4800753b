//! Part H, live: a network learns, and walks back from noise with what it has learned.

use diffusion_core::{Generator, generator, points, randn_like};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::cosine_schedule;
use part_f_the_way_back::{DdpmSampler, Variance};
use part_h_learning_to_denoise::{
    Data, HeldOut, LearnedDenoiser, Settings, Shape, Target, Training, evaluation,
};

use crate::{MAX_STEPS, Page, Refused};

/// The most points there can be, so that a page never has to wait long for a step back.
const MAX_POINTS: usize = 2000;

/// The widest network and the most examples of an update, for the same reason.
const MAX_HIDDEN: usize = 256;
const MAX_BATCH: usize = 512;

/// How many examples there are of each timestep to judge a network by.
const PER_TIMESTEP: usize = 50;

/// What is learned from, and a network that learns from it.
pub(crate) struct Learning {
    data: Data,
    scheduler: NoiseScheduler,
    training: Option<Training>,
    seed: u64,
    way: Option<Way>,
}

/// A walk back with a network as it was when the walk began.
pub(crate) struct Way {
    pub(crate) denoiser: LearnedDenoiser,
    pub(crate) sampler: DdpmSampler,
    pub(crate) rng: Generator,
    pub(crate) x: DMatrix<f32>,
    /// How many steps are left.
    pub(crate) left: usize,
}

export!(
    /// See [`Page::part_h_data`].
    part_h_data(kind: u32, points: usize, steps: usize)
);
export!(
    /// See [`Page::part_h_floor`].
    part_h_floor(target: u32)
);
export!(
    /// See [`Page::part_h`].
    part_h(target: u32, hidden: usize, batch: usize, updates: usize, rate: f64, seed: u32)
);
export!(
    /// See [`Page::part_h_update`].
    part_h_update()
);
export!(
    /// See [`Page::part_h_walk`].
    part_h_walk(samples: usize)
);
export!(
    /// See [`Page::part_h_step`].
    part_h_step()
);
export!(
    /// See [`Page::part_h_samples`].
    part_h_samples()
);

impl Page {
    /// Draws what is learned from, as the command does: points of the kind 0 (spiral), 1 (moons) or 2
    /// (checkerboard); and the cosine schedule of so many steps. The numbers are the data, x and y
    /// of each.
    pub fn part_h_data(
        &mut self,
        kind: u32,
        points: usize,
        steps: usize,
    ) -> Result<(), Refused> {
        if !(1..=MAX_POINTS).contains(&points) || steps > 2 * MAX_STEPS {
            return Err(Refused::OutOfRange);
        }
        let mut rng = generator(points::SEED);
        let x = match kind {
            0 => points::spiral(points, &mut rng),
            1 => points::moons(points, &mut rng),
            2 => points::checkerboard(points, &mut rng),
            _ => return Err(Refused::OutOfRange),
        };
        self.numbers = coordinates(&x);
        self.learning = Some(Learning {
            data: Data { x, labels: None },
            scheduler: NoiseScheduler::from_betas(cosine_schedule(steps)?)?,
            training: None,
            seed: 0,
            way: None,
        });
        Ok(())
    }

    /// The least loss that is possible for the target 0 (noise), 1 (`x0`) or 2 (velocity), from 50 examples
    /// of each timestep: that of the exact denoiser. It is the only number.
    pub fn part_h_floor(&mut self, target: u32) -> Result<(), Refused> {
        let Learning { data, scheduler, .. } = self.learning()?;
        let mut rng = generator(points::SEED);
        let held_out = HeldOut::draw(PER_TIMESTEP, data, scheduler, of(target)?, &mut rng);
        let floor = held_out.floor(data).map_err(|_| Refused::OutOfRange)?;
        self.numbers = vec![evaluation::mean(&floor)];
        Ok(())
    }

    /// A network that has learned nothing, of layers of `hidden` values, and is to learn in so
    /// many updates, as the command has it learn. Numbers: how many of its own it has, and its loss on
    /// the first batch.
    pub fn part_h(
        &mut self,
        target: u32,
        hidden: usize,
        batch: usize,
        updates: usize,
        rate: f64,
        seed: u32,
    ) -> Result<(), Refused> {
        let is_allowed = (1..=MAX_HIDDEN).contains(&hidden)
            && batch <= MAX_BATCH
            && rate > 0.0
            && rate.is_finite();
        if !is_allowed {
            return Err(Refused::OutOfRange);
        }
        let target = of(target)?;
        let learning = self.learning_mut()?;
        let Learning { data, scheduler, .. } = learning;
        let shape = Shape {
            values: data.x.nrows(),
            waves: true,
            steps: scheduler.steps(),
            labels: 0,
            hidden,
            residual_layers: 2,
        };
        let settings = Settings { target, updates, batch, learning_rate: rate, ..Settings::default() };
        let training = Training::new(settings, shape, data.clone(), scheduler.clone(), seed.into());
        let training = training.map_err(|_| Refused::OutOfRange)?;
        let count = training.network().parameters.count();
        let first = training.clone().update().map_err(|_| Refused::OutOfRange)?;
        learning.training = Some(training);
        learning.seed = seed.into();
        learning.way = None;
        self.numbers = vec![count as f64, first];
        Ok(())
    }

    /// One update. The number is the loss before it.
    pub fn part_h_update(&mut self) -> Result<(), Refused> {
        let learning = self.learning_mut()?;
        let training = learning.training.as_mut().ok_or(Refused::OutOfRange)?;
        if training.is_done() {
            return Err(Refused::OutOfRange);
        }
        match training.update() {
            Ok(loss) => {
                self.numbers = vec![loss];
                Ok(())
            }
            Err(error) => {
                self.text = error.to_string();
                Err(Refused::Explained)
            }
        }
    }

    /// Begins a walk back from so many points of noise with the network as it is now. The number is
    /// how many steps there are.
    pub fn part_h_walk(&mut self, samples: usize) -> Result<(), Refused> {
        if !(1..=MAX_POINTS).contains(&samples) {
            return Err(Refused::OutOfRange);
        }
        let learning = self.learning_mut()?;
        let training = learning.training.as_ref().ok_or(Refused::OutOfRange)?;
        let denoiser = LearnedDenoiser {
            network: training.average().clone(),
            target: training.settings().target,
            scheduler: learning.scheduler.clone(),
            label: None,
            guidance: 1.0,
        };
        learning.way = Some(Way::new(denoiser, samples, learning.seed));
        self.numbers = vec![learning.scheduler.steps() as f64];
        Ok(())
    }

    /// One step back. The number is how many are left.
    pub fn part_h_step(&mut self) -> Result<(), Refused> {
        let way = self.learning_mut()?.way.as_mut().ok_or(Refused::OutOfRange)?;
        way.step()?;
        self.numbers = vec![way.left as f64];
        Ok(())
    }

    /// How far the walk has come: x and y of each point.
    pub fn part_h_samples(&mut self) -> Result<(), Refused> {
        let way = self.learning()?.way.as_ref().ok_or(Refused::OutOfRange)?;
        self.numbers = coordinates(&way.x);
        Ok(())
    }

    fn learning(&self) -> Result<&Learning, Refused> {
        self.learning.as_ref().ok_or(Refused::OutOfRange)
    }

    fn learning_mut(&mut self) -> Result<&mut Learning, Refused> {
        self.learning.as_mut().ok_or(Refused::OutOfRange)
    }
}

impl Way {
    /// From so many states of noise, with beta-tilde.
    fn new(denoiser: LearnedDenoiser, samples: usize, seed: u64) -> Self {
        let mut rng = generator(seed);
        let values = denoiser.network.shape().values;
        Way {
            x: randn_like(&DMatrix::zeros(values, samples), &mut rng),
            left: denoiser.scheduler.steps(),
            sampler: DdpmSampler {
                scheduler: denoiser.scheduler.clone(),
                variance: Variance::BetaTilde,
                clip: false,
            },
            denoiser,
            rng,
        }
    }

    fn step(&mut self) -> Result<(), Refused> {
        let t = self.left.checked_sub(1).ok_or(Refused::OutOfRange)?;
        self.x = self.sampler.step(&self.denoiser, &self.x, t, &mut self.rng)?;
        self.left = t;
        Ok(())
    }
}

fn of(target: u32) -> Result<Target, Refused> {
    match target {
        0 => Ok(Target::Noise),
        1 => Ok(Target::X0),
        2 => Ok(Target::Velocity),
        _ => Err(Refused::OutOfRange),
    }
}

fn coordinates(x: &DMatrix<f32>) -> Vec<f64> {
    x.iter().map(|&value| f64::from(value)).collect()
}
