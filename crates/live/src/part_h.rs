//! Part H, live: a network learns, and walks back from noise with what it has learned.

use diffusion_core::{Generator, generator, randn_like};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::cosine_schedule;
use part_f_the_way_back::{DdpmSampler, Variance};
use part_h_learning_to_denoise::evaluation::mean;
use part_h_learning_to_denoise::{
    Data, HeldOut, LearnedDenoiser, Settings, Shape, Training,
};

use crate::learned_digits::{MAX_HIDDEN, TARGETS};
use crate::plane::{self, coordinates};
use crate::{MAX_STEPS, Page, Refused};

/// The most points there can be, so that a page never has to wait long for a step back.
const MAX_POINTS: usize = 2000;

/// The most examples of an update, and the most updates, for the same reason.
const MAX_BATCH: usize = 512;
const MAX_UPDATES: usize = 10_000;

/// What is learned from, and a network that learns from it.
pub(crate) struct Learning {
    data: Data,
    scheduler: NoiseScheduler,
    held_out: Option<HeldOut>,
    training: Option<Training>,
    seed: u64,
    way: Option<Walk>,
}

/// A walk back from noise, with a network as it was when the walk began.
pub(crate) struct Walk {
    denoiser: LearnedDenoiser,
    sampler: DdpmSampler,
    rng: Generator,
    pub(crate) x: DMatrix<f32>,
    /// How many steps are left.
    pub(crate) left: usize,
}

export!(
    /// See [`Page::part_h_data`].
    part_h_data(kind: u32, points: usize, steps: usize)
);
export!(
    /// See [`Page::part_h`].
    part_h(target: u32, hidden: usize, batch: usize, updates: usize, rate: f64, seed: u32)
);
export!(
    /// See [`Page::part_h_floor`].
    part_h_floor()
);
export!(
    /// See [`Page::part_h_update`].
    part_h_update()
);
export!(
    /// See [`Page::part_h_loss`].
    part_h_loss()
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
    /// Draws what is learned from, as the command does: points of the kind 0 (spiral), 1 (moons)
    /// or 2 (checkerboard). They are noised with the cosine schedule of so many steps. The
    /// numbers are x and y of each point.
    pub fn part_h_data(
        &mut self,
        kind: u32,
        points: usize,
        steps: usize,
    ) -> Result<(), Refused> {
        if !(1..=MAX_POINTS).contains(&points) || steps > 2 * MAX_STEPS {
            return Err(Refused::OutOfRange);
        }
        let x = plane::data(kind, points)?;
        self.numbers = coordinates(&x);
        self.learning = Some(Learning {
            data: Data::unlabelled(x),
            scheduler: NoiseScheduler::from_betas(cosine_schedule(steps)?)?,
            held_out: None,
            training: None,
            seed: 0,
            way: None,
        });
        Ok(())
    }

    /// A network with hidden layers of so many values that has learned nothing. It is to learn the target
    /// 0 (noise), 1 (`x0`) or 2 (velocity), as the command lets it learn. Numbers: how many numbers the
    /// network has, and its loss on the first batch.
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
            && updates <= MAX_UPDATES
            && rate > 0.0
            && rate.is_finite();
        let target = TARGETS.get(target as usize).filter(|_| is_allowed);
        let target = *target.ok_or(Refused::OutOfRange)?;
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
        let settings = Settings {
            target,
            updates,
            batch,
            learning_rate: rate,
            ..Settings::default()
        };
        let (data, scheduler) = (data.clone(), scheduler.clone());
        let training = Training::new(settings, shape, data, scheduler, seed.into())
            .map_err(|_| Refused::OutOfRange)?;
        let count = training.network().parameters.count();
        let first = training.clone().update().map_err(|_| Refused::OutOfRange)?;
        learning.training = Some(training);
        learning.seed = seed.into();
        (learning.held_out, learning.way) = (None, None);
        self.numbers = vec![count as f64, first];
        Ok(())
    }

    /// Draws the examples that the command judges a network by. The number is the least loss that is
    /// possible on them: that of the exact denoiser.
    pub fn part_h_floor(&mut self) -> Result<(), Refused> {
        let learning = self.learning_mut()?;
        let Settings { target, .. } = *learning.training()?.settings();
        let Learning { data, scheduler, .. } = learning;
        let held_out = HeldOut::new(data, scheduler, target);
        let floor = held_out.floor(data).map_err(|_| Refused::OutOfRange)?;
        learning.held_out = Some(held_out);
        self.numbers = vec![mean(&floor)];
        Ok(())
    }

    /// One update. The number is the loss on its batch, before it.
    pub fn part_h_update(&mut self) -> Result<(), Refused> {
        let training = self.learning_mut()?.training.as_mut();
        let training = training.filter(|training| !training.is_done());
        match training.ok_or(Refused::OutOfRange)?.update() {
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

    /// The loss on the examples of [`part_h_floor`](Self::part_h_floor), of the network as it is now.
    pub fn part_h_loss(&mut self) -> Result<(), Refused> {
        let learning = self.learning()?;
        let held_out = learning.held_out.as_ref().ok_or(Refused::OutOfRange)?;
        self.numbers = vec![mean(&held_out.losses(learning.training()?.average()))];
        Ok(())
    }

    /// Begins a walk back from so many points of noise, with the network as it is now. The number
    /// is how many steps there are.
    pub fn part_h_walk(&mut self, samples: usize) -> Result<(), Refused> {
        if !(1..=MAX_POINTS).contains(&samples) {
            return Err(Refused::OutOfRange);
        }
        let learning = self.learning_mut()?;
        let training = learning.training()?;
        let denoiser = LearnedDenoiser {
            network: training.average().clone(),
            target: training.settings().target,
            scheduler: learning.scheduler.clone(),
            labels: vec![None],
            guidance: 1.0,
        };
        let clip = learning.data.are_clipped();
        let way = Walk::new(denoiser, clip, samples, learning.seed);
        let left = way.left;
        learning.way = Some(way);
        self.numbers = vec![left as f64];
        Ok(())
    }

    /// Takes one step back. The number is how many are left.
    pub fn part_h_step(&mut self) -> Result<(), Refused> {
        let way = self.learning_mut()?.way.as_mut().ok_or(Refused::OutOfRange)?;
        way.step()?;
        self.numbers = vec![way.left as f64];
        Ok(())
    }

    /// Where the walk has come to: x and y of each point.
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

impl Learning {
    fn training(&self) -> Result<&Training, Refused> {
        self.training.as_ref().ok_or(Refused::OutOfRange)
    }
}

impl Walk {
    /// Begins with so many states of noise. All random numbers come from `seed`.
    pub(crate) fn new(
        denoiser: LearnedDenoiser,
        clip: bool,
        samples: usize,
        seed: u64,
    ) -> Self {
        let mut rng = generator(seed);
        let scheduler = denoiser.scheduler.clone();
        let values = denoiser.network.shape().values;
        Walk {
            x: randn_like(&DMatrix::zeros(values, samples), &mut rng),
            left: scheduler.steps(),
            sampler: DdpmSampler { scheduler, variance: Variance::BetaTilde, clip },
            denoiser,
            rng,
        }
    }

    pub(crate) fn step(&mut self) -> Result<(), Refused> {
        let t = self.left.checked_sub(1).ok_or(Refused::OutOfRange)?;
        self.x = self.sampler.step(&self.denoiser, &self.x, t, &mut self.rng)?;
        self.left = t;
        Ok(())
    }
}
