//! What the figures' modules compute, natively: the lessons' own functions, called as the
//! figures call them. Nothing else here knows how they are called.

use diffusion_cli::load;
use diffusion_live::Page;

/// The schedule that most figures of part D have.
const SCHEDULE: (f64, f64, usize) = (1e-4, 0.6, 24);

fn mandrill(side: u32) -> Vec<u8> {
    let picture = load::picture(&load::mandrill(), Some(side)).unwrap();
    picture.pixels_of(&picture.x).into_raw()
}

fn with_mandrill(side: u32) -> Page {
    let mut page = Page::default();
    page.set_square(mandrill(side), side).unwrap();
    page
}

/// States of the last call, as pixels.
fn frames(page: &mut Page, states: &[usize]) -> Vec<Vec<u8>> {
    let frame = |&state: &usize| {
        page.frame(state).unwrap();
        page.frame.clone()
    };
    states.iter().map(frame).collect()
}

/// Part A: the standard deviation of the last state.
pub fn part_a_spread(a: f32, b: f32, steps: usize) -> f64 {
    let mut page = with_mandrill(96);
    page.part_a(96, a, b, steps, 0).unwrap();
    page.numbers[4 * steps + 1]
}

/// Part C: the fraction of the variance that a drawn schedule leaves, and the states
/// after so many steps.
pub fn part_c(betas: &[f64], steps: &[usize]) -> (f64, Vec<Vec<u8>>) {
    let mut page = with_mandrill(96);
    let bytes: Vec<u8> = betas.iter().flat_map(|beta| beta.to_le_bytes()).collect();
    page.set_betas(&bytes).unwrap();
    page.drawn_schedule().unwrap();
    let left = page.numbers[betas.len() - 1];
    page.drawn(96, 0).unwrap();
    (left, frames(&mut page, steps))
}

/// Part D: the first timestep at which less than half of the variance is left.
pub fn part_d_half() -> usize {
    let mut page = Page::default();
    let (start, end, steps) = SCHEDULE;
    page.schedule(start, end, steps).unwrap();
    let alpha_bars = &page.numbers[steps..];
    alpha_bars.iter().position(|alpha_bar| *alpha_bar < 0.5).unwrap()
}

/// Part D: the factors of the signal and of the noise, and signal, noise and state.
pub fn part_d(t: usize) -> ([f64; 2], Vec<Vec<u8>>) {
    let mut page = with_mandrill(192);
    let (start, end, steps) = SCHEDULE;
    page.part_d(192, start, end, steps, t, 0).unwrap();
    ([page.numbers[5], page.numbers[6]], frames(&mut page, &[1, 2, 0]))
}

/// How many peaks the density has after so many steps.
pub fn peaks(step: usize) -> f64 {
    let mut page = Page::default();
    let (start, end, steps) = SCHEDULE;
    page.two_peaks(start, end, steps, step, 1, 0).unwrap();
    page.numbers[2]
}

/// Step by step and by a jump.
pub struct WalkOrJump(Page);

impl WalkOrJump {
    pub fn new() -> Self {
        let mut page = with_mandrill(192);
        let (start, end, steps) = SCHEDULE;
        page.both_ways(192, start, end, steps, 0).unwrap();
        WalkOrJump(page)
    }

    /// The mean, sigma, and the value step by step and by a jump of a pixel's green, at
    /// each timestep up to `t`.
    pub fn path(&mut self, x: usize, y: usize, t: usize) -> Vec<[f64; 4]> {
        self.0.both_ways_of(3 * (192 * y + x) + 1, t).unwrap();
        self.0.numbers.as_chunks::<4>().0.to_vec()
    }

    /// At how many timesteps the trajectory of a pixel is within one sigma of the mean.
    pub fn within(&mut self, x: usize, y: usize) -> usize {
        let path = self.path(x, y, SCHEDULE.2 - 1);
        path.iter().filter(|[mean, sigma, at, _]| (at - mean).abs() <= *sigma).count()
    }
}

/// Part E: the last alpha bar of a schedule, by its number.
pub fn part_e_end(schedule: u32, steps: usize) -> f64 {
    let mut page = Page::default();
    page.part_e(schedule, 1e-4, 0.02, steps, 0).unwrap();
    page.numbers[page.numbers.len() - 2]
}

