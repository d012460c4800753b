//! What a reader has drawn, as data: sampled with the exact denoiser of its points, or
//! with a network that learns from them.

mod strokes;

use std::fmt::Write;

use diffusion_core::{Generator, generator, randn_like};
use diffusion_kernels::likelihoods::nearest;
use nalgebra::DMatrix;
use part_f_the_way_back::Denoiser;
use part_h_learning_to_denoise::TrainingConfig;
use part_h_learning_to_denoise::evaluation::mean;
use part_i_samplers::{SAMPLERS, Sampling, SamplingConfig, X0Clipping};

use crate::coverage::Coverage;
use crate::learning::{Learning, config};
use crate::plane::{self, coordinates};
use crate::sampler::{has_eta, with_eta};
use crate::spacings::karras;
use crate::whole::{whole, yes_or_no};
use crate::{Call, LiveFigure, MAX_SAMPLER_STEPS, Page, Refused};

/// The timesteps of the schedule, as chapter H has them: what has learned with them can
/// be sampled with them.
const TIMESTEPS: usize = 100;

/// Samples that are under way, and what predicts them: of a network, as it was when they
/// began.
struct Sampled {
    denoiser: Box<dyn Denoiser>,
    sampling: Sampling,
    rng: Generator,
    /// How many steps are left to take.
    remaining: usize,
}

/// Points along a drawing, and what becomes of them.
struct Drawn {
    learning: Learning,
    coverage: Coverage,
    sampled: Option<Sampled>,
}

/// The figure of a reader's own data.
#[derive(Default)]
pub struct Drawing {
    drawn: Option<Drawn>,
}

impl LiveFigure for Drawing {
    fn call(&mut self, page: &mut Page, call: Call<'_>) -> Result<(), Refused> {
        match call {
            ("points", [count, places @ ..]) if places.len().is_multiple_of(2) => {
                self.points(page, whole(*count)?, places.as_chunks().0)
            }
            ("csv", []) => self.csv(page),
            ("begin", &[sampler, steps, eta, samples, seed, learned]) => {
                let sampler = (whole(sampler)?, whole(steps)?, eta);
                let by_network = yes_or_no(learned)?;
                self.begin(page, sampler, whole(samples)?, whole(seed)?, by_network)
            }
            ("step", []) => self.step(page),
            ("distances", []) => self.distances(page),
            ("learn", &[prediction, hidden, batch, updates, rate, seed]) => {
                let config = config([prediction, batch, updates, rate])?;
                self.learn(page, config, whole(hidden)?, whole(seed)?)
            }
            ("optimal_loss", []) => self.optimal_loss(page),
            ("update", &[updates]) => self.update(page, whole(updates)?),
            ("loss", []) => self.loss(page),
            ("field", &[t, places, reach, learned]) => {
                let by_network = yes_or_no(learned)?;
                self.field(page, whole(t)?, whole(places)?, reach, by_network)
            }
            _ => Err(Refused::Unknown),
        }
    }
}

impl Drawing {
    /// Draws so many points along strokes, as dense on each as on any other, and each off
    /// by noise that makes a line as thick as a pen's. The strokes are x and y of each
    /// place, with a pair that is no number between one stroke and the next. The numbers
    /// are x and y of each point; all else begins anew.
    ///
    /// # Errors
    ///
    /// If there is no place, or one that is not from -1.3 to 1.3 in each direction, or
    /// `count` is not from 1 to 2000.
    pub fn points(
        &mut self,
        page: &mut Page,
        count: usize,
        places: &[[f64; 2]],
    ) -> Result<(), Refused> {
        plane::check(count)?;
        let x = strokes::points(count, places)?;
        page.numbers = coordinates(&x);
        let coverage = Coverage::of(&x);
        let learning = Learning::new(x, TIMESTEPS)?;
        self.drawn = Some(Drawn { learning, coverage, sampled: None });
        Ok(())
    }

    /// The points as the commands' `--data FILE.csv` takes them: a line for each, with
    /// as many digits as it takes to read the same numbers back. They are in
    /// [`Page::text`].
    ///
    /// # Errors
    ///
    /// If there are no points.
    pub fn csv(&self, page: &mut Page) -> Result<(), Refused> {
        let mut text = String::new();
        for point in self.drawn()?.learning.data.x.column_iter() {
            writeln!(text, "{},{}", point[0], point[1]).expect("a text takes all");
        }
        page.text = text;
        Ok(())
    }

