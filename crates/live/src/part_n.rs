//! Chapter N, live: what was not seen of a digit, by each method, and the truth.

use std::mem;

use diffusion_core::{Generator, generator, randn_like};
use diffusion_kernels::likelihoods::{Likelihoods, STATES};
use nalgebra::DMatrix;
use part_e_schedules::cosine;
use part_i_samplers::{Levels, Spacing, Step};
use part_n_to_order::decided::label_probabilities;
use part_n_to_order::judge::{label_fractions, sampling_error, total_variation};
use part_n_to_order::{
    ConditionalDenoiser, METHODS, Method, Observation, Order, Plain, SmoothedData,
    WithoutJacobian,
};

use crate::digits::sheet;
use crate::handwritten::{Handwritten, LABELS, VALUES};
use crate::whole::whole;
use crate::{Call, LiveFigure, Page, Refused};

/// The least noise of what was seen, and the most.
const NOISES: [f64; 2] = [0.05, 10.0];

/// The most samples at once, so that a page never has to wait long for a step.
const MAX_SAMPLES: usize = 500;

const TIMESTEPS: usize = 1000;

/// How much of a step's noise is new, as it usually is for the command.
const ETA: f64 = 1.0;

/// What was seen of a digit, and all the others.
struct Seen {
    data: SmoothedData,
    labels: Vec<usize>,
    observation: Observation,
    /// How likely each label is.
    truth: Vec<f64>,
    /// What noise and states are drawn from.
    rng: Generator,
}

/// Samples that are under way.
struct UnderWay {
    /// The exact one has none.
    method: Option<&'static dyn Method>,
    steps: Vec<Step>,
    taken: usize,
    x: DMatrix<f32>,
    rng: Generator,
}

/// The figure of chapter N.
#[derive(Default)]
pub struct PartN {
    handwritten: Option<Handwritten>,
    seen: Option<Seen>,
    under_way: Option<UnderWay>,
}

impl LiveFigure for PartN {
    fn call(&mut self, page: &mut Page, call: Call<'_>) -> Result<(), Refused> {
        match call {
            ("network", []) => self.handwritten(&mem::take(&mut page.given)),
            ("observe", &[digit, first, last, noise, seed]) => {
                let [first, last]: [u32; 2] = [whole(first)?, whole(last)?];
                let pixels = u64::from(last) << 32 | u64::from(first);
                self.observe(page, whole(digit)?, pixels, noise, whole(seed)?)
            }
            ("begin", &[method, samples, steps]) => {
                self.begin(page, whole(method)?, whole(samples)?, whole(steps)?)
            }
            ("advance", []) => self.advance(page),
            ("state", &[count, columns]) => {
                self.state(page, whole(count)?, whole(columns)?)
            }
            _ => Err(Refused::Unknown),
        }
    }
}

impl PartN {
    /// Takes digits, as [`Handwritten::to_bytes`] writes them.
    ///
    /// # Errors
    ///
    /// If the bytes are not those of digits.
    pub fn handwritten(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        self.handwritten = Some(Handwritten::from_bytes(bytes)?);
        Ok(())
    }

    /// Sees some pixels of one of the digits, as the command does: those whose bits are
    /// set, the lowest for the first, with noise of this standard deviation. Numbers: what
    /// the digit is; how likely each label is for one that knows all others; and the
    /// digit's 64 values with this noise, whether they are seen or not.
    ///
    /// # Errors
    ///
    /// If there are no digits or not this one, or the noise is not from 0.05 to 10.
    pub fn observe(
        &mut self,
        page: &mut Page,
        digit: usize,
        pixels: u64,
        noise: f64,
        seed: u32,
    ) -> Result<(), Refused> {
        let Handwritten { digits, labels } =
            self.handwritten.as_ref().ok_or(Refused::OutOfRange)?;
        let &label = labels.get(digit).ok_or(Refused::OutOfRange)?;
        if !(NOISES[0]..=NOISES[1]).contains(&noise) {
            return Err(Refused::OutOfRange);
        }
        let mut rng = generator(seed.into());
        let x0 = digits.column(digit);
        let all: Vec<usize> = (0..VALUES).collect();
        let whole = Observation::of_places(x0.as_slice(), &all, noise, &mut rng.clone())?;
        let is_seen = |place: &usize| pixels >> place & 1 == 1;
        let places: Vec<usize> = all.into_iter().filter(is_seen).collect();
        let observation =
            Observation::of_places(x0.as_slice(), &places, noise, &mut rng)?;
        let mut labels = labels.clone();
        labels.remove(digit);
        let data = SmoothedData::new(digits.clone().remove_column(digit), 0.0)?;
        let posterior = ConditionalDenoiser::new(&data, &observation)?.posterior();
        let truth = label_probabilities(&posterior, &labels, LABELS);
        page.numbers = vec![label as f64];
        page.numbers.extend(&truth);
        page.numbers.extend(whole.y.iter().map(|&value| f64::from(value)));
        self.seen = Some(Seen { data, labels, observation, truth, rng });
        self.under_way = None;
        Ok(())
    }