/// Part F, with the spiral: how many data have nine tenths of the weight at a place, so
/// many steps back.
pub fn part_f_sharing(back: usize, x: f64, y: f64) -> f64 {
    let mut page = Page::default();
    page.part_f(1, 96, 1200, 100, 0).unwrap();
    page.part_f_posterior_mean(back, x, y).unwrap();
    page.numbers[2]
}

/// Part H: a network that learns.
pub struct Learning(Page);

impl Learning {
    pub const UPDATES: usize = 3000;
    pub const POINTS: usize = 1000;
    pub const SAMPLES: usize = 400;
    const STEPS: usize = 100;
    const BATCH: usize = 128;

    pub fn new(data: u32, prediction: u32, hidden: usize, rate: f64, seed: u32) -> Self {
        let mut page = Page::default();
        page.part_h_data(data, Self::POINTS, Self::STEPS).unwrap();
        page.part_h(prediction, hidden, Self::BATCH, Self::UPDATES, rate, seed).unwrap();
        Learning(page)
    }

    /// The losses of so many updates.
    pub fn update(&mut self, updates: usize) -> Vec<f64> {
        let mut losses = Vec::new();
        for _ in 0..updates {
            self.0.part_h_update().unwrap();
            losses.extend(self.0.numbers.clone());
        }
        losses
    }

    pub fn optimal_loss(&mut self) -> f64 {
        self.0.part_h_optimal_loss().unwrap();
        self.0.numbers[0]
    }

    /// The loss on noise that the network has not seen.
    pub fn loss(&mut self) -> f64 {
        self.0.part_h_loss().unwrap();
        self.0.numbers[0]
    }

    /// What it makes of noise now, 2 × n.
    pub fn samples(&mut self) -> Vec<f32> {
        self.0.part_h_sample(Self::SAMPLES).unwrap();
        (0..Self::STEPS).for_each(|_| self.0.part_h_step().unwrap());
        self.0.part_h_samples().unwrap();
        self.0.numbers.iter().map(|&value| value as f32).collect()
    }
}

fn with_network(network: &[u8]) -> Page {
    let mut page = Page::default();
    page.set_network(network).unwrap();
    page
}

/// Part H: digits of a network that has learned.
pub struct Digits(Page);

impl Digits {
    pub fn new(network: &[u8]) -> Self {
        Digits(with_network(network))
    }

    /// A sheet of 25, and how much two of them differ.
    pub fn sheet(&mut self, label: u32, guidance: f32, seed: u32) -> (&[u8], f64) {
        self.0.part_h_digits(label, guidance, 25, seed).unwrap();
        while self.0.numbers != [0.0] {
            self.0.part_h_digits_step().unwrap();
        }
        self.0.part_h_digits_sheet(5).unwrap();
        (&self.0.frame, self.0.numbers[0])
    }
}

/// Part I: points of all samplers out of the same noise.
pub struct Samplers(Page);

impl Samplers {
    pub const SAMPLES: usize = 200;

    /// With the finest trajectory, which errors are measured by.
    pub fn new(data: u32, seed: u32) -> Self {
        let mut page = Page::default();
        page.part_i(data, 500, Self::SAMPLES, seed).unwrap();
        while {
            page.part_i_finest().unwrap();
            page.numbers.is_empty()
        } {}
        Samplers(page)
    }

    /// What there is to say of a sampler: its evaluations, the distance to the data, the
    /// error, and the points.
    pub fn state(&mut self, sampler: usize, steps: usize) -> &[f64] {
        while {
            self.0.part_i_advance(sampler as u32, steps).unwrap();
            self.0.numbers != [0.0]
        } {}
        self.0.part_i_state(sampler as u32, steps).unwrap();
        &self.0.numbers
    }
}

/// Part I: ten digits of all samplers out of the same noise.
pub struct DigitsOfSamplers(Page);

impl DigitsOfSamplers {
    pub fn new(network: &[u8], label: u32, steps: usize, seed: u32) -> Self {
        let mut page = with_network(network);
        page.part_i_digits(label, 1.0, 10, steps, seed).unwrap();
        while page.numbers != [0.0] {
            page.part_i_digits_advance().unwrap();
        }
        DigitsOfSamplers(page)
    }

    /// A row of digits, the evaluations of the network, and the contrast.
    pub fn row(&mut self, sampler: usize) -> (&[u8], [f64; 2]) {
        self.0.part_i_digits_sheet(sampler as u32, 10).unwrap();
        (&self.0.frame, self.0.numbers[..].try_into().expect("two numbers"))
    }
}