    /// Begins with noise, to be sampled as the command does it: with a sampler of
    /// [`SAMPLERS`] in so many steps, with an eta that only DDIM can have, at Karras'
    /// levels of the cosine schedule of 100 timesteps. The denoiser is the exact one of
    /// the points, or the network as it is now. The numbers are x and y of each state
    /// of the first level, which is the noise itself.
    ///
    /// # Errors
    ///
    /// If there are no points or no such sampler, it can't take so many steps or this
    /// eta, the steps are more than 50, `samples` is not from 1 to 2000, or there is no
    /// network.
    pub fn begin(
        &mut self,
        page: &mut Page,
        (sampler, steps, eta): (usize, usize, f64),
        samples: usize,
        seed: u32,
        by_network: bool,
    ) -> Result<(), Refused> {
        plane::check(samples)?;
        let named = SAMPLERS.get(sampler).ok_or(Refused::OutOfRange)?;
        if steps > MAX_SAMPLER_STEPS || eta != 0.0 && !has_eta(named) {
            return Err(Refused::OutOfRange);
        }
        let sampler = with_eta(named, eta);
        let drawn = self.drawn_mut()?;
        let Learning { scheduler, exact, .. } = &drawn.learning;
        let levels = karras(scheduler, steps)?;
        let denoiser: Box<dyn Denoiser> = match by_network {
            true => Box::new(drawn.learning.denoiser()?),
            false => Box::new(exact.clone()),
        };
        // A drawing may reach further than what is clipped to.
        let clipping = X0Clipping::None;
        let mut rng = generator(seed.into());
        let noise = randn_like(&DMatrix::zeros(2, samples), &mut rng);
        let config = SamplingConfig { sampler: &*sampler, levels: &levels, clipping };
        let sampling = Sampling::new(&config, noise)?;
        page.numbers = coordinates(sampling.x());
        drawn.sampled = Some(Sampled { denoiser, sampling, rng, remaining: steps });
        Ok(())
    }

    /// Takes one step of the sampler. Numbers: how many are left, and x and y of each
    /// sample.
    ///
    /// # Errors
    ///
    /// If no sampling has begun, or no step is left.
    pub fn step(&mut self, page: &mut Page) -> Result<(), Refused> {
        let sampled = self.drawn_mut()?.sampled.as_mut().ok_or(Refused::OutOfRange)?;
        let Sampled { denoiser, sampling, rng, remaining } = sampled;
        let left = remaining.checked_sub(1).ok_or(Refused::OutOfRange)?;
        sampling.step(denoiser, rng)?;
        *remaining = left;
        page.numbers = vec![left as f64];
        page.numbers.extend(coordinates(sampling.x()));
        Ok(())
    }

    /// How near the samples have come. Numbers: the mean distance of a sample from its
    /// nearest datum, and the coverage: the fraction of the data to which a sample is
    /// nearer than their fifth nearest neighbour among the data; no number if there are
    /// fewer than six points.
    ///
    /// # Errors
    ///
    /// If no sampling has begun.
    pub fn distances(&self, page: &mut Page) -> Result<(), Refused> {
        let Drawn { learning, coverage, sampled } = self.drawn()?;
        let x = sampled.as_ref().ok_or(Refused::OutOfRange)?.sampling.x();
        page.numbers = vec![mean(&nearest(x, &learning.data.x)), coverage.fraction(x)];
        Ok(())
    }

    /// A network that has learned nothing, to learn the points as the command of chapter
    /// H lets it. Numbers: how many numbers the network has, and its loss on the first
    /// batch.
    ///
    /// # Errors
    ///
    /// If there are no points, `hidden` is not from 1 to 256, there are more than 512
    /// examples of an update or more than 10,000 updates, or they make no training.
    pub fn learn(
        &mut self,
        page: &mut Page,
        config: TrainingConfig,
        hidden: usize,
        seed: u32,
    ) -> Result<(), Refused> {
        self.drawn_mut()?.learning.begin(page, config, hidden, seed)
    }

    /// Draws the examples that the command judges a network by. The number is the least
    /// loss that is possible on them: that of the exact denoiser.
    ///
    /// # Errors
    ///
    /// If there is no network.
    pub fn optimal_loss(&mut self, page: &mut Page) -> Result<(), Refused> {
        self.drawn_mut()?.learning.optimal_loss(page)
    }

    /// So many updates, or as many as are left. The numbers are the loss of each on its
    /// batch, before it.
    ///
    /// # Errors
    ///
    /// If there is no network or no update left, `updates` is 0, or with a reason in
    /// [`Page::text`] if a loss is no number.
    pub fn update(&mut self, page: &mut Page, updates: usize) -> Result<(), Refused> {
        self.drawn_mut()?.learning.update(page, updates)
    }

    /// The loss on the examples of [`optimal_loss`](Self::optimal_loss), of the network
    /// as it is now.
    ///
    /// # Errors
    ///
    /// If there is no network, or there are no such examples.
    pub fn loss(&self, page: &mut Page) -> Result<(), Refused> {
        self.drawn()?.learning.loss(page)
    }

    /// What is predicted of `x0`, as in the figure of chapter H
    /// ([`PartH::field`](crate::PartH::field)).
    ///
    /// # Errors
    ///
    /// If there are no points or no such timestep, `places` is not from 2 to 80, `reach`
    /// not above 0 and at most 4, or there is no network.
    pub fn field(
        &self,
        page: &mut Page,
        t: usize,
        places: usize,
        reach: f64,
        by_network: bool,
    ) -> Result<(), Refused> {
        self.drawn()?.learning.field(page, t, places, reach, by_network)
    }

    fn drawn(&self) -> Result<&Drawn, Refused> {
        self.drawn.as_ref().ok_or(Refused::OutOfRange)
    }

    fn drawn_mut(&mut self) -> Result<&mut Drawn, Refused> {
        self.drawn.as_mut().ok_or(Refused::OutOfRange)
    }
}
