//! The command line of samplers, which a later part has, too.

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use diffusion_cli::RunError;
use diffusion_cli::arguments::steps;
use part_f_the_way_back::GaussianPath;
use part_h_learning_to_denoise::model_file::ModelPath;

use crate::levels::{karras_range, sigma_range};
use crate::{
    Coordinate, Ddim, Heun, Levels, NamedSampler, SAMPLERS, Sampler, SamplingError,
    Spacing, X0Clipping, sampler_list,
};

/// The arguments of sampling.
#[derive(Args)]
pub struct SamplingArguments {
    /// Sampler
    #[arg(long, value_name = "NAME", default_value = "dpm-solver++")]
    #[arg(value_parser = PossibleValuesParser::new(SAMPLERS.map(|sampler| sampler.name)))]
    sampler: String,

    /// Number of steps [default: 10]
    #[arg(id = "sampling_steps", long = "steps", value_name = "N")]
    #[arg(allow_hyphen_values = true, value_parser = steps)]
    pub steps: Option<usize>,

    /// New noise in a step of DDIM, from 0 for none to 1 for as much as DDPM has
    /// [default: 0]
    #[arg(long, value_name = "ETA", allow_hyphen_values = true, value_parser = eta)]
    eta: Option<f64>,

    /// Time that Heun's method goes by: sigma, or the t of a flow, which is finite in
    /// noise alone too [default: sigma; t with a --model of a flow]
    #[arg(long, value_name = "NAME", value_enum)]
    coordinate: Option<CoordinateName>,

    /// Noise levels at which the denoiser is evaluated
    #[arg(long, value_name = "NAME", value_enum, default_value_t = SpacingName::Trailing)]
    spacing: SpacingName,

    /// Largest sigma of Karras' levels [default: 80, or the schedule's largest if that is
    /// less]
    #[arg(long, value_name = "SIGMA", allow_hyphen_values = true, value_parser = sigma_max)]
    sigma_max: Option<f64>,

    /// Smallest sigma of Karras' levels [default: the schedule's smallest]
    #[arg(long, value_name = "SIGMA", allow_hyphen_values = true, value_parser = sigma_min)]
    sigma_min: Option<f64>,

    /// Clip predictions of x0 to [-BOUND, BOUND]; none to leave them [default: none; 1
    /// with a --model of data in [-1, 1]]
    #[arg(long, value_name = "BOUND", allow_hyphen_values = true, value_parser = clip)]
    clip: Option<X0Clipping>,

    /// Dynamic thresholding of predictions of x0: the fraction of values that is not
    /// clipped, such as 0.995
    #[arg(long, value_name = "FRACTION", allow_hyphen_values = true, value_parser = threshold)]
    #[arg(conflicts_with = "clip")]
    threshold: Option<X0Clipping>,
}

/// The ways to choose timesteps by name.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum SpacingName {
    Leading,
    Linspace,
    Trailing,
    Karras,
}

/// The coordinates of Heun's method by name.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum CoordinateName {
    Sigma,
    T,
}

/// The options that one sampler only has.
const ETA: (&str, &str) = ("--eta", "ddim");
const COORDINATE: (&str, &str) = ("--coordinate", "heun");

impl SamplingArguments {
    /// The sampler that is asked for.
    pub fn sampler(&self, path: &ModelPath) -> Box<dyn Sampler> {
        let named = sampler_list::named(&self.sampler);
        self.with_options(&named.expect("clap takes no other"), path)
    }

    /// A sampler, with the options that are given for it.
    pub fn with_options(
        &self,
        named: &NamedSampler,
        path: &ModelPath,
    ) -> Box<dyn Sampler> {
        let usual = match path {
            ModelPath::Schedule(_) => CoordinateName::Sigma,
            ModelPath::Flow => CoordinateName::T,
        };
        match (self.eta, self.coordinate.unwrap_or(usual)) {
            (Some(eta), _) if named.name == ETA.1 => Box::new(Ddim { eta }),
            (_, CoordinateName::T) if named.name == COORDINATE.1 => {
                Box::new(Heun { coordinate: Coordinate::FlowTime })
            }
            _ => Box::new(named.sampler),
        }
    }

    /// The levels of so many steps, see [`levels`](Self::levels), if the sampler can take
    /// them and has all options that are given.
    ///
    /// # Errors
    ///
    /// If there are no such levels, or the sampler can't take them, or has no such option.
    pub fn checked_levels(
        &self,
        path: &ModelPath,
        known: Option<[f64; 2]>,
        steps: usize,
    ) -> Result<Levels, RunError> {
        let levels = self.levels(path, known, steps)?;
        let given = [(self.eta.is_some(), ETA), (self.coordinate.is_some(), COORDINATE)];
        for (is_given, (option, sampler)) in given {
            if is_given && self.sampler != sampler {
                return Err(RunError::Argument(format!(
                    "{option} is for --sampler {sampler}; {} has none",
                    self.sampler
                )));
            }
        }
        self.sampler(path).check(&levels).map_err(|error| {
            let option = match error {
                SamplingError::Eta(_) => "--eta".to_owned(),
                SamplingError::OneStep { .. } => format!("--steps {steps}"),
                _ => format!("--sampler {}", self.sampler),
            };
            refused(&option, &error)
        })?;
        Ok(levels)
    }

    /// What becomes of a prediction of `x0`, if nothing else is asked for than what is
    /// usual.
    pub fn clipping(&self, usual: X0Clipping) -> X0Clipping {
        self.clip.or(self.threshold).unwrap_or(usual)
    }

