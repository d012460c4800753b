//! The arguments: what was seen of which digit or picture, and which method makes the
//! rest.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use clap::builder::PossibleValuesParser;
use clap::builder::{PathBufValueParser, TypedValueParser};
use diffusion_cli::RunError;
use diffusion_cli::arguments::{non_negative, picture, steps, whole};
use diffusion_cli::load::DIGIT_SIDE;
use diffusion_core::Generator;
use part_e_schedules::cosine;
use part_i_samplers::{Levels, Spacing};
use part_n_to_order::{
    Ddrm, Dps, METHODS, Measurement, Method, Observation, OrderError, RePaint,
    method_list,
};

/// What the exact denoiser of what was seen is called, as the method that it makes.
pub const EXACT: &str = "exact";

/// What a run has if nothing else is asked for.
#[derive(Clone, Copy)]
pub struct Usual {
    pub samples: usize,
    pub steps: usize,
}

/// With the exact denoiser.
pub const EXACTLY: Usual = Usual { samples: 1000, steps: 100 };

/// With a network.
pub const OF_NETWORK: Usual = Usual { samples: 40, steps: 50 };

/// How many timesteps the schedule has, out of which steps are chosen.
const TIMESTEPS: usize = 1000;

/// The arguments of a method.
#[derive(Args)]
pub struct MethodArguments {
    /// Method that makes what was not seen; exact has a denoiser that knows what was seen
    #[arg(long, value_name = "NAME", default_value = "replacement")]
    #[arg(value_parser = PossibleValuesParser::new(
        [EXACT].into_iter().chain(METHODS.iter().map(|method| method.name))
    ))]
    pub method: String,

    /// Folder of a network that the method asks in place of the exact denoiser, as chapters
    /// L and M have them: of grey digits of 8 × 8 or 32 × 32 pixels, or with a hole of square
    /// pictures in colour. It samples along its own path. With exact, the digits that it has
    /// learned from are asked
    #[arg(long, value_name = "FOLDER")]
    pub model: Option<PathBuf>,

    /// Number of steps [default: 100; 50 with --compare or --model]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    #[arg(value_parser = sampling_steps)]
    steps: Option<usize>,

    /// New noise in a step, from 0 for none to 1 for as much as DDPM has; of ddrm, the part of
    /// all noise that is new [default: 1; of ddrm 0.85]
    #[arg(long, value_name = "ETA", allow_hyphen_values = true, value_parser = unit)]
    eta: Option<f64>,

    /// How far a step of dps or dps-square goes towards what was seen [default: 1]
    #[arg(long, value_name = "X", allow_hyphen_values = true, value_parser = non_negative)]
    scale: Option<f32>,

    /// How often repaint goes each part of the way down [default: 10]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 1, 100))]
    resamplings: Option<u64>,

    /// How many levels a jump of repaint goes up [default: 5]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 1, 1000))]
    jump: Option<u64>,
}

/// The arguments of what was seen.
#[derive(Args)]
pub struct ObservationArguments {
    /// What was seen of a digit: nothing; mask:top, mask:bottom, mask:left or mask:right,
    /// that half of it; mask:0-31,40, the pixels of these numbers; mean:N, the means of N
    /// pixels, 4, 16 or 64; or blur:N, blurred N times
    #[arg(long, value_name = "WHAT", default_value = "mask:top")]
    pub observe: Seen,

    /// Standard deviation of the noise in what was seen; ink goes from -1 to 1
    #[arg(long, value_name = "S", default_value_t = 0.5, allow_hyphen_values = true)]
    #[arg(value_parser = non_negative)]
    pub noise: f32,

    /// Spread of each datum: the standard deviation around it [default: 0; 0.1 without
    /// noise]
    #[arg(long, value_name = "S", allow_hyphen_values = true, value_parser = non_negative)]
    spread: Option<f32>,

    /// Which of the repository's digits was seen, counted from 0; the denoiser knows all
    /// others. With --model: which of those that were held out from the network
    #[arg(long, value_name = "N", default_value_t = 2, allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 0, 1796))]
    pub digit: u64,

    /// Number of samples [default: 1000; 200 with --compare; 40 with --model; 20 with both]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 1, 100_000))]
    samples: Option<u64>,
}

/// What was seen of a digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    Nothing,
    Half {
        is_upright: bool,
        is_first: bool,
    },
    /// A bit for each pixel, the lowest for the first.
    Pixels(u64),
    Means(usize),
    Blur(usize),
}

