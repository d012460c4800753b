//! Chapter J, live: where the flow leads a noise, the pairs that meet on its way, and
//! Euler's steps beside it.

use diffusion_core::{generator, randn_like};
use diffusion_kernels::distances::column_by_column;
use diffusion_kernels::likelihoods::count_of_fraction;
use nalgebra::DMatrix;
use part_e_schedules::PredictionType;
use part_f_the_way_back::{Denoiser, ExactDenoiser, FlowPath, Prediction};
use part_h_learning_to_denoise::evaluation::mean;
use part_i_samplers::{Coordinate, Euler, Heun};
use part_j_flow_matching::Trajectories;
use part_j_flow_matching::levels::{flow_levels, shifted_levels};

use crate::named_data::named_data;
use crate::plane::{self, coordinates};
use crate::whole::whole;
use crate::{Call, LiveFigure, Page, Refused};

/// The most noises beside the reader's own, so that a page never has to wait long for
/// their paths.
const MAX_NOISES: usize = 100;

/// How many of them are followed at once, which takes hardly longer than one.
const AT_ONCE: usize = 10;

/// In how many of Heun's steps a flow is followed, as the command does it.
const FINEST: usize = 100;

/// The most steps of Euler's method.
const MAX_STEPS: usize = 20;

/// The shifts that there are.
const SHIFTS: std::ops::RangeInclusive<f64> = 0.125..=8.0;

/// How far the reader's noise can be from 0, in each direction.
const REACH: f64 = 4.0;

/// Data, and the noises that the flow leads to them.
struct Led {
    data: DMatrix<f32>,
    denoiser: ExactDenoiser,
    /// Noises that are drawn, and where those lead that have been followed.
    noises: DMatrix<f32>,
    samples: Vec<f32>,
    /// The path of the reader's own noise.
    path: Option<Trajectories>,
    /// How far off Euler's method ends for the noises that were drawn, and in how many
    /// steps and with which shift that was: it is the same wherever the reader's own is.
    off_on_average: Option<(usize, f64, f64)>,
}

/// The figure of chapter J.
#[derive(Default)]
pub struct PartJ {
    led: Option<Led>,
}

impl LiveFigure for PartJ {
    fn call(&mut self, page: &mut Page, call: Call<'_>) -> Result<(), Refused> {
        match call {
            ("begin", &[kind, points, noises, seed]) => {
                let [points, noises] = [whole(points)?, whole(noises)?];
                self.begin(page, whole(kind)?, points, noises, whole(seed)?)
            }
            ("follow", []) => self.follow(page),
            ("path", &[x, y, steps]) => self.path(page, [x, y], whole(steps)?),
            ("pairs", &[time, most]) => self.pairs(page, time, whole(most)?),
            ("euler", &[steps, shift]) => self.euler(page, whole(steps)?, shift),
            _ => Err(Refused::Unknown),
        }
    }
}

impl PartJ {
    /// Draws noises, as the command does, to be led to points of the kind 0 (spiral), 1
    /// (moons) or 2 (checkerboard). The numbers are the data, x and y of each.
    ///
    /// # Errors
    ///
    /// If there are no such data, `points` is not from 1 to 2000, or `noises` not from 1
    /// to 100.
    pub fn begin(
        &mut self,
        page: &mut Page,
        kind: usize,
        points: usize,
        noises: usize,
        seed: u32,
    ) -> Result<(), Refused> {
        plane::check(points)?;
        if !(1..=MAX_NOISES).contains(&noises) {
            return Err(Refused::OutOfRange);
        }
        let data = named_data(kind, points)?;
        let denoiser = ExactDenoiser::new(&data).map_err(|_| Refused::OutOfRange)?;
        let noises = randn_like(&DMatrix::zeros(2, noises), &mut generator(seed.into()));
        page.numbers = coordinates(&data);
        let (samples, path, off_on_average) = (Vec::new(), None, None);
        self.led = Some(Led { data, denoiser, noises, samples, path, off_on_average });
        Ok(())
    }

    /// Follows the flow from the next few of the noises, each in 100 of Heun's steps. The
    /// numbers are x and y of each state, from the noise to where it is led, one path
    /// after the other; and none if all have been followed.
    ///
    /// # Errors
    ///
    /// If no noises have been drawn.
    pub fn follow(&mut self, page: &mut Page) -> Result<(), Refused> {
        let Led { denoiser, noises, samples, .. } = self.led_mut()?;
        let first = samples.len() / 2;
        let count = AT_ONCE.min(noises.ncols() - first);
        page.numbers.clear();
        if count == 0 {
            return Ok(());
        }
        let noise = noises.columns(first, count).into_owned();
        let paths = Trajectories::follow(denoiser, noise, FINEST)?;
        samples.extend_from_slice(paths.samples().as_slice());
        for path in 0..count {
            let states = paths.states.iter().flat_map(|states| states.column(path));
            page.numbers.extend(states.map(|&value| f64::from(value)));
        }
        Ok(())
    }

