//! Each method beside the truth, over the noise of what was seen, and with other numbers
//! of its own.

use diffusion_core::{generator, randn_like};
use nalgebra::DMatrix;
use part_n_to_order::decided::label_probabilities;
use part_n_to_order::judge::{
    agreement, label_fractions, sampling_error, total_variation,
};
use part_n_to_order::{
    ConditionalDenoiser, Dps, Measurement, Method, Observation, Order, Plain, RePaint,
    SmoothedData, WithoutJacobian, method_list,
};
use xtask_figures::stored::to_order::{METHODS, NOISES, RESAMPLINGS, Row, SCALES};

use super::{DIGITS, LABELS, Measured, levels};

/// Digits whose upper halves could be of several labels.
const SEEN: [usize; 4] = [2, 53, 75, 94];

const SAMPLES: usize = 250;
const STEPS: usize = 50;

/// The noise at which a method's own number is varied.
const USUAL_NOISE: f64 = 0.5;

/// A digit that was seen in part, and all others.
struct Task {
    data: SmoothedData,
    labels: Vec<usize>,
    observation: Observation,
}

impl Task {
    fn new(digit: usize, places: &[usize], (noise, spread): (f64, f64)) -> Self {
        let mut labels = DIGITS.labels.clone();
        labels.remove(digit);
        let data = DIGITS.x.clone().remove_column(digit);
        let data = SmoothedData::new(data, spread).expect("there are data");
        let measurement = Measurement::mask(data.data().nrows(), places);
        let measurement = measurement.expect("they are there");
        let x0 = DIGITS.x.column(digit).into_owned();
        let rng = &mut generator(0);
        let observation = Observation::of(x0.as_slice(), measurement, noise, rng);
        let observation = observation.expect("it has as many values");
        Task { data, labels, observation }
    }

    /// Samples with a method, or with the exact denoiser of what was seen.
    fn sampled(&self, method: Option<&dyn Method>) -> DMatrix<f32> {
        let exact = ConditionalDenoiser::new(&self.data, &self.observation);
        let exact = WithoutJacobian(exact.expect("there is noise, or a spread"));
        let observation = &self.observation;
        let (order, method): (_, &dyn Method) = match method {
            Some(method) => {
                (Order { denoiser: &self.data, observation, eta: 1.0 }, method)
            }
            None => (Order { denoiser: &exact, observation, eta: 1.0 }, &Plain),
        };
        let zeros = DMatrix::zeros(self.data.data().nrows(), SAMPLES);
        let noise = randn_like(&zeros, &mut generator(1));
        let mut rng = generator(2);
        let new_noise = &mut |x: &DMatrix<f32>| randn_like(x, &mut rng);
        let samples = order.sample(method, &levels(STEPS), noise, new_noise);
        samples.expect("the denoiser knows its data")
    }

    fn truth(&self) -> Vec<f64> {
        let exact = ConditionalDenoiser::new(&self.data, &self.observation);
        let posterior = exact.expect("there is noise, or a spread").posterior();
        label_probabilities(&posterior, &self.labels, LABELS)
    }

    fn fractions(&self, x: &DMatrix<f32>) -> Vec<f64> {
        label_fractions(x, (self.data.data(), &self.labels), LABELS)
    }
}

/// How far a method is from the truth, and how likely two samples are to have the same
/// label, on average over the digits that were seen.
fn judged(tasks: &[Task], method: Option<&dyn Method>) -> [f64; 2] {
    let mut sums = [0.0; 2];
    for task in tasks {
        let fractions = task.fractions(&task.sampled(method));
        sums[0] += total_variation(&task.truth(), &fractions);
        sums[1] += of_two(&fractions);
    }
    sums.map(|sum| sum / tasks.len() as f64)
}

/// How likely two different samples are to have the same label.
fn of_two(fractions: &[f64]) -> f64 {
    let n = SAMPLES as f64;
    (n * agreement(fractions) - 1.0) / (n - 1.0)
}

pub fn compare(measured: &mut Measured) {
    let upper: Vec<usize> = (0..32).collect();
    let at = |noise: f64| SEEN.map(|digit| Task::new(digit, &upper, (noise, 0.0)));
    let all = NOISES.map(at);
    let method = |name: &str| method_list::named(name).map(|named| named.method);
    for (place, (name, title)) in METHODS.into_iter().enumerate() {
        if let Some(named) = method_list::named(name) {
            assert!(named.title.eq_ignore_ascii_case(title), "{title}");
        }
        let of_noise = all.each_ref().map(|tasks| judged(tasks, method(name)));
        measured.put(&format!("variation_{name}"), of_noise.map(|it| it[0]));
        measured.put(&format!("agreement_{name}"), of_noise.map(|it| it[1]));
        let task = Task::new(SEEN[0], &upper, (USUAL_NOISE, 0.0));
        let x = task.sampled(method(name));
        measured.put(&format!("bars_{name}"), task.fractions(&x));
        let seen =
            [DIGITS.x.columns(SEEN[0], 1).into_owned(), task.observation.picture()];
        let shown: Vec<f32> =
            seen.iter().chain([&x]).flat_map(|x| x.as_slice().to_vec()).collect();
        let count = shown.len() / x.nrows();
        measured.put_row(Row::Method(place), &DMatrix::from_vec(x.nrows(), count, shown));
        if place == 0 {
            measured.put("bars_truth", task.truth());
        }
    }
    let mean = |of: &dyn Fn(&Task) -> f64| {
        let of_noise =
            |tasks: &[Task; 4]| tasks.iter().map(of).sum::<f64>() / tasks.len() as f64;
        all.each_ref().map(of_noise)
    };
    measured.put("variation_chance", mean(&|it| sampling_error(&it.truth(), SAMPLES)));
    measured.put("agreement_truth", mean(&|it| agreement(&it.truth())));

    let usual = at(USUAL_NOISE);
    for (name, method) in
        [("length", Dps::Length as fn(f64) -> Dps), ("square", Dps::Square)]
    {
        let of = |scale: f64| judged(&usual, Some(&method(scale)));
        let of_scale = SCALES.map(of);
        measured.put(&format!("scale_{name}_variation"), of_scale.map(|it| it[0]));
        measured.put(&format!("scale_{name}_agreement"), of_scale.map(|it| it[1]));
    }
    let of = |resamplings| judged(&usual, Some(&RePaint { resamplings, jump: 5 }));
    let of_resamplings = RESAMPLINGS.map(of);
    measured.put("resamplings_variation", of_resamplings.map(|it| it[0]));
    measured.put("resamplings_agreement", of_resamplings.map(|it| it[1]));
    everything_seen(measured);
}

/// By how much each method misses a digit that was seen whole and without noise, in the
/// root mean square.
fn everything_seen(measured: &mut Measured) {
    let everything: Vec<usize> = (0..64).collect();
    let task = Task::new(SEEN[0], &everything, (0.0, 0.1));
    for (name, _) in METHODS {
        let method = method_list::named(name).map(|named| named.method);
        let miss = task.observation.residual(&task.sampled(method));
        let square = f64::from(miss.dot(&miss)) / miss.len() as f64;
        measured.put(&format!("miss_{name}"), [square.sqrt()]);
    }
}
