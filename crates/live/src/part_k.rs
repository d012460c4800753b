//! Chapter K, live: a network and chapter G's exact denoiser, each of which sees a patch.

use std::mem;

use diffusion_core::picture::{channels_first, pixels_first};
use diffusion_core::{Picture, generator, randn_like};
use diffusion_kernels::patch_means::PatchMeans;
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::cosine;
use part_f_the_way_back::{NoiseLevel, Prediction, PredictionType};
use part_g_local_denoiser::LocalDenoiser;
use part_h_learning_to_denoise::TrainableNetwork;
use part_i_samplers::{Ddim, Levels, Sampling, SamplingConfig, X0Clipping};
use part_k_convolutions::ConvolutionalNetwork;
use part_k_convolutions::border::counterpart;
use part_k_convolutions::evaluation::correlation;

use crate::learned_patches::LearnedPatches;
use crate::whole::whole;
use crate::{Call, LiveFigure, Page, Refused};

/// The network predicts so many rows of a picture at a time, or one or two more.
const BAND: usize = 8;

/// What becomes of predictions on the way to a new picture, as in the command.
const CLIPPING: X0Clipping = X0Clipping::Fixed { bound: 1.0 };

/// A network that has learned a photograph, for what a page asks of it, and the exact
/// denoiser of the same patches.
struct Denoisers {
    photo: Picture,
    scheduler: NoiseScheduler,
    /// The side of a picture, and how many pixels the denoisers see in each direction.
    side: usize,
    reach: usize,
    /// What the network predicts.
    kind: PredictionType,
    /// For some rows of a picture, with those around them that it sees.
    of_rows: ConvolutionalNetwork,
    /// For the patch around one pixel.
    of_pixel: ConvolutionalNetwork,
    exact: LocalDenoiser,
}

/// What a network predicts of one picture. A page has no threads to share that.
fn of_one(
    network: &ConvolutionalNetwork,
    x: &DMatrix<f32>,
    level: NoiseLevel,
) -> DMatrix<f32> {
    network.chunk_outputs(x.as_view(), &[level], &[None])
}

/// A noisy picture: the photograph and noise, or a new picture on its way out of noise.
#[derive(Clone)]
struct Noisy {
    t: usize,
    is_new: bool,
    /// The state of the network and that of the exact denoiser, which differ if it is new:
    /// 3 N × 1.
    states: [DMatrix<f32>; 2],
}

/// What both predict of a noisy picture, as far as it has been computed.
struct Evaluation {
    of: Noisy,
    /// What the network predicts, and of how many rows.
    values: DMatrix<f32>,
    rows: usize,
    comparison: PatchMeans,
}

/// What both predict of a noisy picture: 3 N × 1.
#[derive(Clone)]
struct Predicted {
    t: usize,
    is_new: bool,
    x0: [DMatrix<f32>; 2],
}

/// What there is of one noise.
struct Begun {
    noise: DMatrix<f32>,
    /// What is shown, and what is predicted of it or was of the one before.
    shown: Noisy,
    predicted: Option<Predicted>,
    /// What is being computed, and how the network and the exact denoiser come to a new
    /// picture.
    evaluation: Option<Evaluation>,
    growing: Option<[Sampling; 2]>,
    /// The states of the new picture so far, each with what is predicted of it.
    grown: Vec<(Noisy, Predicted)>,
}

/// The figure of chapter K.
#[derive(Default)]
pub struct PartK {
    denoisers: Option<Denoisers>,
    begun: Option<Begun>,
}

impl LiveFigure for PartK {
    fn call(&mut self, page: &mut Page, call: Call<'_>) -> Result<(), Refused> {
        match call {
            ("network", []) => {
                let bytes = mem::take(&mut page.given);
                self.network(page, &bytes)
            }
            ("begin", &[seed]) => self.begin(whole(seed)?),
            ("photograph", &[t]) => self.photograph(whole(t)?),
            ("grow", []) => self.grow(),
            ("grown", &[t]) => self.grown(whole(t)?),
            ("advance", []) => self.advance(page),
            ("state", []) => self.state(page),
            ("pixel", &[column, row, most]) => {
                self.pixel(page, [whole(column)?, whole(row)?], whole(most)?)
            }
            _ => Err(Refused::Unknown),
        }
    }
}

