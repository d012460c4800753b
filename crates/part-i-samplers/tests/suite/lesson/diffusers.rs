//! Trajectories of diffusers 0.42.1, which `reference.py` made, made again state by
//! state.
//!
//! diffusers computes in f32, and keeps `alpha_bar` in f32, where `1 - alpha_bar` has
//! four digits left at t = 0. So ours is rounded to f32 before sampling: it is the
//! steps that are compared. States of diffusers' Euler and Heun are `sqrt(1 + sigma²)`
//! times as large as here, and are divided by that. An error is relative to the largest
//! value of a state, if that is above 1.

use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::config::SchedulerConfig;
use part_f_the_way_back::{NoiseLevel, Prediction, PredictionType, Variance};
use part_i_samplers::sampler_list::named;
use part_i_samplers::{
    Ddim, Ddpm, Levels, NamedSampler, SAMPLERS, Sampler, Sampling, Spacing, Step,
    X0Clipping,
};

use super::level;

const TIMESTEPS: usize = 1000;

/// One line of `reference.csv`.
struct Reference<'a> {
    sampler: &'a str,
    prediction: &'a str,
    spacing: &'a str,
    schedule: &'a str,
    steps: usize,
    option: &'a str,
    states: Vec<f64>,
}

impl<'a> Reference<'a> {
    fn all() -> Vec<Self> {
        let lines = include_str!("reference.csv").lines().skip(1);
        let of_line = |line: &'a str| {
            let cells: Vec<&str> = line.split(',').collect();
            let states = cells[6..].iter().map(|cell| cell.parse().unwrap()).collect();
            let [sampler, prediction, spacing, schedule] =
                [0, 1, 2, 3].map(|cell| cells[cell]);
            let (steps, option) = (cells[4].parse().unwrap(), cells[5]);
            Reference { sampler, prediction, spacing, schedule, steps, option, states }
        };
        lines.map(of_line).collect()
    }

    fn name(&self) -> String {
        let Reference { sampler, prediction, spacing, schedule, steps, option, .. } =
            self;
        format!("{sampler}, {option}: {prediction}, {spacing}, {schedule}, {steps} steps")
    }

    /// Whether the states are scaled by `sqrt(1 + sigma²)`.
    fn is_scaled(&self) -> bool {
        ["euler", "euler-ancestral", "heun"].contains(&self.sampler)
    }

    /// The forward process, as chapter E reads it from a config.
    fn scheduler(&self) -> NoiseScheduler {
        let NamedSampler { class, .. } = self.named();
        let (start, end) = match self.schedule {
            "scaled_linear" => (0.000_85, 0.012),
            _ => (1e-4, 0.02),
        };
        let config = format!(
            r#"{{"_class_name": "{class}", "beta_schedule": "{}", "beta_start": {start},
            "beta_end": {end}, "rescale_betas_zero_snr": {}}}"#,
            self.schedule,
            self.option == "zero_snr",
        );
        let config = SchedulerConfig::parse(&config).unwrap();
        let exact = NoiseScheduler::from_betas(config.betas().unwrap()).unwrap();
        let mut before = 1.0;
        let rounded = exact.alpha_bar().iter().map(|&left| {
            let left = f64::from(left as f32);
            1.0 - left / std::mem::replace(&mut before, left)
        });
        NoiseScheduler::from_betas(rounded.collect()).unwrap()
    }

    fn sampler(&self) -> Box<dyn Sampler> {
        match (self.option, self.option.strip_prefix("eta_")) {
            ("beta", _) => Box::new(Ddpm { variance: Variance::Beta }),
            (_, Some(eta)) => Box::new(Ddim { eta: eta.parse().unwrap() }),
            _ => Box::new(self.named().sampler),
        }
    }

    fn named(&self) -> NamedSampler {
        named(self.sampler).unwrap_or_else(|| panic!("no sampler {}", self.sampler))
    }

    fn clipping(&self) -> X0Clipping {
        match self.option {
            "clip" => X0Clipping::Fixed { bound: 1.0 },
            "threshold" => X0Clipping::Dynamic { fraction: 0.7, max: 2.0 },
            _ => X0Clipping::None,
        }
    }

    /// The timesteps by their number: DPM-Solver++ chooses one more, and leaves out the
    /// last, but for trailing ones.
    fn timesteps(&self) -> Vec<usize> {
        let offset = usize::from(self.option == "offset");
        let (spacing, one_more) = match self.spacing {
            "leading" => (Spacing::Leading { offset }, true),
            "linspace" => (Spacing::Linspace, true),
            _ => (Spacing::Trailing, false),
        };
        let count = self.steps + usize::from(one_more && self.sampler == "dpm-solver++");
        let mut timesteps = spacing.timesteps(count, TIMESTEPS).unwrap();
        timesteps.truncate(self.steps);
        timesteps
    }

    /// The levels of a trajectory.
    fn levels(&self, scheduler: &NoiseScheduler) -> Levels {
        let timesteps = self.timesteps();
        let (first, last) = (timesteps[0], timesteps[timesteps.len() - 1]);
        if self.option == "karras" {
            let sigmas = match self.sampler {
                // All of the schedule, whichever timesteps are chosen.
                "dpm-solver++" => [999, 0],
                _ => [first, last],
            };
            let sigmas = sigmas.map(|t| level(scheduler, t).sigma());
            return Levels::karras(scheduler, sigmas, self.steps).unwrap();
        }
        if self.spacing == "linspace" && self.is_scaled() {
            return between(scheduler, self.steps);
        }
        Levels::of_timesteps(scheduler, &timesteps).unwrap()
    }

    /// What a network is told at a level.
    fn told(&self, level: NoiseLevel) -> f64 {
        match (self.sampler, self.option) {
            ("dpm-solver++", "karras") => level.t.round(),
            _ => level.t,
        }
    }

    /// The steps. diffusers' DDIM goes back by a fixed stride, whatever timestep comes
    /// next.
    fn steps(&self, scheduler: &NoiseScheduler, levels: &Levels) -> Vec<Step> {
        let stride = TIMESTEPS / self.steps;
        let by_stride = |step: Step| {
            let to = match (step.from.t as usize).checked_sub(stride) {
                Some(t) => level(scheduler, t),
                None => NoiseLevel::CLEAN,
            };
            Step { to, ..step }
        };
        match self.sampler {
            "ddim" => levels.steps().map(by_stride).collect(),
            _ => levels.steps().collect(),
        }
    }

    /// Stands for a network, the same as in `reference.py`.
    fn predict(&self, x: &DMatrix<f32>, t: f64) -> Prediction {
        let u = ((t + 1.0) / 1000.0) as f32;
        let bent = |x: f32| x / (1.0 + x * x);
        let (kind, values) = match self.prediction {
            "epsilon" => {
                let noise = x.map(|x| u * x + 0.3 * (1.0 - u) * bent(x));
                (PredictionType::Noise, noise)
            }
            "sample" => {
                let x0 = x.map(|x| 0.6 * (1.0 - u) * x + 0.8 * bent(x));
                (PredictionType::X0, x0)
            }
            _ => {
                let velocity = x.map(|x| (u - 0.4) * x - 0.5 * bent(x));
                (PredictionType::Velocity, velocity)
            }
        };
        Prediction { kind, values }
    }

    /// Samples, and returns the largest error of all states.
    fn largest_error(&self) -> f64 {
        let scheduler = self.scheduler();
        let levels = self.levels(&scheduler);
        let scale = |level: NoiseLevel| if self.is_scaled() { level.a } else { 1.0 };
        let mut theirs = self.states.chunks_exact(4);
        let first = scale(levels.as_slice()[0]);
        let begin = theirs.next().unwrap().iter().map(|value| (value * first) as f32);
        let mut sampling = Sampling::along(
            self.steps(&scheduler, &levels),
            &*self.sampler(),
            self.clipping(),
            DMatrix::from_iterator(2, 2, begin),
        )
        .unwrap();
        let mut largest = 0.0_f64;
        for step in 0.. {
            let Some(level) = sampling.level() else { break };
            let prediction = self.predict(sampling.x(), self.told(level));
            sampling.advance(prediction, |_| noise_of_step(step)).unwrap();
            let mut ours = sampling.x().map(f64::from);
            if sampling.level().is_none() && self.adds_noise_at_the_end() {
                ours += level.b * noise_of_step(step).map(f64::from);
            }
            let scale = scale(sampling.level().unwrap_or(NoiseLevel::CLEAN));
            let theirs = theirs.next().expect("as many states").iter();
            let theirs = DMatrix::from_iterator(2, 2, theirs.map(|value| value * scale));
            largest = largest.max((ours - &theirs).amax() / theirs.amax().max(1.0));
        }
        assert!(theirs.next().is_none(), "{}: more states than ours", self.name());
        largest
    }

    /// With beta as the variance, diffusers' DDPM adds noise in the last step, too, if
    /// its timestep is not 0. Ho et al. 2020 don't (algorithm 2), nor is it done here.
    fn adds_noise_at_the_end(&self) -> bool {
        self.option == "beta" && self.spacing == "trailing"
    }
}

