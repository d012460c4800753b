//! The lessons for a web page: what the live figures of the book call.
//!
//! Every state on the page is made by the parts' own `add_noise`, every schedule by their own
//! `NoiseScheduler`. [`Live`] only puts what they return where a page can read it, and the
//! module's exports call [`Live`].
//!
//! The exports are plain functions of numbers. A generator of bindings would bring a
//! second tool and its version into the build, and glue code into the page, for what are
//! three calls: put a picture in, run a part, read two buffers.

mod exports;

use std::collections::BTreeMap;

use diffusion_core::histogram::densities;
use diffusion_core::picture::square;
use diffusion_core::{Generator, Moments, Picture, generator, randn_like};
use image::{DynamicImage, RgbImage, RgbaImage};
use nalgebra::DMatrix;
use part_c_schedule_for_beta::{NoiseScheduler as Walker, ScheduleError, TimestepError};
use part_d_alpha_bar_trick::NoiseScheduler as Jumper;

/// The longest walk that is made at once, so that a page never has to wait for it.
pub const MAX_STEPS: usize = 64;

/// How many numbers tell of a state: mean, standard deviation, and both as predicted.
pub const NUMBERS_OF_A_STATE: usize = 4;

/// What a page sees: pixels and numbers.
#[derive(Default)]
pub struct Live {
    /// The reader's picture, by the side of the square that it is used at.
    pictures: BTreeMap<u32, Picture>,
    /// Frames of red, green, blue and opacity, one after the other.
    pub frames: Vec<u8>,
    /// The numbers of the last call.
    pub numbers: Vec<f64>,
    walk: Option<Walk>,
}

/// A walk that is made step by step, over several calls.
struct Walk {
    scheduler: Walker,
    rng: Generator,
    t: usize,
    x: DMatrix<f32>,
}

/// Why a call was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The bytes are not those of a picture of this size.
    NotAPicture = 1,
    /// There is no picture of this size yet.
    NoPicture = 2,
    /// An argument is out of its range.
    OutOfRange = 3,
}

impl From<ScheduleError> for Refused {
    fn from(_: ScheduleError) -> Self {
        Refused::OutOfRange
    }
}

impl From<TimestepError> for Refused {
    fn from(_: TimestepError) -> Self {
        Refused::OutOfRange
    }
}

impl Live {
    /// Takes a picture that is `side` × `side` pixels already, as red, green and blue.
    pub fn set_square(&mut self, rgb: Vec<u8>, side: u32) -> Result<(), Refused> {
        let pixels =
            RgbImage::from_raw(side, side, rgb).filter(|image| !image.is_empty());
        let picture = Picture::from_pixels(&pixels.ok_or(Refused::NotAPicture)?);
        self.pictures.insert(side, picture);
        Ok(())
    }

    /// Takes any picture, as red, green, blue and opacity, and makes squares of these sides of
    /// it, as `--size` does.
    pub fn set_picture(
        &mut self,
        rgba: Vec<u8>,
        width: u32,
        height: u32,
        sides: &[u32],
    ) -> Result<(), Refused> {
        let image =
            RgbaImage::from_raw(width, height, rgba).filter(|image| !image.is_empty());
        let image = DynamicImage::ImageRgba8(image.ok_or(Refused::NotAPicture)?);
        let rgb = DynamicImage::ImageRgb8(image.into_rgb8());
        for &side in sides {
            self.set_square(square(&rgb, side).into_rgb8().into_raw(), side)?;
        }
        Ok(())
    }

    /// Part A from the input on: `steps + 1` frames, and the numbers of each.
    pub fn part_a(
        &mut self,
        side: u32,
        a: f32,
        b: f32,
        steps: usize,
        seed: u64,
    ) -> Result<(), Refused> {
        if !(a.is_finite() && b.is_finite() && a >= 0.0 && b >= 0.0) {
            return Err(Refused::OutOfRange);
        }
        self.walk(side, steps, seed, |x, _, rng| {
            let next = part_a_very_simple_diffusion::add_noise(x, a, b, rng);
            (next, f64::from(a), f64::from(b))
        })
    }

    /// Part B from the input on: `steps + 1` frames, and the numbers of each.
    pub fn part_b(
        &mut self,
        side: u32,
        beta: f64,
        steps: usize,
        seed: u64,
    ) -> Result<(), Refused> {
        if !(0.0 < beta && beta < 1.0) {
            return Err(Refused::OutOfRange);
        }
        self.walk(side, steps, seed, |x, _, rng| {
            let next = part_b_fixed_beta_values::add_noise(x, beta, rng);
            (next, (1.0 - beta).sqrt(), beta.sqrt())
        })
    }

    /// Part C from the input on: `steps + 1` frames, and the numbers of each.
    pub fn part_c(
        &mut self,
        side: u32,
        beta_start: f64,
        beta_end: f64,
        steps: usize,
        seed: u64,
    ) -> Result<(), Refused> {
        let scheduler = Walker::new(steps, beta_start, beta_end)?;
        self.walk(side, steps, seed, |x, t, rng| {
            let beta = scheduler.beta()[t];
            let next =
                scheduler.add_noise(x, t, rng).expect("t is below the number of steps");
            (next, (1.0 - beta).sqrt(), beta.sqrt())
        })
    }