impl PartK {
    /// Takes a network that has learned a photograph, as [`LearnedPatches::to_bytes`]
    /// writes it. The state is the photograph, which is the page's picture of its side
    /// then. Numbers: the side, how many timesteps there are, and the side of a patch.
    ///
    /// # Errors
    ///
    /// If the bytes are not those of one.
    pub fn network(&mut self, page: &mut Page, bytes: &[u8]) -> Result<(), Refused> {
        let learned = LearnedPatches::from_bytes(bytes)?;
        let config = *learned.network.config();
        let (side, view) = (config.size[0], config.field_of_view());
        let of_size = |size| learned.of_size(size);
        let photo = learned.picture();
        let exact = counterpart(&config, &photo).map_err(|_| Refused::OutOfRange)?;
        page.set_square(learned.photo.as_raw().clone(), side as u32)?;
        page.clean(side as u32)?;
        page.numbers = [side, config.steps, view].map(|number| number as f64).to_vec();
        self.begun = None;
        self.denoisers = Some(Denoisers {
            photo,
            scheduler: cosine(config.steps)?,
            side,
            reach: view / 2,
            kind: learned.kind,
            of_rows: of_size([band(side) + 2 * (view / 2), side]),
            of_pixel: of_size([view; 2]),
            exact,
        });
        Ok(())
    }

    /// Draws noise: what is shown is the photograph with all of it, at the last timestep.
    ///
    /// # Errors
    ///
    /// If there is no network.
    pub fn begin(&mut self, seed: u32) -> Result<(), Refused> {
        let denoisers = self.denoisers.as_ref().ok_or(Refused::OutOfRange)?;
        let values = denoisers.photo.x.len();
        let noise = randn_like(&DMatrix::zeros(values, 1), &mut generator(seed.into()));
        let shown = denoisers.noisy(&noise, denoisers.scheduler.steps() - 1)?;
        let (predicted, evaluation, growing) = (None, None, None);
        let grown = Vec::new();
        self.begun = Some(Begun { noise, shown, predicted, evaluation, growing, grown });
        Ok(())
    }

    /// Shows the photograph with this noise at a timestep. A new picture grows no further.
    ///
    /// # Errors
    ///
    /// If it has not begun, or there is no such timestep.
    pub fn photograph(&mut self, t: usize) -> Result<(), Refused> {
        let (denoisers, begun) = self.parts()?;
        begun.shown = denoisers.noisy(&begun.noise, t)?;
        begun.growing = None;
        begun.evaluation = begun.evaluation.take().filter(|it| !it.of.is_new);
        Ok(())
    }

    /// Begins with the noise alone, which is shown, and which both denoisers are to make a
    /// picture of, as the command does with as many steps as there are timesteps.
    ///
    /// # Errors
    ///
    /// If it has not begun.
    pub fn grow(&mut self) -> Result<(), Refused> {
        let (denoisers, begun) = self.parts()?;
        let config = SamplingConfig {
            sampler: &Ddim { eta: 0.0 },
            levels: &Levels::of_all_timesteps(&denoisers.scheduler)?,
            clipping: CLIPPING,
        };
        let sampling = || Sampling::new(&config, begun.noise.clone());
        begun.growing = Some([sampling()?, sampling()?]);
        begun.evaluation = None;
        begun.grown.clear();
        let t = denoisers.scheduler.steps() - 1;
        let states = [begun.noise.clone(), begun.noise.clone()];
        begun.shown = Noisy { t, is_new: true, states };
        Ok(())
    }