/// The noise of a step, the same as in `reference.py`.
fn noise_of_step(step: usize) -> DMatrix<f32> {
    let value = |i: usize| 1.4 * (12.9898 * (4 * step + i) as f64 + 1.0).sin();
    DMatrix::from_iterator(2, 2, (0..4).map(|i| value(i) as f32))
}

/// The levels of Euler and Heun for linspace in diffusers: evenly spaced and not
/// rounded. Between two timesteps, sigma is on a straight line.
fn between(scheduler: &NoiseScheduler, steps: usize) -> Levels {
    let sigma = |t: usize| level(scheduler, t).sigma();
    let between = |i: usize| {
        let t = (TIMESTEPS - 1) as f64 * i as f64 / (steps - 1) as f64;
        let (low, part) = (t.floor() as usize, t.fract());
        let high = (low + 1).min(TIMESTEPS - 1);
        let sigma = sigma(low) + part * (sigma(high) - sigma(low));
        let a = 1.0 / (1.0 + sigma * sigma).sqrt();
        NoiseLevel { t, a, b: sigma * a }
    };
    Levels::new((0..steps).rev().map(between).collect()).unwrap()
}

#[test]
fn every_state_is_that_of_diffusers() {
    let references = Reference::all();
    let states: usize =
        references.iter().map(|reference| reference.states.len() / 4).sum();
    assert_eq!(references.len(), 324, "as the chapter says");
    assert!(states > 8000, "{states}");
    for NamedSampler { name, .. } in SAMPLERS {
        let is_there = references.iter().any(|reference| reference.sampler == name);
        assert!(is_there, "{name} is nowhere in reference.csv, which reference.py makes");
    }
    for reference in references {
        let error = reference.largest_error();
        assert!(error < 5e-5, "{}: a state is off by {error:e}", reference.name());
    }
}