    /// Part D: one frame, the state at `t`, with its four numbers, `alpha_bar`, and a
    /// histogram of its values as a density.
    ///
    /// The noise is the one that the command draws for `t`: that of the timesteps before it is
    /// drawn, too, and left out.
    pub fn part_d(
        &mut self,
        side: u32,
        beta_start: f64,
        beta_end: f64,
        steps: usize,
        t: usize,
        seed: u64,
    ) -> Result<(), Refused> {
        let scheduler = Jumper::new(steps, beta_start, beta_end)?;
        let picture = self.pictures.get(&side).ok_or(Refused::NoPicture)?;
        let mut rng = generator(seed);
        skip_noise(&picture.x, t, &mut rng);
        let x = scheduler.add_noise(&picture.x, t, &mut rng)?;
        let alpha_bar = scheduler.alpha_bar()[t];
        let expected = Moments::of(&picture.x)
            .after_noise(alpha_bar.sqrt(), (1.0 - alpha_bar).sqrt());
        self.frames.clear();
        self.numbers.clear();
        push_frame(&mut self.frames, &picture.pixels_of(&x));
        push_moments(&mut self.numbers, Moments::of(&x), expected);
        self.numbers.push(alpha_bar);
        self.numbers.extend(densities(&x));
        Ok(())
    }

    /// Begins a walk of part C that [`Live::step`] goes on with.
    pub fn begin_walk(
        &mut self,
        side: u32,
        beta_start: f64,
        beta_end: f64,
        steps: usize,
        seed: u64,
    ) -> Result<(), Refused> {
        let scheduler = Walker::new(steps, beta_start, beta_end)?;
        let picture = self.pictures.get(&side).ok_or(Refused::NoPicture)?;
        let (x, rng) = (picture.x.clone(), generator(seed));
        self.walk = Some(Walk { scheduler, rng, t: 0, x });
        Ok(())
    }

    /// One step of the walk: one frame, with a histogram as its numbers.
    pub fn step(&mut self, side: u32) -> Result<(), Refused> {
        let walk = self.walk.as_mut().ok_or(Refused::NoPicture)?;
        let picture = self.pictures.get(&side).ok_or(Refused::NoPicture)?;
        if walk.x.len() != picture.x.len() {
            return Err(Refused::NoPicture);
        }
        walk.x = walk.scheduler.add_noise(&walk.x, walk.t, &mut walk.rng)?;
        walk.t += 1;
        self.frames.clear();
        push_frame(&mut self.frames, &picture.pixels_of(&walk.x));
        self.numbers = densities(&walk.x).to_vec();
        Ok(())
    }

    /// The linear schedule, as numbers: all of `beta`, then all of `alpha_bar`.
    pub fn schedule(
        &mut self,
        beta_start: f64,
        beta_end: f64,
        steps: usize,
    ) -> Result<(), Refused> {
        let scheduler = Jumper::new(steps, beta_start, beta_end)?;
        self.numbers = [scheduler.beta(), scheduler.alpha_bar()].concat();
        Ok(())
    }

    fn walk(
        &mut self,
        side: u32,
        steps: usize,
        seed: u64,
        step: impl Fn(&DMatrix<f32>, usize, &mut Generator) -> (DMatrix<f32>, f64, f64),
    ) -> Result<(), Refused> {
        if !(1..=MAX_STEPS).contains(&steps) {
            return Err(Refused::OutOfRange);
        }
        let picture = self.pictures.get(&side).ok_or(Refused::NoPicture)?;
        self.frames.clear();
        self.numbers.clear();
        let mut rng = generator(seed);
        let mut x = picture.x.clone();
        let mut expected = Moments::of(&x);
        push_frame(&mut self.frames, &picture.pixels_of(&x));
        push_moments(&mut self.numbers, expected, expected);
        for t in 0..steps {
            let (next, signal, noise) = step(&x, t, &mut rng);
            x = next;
            expected = expected.after_noise(signal, noise);
            push_frame(&mut self.frames, &picture.pixels_of(&x));
            push_moments(&mut self.numbers, Moments::of(&x), expected);
        }
        Ok(())
    }
}

/// Moves the generator on as `times` matrices of noise of the shape of `x` would. One value of
/// each stream is enough for that, since a stream takes one seed however long it is.
fn skip_noise(x: &DMatrix<f32>, times: usize, rng: &mut Generator) {
    let streams = x.len().div_ceil(diffusion_core::noise::VALUES_PER_STREAM);
    let one = DMatrix::zeros(1, 1);
    for _ in 0..times * streams {
        randn_like(&one, rng);
    }
}

fn push_frame(frames: &mut Vec<u8>, pixels: &RgbImage) {
    frames.extend(pixels.pixels().flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 255]));
}

fn push_moments(numbers: &mut Vec<f64>, measured: Moments, expected: Moments) {
    numbers.extend([measured.mean, measured.std, expected.mean, expected.std]);
}
