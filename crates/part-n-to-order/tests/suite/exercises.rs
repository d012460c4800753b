//! Solutions to the exercises of chapter N.
#![allow(clippy::disallowed_methods, reason = "no run depends on it")]

use diffusion_cli::load;
use diffusion_core::{generator, randn_like};
use nalgebra::DMatrix;
use part_i_samplers::{Levels, Spacing, Step};
use part_n_to_order::decided::label_probabilities;
use part_n_to_order::judge::{label_fractions, sampling_error, total_variation};
use part_n_to_order::{
    ConditionalDenoiser, Ddrm, Measurement, Method, NewNoise, Observation, Order,
    OrderError, Plain, Replacement, SmoothedData,
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

fn levels() -> Levels {
    let scheduler = part_e_schedules::cosine(1000).unwrap();
    let timesteps = Spacing::Trailing.timesteps(50, 1000).unwrap();
    Levels::of_timesteps(&scheduler, &timesteps).unwrap()
}

impl Setting {
    fn observation(&self, places: &[usize], noise: f64) -> Observation {
        let measurement = Measurement::mask(64, places).unwrap();
        let x0 = self.seen.as_slice();
        Observation::of(x0, measurement, noise, &mut generator(1)).unwrap()
    }

    fn sampled(&self, method: &dyn Method, observation: &Observation) -> DMatrix<f32> {
        let order = Order { denoiser: &self.data, observation, eta: 1.0 };
        let noise = randn_like(&DMatrix::zeros(64, 500), &mut generator(2));
        let mut rng = generator(3);
        let new_noise = &mut |x: &DMatrix<f32>| randn_like(x, &mut rng);
        order.sample(method, &levels(), noise, new_noise).unwrap()
    }

    fn truth(&self, observation: &Observation) -> Vec<f64> {
        let exact = ConditionalDenoiser::new(&self.data, observation).unwrap();
        label_probabilities(&exact.posterior(), &self.labels, 10)
    }

    fn made(&self, x: &DMatrix<f32>) -> Vec<f64> {
        label_fractions(x, (self.data.data(), &self.labels), 10)
    }

    /// How far the labels of samples are from the truth.
    fn off(&self, method: &dyn Method, observation: &Observation) -> f64 {
        let made = self.made(&self.sampled(method, observation));
        total_variation(&self.truth(observation), &made)
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
    let ddrm = Ddrm { eta: 0.85, eta_b: 1.0 };
    let methods: [&dyn Method; 3] = [&WithNoise, &ddrm, &Replacement];
    let [known, ddrm, forgotten] = methods.map(|it| setting.off(it, &observation));
    assert!(known < ddrm && ddrm < forgotten, "{known} {ddrm} {forgotten}");
}
// ANCHOR_END: forgotten_noise

// ANCHOR: everything_seen
/// What was seen whole, with the noise of the first of these levels, is a state at that
/// level but for the factor `a`. So the way goes on from there, and the denoiser is told
/// nothing.
fn from_what_was_seen(
    data: &SmoothedData,
    y: &[f32],
    levels: &Levels,
) -> Result<DMatrix<f32>, OrderError> {
    let a = levels.as_slice()[0].a as f32;
    let x = DMatrix::from_fn(y.len(), 500, |row, _| a * y[row]);
    let measurement = Measurement::mask(y.len(), &[])?;
    let nothing = Observation { measurement, y: Vec::new(), noise: 0.0 };
    let order = Order { denoiser: data, observation: &nothing, eta: 1.0 };
    let mut rng = generator(3);
    order.sample(&Plain, levels, x, &mut |x| randn_like(x, &mut rng))
}

#[test]
fn what_was_seen_whole_is_a_state() {
    let setting = setting();
    let mut low = levels().as_slice().to_vec();
    low.retain(|level| level.sigma() < 2.0);
    let low = Levels::new(low).unwrap();
    let everything: Vec<usize> = (0..64).collect();
    let observation = setting.observation(&everything, low.as_slice()[0].sigma());
    let x = from_what_was_seen(&setting.data, &observation.y, &low).unwrap();
    let [truth, made] = [setting.truth(&observation), setting.made(&x)];
    let off = total_variation(&truth, &made);
    assert!(off < 2.0 * sampling_error(&truth, 500), "{off}");
    // Replacement keeps y itself, noise and all.
    assert!(setting.off(&Replacement, &observation) > 3.0 * off);
}
// ANCHOR_END: everything_seen
