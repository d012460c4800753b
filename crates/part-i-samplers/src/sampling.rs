//! Sampling: from noise to data, whatever the sampler and the denoiser.

use diffusion_core::randn_like;
use nalgebra::DMatrix;
use part_f_the_way_back::{Denoiser, NoiseLevel, Prediction, PredictionType};
use rand::Rng;

use crate::error::SamplingError;
use crate::levels::{Levels, Step};
use crate::sampler::{Known, Sampler, StepCoefficients};
use crate::x0_clipping::X0Clipping;

// ANCHOR: sampling_config
/// How data are sampled.
#[derive(Clone, Copy)]
pub struct SamplingConfig<'a> {
    /// How a step is made.
    pub sampler: &'a dyn Sampler,
    /// From where to where each of them goes.
    pub levels: &'a Levels,
    /// What becomes of a prediction of `x0`.
    pub clipping: X0Clipping,
}

impl SamplingConfig<'_> {
    /// From noise, d × n, to samples of the data, d × n.
    ///
    /// # Errors
    ///
    /// If the sampler can't take these levels, or the denoiser is not made for them, or
    /// it predicts the noise where nothing else is.
    pub fn sample(
        &self,
        denoiser: &impl Denoiser,
        noise: DMatrix<f32>,
        rng: &mut impl Rng,
    ) -> Result<DMatrix<f32>, SamplingError> {
        let mut sampling = Sampling::new(self, noise)?;
        while sampling.level().is_some() {
            sampling.step(denoiser, rng)?;
        }
        Ok(sampling.into_x())
    }
    // ANCHOR_END: sampling_config

    /// How often the denoiser is evaluated on the way, for each sample: the NFE.
    pub fn evaluations(&self) -> usize {
        let is_twice = |step: &Step| self.sampler.second_coefficients(step).is_some();
        self.levels.steps().len() + self.levels.steps().filter(is_twice).count()
    }

    /// Whether the sampler draws new noise on the way.
    pub fn draws_noise(&self) -> bool {
        self.levels.steps().any(|step| self.sampler.coefficients(&step).new_noise > 0.0)
    }
}

/// Sampling that is under way. It says of which state it needs a prediction, and goes on
/// when it is told.
#[derive(Clone, Debug)]
pub struct Sampling {
    evaluations: std::vec::IntoIter<Evaluation>,
    next: Option<Evaluation>,
    /// The state at the beginning of the step.
    begin: DMatrix<f32>,
    /// The state that the denoiser is evaluated at.
    x: DMatrix<f32>,
    clipping: X0Clipping,
    x0: DMatrix<f32>,
    x0_before: DMatrix<f32>,
    noise: DMatrix<f32>,
}

/// One evaluation of the denoiser, and what is made of the prediction.
#[derive(Clone, Copy, Debug)]
struct Evaluation {
    level: NoiseLevel,
    coefficients: StepCoefficients,
    /// Whether the step is over then.
    ends_step: bool,
}

impl Sampling {
    /// Sampling as the config says, from `noise`, d × n, at the first of its levels.
    ///
    /// # Errors
    ///
    /// If the sampler can't take these levels, or the clipping makes no sense.
    pub fn new(
        config: &SamplingConfig,
        noise: DMatrix<f32>,
    ) -> Result<Self, SamplingError> {
        let SamplingConfig { sampler, levels, clipping } = *config;
        sampler.check(levels)?;
        Self::along(levels.steps(), sampler, clipping, noise)
    }

    /// Sampling along steps of one's own, which nobody has checked.
    ///
    /// # Errors
    ///
    /// If the clipping makes no sense.
    pub fn along(
        steps: impl IntoIterator<Item = Step>,
        sampler: &(impl Sampler + ?Sized),
        clipping: X0Clipping,
        noise: DMatrix<f32>,
    ) -> Result<Self, SamplingError> {
        clipping.check()?;
        let evaluations: Vec<Evaluation> = steps
            .into_iter()
            .flat_map(|step| {
                let second = sampler.second_coefficients(&step);
                let first = Evaluation {
                    level: step.from,
                    coefficients: sampler.coefficients(&step),
                    ends_step: second.is_none(),
                };
                let second = second.map(|coefficients| Evaluation {
                    level: step.to,
                    coefficients,
                    ends_step: true,
                });
                [Some(first), second]
            })
            .flatten()
            .collect();
        let mut evaluations = evaluations.into_iter();
        let nothing = DMatrix::zeros(noise.nrows(), noise.ncols());
        Ok(Sampling {
            next: evaluations.next(),
            evaluations,
            begin: noise.clone(),
            x: noise,
            clipping,
            x0: nothing.clone(),
            x0_before: nothing.clone(),
            noise: nothing,
        })
    }

    /// Where the denoiser is evaluated next, if there is anything left to do.
    pub fn level(&self) -> Option<NoiseLevel> {
        self.next.map(|evaluation| evaluation.level)
    }

    /// The state at which it is evaluated, d × n; at the end, the samples.
    pub fn x(&self) -> &DMatrix<f32> {
        &self.x
    }

    /// What was predicted of `x0` last, d × n, clipped: zeros before the first prediction.
    pub fn x0(&self) -> &DMatrix<f32> {
        &self.x0
    }

    /// The samples, if nothing is left to do, and the state otherwise.
    pub fn into_x(self) -> DMatrix<f32> {
        self.x
    }

    /// Takes a step, with the denoiser's predictions and noise from `rng`.
    ///
    /// # Errors
    ///
    /// As for [`SamplingConfig::sample`].
    pub fn step(
        &mut self,
        denoiser: &impl Denoiser,
        rng: &mut impl Rng,
    ) -> Result<(), SamplingError> {
        while let Some(Evaluation { level, ends_step, .. }) = self.next {
            let prediction = denoiser.predict(&self.x, level)?;
            self.advance(prediction, |x| randn_like(x, rng))?;
            if ends_step {
                break;
            }
        }
        Ok(())
    }

    /// Makes the next state (equation I.3), with what is predicted of [`x`](Self::x) at
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
    pub fn advance(
        &mut self,
        prediction: Prediction,
        new_noise: impl FnOnce(&DMatrix<f32>) -> DMatrix<f32>,
    ) -> Result<(), SamplingError> {
        let Some(evaluation) = self.next else { return Ok(()) };
        let Evaluation { level, coefficients, ends_step } = evaluation;
        if level.a == 0.0 && prediction.kind == PredictionType::Noise {
            return Err(SamplingError::NoSignal { t: level.t });
        }
        std::mem::swap(&mut self.x0, &mut self.x0_before);
        self.x0 = prediction.x0(&self.x, level);
        assert_eq!(self.x0.shape(), self.x.shape(), "a prediction has a state's shape");
        if coefficients.noise != 0.0 {
            // What is left of the state, if the prediction is taken out of it.
            let (a, b) = (level.a as f32, level.b as f32);
            let values = self.x.as_slice().iter().zip(self.x0.as_slice());
            for (noise, (x, x0)) in self.noise.as_mut_slice().iter_mut().zip(values) {
                *noise = (x - a * x0) / b;
            }
        }
        self.clipping.apply(&mut self.x0);
        let drawn = (coefficients.new_noise != 0.0).then(|| new_noise(&self.x));
        let new_noise = drawn.as_ref().unwrap_or(&self.noise);
        assert_eq!(new_noise.shape(), self.x.shape(), "noise has a state's shape");
        self.x.as_mut_slice().copy_from_slice(self.begin.as_slice());
        coefficients.add_up(
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
        self.next = self.evaluations.next();
        Ok(())
    }
}
