//! Solutions to the exercises of chapter N.
#![allow(clippy::disallowed_methods, reason = "no run depends on it")]

use diffusion_cli::load;
use diffusion_core::{generator, randn_like};
use nalgebra::DMatrix;
use part_i_samplers::{Levels, Spacing, Step};
use part_n_to_order::decided::label_probabilities;
use part_n_to_order::judge::{label_fractions, total_variation};
use part_n_to_order::{
    ConditionalDenoiser, Dps, Measurement, Method, NewNoise, Observation, Order,
    OrderError, Replacement, SmoothedData,
};

/// Digits that are known, and one that was seen in part, with noise.
struct Setting {
    data: SmoothedData,
    labels: Vec<usize>,
    seen: DMatrix<f32>,
}

fn setting() -> Setting {
    let (digits, labels) = (load::digits().unwrap(), load::digit_labels().unwrap());
    Setting {
        data: SmoothedData::new(digits.columns(3, 400).into_owned(), 0.0).unwrap(),
        labels: labels[3..403].to_vec(),
        seen: digits.columns(2, 1).into_owned(),
    }
}

impl Setting {
    fn observation(&self, places: &[usize], noise: f64) -> Observation {
        let measurement = Measurement::mask(64, places).unwrap();
        let x0 = self.seen.as_slice();
        Observation::of(x0, measurement, noise, &mut generator(1)).unwrap()
    }

    fn sampled(&self, method: &dyn Method, observation: &Observation) -> DMatrix<f32> {
        let scheduler = part_e_schedules::cosine(1000).unwrap();
        let timesteps = Spacing::Trailing.timesteps(50, 1000).unwrap();
        let levels = Levels::of_timesteps(&scheduler, &timesteps).unwrap();
        let order = Order { denoiser: &self.data, observation, eta: 1.0 };
        let noise = randn_like(&DMatrix::zeros(64, 500), &mut generator(2));
        let mut rng = generator(3);
        let new_noise = &mut |x: &DMatrix<f32>| randn_like(x, &mut rng);
        order.sample(method, &levels, noise, new_noise).unwrap()
    }

    /// How far the labels of samples are from the truth.
    fn off(&self, method: &dyn Method, observation: &Observation) -> f64 {
        let exact = ConditionalDenoiser::new(&self.data, observation).unwrap();
        let truth = label_probabilities(&exact.posterior(), &self.labels, 10);
        let x = self.sampled(method, observation);
        let made = label_fractions(&x, (self.data.data(), &self.labels), 10);
        total_variation(&truth, &made)
    }
}

// ANCHOR: wrong_way
/// Whether all samples keep what was seen without noise, at each of these places.
fn is_kept(samples: &DMatrix<f32>, x0: &DMatrix<f32>, seen: &[usize]) -> bool {
    let keeps = |place: &usize| {
        samples.row(*place).iter().all(|value| (value - x0[*place]).abs() < 1e-5)
    };
    seen.iter().all(keeps)
}

#[test]
fn a_mask_the_wrong_way_round_keeps_the_hole() {
    let setting = setting();
    let (top, bottom): (Vec<usize>, Vec<usize>) = (0..64).partition(|place| *place < 32);
    let right = setting.observation(&top, 0.0);
    let wrong = setting.observation(&bottom, 0.0);
    let x = setting.sampled(&Replacement, &right);
    assert!(is_kept(&x, &setting.seen, &top) && !is_kept(&x, &setting.seen, &bottom));
    let x = setting.sampled(&Replacement, &wrong);
    assert!(!is_kept(&x, &setting.seen, &top) && is_kept(&x, &setting.seen, &bottom));
}
// ANCHOR_END: wrong_way

// ANCHOR: forgotten_noise
/// Replacement that knows of the noise in what was seen: it adds what is missing to the
/// level's, and once nothing is missing, it leaves the state as it is.
struct WithNoise;

impl Method for WithNoise {
    fn step(
        &self,
        order: &Order,
        x: &DMatrix<f32>,
        step: &Step,
        new_noise: NewNoise,
    ) -> Result<DMatrix<f32>, OrderError> {
        let x = order.sampled(order.x0(x, step.from)?, x, step, new_noise)?;
        let Observation { measurement, y, noise } = order.observation;
        let mut miss = -measurement.along(&x);
        let drawn = new_noise(&miss);
        for (j, (y, &gain)) in y.iter().zip(measurement.gains()).enumerate() {
            let has = step.to.a * noise / f64::from(gain);
            let missing = step.to.b * step.to.b - has * has;
            for sample in 0..x.ncols() {
                let value = &mut miss[(j, sample)];
                match missing >= 0.0 {
                    true => {
                        *value += step.to.a as f32 * y / gain
                            + missing.sqrt() as f32 * drawn[(j, sample)];
                    }
                    false => *value = 0.0,
                }
            }
        }
        Ok(x + measurement.back(&miss))
    }
}

#[test]
fn a_noise_that_is_not_forgotten_helps() {
    let setting = setting();
    let top: Vec<usize> = (0..32).collect();
    let observation = setting.observation(&top, 3.0);
    let miss = |method: &dyn Method| {
        let miss = observation.residual(&setting.sampled(method, &observation));
        (miss.dot(&miss) / miss.len() as f32).sqrt()
    };
    let [forgotten, known] = [miss(&Replacement), miss(&WithNoise)];
    assert!(forgotten < 1e-5 && (2.0..4.0).contains(&known), "{forgotten} {known}");
    let [forgotten, known] =
        [setting.off(&Replacement, &observation), setting.off(&WithNoise, &observation)];
    println!("{forgotten} {known}");
    assert!(known < forgotten, "{forgotten} {known}");
}
// ANCHOR_END: forgotten_noise

// ANCHOR: square
/// The step of the paper's algorithm: against the derivative of the square, so many times
/// over the length.
struct SquareOverLength(f64);

impl Method for SquareOverLength {
    fn step(
        &self,
        order: &Order,
        x: &DMatrix<f32>,
        step: &Step,
        new_noise: NewNoise,
    ) -> Result<DMatrix<f32>, OrderError> {
        let without = order.sampled(order.x0(x, step.from)?, x, step, new_noise)?;
        // The same noise for all of them: what is left is the derivative.
        let whole = Order { eta: 0.0, ..*order };
        let nowhere = Dps::Square(0.0).step(&whole, x, step, &mut DMatrix::clone)?;
        let once = Dps::Square(1.0).step(&whole, x, step, &mut DMatrix::clone)?;
        let mut derivative = nowhere - once;
        let miss = order.observation.residual(&order.x0(x, step.from)?);
        for (mut derivative, miss) in derivative.column_iter_mut().zip(miss.column_iter())
        {
            derivative *= self.0 as f32 / miss.dot(&miss).sqrt();
        }
        Ok(without - derivative)
    }
}

#[test]
fn the_square_over_the_length_is_twice_the_length() {
    let setting = setting();
    let top: Vec<usize> = (0..32).collect();
    let observation = setting.observation(&top, 0.5);
    let one = setting.sampled(&Dps::Length(1.0), &observation);
    let other = setting.sampled(&SquareOverLength(0.5), &observation);
    let close = one.column_iter().zip(other.column_iter());
    let close = close.filter(|(one, other)| (one - other).amax() < 1e-2).count();
    // Rounding decides some samples.
    assert!(close > 450, "{close}");
}
// ANCHOR_END: square