    /// Shows the state of the new picture at a timestep that it has come to, with what is
    /// predicted of it. It grows on from where it is.
    ///
    /// # Errors
    ///
    /// If it has not begun, or there is no such state yet.
    pub fn grown(&mut self, t: usize) -> Result<(), Refused> {
        let (_, begun) = self.parts()?;
        let state = begun.grown.iter().find(|(noisy, _)| noisy.t == t);
        let (noisy, predicted) = state.ok_or(Refused::OutOfRange)?;
        begun.shown = noisy.clone();
        begun.predicted = Some(predicted.clone());
        Ok(())
    }

    /// Computes a slice of what both predict of what is shown, a few milliseconds long; or,
    /// of a new picture, of its next state, which is shown when all of it is predicted. The
    /// number is 1 if more is left to compute, and 0 if not.
    ///
    /// # Errors
    ///
    /// If it has not begun.
    pub fn advance(&mut self, page: &mut Page) -> Result<(), Refused> {
        let (denoisers, begun) = self.parts()?;
        if begun.evaluation.is_none() {
            begun.evaluation =
                begun.next().map(|of| denoisers.evaluation(of)).transpose()?;
        }
        if let Some(evaluation) = &mut begun.evaluation {
            denoisers.advance(evaluation)?;
            if evaluation.is_done(denoisers.side) {
                let evaluation = begun.evaluation.take().expect("there is one");
                begun.take(denoisers, evaluation)?;
            }
        }
        let is_more = begun.evaluation.is_some() || begun.next().is_some();
        page.numbers = vec![f64::from(u8::from(is_more))];
        Ok(())
    }

    /// Three pictures: what is shown, and what the network and the exact denoiser predict,
    /// both grey if nothing is predicted yet. A new picture is shown as the network has
    /// made it so far.
    ///
    /// Numbers: whether what is shown is a new picture, its timestep, and its alpha-bar;
    /// and whether what is predicted is a new picture, of which timestep, and the
    /// correlation of both predictions, as deviations from the photograph's mean. They are
    /// -1, -1 and 0 for none.
    ///
    /// # Errors
    ///
    /// If it has not begun.
    pub fn state(&mut self, page: &mut Page) -> Result<(), Refused> {
        let (denoisers, begun) = self.parts()?;
        let Noisy { t, is_new, states: [x, _] } = &begun.shown;
        page.numbers = vec![f64::from(u8::from(*is_new)), *t as f64];
        page.numbers.push(denoisers.scheduler.alpha_bar()[*t]);
        page.states = vec![pixels_first(x.as_slice())];
        match &begun.predicted {
            None => {
                page.numbers.extend([-1.0, -1.0, 0.0]);
                let grey = DMatrix::zeros(3, denoisers.side * denoisers.side);
                page.states.extend([grey.clone(), grey]);
            }
            Some(Predicted { t, is_new, x0 }) => {
                let [one, other] = x0;
                let photo = &denoisers.photo.x;
                let mean = [0, 1, 2].map(|colour| {
                    let values = photo.row(colour);
                    let sum: f64 = values.iter().map(|&value| f64::from(value)).sum();
                    sum / values.len() as f64
                });
                let alike = correlation(one.as_slice(), other.as_slice(), mean);
                page.numbers.extend([f64::from(u8::from(*is_new)), *t as f64, alike]);
                page.states.extend(x0.iter().map(|x0| pixels_first(x0.as_slice())));
            }
        }
        page.side = denoisers.side as u32;
        Ok(())
    }