impl FromStr for Seen {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let half = |is_upright, is_first| Ok(Seen::Half { is_upright, is_first });
        match text {
            "nothing" => return Ok(Seen::Nothing),
            "mask:top" => return half(true, true),
            "mask:bottom" => return half(true, false),
            "mask:left" => return half(false, true),
            "mask:right" => return half(false, false),
            "mean:4" => return Ok(Seen::Means(2)),
            "mean:16" => return Ok(Seen::Means(4)),
            "mean:64" => return Ok(Seen::Means(8)),
            _ => {}
        }
        if let Some(pixels) = text.strip_prefix("mask:").and_then(pixels) {
            return Ok(Seen::Pixels(pixels));
        }
        let times = text.strip_prefix("blur:").and_then(|times| times.parse().ok());
        match times.filter(|times| (1..=20).contains(times)) {
            Some(times) => Ok(Seen::Blur(times)),
            None => {
                Err("expected nothing, mask:top, mask:bottom, mask:left, mask:right, \
                         mask:0-31,40 with pixels up to 63, mean:4, mean:16, mean:64, or blur:N \
                         with N from 1 to 20")
            }
        }
    }
}

/// Pixels by their numbers, such as `0-31,40`: a bit for each.
fn pixels(text: &str) -> Option<u64> {
    text.split(',').try_fold(0, |all, numbers| {
        let (first, last) = numbers.split_once('-').unwrap_or((numbers, numbers));
        let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
        let is_range = first <= last && last < u64::BITS;
        is_range.then(|| all | (u64::MAX << first & u64::MAX >> (u64::BITS - 1 - last)))
    })
}

impl Seen {
    /// As a measurement of a digit with so many pixels on a side.
    pub fn measurement(self, side: usize) -> Result<Measurement, OrderError> {
        let all = side * side;
        match self {
            Seen::Nothing => Measurement::mask(all, &[]),
            Seen::Half { is_upright, is_first } => {
                let place = |pixel: usize| match is_upright {
                    true => pixel / side,
                    false => pixel % side,
                };
                let is_seen = |pixel: &usize| (place(*pixel) < side / 2) == is_first;
                let seen: Vec<usize> = (0..all).filter(is_seen).collect();
                Measurement::mask(all, &seen)
            }
            Seen::Pixels(pixels) => Measurement::mask(all, &places(pixels)),
            Seen::Means(block) => Measurement::means([side, side], block),
            Seen::Blur(times) => Ok(Measurement::blur([side, side], times)),
        }
    }

    /// What is seen of a digit with so many pixels on a side, with noise from `rng`.
    pub fn observation(
        self,
        digit: &[f32],
        side: usize,
        noise: f64,
        rng: &mut Generator,
    ) -> Result<Observation, OrderError> {
        match self {
            Seen::Pixels(pixels) => {
                Observation::of_places(digit, &places(pixels), noise, rng)
            }
            _ => Observation::of(digit, self.measurement(side)?, noise, rng),
        }
    }
}

/// The pixels whose bits are set.
fn places(pixels: u64) -> Vec<usize> {
    (0..DIGIT_SIDE * DIGIT_SIDE).filter(|place| pixels >> place & 1 == 1).collect()
}

impl ObservationArguments {
    /// The standard deviation around each datum.
    pub fn spread(&self) -> f64 {
        let usual = if self.noise == 0.0 { 0.1 } else { 0.0 };
        self.spread.map_or(usual, f64::from)
    }

    /// Refuses single pixels of digits that are not the repository's, with so many pixels on
    /// a side.
    pub fn check(&self, side: usize) -> Result<(), RunError> {
        match self.observe {
            Seen::Pixels(_) if side != DIGIT_SIDE => Err(RunError::Argument(format!(
                "--observe with single pixels is for digits of {DIGIT_SIDE} x {DIGIT_SIDE}, and the \
                 network's are of {side} x {side}; expected another one"
            ))),
            _ => Ok(()),
        }
    }

    /// How many samples there are to be, if so many are usual.
    pub fn samples(&self, usual: usize) -> usize {
        self.samples.map_or(usual, |samples| samples as usize)
    }
}

/// What a run does beside making what was not seen of a digit.
#[derive(Args)]
pub struct OtherArguments {
    /// Make the digit anew from this part of the way, above 0 to 1 (SDEdit): how much
    /// noise it is given
    #[arg(long, value_name = "X", allow_hyphen_values = true, value_parser = strength)]
    #[arg(conflicts_with_all = ["method", "observe", "noise", "spread", "hole", "mask"])]
    pub strength: Option<f64>,

    /// Label of the samples, 0 to 9, of which nothing else was seen
    #[arg(long, value_name = "LABEL", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 0, 9))]
    #[arg(conflicts_with_all = ["method", "observe", "noise", "spread", "digit"])]
    #[arg(conflicts_with_all = ["strength", "hole", "mask"])]
    pub label: Option<u64>,

    /// Guidance scale: 1 is the label alone [default: 1]
    #[arg(long, value_name = "X", allow_hyphen_values = true, value_parser = non_negative)]
    #[arg(requires = "label")]
    pub guidance: Option<f32>,

    /// From which sigma to which there is guidance [default: everywhere]
    #[arg(long, value_name = "LEAST,MOST", value_parser = interval, requires = "label")]
    pub interval: Option<[f64; 2]>,

