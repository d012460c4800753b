//! Chapter L, live: digits to order, by a U-Net that has learned from others.

use std::mem;

use diffusion_core::{Generator, Picture, generator, randn_like};
use nalgebra::DMatrix;
use part_e_schedules::cosine;
use part_h_learning_to_denoise::LearnedDenoiser;
use part_i_samplers::{DpmSolver, Levels, Sampling, SamplingConfig, Spacing, X0Clipping};
use part_l_u_net::UNet;
use part_l_u_net::judge::nearest;

use crate::learned_u_net::{LABELS, LearnedUNet, SIDE};
use crate::whole::whole;
use crate::{Call, LiveFigure, MAX_SAMPLER_STEPS, Page, Refused};

/// The most digits at once, and the largest guidance scale.
const MAX_DIGITS: usize = 10;
const MAX_GUIDANCE: f32 = 100.0;

const TIMESTEPS: usize = 1000;

/// Digits that are sampled.
struct UnderWay {
    denoiser: LearnedDenoiser<UNet>,
    sampling: Sampling,
    rng: Generator,
    left: usize,
    has_begun: bool,
}

/// The figure of chapter L.
#[derive(Default)]
pub struct PartL {
    learned: Option<LearnedUNet>,
    under_way: Option<UnderWay>,
}

impl LiveFigure for PartL {
    fn call(&mut self, page: &mut Page, call: Call<'_>) -> Result<(), Refused> {
        match call {
            ("network", []) => self.network(&mem::take(&mut page.given)),
            ("begin", &[label, guidance, samples, steps, seed]) => self.begin(
                page,
                [whole(label)?, whole(samples)?, whole(steps)?],
                guidance as f32,
                whole(seed)?,
            ),
            ("advance", []) => self.advance(page),
            ("state", []) => self.state(page),
            _ => Err(Refused::Unknown),
        }
    }
}

impl PartL {
    /// Takes a network with the digits that it has learned from, as
    /// [`LearnedUNet::to_bytes`] writes it.
    ///
    /// # Errors
    ///
    /// If the bytes are not those of one.
    pub fn network(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        self.learned = Some(LearnedUNet::from_bytes(bytes)?);
        Ok(())
    }

    /// Begins with the noise of this seed, to become so many digits with this label, or
    /// with each label in turn if `label` is 10, with DPM-Solver++ in so many steps at
    /// trailing timesteps, as the command does. There are no numbers.
    ///
    /// # Errors
    ///
    /// If there is no network or label, `guidance` is not from 0 to 100, `samples` not from
    /// 1 to 10, or `steps` not from 1 to [`MAX_SAMPLER_STEPS`].
    pub fn begin(
        &mut self,
        page: &mut Page,
        [label, samples, steps]: [usize; 3],
        guidance: f32,
        seed: u32,
    ) -> Result<(), Refused> {
        let LearnedUNet { network, kind, .. } =
            self.learned.as_ref().ok_or(Refused::OutOfRange)?;
        let is_allowed = label <= LABELS
            && (0.0..=MAX_GUIDANCE).contains(&guidance)
            && (1..=MAX_DIGITS).contains(&samples)
            && steps <= MAX_SAMPLER_STEPS;
        if !is_allowed {
            return Err(Refused::OutOfRange);
        }
        let labels = match label {
            LABELS => (0..LABELS).map(Some).collect(),
            _ => vec![Some(label)],
        };
        let denoiser = LearnedDenoiser::new(network.clone(), *kind, labels, guidance)
            .map_err(|_| Refused::OutOfRange)?;
        let scheduler = cosine(TIMESTEPS)?;
        let timesteps = Spacing::Trailing.timesteps(steps, TIMESTEPS)?;
        let levels = Levels::of_timesteps(&scheduler, &timesteps)?;
        let config = SamplingConfig {
            sampler: &DpmSolver,
            levels: &levels,
            clipping: X0Clipping::Fixed { bound: 1.0 },
        };
        let mut rng = generator(seed.into());
        let noise = randn_like(&DMatrix::zeros(SIDE * SIDE, samples), &mut rng);
        let sampling = Sampling::new(&config, noise)?;
        page.numbers.clear();
        self.under_way =
            Some(UnderWay { denoiser, sampling, rng, left: steps, has_begun: false });
        Ok(())
    }

    /// Takes a step. The number is how many are left.
    ///
    /// # Errors
    ///
    /// If it has not begun.
    pub fn advance(&mut self, page: &mut Page) -> Result<(), Refused> {
        let under_way = self.under_way.as_mut().ok_or(Refused::OutOfRange)?;
        let UnderWay { denoiser, sampling, rng, left, has_begun } = under_way;
        if *left > 0 {
            sampling.step(denoiser, rng)?;
            *left -= 1;
            *has_begun = true;
        }
        page.numbers = vec![*left as f64];
        Ok(())
    }

    /// The digits as they are now, one below the other; and after the first step, below
    /// them, what the network has predicted, and the nearest to that of all digits it has
    /// learned from. Numbers: for each of these its label, and how far it is.
    ///
    /// # Errors
    ///
    /// If it has not begun.
    pub fn state(&self, page: &mut Page) -> Result<(), Refused> {
        let UnderWay { sampling, has_begun, .. } =
            self.under_way.as_ref().ok_or(Refused::OutOfRange)?;
        let learned = self.learned.as_ref().ok_or(Refused::OutOfRange)?;
        page.numbers.clear();
        let mut values = sampling.x().as_slice().to_vec();
        if *has_begun {
            let neighbours = nearest(sampling.x0(), &learned.digits);
            values.extend(sampling.x0().as_slice());
            for neighbour in neighbours {
                values.extend(&learned.digits.column(neighbour.datum));
                let label = learned.labels[neighbour.datum] as f64;
                page.numbers.extend([label, neighbour.distance]);
            }
        }
        let rows = values.len() / SIDE;
        let x = DMatrix::from_fn(3, values.len(), |_, pixel| values[pixel]);
        let picture = Picture { x, width: SIDE as u32, height: rows as u32 };
        page.show(&picture.pixels_of(&picture.x));
        Ok(())
    }
}