    /// One pixel of what is shown. The pixels are four: as it is there, as the network
    /// predicts it from the patch around it, as the exact denoiser does, and as it is in
    /// the photograph.
    ///
    /// Numbers: how many patches of the photograph the exact prediction is made from, as
    /// an effective number; and of each of the likeliest, `most` at most, its weight, and
    /// the column and the row of its middle.
    ///
    /// # Errors
    ///
    /// If it has not begun, or there is no such pixel.
    pub fn pixel(
        &mut self,
        page: &mut Page,
        [column, row]: [usize; 2],
        most: usize,
    ) -> Result<(), Refused> {
        let (denoisers, begun) = self.parts()?;
        let &mut Denoisers { side, reach, .. } = denoisers;
        if column >= side || row >= side {
            return Err(Refused::OutOfRange);
        }
        let Noisy { t, states: [x, _], .. } = &begun.shown;
        let level = NoiseLevel::of_timestep(&denoisers.scheduler, *t)?;
        let view = 2 * reach + 1;
        let patch = denoisers.part(x, [row, column], [view; 2]);
        let values = of_one(&denoisers.of_pixel, &patch, level);
        let predicted = Prediction { kind: denoisers.kind, values }.x0(&patch, level);

        let weights = denoisers.exact.weights(x.as_slice(), level, [column, row]);
        // Its photograph has pixels of the other sides around it.
        let wide = side + 2 * reach;
        let wrapped = |place: usize| {
            [place % wide, place / wide].map(|at| (at + side - reach) % side)
        };
        let middle = |place: usize| {
            let [column, row] = wrapped(place);
            row * side + column
        };
        let exact = DMatrix::from_fn(3, 1, |colour, _| {
            let value =
                |place: usize| f64::from(denoisers.photo.x[(colour, middle(place))]);
            let terms = weights.iter().enumerate().map(|(place, w)| match *w {
                0.0 => 0.0,
                w => w * value(place),
            });
            terms.sum::<f64>() as f32
        });
        let mut likeliest: Vec<usize> = (0..weights.len()).collect();
        // Of those that are as likely, the first.
        likeliest.sort_by(|&one, &other| weights[other].total_cmp(&weights[one]));
        likeliest.truncate(most);
        let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
        page.numbers = vec![1.0 / squares];
        for place in likeliest {
            let place_in_photo = wrapped(place).map(|at| at as f64);
            page.numbers.push(weights[place]);
            page.numbers.extend(place_in_photo);
        }

        let of = |x: &DMatrix<f32>, pixels: usize, pixel: usize| {
            [0, 1, 2].map(|colour| x[colour * pixels + pixel])
        };
        let pixel = row * side + column;
        let truth = denoisers.photo.x.column(pixel);
        let colours = [
            of(x, side * side, pixel),
            of(&predicted, view * view, view * view / 2),
            [exact[0], exact[1], exact[2]],
            [truth[0], truth[1], truth[2]],
        ];
        let x = DMatrix::from_column_slice(3, 4, colours.as_flattened());
        let four = Picture { x, width: 4, height: 1 };
        page.show(&four.pixels_of(&four.x));
        Ok(())
    }

    fn parts(&mut self) -> Result<(&mut Denoisers, &mut Begun), Refused> {
        self.denoisers.as_mut().zip(self.begun.as_mut()).ok_or(Refused::OutOfRange)
    }
}

/// How many rows are predicted at a time, of so many: not much fewer at last.
fn band(rows: usize) -> usize {
    rows.div_ceil(rows.div_ceil(BAND))
}

impl Begun {
    /// What is to be predicted next, if anything.
    fn next(&self) -> Option<Noisy> {
        let is_known = |known: &Predicted| {
            known.t == self.shown.t && known.is_new == self.shown.is_new
        };
        match &self.growing {
            Some([network, exact]) => network.level().map(|level| Noisy {
                t: level.t as usize,
                is_new: true,
                states: [network.x().clone(), exact.x().clone()],
            }),
            None if self.predicted.as_ref().is_some_and(is_known) => None,
            None => Some(self.shown.clone()),
        }
    }