    /// Follows the flow from a noise at this place in so many of Heun's steps: in 100, as
    /// the others, or in fewer while the noise is dragged. Numbers: the length of its path
    /// over that of the chord, and x and y of each state, from the noise to where it is
    /// led.
    ///
    /// # Errors
    ///
    /// If there are no data, x or y is not from -4 to 4, or `steps` not from 2 to 100.
    pub fn path(
        &mut self,
        page: &mut Page,
        place: [f64; 2],
        steps: usize,
    ) -> Result<(), Refused> {
        if !(2..=FINEST).contains(&steps)
            || !place.iter().all(|value| (-REACH..=REACH).contains(value))
        {
            return Err(Refused::OutOfRange);
        }
        let Led { denoiser, path, .. } = self.led_mut()?;
        let noise = DMatrix::from_column_slice(2, 1, &place.map(|value| value as f32));
        let followed = Trajectories::follow(denoiser, noise, steps)?;
        page.numbers = vec![followed.length_over_chord()];
        page.numbers.extend(followed.states.iter().flat_map(coordinates));
        *path = Some(followed);
        Ok(())
    }

    /// The pairs of a datum and a noise whose lines meet where the path is at a time.
    /// Numbers: x and y of that state; those of the velocity there; how many pairs have
    /// nine tenths of the weight together; and of each of the likeliest pairs, `most` at
    /// most, its weight, and x and y of its datum and of its noise.
    ///
    /// # Errors
    ///
    /// If there is no path, or the time is not from 0.01 to 1.
    pub fn pairs(
        &mut self,
        page: &mut Page,
        time: f64,
        most: usize,
    ) -> Result<(), Refused> {
        let Led { data, denoiser, path, .. } = self.led_mut()?;
        let path = path.as_ref().ok_or(Refused::OutOfRange)?;
        if !(0.01..=1.0).contains(&time) {
            return Err(Refused::OutOfRange);
        }
        let state = state_at(path, time, denoiser)?;
        let level = FlowPath::level(time);
        let velocity = denoiser.predict(&state, level)?.flow(&state, level);
        let weights = denoiser.weights(state.as_slice(), level);
        let mut likeliest: Vec<usize> = (0..weights.len()).collect();
        // Of those that are as likely, the first.
        likeliest.sort_by(|&one, &other| weights[other].total_cmp(&weights[one]));
        likeliest.truncate(most);
        let x0 = data.select_columns(&likeliest);
        // The noise with which each of them is in this state.
        let same = DMatrix::from_fn(2, likeliest.len(), |row, _| state[row]);
        let kind = PredictionType::X0;
        let noise = Prediction { kind, values: x0.clone() }.noise(&same, level);
        page.numbers = coordinates(&state);
        page.numbers.extend(coordinates(&velocity));
        page.numbers.push(count_of_fraction(&weights, 0.9) as f64);
        for (pair, datum) in likeliest.into_iter().enumerate() {
            page.numbers.push(weights[datum]);
            for ends in [&x0, &noise] {
                let place = ends.column(pair);
                page.numbers.extend(place.iter().map(|&value| f64::from(value)));
            }
        }
        Ok(())
    }

    /// Euler's method from the noise of the path. Numbers: how far it ends from where the
    /// path leads; the same of the noises that were drawn, on average, as soon as all of
    /// them have been followed, and before that no number; and x and y of each state.
    ///
    /// # Errors
    ///
    /// If there is no path, `steps` is not from 1 to 20, or `shift` not from 1/8 to 8.
    pub fn euler(
        &mut self,
        page: &mut Page,
        steps: usize,
        shift: f64,
    ) -> Result<(), Refused> {
        let Led { denoiser, noises, samples, path, off_on_average, .. } =
            self.led_mut()?;
        let path = path.as_ref().ok_or(Refused::OutOfRange)?;
        if steps > MAX_STEPS || !SHIFTS.contains(&shift) {
            return Err(Refused::OutOfRange);
        }
        let levels = shifted_levels(steps, shift)?;
        let of_noise = |noise: &DMatrix<f32>| {
            Trajectories::of_sampler(denoiser, noise.clone(), &Euler, &levels)
        };
        let polygon = of_noise(path.noise())?;
        let off = mean(&column_by_column(polygon.samples(), path.samples()));
        let average = match *off_on_average {
            Some((in_steps, with, average)) if (in_steps, with) == (steps, shift) => {
                average
            }
            _ if samples.len() == noises.len() => {
                let samples = DMatrix::from_column_slice(2, noises.ncols(), samples);
                let ends = of_noise(noises)?;
                let average = mean(&column_by_column(ends.samples(), &samples));
                *off_on_average = Some((steps, shift, average));
                average
            }
            _ => f64::NAN,
        };
        page.numbers = vec![off, average];
        page.numbers.extend(polygon.states.iter().flat_map(coordinates));
        Ok(())
    }

    fn led_mut(&mut self) -> Result<&mut Led, Refused> {
        self.led.as_mut().ok_or(Refused::OutOfRange)
    }
}

/// The state of a path at a time, which is one of its own or between two of them: then,
/// one of Heun's steps from the one before.
fn state_at(
    path: &Trajectories,
    time: f64,
    denoiser: &ExactDenoiser,
) -> Result<DMatrix<f32>, Refused> {
    let before = path.times.partition_point(|&at| at >= time).saturating_sub(1);
    let state = &path.states[before];
    if path.times[before] == time {
        return Ok(state.clone());
    }
    let levels = flow_levels(&[path.times[before], time])?;
    let sampler = Heun { coordinate: Coordinate::FlowTime };
    let step = Trajectories::of_sampler(denoiser, state.clone(), &sampler, &levels)?;
    Ok(step.states[1].clone())
}
