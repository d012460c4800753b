//! What a page puts in and what it reads: pictures, frames and numbers.

use std::collections::BTreeMap;
use std::mem;

use diffusion_core::Picture;
use diffusion_core::picture::{middle, square};
#[cfg(feature = "part-one")]
use diffusion_core::{Generator, Moments, Trajectory, generator};
use image::buffer::ConvertBuffer;
use image::{RgbImage, RgbaImage, imageops};
use nalgebra::DMatrix;

use crate::Call;
use crate::whole::whole;

/// The longest trajectory that is made at once, so that a page never has to wait for it.
pub const MAX_STEPS: usize = 64;

/// The most steps of a sampler, for the same reason.
pub const MAX_SAMPLER_STEPS: usize = 50;

/// The widest network, so that a page never has to wait long for what it predicts.
pub const MAX_HIDDEN: usize = 256;

/// How many numbers tell of a state: mean, standard deviation, and both as predicted.
pub const NUMBERS_OF_A_STATE: usize = 4;

/// What all figures of a page share: the reader's picture, what a script hands in, and
/// what it reads after a call.
#[derive(Default)]
pub struct Page {
    /// The reader's picture, by the side of the square that it is used at.
    pub(crate) pictures: BTreeMap<u32, Picture>,
    /// The states that the last call has made.
    pub(crate) states: Vec<DMatrix<f32>>,
    /// The side of the picture that they are states of.
    pub(crate) side: u32,
    /// One of them as [`Page::frame`] was asked for it: red, green, blue and opacity.
    pub frame: Vec<u8>,
    /// The numbers of the last call.
    pub numbers: Vec<f64>,
    /// What the last call says, if it says something.
    pub text: String,
    /// What is handed in for the next call: a picture, a text, a network.
    pub given: Vec<u8>,
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
    /// There is no such figure, or it has no such method with so many numbers.
    Unknown = 4,
    /// It goes no further, and [`Page::text`] says why.
    Explained = 5,
}

impl Page {
    /// Calls a method that all figures share.
    pub(crate) fn call(&mut self, call: Call<'_>) -> Result<(), Refused> {
        match call {
            ("set_square", &[side]) => {
                let rgb = mem::take(&mut self.given);
                self.set_square(rgb, whole(side)?)
            }
            ("set_picture", &[width, height, side]) => {
                let rgba = mem::take(&mut self.given);
                self.set_picture(rgba, whole(width)?, whole(height)?, whole(side)?)
            }
            ("clean", &[side]) => self.clean(whole(side)?),
            ("frame", &[index]) => self.frame(whole(index)?),
            _ => Err(Refused::Unknown),
        }
    }

    /// One state: the picture without noise.
    pub fn clean(&mut self, side: u32) -> Result<(), Refused> {
        self.states = vec![self.picture(side)?.x.clone()];
        self.side = side;
        self.numbers.clear();
        Ok(())
    }

    /// Makes pixels of a state of the last call, from 0.
    pub fn frame(&mut self, index: usize) -> Result<(), Refused> {
        let x = self.states.get(index).ok_or(Refused::OutOfRange)?;
        let picture = self.picture(self.side)?;
        if picture.x.len() != x.len() {
            return Err(Refused::NoPicture);
        }
        let pixels = picture.pixels_of(x);
        self.show(&pixels);
        Ok(())
    }

    /// Makes [`Page::frame`] of some pixels.
    pub(crate) fn show(&mut self, pixels: &RgbImage) {
        let pixels = pixels.as_raw().as_chunks::<3>().0;
        self.frame.resize(4 * pixels.len(), 255);
        for (opaque, pixel) in self.frame.as_chunks_mut::<4>().0.iter_mut().zip(pixels) {
            opaque[..3].copy_from_slice(pixel);
        }
    }

    /// Takes a picture that is `side` × `side` pixels already, as red, green and blue.
    pub fn set_square(&mut self, rgb: Vec<u8>, side: u32) -> Result<(), Refused> {
        let pixels =
            RgbImage::from_raw(side, side, rgb).filter(|image| !image.is_empty());
        let picture = Picture::from_pixels(&pixels.ok_or(Refused::NotAPicture)?);
        self.pictures.insert(side, picture);
        Ok(())
    }

    /// Takes any picture, as red, green, blue and opacity, and makes a square of this
    /// side of it, as `--size` does.
    pub fn set_picture(
        &mut self,
        rgba: Vec<u8>,
        width: u32,
        height: u32,
        side: u32,
    ) -> Result<(), Refused> {
        let image =
            RgbaImage::from_raw(width, height, rgba).filter(|image| !image.is_empty());
        let image = image.ok_or(Refused::NotAPicture)?;
        // Only what is kept is converted: the reader waits.
        let ([left, top], whole) = middle(width, height);
        let middle = imageops::crop_imm(&image, left, top, whole, whole).to_image();
        let middle: RgbImage = middle.convert();
        self.set_square(square(&middle, side).into_raw(), side)
    }

    /// The picture of this side.
    pub(crate) fn picture(&self, side: u32) -> Result<&Picture, Refused> {
        self.pictures.get(&side).ok_or(Refused::NoPicture)
    }

    /// Says why a call goes no further.
    #[cfg(any(feature = "schedules", feature = "learning", feature = "drawing"))]
    pub(crate) fn explain(&mut self, error: impl ToString) -> Refused {
        self.text = error.to_string();
        Refused::Explained
    }

    /// Step by step from the input on: `steps + 1` states, and the numbers of each.
    /// `scales(t)` are those of step `t`.
    #[cfg(feature = "part-one")]
    pub(crate) fn trajectory(
        &mut self,
        side: u32,
        steps: usize,
        seed: u32,
        scales: impl Fn(usize) -> (f64, f64),
        add_noise: impl Fn(&DMatrix<f32>, usize, &mut Generator) -> DMatrix<f32>,
    ) -> Result<(), Refused> {
        if !(1..=MAX_STEPS).contains(&steps) {
            return Err(Refused::OutOfRange);
        }
        self.clean(side)?;
        let picture = self.pictures.get(&side).ok_or(Refused::NoPicture)?;
        let mut expected = Moments::of(&picture.x);
        push_moments(&mut self.numbers, expected, expected);
        let mut trajectory = Trajectory::new(picture.x.clone(), generator(seed.into()));
        for t in 0..steps {
            let (a, b) = scales(t);
            expected = expected.after_noise(a, b);
            let x = trajectory.step(&add_noise);
            self.states.push(x.clone());
            push_moments(&mut self.numbers, Moments::of(x), expected);
        }
        Ok(())
    }
}

/// Appends the numbers of a state.
#[cfg(feature = "part-one")]
pub(crate) fn push_moments(numbers: &mut Vec<f64>, measured: Moments, expected: Moments) {
    numbers.extend([measured.mean, measured.std, expected.mean, expected.std]);
}
