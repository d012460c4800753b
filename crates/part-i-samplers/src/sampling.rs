//! The walk.

use diffusion_core::randn_like;
use nalgebra::DMatrix;
use part_f_the_way_back::{Denoiser, Prediction};
use rand::Rng;

use crate::error::WalkError;
use crate::levels::{Level, Levels, Step};
use crate::range::Range;
use crate::sampler::{Known, Mixture, Sampler};

// ANCHOR: sample
/// The whole walk: from noise, d × n, to samples of the data, d × n.
///
/// # Errors
///
/// If the sampler can't walk these levels, or the denoiser has no such timestep, or it
/// predicts the noise where nothing else is.
pub fn sample(
    sampler: &(impl Sampler + ?Sized),
    levels: &Levels,
    range: Range,
    denoiser: &impl Denoiser,
    noise: DMatrix<f32>,
    rng: &mut impl Rng,
) -> Result<DMatrix<f32>, WalkError> {
    let mut way = Way::new(sampler, levels, range, noise)?;
    while way.level().is_some() {
        way.step(denoiser, rng)?;
    }
    Ok(way.into_x())
}
// ANCHOR_END: sample

/// A walk that is under way. It says about which state it wants to know, and goes on when
/// it is told.
#[derive(Clone, Debug)]
pub struct Way {
    looks: std::vec::IntoIter<Look>,
    next: Option<Look>,
    /// The state at the beginning of the step.
    begin: DMatrix<f32>,
    /// The state that the denoiser is asked about.
    x: DMatrix<f32>,
    range: Range,
    x0: DMatrix<f32>,
    x0_before: DMatrix<f32>,
    noise: DMatrix<f32>,
}

/// One question to the denoiser, and what is made of the answer.
#[derive(Clone, Copy, Debug)]
struct Look {
    level: Level,
    mixture: Mixture,
    /// Whether the step is over then.
    ends_step: bool,
}

impl Way {
    /// A walk through these levels that starts from `noise`, d × n, at the first of them.
    ///
    /// # Errors
    ///
    /// If the sampler can't walk these levels, or the range makes no sense.
    pub fn new(
        sampler: &(impl Sampler + ?Sized),
        levels: &Levels,
        range: Range,
        noise: DMatrix<f32>,
    ) -> Result<Self, WalkError> {
        sampler.check(levels)?;
        Self::along(levels.steps(), sampler, range, noise)
    }

    /// The same along steps of one's own, which nobody has checked.
    ///
    /// # Errors
    ///
    /// If the range makes no sense.
    pub fn along(
        steps: impl IntoIterator<Item = Step>,
        sampler: &(impl Sampler + ?Sized),
        range: Range,
        noise: DMatrix<f32>,
    ) -> Result<Self, WalkError> {
        range.check()?;
        let looks: Vec<Look> = steps
            .into_iter()
            .flat_map(|step| {
                let second = sampler.second_mixture(&step);
                let first = Look {
                    level: step.from,
                    mixture: sampler.mixture(&step),
                    ends_step: second.is_none(),
                };
                let second = second.map(|mixture| Look {
                    level: step.to,
                    mixture,
                    ends_step: true,
                });
                [Some(first), second]
            })
            .flatten()
            .collect();
        let mut looks = looks.into_iter();
        let nothing = DMatrix::zeros(noise.nrows(), noise.ncols());
        Ok(Way {
            next: looks.next(),
            looks,
            begin: noise.clone(),
            x: noise,
            range,
            x0: nothing.clone(),
            x0_before: nothing.clone(),
            noise: nothing,
        })
    }

    /// Where the denoiser is asked next, if the walk isn't over.
    pub fn level(&self) -> Option<Level> {
        self.next.map(|look| look.level)
    }

    /// The state that it is asked about, d × n; the samples, if the walk is over.
    pub fn x(&self) -> &DMatrix<f32> {
        &self.x
    }

    /// The same, at the end.
    pub fn into_x(self) -> DMatrix<f32> {
        self.x
    }

    /// Takes a step, with the denoiser's predictions and noise from `rng`.
    ///
    /// # Errors
    ///
    /// As for [`sample`].
    pub fn step(
        &mut self,
        denoiser: &impl Denoiser,
        rng: &mut impl Rng,
    ) -> Result<(), WalkError> {
        while let Some(Look { level, ends_step, .. }) = self.next {
            let prediction = denoiser.predict(&self.x, level.timestep())?;
            self.go_on(prediction, |x| randn_like(x, rng))?;
            if ends_step {
                break;
            }
        }
        Ok(())
    }

    /// Mixes the next state (equation I.3), with what is predicted of [`x`](Self::x) at
    /// [`level`](Self::level). If the step takes new noise, `new_noise` has to make it,
    /// standard normal and of the shape of the matrix it is given.
    ///
    /// # Errors
    ///
    /// If the noise is predicted at a level that has nothing else.
    ///
    /// # Panics
    ///
    /// If the prediction or the noise has not the shape of the state.
    pub fn go_on(
        &mut self,
        prediction: Prediction,
        new_noise: impl FnOnce(&DMatrix<f32>) -> DMatrix<f32>,
    ) -> Result<(), WalkError> {
        let Some(Look { level, mixture, ends_step }) = self.next else { return Ok(()) };
        let scales = (level.a, level.b);
        if level.a == 0.0 && matches!(prediction, Prediction::Noise(_)) {
            return Err(WalkError::NoSignal { t: level.t });
        }
        std::mem::swap(&mut self.x0, &mut self.x0_before);
        self.x0 = prediction.x0(&self.x, scales);
        assert_eq!(self.x0.shape(), self.x.shape(), "a prediction has a state's shape");
        if mixture.noise != 0.0 {
            // What is left of the state, if the guess is taken out of it.
            let (a, b) = (level.a as f32, level.b as f32);
            let values = self.x.as_slice().iter().zip(self.x0.as_slice());
            for (noise, (x, x0)) in self.noise.as_mut_slice().iter_mut().zip(values) {
                *noise = (x - a * x0) / b;
            }
        }
        self.range.bring_in(&mut self.x0);
        let drawn = (mixture.new_noise != 0.0).then(|| new_noise(&self.x));
        let new_noise = drawn.as_ref().unwrap_or(&self.noise);
        assert_eq!(new_noise.shape(), self.x.shape(), "noise has a state's shape");
        self.x.as_mut_slice().copy_from_slice(self.begin.as_slice());
        mixture.mix_into(
            &mut self.x,
            &Known {
                x0: &self.x0,
                noise: &self.noise,
                x0_before: &self.x0_before,
                new_noise,
            },
        );
        if ends_step {
            self.begin.as_mut_slice().copy_from_slice(self.x.as_slice());
        }
        self.next = self.looks.next();
        Ok(())
    }
}
