//! The arguments of a walk.

use clap::{Args, ValueEnum};
use diffusion_cli::RunError;
use diffusion_cli::arguments::steps;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::Variance;
use part_i_samplers::{
    Ddim, Ddpm, DpmSolver, Euler, EulerAncestral, Heun, Levels, Range, Sampler, Spacing,
    WalkError,
};

/// The arguments of a walk.
#[derive(Args)]
pub struct WalkArguments {
    /// Sampler
    #[arg(long, value_name = "NAME", value_enum, default_value_t = SamplerName::DpmSolver)]
    sampler: SamplerName,

    /// Number of steps of the walk
    #[arg(id = "walk_steps", long = "steps", value_name = "N", default_value_t = 10)]
    #[arg(allow_hyphen_values = true, value_parser = steps)]
    pub steps: usize,

    /// New noise in a step of DDIM, from 0 for none to 1 for as much as DDPM has [default: 0]
    #[arg(long, value_name = "ETA", allow_hyphen_values = true, value_parser = eta)]
    eta: Option<f64>,

    /// Where the walk looks
    #[arg(long, value_name = "NAME", value_enum, default_value_t = SpacingName::Trailing)]
    spacing: SpacingName,

    /// Move guesses of x0 into [-BOUND, BOUND]; none to leave them [default: none; 1 with a --model of data in [-1, 1]]
    #[arg(long, value_name = "BOUND", allow_hyphen_values = true, value_parser = clip)]
    clip: Option<Range>,

    /// Dynamic thresholding of guesses of x0: the share of values that is not clipped, such as 0.995
    #[arg(long, value_name = "SHARE", allow_hyphen_values = true, value_parser = threshold)]
    #[arg(conflicts_with = "clip")]
    threshold: Option<Range>,

    /// Lead the same noise with all samplers, each in 5, 10, 20 and 50 steps
    #[arg(long, conflicts_with_all = ["sampler", "walk_steps", "eta", "save", "all"])]
    pub compare: bool,
}

/// The samplers by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SamplerName {
    Ddpm,
    Ddim,
    Euler,
    EulerAncestral,
    Heun,
    #[value(name = "dpm-solver++")]
    DpmSolver,
}

/// The ways to choose timesteps by name.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum SpacingName {
    Leading,
    Linspace,
    Trailing,
    Karras,
}

impl SamplerName {
    /// The sampler; `eta` is for DDIM.
    pub fn sampler(self, eta: f64) -> Box<dyn Sampler> {
        match self {
            SamplerName::Ddpm => Box::new(Ddpm { variance: Variance::BetaTilde }),
            SamplerName::Ddim => Box::new(Ddim { eta }),
            SamplerName::Euler => Box::new(Euler),
            SamplerName::EulerAncestral => Box::new(EulerAncestral),
            SamplerName::Heun => Box::new(Heun),
            SamplerName::DpmSolver => Box::new(DpmSolver),
        }
    }

    /// As the command line has it.
    pub fn name(self) -> &'static str {
        match self {
            SamplerName::Ddpm => "ddpm",
            SamplerName::Ddim => "ddim",
            SamplerName::Euler => "euler",
            SamplerName::EulerAncestral => "euler-ancestral",
            SamplerName::Heun => "heun",
            SamplerName::DpmSolver => "dpm-solver++",
        }
    }
}

impl WalkArguments {
    /// The sampler that is asked for.
    pub fn sampler(&self) -> Box<dyn Sampler> {
        self.sampler.sampler(self.eta.unwrap_or(0.0))
    }

    /// Whether there is such a walk, if it is only one.
    pub fn check(&self, scheduler: &NoiseScheduler) -> Result<(), RunError> {
        if self.compare {
            return Ok(());
        }
        let levels = self.levels(scheduler, self.steps)?;
        if self.eta.is_some() && self.sampler != SamplerName::Ddim {
            return Err(RunError::Argument(format!(
                "--eta is for --sampler ddim; {} has none",
                self.sampler.name()
            )));
        }
        self.sampler().check(&levels).map_err(|error| {
            let option = match error {
                WalkError::Eta(_) => "--eta".to_owned(),
                WalkError::OneStep { .. } => format!("--steps {}", self.steps),
                _ => format!("--sampler {}", self.sampler.name()),
            };
            RunError::Argument(format!("{option}: {error}"))
        })
    }

    /// What becomes of a guess, if nothing else is asked for than what is usual.
    pub fn range(&self, usual: Range) -> Range {
        self.clip.or(self.threshold).unwrap_or(usual)
    }

    /// Where a walk of so many steps looks.
    pub fn levels(
        &self,
        scheduler: &NoiseScheduler,
        steps: usize,
    ) -> Result<Levels, RunError> {
        let timesteps = scheduler.steps();
        if steps > timesteps {
            let error = WalkError::TooManySteps { steps, timesteps };
            return Err(RunError::Argument(format!("--steps {steps}: {error}")));
        }
        let spacing = match self.spacing {
            SpacingName::Leading => Spacing::Leading { offset: 0 },
            SpacingName::Linspace => Spacing::Linspace,
            SpacingName::Trailing => Spacing::Trailing,
            SpacingName::Karras => return karras(scheduler, steps),
        };
        spacing
            .choose(steps, timesteps)
            .and_then(|chosen| Levels::of_timesteps(scheduler, &chosen))
            .map_err(|error| RunError::Lesson(error.into()))
    }
}

/// Karras' levels, moved to timesteps.
fn karras(scheduler: &NoiseScheduler, steps: usize) -> Result<Levels, RunError> {
    let levels = Levels::karras(scheduler, scheduler.steps() - 1, 0, steps)
        .map_err(|error| RunError::Argument(format!("--spacing karras: {error}")))?;
    levels.rounded(scheduler).map_err(|_| {
        RunError::Argument(format!(
            "--spacing karras: of its {steps} levels, two are nearest to the same timestep; \
             expected fewer steps, more timesteps or another --spacing"
        ))
    })
}

/// Parses an eta. Its range is the sampler's to check.
fn eta(text: &str) -> Result<f64, &'static str> {
    text.parse().map_err(|_| "expected a number from 0 to 1, such as 0.5")
}

/// Parses a bound of guesses.
fn clip(text: &str) -> Result<Range, &'static str> {
    if text == "none" {
        return Ok(Range::Any);
    }
    let bound = text.parse().ok().filter(|bound: &f32| *bound > 0.0 && bound.is_finite());
    let bound = bound.ok_or("expected a number above 0, such as 1, or none")?;
    Ok(Range::Clipped { bound })
}

/// Parses a share of values that are within the threshold, which may be any, as in the paper.
fn threshold(text: &str) -> Result<Range, &'static str> {
    let share = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    let share = share.ok_or("expected a number from 0 to 1, such as 0.995")?;
    Ok(Range::Thresholded { share, most: f32::MAX })
}

/// How often a walk asks the denoiser.
pub fn looks(sampler: &dyn Sampler, levels: &Levels) -> usize {
    let second = levels.steps().filter(|step| sampler.second_mixture(step).is_some());
    levels.visited().len() + second.count()
}