    /// Begins with noise, to become so many samples of what was seen, in so many levels:
    /// by the exact denoiser of it, for the number 0, or by one of [`METHODS`], from 1. The
    /// number is how many steps it takes.
    ///
    /// # Errors
    ///
    /// If nothing was [`observe`](Self::observe)d, there is no such method, `samples` is
    /// not from 1 to 500, or there can't be so many levels.
    pub fn begin(
        &mut self,
        page: &mut Page,
        method: usize,
        samples: usize,
        steps: usize,
    ) -> Result<(), Refused> {
        let seen = self.seen.as_ref().ok_or(Refused::OutOfRange)?;
        if !(1..=MAX_SAMPLES).contains(&samples) {
            return Err(Refused::OutOfRange);
        }
        let method = match method.checked_sub(1) {
            Some(place) => Some(METHODS.get(place).ok_or(Refused::OutOfRange)?.method),
            None => None,
        };
        let timesteps = Spacing::Trailing.timesteps(steps, TIMESTEPS)?;
        let levels = Levels::of_timesteps(&cosine(TIMESTEPS)?, &timesteps)?;
        let steps = method.unwrap_or(&Plain).trajectory(&levels);
        let mut rng = seen.rng.clone();
        let x = randn_like(&DMatrix::zeros(VALUES, samples), &mut rng);
        page.numbers = vec![steps.len() as f64];
        self.under_way = Some(UnderWay { method, steps, taken: 0, x, rng });
        Ok(())
    }

    /// Takes a step. The number is how many are left.
    ///
    /// # Errors
    ///
    /// If it has not begun.
    pub fn advance(&mut self, page: &mut Page) -> Result<(), Refused> {
        let Seen { data, observation, .. } =
            self.seen.as_ref().ok_or(Refused::OutOfRange)?;
        let UnderWay { method, steps, taken, x, rng } =
            self.under_way.as_mut().ok_or(Refused::OutOfRange)?;
        if let Some(step) = steps.get(*taken) {
            let new_noise = &mut |x: &DMatrix<f32>| randn_like(x, rng);
            *x = match method {
                Some(method) => {
                    let order = Order { denoiser: data, observation, eta: ETA };
                    method.step(&order, x, step, new_noise)?
                }
                None => {
                    let exact = ConditionalDenoiser::new(data, observation)?;
                    let exact = WithoutJacobian(exact);
                    let order = Order { denoiser: &exact, observation, eta: ETA };
                    Plain.step(&order, x, step, new_noise)?
                }
            };
            *taken += 1;
        }
        page.numbers = vec![(steps.len() - *taken) as f64];
        Ok(())
    }

    /// The samples as they are now: a sheet of the first of them, so many in a row, with a
    /// dark line between two. Numbers: how likely each label is for a digit that led to
    /// such states, if nothing else is known, on average over all of them, which is the
    /// fraction of samples with this label at the end; the total variation of these from
    /// the truth; and how much that would be for as many draws of the truth.
    ///
    /// # Errors
    ///
    /// If it has not begun, `count` is not from 1 to how many samples there are, or
    /// `columns` not from 1 to 100.
    pub fn state(
        &self,
        page: &mut Page,
        count: usize,
        columns: usize,
    ) -> Result<(), Refused> {
        let Seen { data, labels, truth, .. } =
            self.seen.as_ref().ok_or(Refused::OutOfRange)?;
        let UnderWay { steps, taken, x, .. } =
            self.under_way.as_ref().ok_or(Refused::OutOfRange)?;
        if !(1..=x.ncols()).contains(&count) {
            return Err(Refused::OutOfRange);
        }
        let picture = sheet(&x.columns(0, count).into_owned(), columns)?;
        let next = steps.get(*taken).map(|step| step.from);
        let made = match next {
            Some(level) => {
                let means = level.a as f32 * data.data();
                shares(x, &means, level.b, labels)
            }
            None => label_fractions(x, (data.data(), labels), LABELS),
        };
        page.numbers.clone_from(&made);
        page.numbers.push(total_variation(truth, &made));
        page.numbers.push(sampling_error(truth, x.ncols()));
        page.show(&picture.pixels_of(&picture.x));
        Ok(())
    }
}

/// How likely each label is to have led to states, 64 × n, on average over them: `means`
/// are 64 × m, with noise of the standard deviation `std` around each, and a label.
fn shares(
    x: &DMatrix<f32>,
    means: &DMatrix<f32>,
    std: f64,
    labels: &[usize],
) -> Vec<f64> {
    let mut shares = vec![0.0; LABELS];
    for first in (0..x.ncols()).step_by(STATES) {
        let count = STATES.min(x.ncols() - first);
        let mut likelihoods = Likelihoods::new(x.columns(first, count), std);
        likelihoods.weigh(means);
        for likely in likelihoods.relative().row_iter() {
            let sum: f64 = likely.iter().map(|&likely| f64::from(likely)).sum();
            for (&likely, &label) in likely.iter().zip(labels) {
                shares[label] += f64::from(likely) / sum / x.ncols() as f64;
            }
        }
    }
    shares
}