    /// All methods, each with what was seen in less noise and in more
    #[arg(long, conflicts_with_all = ["method", "noise", "eta", "scale", "resamplings"])]
    #[arg(conflicts_with_all = ["jump", "strength", "label", "hole", "mask"])]
    pub compare: bool,
}

/// The hole in a picture.
#[derive(Args)]
pub struct HoleArguments {
    /// Hole in a picture in place of a digit: its first pixel from the left and from the
    /// top, its width and its height
    #[arg(long, value_name = "X,Y,W,H", value_parser = hole)]
    #[arg(conflicts_with_all = ["observe", "noise", "spread", "digit", "samples", "mask"])]
    pub hole: Option<[usize; 4]>,

    /// Picture of the hole, PNG or JPEG, in place of --hole: the hole is where it is
    /// bright
    #[arg(long, value_name = "PATH")]
    #[arg(conflicts_with_all = ["observe", "noise", "spread", "digit", "samples"])]
    pub mask: Option<PathBuf>,

    /// Picture to write, the filled one in its own size, .png or .jpg
    #[arg(long, value_name = "PATH", display_order = 103)]
    #[arg(help_heading = "Picture and output")]
    #[arg(value_parser = PathBufValueParser::new().try_map(picture))]
    pub save: Option<PathBuf>,
}

impl MethodArguments {
    /// The error with an option of another method.
    pub fn check(&self) -> Result<(), RunError> {
        let given = [
            (self.scale.is_some(), "--scale", ["dps", "dps-square"]),
            (self.resamplings.is_some(), "--resamplings", ["repaint", "repaint"]),
            (self.jump.is_some(), "--jump", ["repaint", "repaint"]),
        ];
        for (is_given, option, methods) in given {
            if is_given && !methods.contains(&self.method.as_str()) {
                return Err(RunError::Argument(format!(
                    "{option} is for --method {}; {} has none",
                    methods[0], self.method
                )));
            }
        }
        Ok(())
    }

    /// The method that is asked for, unless it is the exact one.
    pub fn method(&self) -> Option<Box<dyn Method>> {
        let named = method_list::named(&self.method)?;
        let scale = self.scale.map_or(1.0, f64::from);
        Some(match named.name {
            "repaint" => Box::new(RePaint {
                resamplings: self.resamplings.unwrap_or(10) as usize,
                jump: self.jump.unwrap_or(5) as usize,
            }),
            "ddrm" => Box::new(Ddrm { eta: self.eta.unwrap_or(0.85), eta_b: 1.0 }),
            "dps" => Box::new(Dps::Length(scale)),
            "dps-square" => Box::new(Dps::Square(scale)),
            _ => Box::new(named.method),
        })
    }

    /// How much of a step's noise is new.
    pub fn eta(&self) -> f64 {
        self.eta.unwrap_or(1.0)
    }

    /// In how many steps, if so many are usual.
    pub fn steps(&self, usual: usize) -> usize {
        self.steps.unwrap_or(usual)
    }

    /// The levels of the steps, along the cosine schedule, if so many are usual.
    pub fn levels(&self, usual: usize) -> Levels {
        let scheduler = cosine(TIMESTEPS).expect("there are steps");
        let steps = self.steps(usual);
        let timesteps = Spacing::Trailing.timesteps(steps, TIMESTEPS);
        let timesteps = timesteps.expect("there are fewer than timesteps");
        Levels::of_timesteps(&scheduler, &timesteps).expect("the levels fall")
    }
}

fn sampling_steps(text: &str) -> Result<usize, String> {
    let most = TIMESTEPS as u64;
    steps(text).and_then(|_| whole(text, 1, most)).map(|steps| steps as usize)
}

fn unit(text: &str) -> Result<f64, &'static str> {
    let value = text.parse().ok().filter(|value| (0.0..=1.0).contains(value));
    value.ok_or("expected a number from 0 to 1, such as 0.5")
}

fn strength(text: &str) -> Result<f64, &'static str> {
    let value = unit(text).ok().filter(|value| *value > 0.0);
    value.ok_or("expected a number above 0 and up to 1, such as 0.5")
}

fn interval(text: &str) -> Result<[f64; 2], &'static str> {
    let numbers = text
        .split_once(',')
        .and_then(|(least, most)| Some([least.parse().ok()?, most.parse().ok()?]));
    let falls = |[least, most]: &[f64; 2]| *least >= 0.0 && least <= most;
    numbers.filter(falls).ok_or("expected two sigmas that rise, such as 0.3,2")
}

fn hole(text: &str) -> Result<[usize; 4], &'static str> {
    let numbers: Option<Vec<usize>> =
        text.split(',').map(|number| number.parse().ok()).collect();
    let numbers = numbers.and_then(|numbers| <[usize; 4]>::try_from(numbers).ok());
    let is_there = |[_, _, width, height]: &[usize; 4]| *width > 0 && *height > 0;
    numbers.filter(is_there).ok_or("expected four whole numbers, such as 24,20,16,24")
}