    /// Takes what both predict; of a new picture, that leads to its next state.
    fn take(&mut self, denoisers: &Denoisers, it: Evaluation) -> Result<(), Refused> {
        let Evaluation { of: Noisy { t, is_new, states }, values, comparison, .. } = it;
        let from = NoiseLevel::of_timestep(&denoisers.scheduler, t)?;
        let exact = channels_first(&comparison.means());
        let predictions = [(denoisers.kind, values), (PredictionType::X0, exact)]
            .map(|(kind, values)| Prediction { kind, values });
        let [one, other] = &predictions;
        let mut x0 =
            [one.clone().x0(&states[0], from), other.clone().x0(&states[1], from)];
        if is_new {
            let samplings = self.growing.iter_mut().flatten();
            for ((sampling, prediction), x0) in samplings.zip(predictions).zip(&mut x0) {
                // No step has new noise.
                sampling.advance(prediction, DMatrix::clone)?;
                CLIPPING.apply(x0);
            }
            self.growing = self.growing.take().filter(|[one, _]| one.level().is_some());
            self.shown = Noisy { t, is_new, states };
            let predicted = Predicted { t, is_new, x0 };
            self.grown.push((self.shown.clone(), predicted.clone()));
            self.predicted = Some(predicted);
        } else {
            self.predicted = Some(Predicted { t, is_new, x0 });
        }
        Ok(())
    }
}

impl Evaluation {
    fn is_done(&self, side: usize) -> bool {
        self.rows == side && self.comparison.remaining() == 0
    }
}

impl Denoisers {
    /// The photograph at a timestep.
    fn noisy(&self, noise: &DMatrix<f32>, t: usize) -> Result<Noisy, Refused> {
        let level = NoiseLevel::of_timestep(&self.scheduler, t)?;
        let x = level.a as f32 * channels_first(&self.photo.x) + level.b as f32 * noise;
        Ok(Noisy { t, is_new: false, states: [x.clone(), x] })
    }

    fn evaluation(&self, of: Noisy) -> Result<Evaluation, Refused> {
        let level = NoiseLevel::of_timestep(&self.scheduler, of.t)?;
        let comparison = self.exact.compare(of.states[1].as_slice(), level);
        let values = DMatrix::zeros(of.states[0].len(), 1);
        Ok(Evaluation { of, values, rows: 0, comparison })
    }

    /// Computes some rows of what the network predicts, or a part of what the exact
    /// denoiser does.
    fn advance(&self, evaluation: &mut Evaluation) -> Result<(), Refused> {
        let Evaluation { of, values, rows, comparison } = evaluation;
        let Denoisers { side, reach, .. } = *self;
        if *rows == side {
            comparison.advance();
            return Ok(());
        }
        let level = NoiseLevel::of_timestep(&self.scheduler, of.t)?;
        let height = band(side) + 2 * reach;
        // The last band can reach into those before.
        let first = (*rows).min(side - band(side));
        let middle = [first + height / 2 - reach, side / 2];
        let part = self.part(&of.states[0], middle, [height, side]);
        let predicted = of_one(&self.of_rows, &part, level);
        for colour in 0..3 {
            let from = &predicted.as_slice()[(colour * height + reach) * side..];
            let to = &mut values.as_mut_slice()[(colour * side + first) * side..];
            let length = band(side) * side;
            to[..length].copy_from_slice(&from[..length]);
        }
        *rows = first + band(side);
        Ok(())
    }

    /// A part of a picture that is wrapped round, of so many rows and columns, around this
    /// row and column; of an even number, the later of two is the middle.
    fn part(
        &self,
        x: &DMatrix<f32>,
        [row, column]: [usize; 2],
        [rows, columns]: [usize; 2],
    ) -> DMatrix<f32> {
        let side = self.side;
        // Enough rounds that nothing is below 0.
        let at = |middle: usize, length: usize, place: usize| {
            (middle + length * side + place - length / 2) % side
        };
        DMatrix::from_fn(3 * rows * columns, 1, |value, _| {
            let (colour, pixel) = (value / (rows * columns), value % (rows * columns));
            let row = at(row, rows, pixel / columns);
            let column = at(column, columns, pixel % columns);
            x[(colour * side + row) * side + column]
        })
    }
}