    /// The levels of so many steps. A network knows sigmas up to the first of those that
    /// are `known` and down to the second; the exact denoiser knows all.
    ///
    /// # Errors
    ///
    /// If there are no such levels.
    pub fn levels(
        &self,
        path: &ModelPath,
        known: Option<[f64; 2]>,
        steps: usize,
    ) -> Result<Levels, RunError> {
        let spacing = match self.spacing {
            SpacingName::Leading => Spacing::Leading { offset: 0 },
            SpacingName::Linspace => Spacing::Linspace,
            SpacingName::Trailing => Spacing::Trailing,
            SpacingName::Karras => return self.karras(path, known, steps),
        };
        let sigmas = [(self.sigma_max, "--sigma-max"), (self.sigma_min, "--sigma-min")];
        if let Some((_, option)) = sigmas.iter().find(|(sigma, _)| sigma.is_some()) {
            return Err(RunError::Argument(format!(
                "{option} is for --spacing karras; timesteps have the sigmas of the schedule"
            )));
        }
        let timesteps = path.levels().len();
        if steps > timesteps {
            let error = SamplingError::TooManySteps { steps, timesteps };
            return Err(RunError::Argument(format!("--steps {steps}: {error}")));
        }
        spacing
            .timesteps(steps, timesteps)
            .and_then(|timesteps| Levels::of_timesteps(path, &timesteps))
            .map_err(|error| refused("the schedule cannot be sampled", &error))
    }

    /// Karras' levels.
    fn karras(
        &self,
        path: &ModelPath,
        known: Option<[f64; 2]>,
        steps: usize,
    ) -> Result<Levels, RunError> {
        let [usual_max, usual_min] = karras_range(path);
        let max = self.sigma_max.unwrap_or(usual_max);
        let min = self.sigma_min.unwrap_or(usual_min);
        if let Some([largest, smallest]) = known {
            if max > largest {
                return Err(RunError::Argument(format!(
                    "--sigma-max {max}: the network knows noise up to a sigma of {largest}; \
                     expected at most that"
                )));
            }
            if min < smallest {
                return Err(RunError::Argument(format!(
                    "--sigma-min {min}: the network knows noise down to a sigma of \
                     {smallest}; expected at least that"
                )));
            }
        }
        if max < min || max == min && steps > 1 {
            return Err(RunError::Argument(match (self.sigma_max, self.sigma_min) {
                (Some(_), Some(_)) => format!(
                    "--sigma-max {max} is not above --sigma-min {min}; expected levels that fall"
                ),
                (Some(_), None) => format!(
                    "--sigma-max {max} is not above the schedule's smallest sigma, {min}; \
                     expected more, or a --sigma-min below it"
                ),
                (None, Some(_)) => format!(
                    "--sigma-min {min} is not below {max}, where Karras' levels begin; expected \
                     less, or a --sigma-max above it"
                ),
                (None, None) => {
                    let [largest, smallest] = sigma_range(path);
                    format!(
                        "--spacing karras: the sigmas of the schedule go from {largest} to \
                     {smallest}, where no levels fall; expected --sigma-max and --sigma-min"
                    )
                }
            }));
        }
        Levels::karras(path, [max, min], steps)
            .map_err(|error| RunError::Argument(format!("--spacing karras: {error}")))
    }
}

/// The error with a sampler that can't take the levels that are asked for.
pub fn refused(option: &str, error: &SamplingError) -> RunError {
    RunError::Argument(match error {
        SamplingError::InfiniteSigma { t } => format!(
            "{option}: sigma is infinite at timestep {t}, where nothing but noise is left; \
             expected --coordinate t or --spacing karras"
        ),
        SamplingError::Unordered { before: f64::INFINITY, .. } => format!(
            "{option}: nothing but noise is left at more than one timestep; expected --spacing \
             karras"
        ),
        error => format!("{option}: {error}"),
    })
}

/// Parses an eta. Its range is the sampler's to check.
fn eta(text: &str) -> Result<f64, &'static str> {
    text.parse().map_err(|_| "expected a number from 0 to 1, such as 0.5")
}

/// Parses a sigma. Beyond this range, the states of Heun's method lose all their digits.
fn sigma(text: &str) -> Option<f64> {
    text.parse().ok().filter(|sigma| (1e-6..=1e6).contains(sigma))
}

fn sigma_max(text: &str) -> Result<f64, &'static str> {
    sigma(text).ok_or("expected a number from 1e-6 to 1e6, such as 80")
}

fn sigma_min(text: &str) -> Result<f64, &'static str> {
    sigma(text).ok_or("expected a number from 1e-6 to 1e6, such as 0.01")
}

/// Parses a bound of predictions.
fn clip(text: &str) -> Result<X0Clipping, &'static str> {
    if text == "none" {
        return Ok(X0Clipping::None);
    }
    let bound = text.parse().ok().filter(|bound: &f32| *bound > 0.0 && bound.is_finite());
    let bound = bound.ok_or("expected a number above 0, such as 1, or none")?;
    Ok(X0Clipping::Fixed { bound })
}

/// Parses a fraction of values that are within the threshold, which may be any, as in the
/// paper.
fn threshold(text: &str) -> Result<X0Clipping, &'static str> {
    let fraction = text.parse().ok().filter(|fraction| (0.0..=1.0).contains(fraction));
    let fraction = fraction.ok_or("expected a number from 0 to 1, such as 0.995")?;
    Ok(X0Clipping::Dynamic { fraction, max: f32::MAX })
}
