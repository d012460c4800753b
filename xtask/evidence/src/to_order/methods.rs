//! Each method beside the truth, over the noise of what was seen, and with other numbers
//! of its own.

use diffusion_core::{generator, randn_like};
use nalgebra::DMatrix;
use part_i_samplers::Step;
use part_n_to_order::decided::label_probabilities;
use part_n_to_order::judge::{
    agreement, label_fractions, sampling_error, total_variation,
};
use part_n_to_order::replacement::replaced;
use part_n_to_order::{
    ConditionalDenoiser, Dps, Measurement, Method, NewNoise, Observation, Order,
    OrderError, Plain, RePaint, SmoothedData, WithoutJacobian, method_list,
};
use xtask_figures::stored::to_order::{
    JUMPS, KNOWN, KNOWN_SCALES, METHODS, NOISES, RESAMPLED, RESAMPLINGS, Row, SCALED,
    SCALES,
};

use super::{DIGITS, LABELS, Measured, levels};

/// Digits whose upper halves could be of several labels.
const SEEN: [usize; 4] = [2, 53, 75, 94];

const SAMPLES: usize = 250;
const STEPS: usize = 50;

/// The noise of the digit that is drawn.
const USUAL_NOISE: f64 = 0.5;

/// Whether the denoiser knows the digit that was seen, too.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    Others,
    All,
}

/// A digit that was seen in part, and the digits that are known.
struct Task {
    data: SmoothedData,
    labels: Vec<usize>,
    observation: Observation,
}

impl Task {
    fn new(
        digit: usize,
        known: Known,
        places: &[usize],
        (noise, spread): (f64, f64),
    ) -> Self {
        let (mut data, mut labels) = (DIGITS.x.clone(), DIGITS.labels.clone());
        if known == Known::Others {
            data = data.remove_column(digit);
            labels.remove(digit);
        }
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

    fn posterior(&self) -> Vec<f64> {
        let exact = ConditionalDenoiser::new(&self.data, &self.observation);
        exact.expect("there is noise, or a spread").posterior()
    }

    fn truth(&self) -> Vec<f64> {
        label_probabilities(&self.posterior(), &self.labels, LABELS)
    }

    /// By how much the likeliest datum misses what was seen, in the root mean square, and
    /// how likely it is.
    fn likeliest(&self) -> [f64; 2] {
        let posterior = self.posterior().into_iter().enumerate();
        let likeliest = posterior.max_by(|one, other| one.1.total_cmp(&other.1));
        let (datum, likely) = likeliest.expect("there are data");
        let miss = self.observation.residual(&self.data.data().columns(datum, 1).into());
        let square = f64::from(miss.dot(&miss)) / miss.len() as f64;
        [square.sqrt(), likely]
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

/// Replacement that draws its noise once, for all levels.
struct OneNoise;

impl Method for OneNoise {
    fn step(
        &self,
        order: &Order,
        x: &DMatrix<f32>,
        step: &Step,
        new_noise: NewNoise,
    ) -> Result<DMatrix<f32>, OrderError> {
        let x = order.sampled(order.x0(x, step.from)?, x, step, new_noise)?;
        let noise = &mut |x: &DMatrix<f32>| randn_like(x, &mut generator(3));
        Ok(replaced(x, step.to, order.observation, noise))
    }
}

pub fn compare(measured: &mut Measured) {
    let upper: Vec<usize> = (0..32).collect();
    let at = |known: Known, noise: f64| {
        SEEN.map(|digit| Task::new(digit, known, &upper, (noise, 0.0)))
    };
    let all = NOISES.map(|noise| at(Known::Others, noise));
    let method = |name: &str| method_list::named(name).map(|named| named.method);
    for (place, (name, title)) in METHODS.into_iter().enumerate() {
        if let Some(named) = method_list::named(name) {
            assert!(named.title.eq_ignore_ascii_case(title), "{title}");
        }
        let of_noise = all.each_ref().map(|tasks| judged(tasks, method(name)));
        measured.put(&format!("variation_{name}"), of_noise.map(|it| it[0]));
        measured.put(&format!("agreement_{name}"), of_noise.map(|it| it[1]));
        let task = Task::new(SEEN[0], Known::Others, &upper, (USUAL_NOISE, 0.0));
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
    measured.put("likeliest_miss", mean(&|it| it.likeliest()[0]));
    measured.put("likeliest_weight", mean(&|it| it.likeliest()[1]));

    for (name, method) in
        [("length", Dps::Length as fn(f64) -> Dps), ("square", Dps::Square)]
    {
        for noise in SCALED {
            let tasks = at(Known::Others, noise);
            let of = |scale: f64| judged(&tasks, Some(&method(scale)));
            let of_scale = SCALES.map(of);
            for (i, what) in ["variation", "agreement"].into_iter().enumerate() {
                let values = of_scale.map(|it| it[i]);
                measured.put(&format!("scale_{name}_{what}_{noise}"), values);
            }
        }
    }
    with_the_digit_known(measured, |noise| at(Known::All, noise));
    everything_seen(measured);
}

/// What changes if the digit that was seen is among the data: then little noise leaves
/// one answer, and it is the right one.
fn with_the_digit_known(measured: &mut Measured, at: impl Fn(f64) -> [Task; 4]) {
    for noise in RESAMPLED {
        let tasks = at(noise);
        let truths = tasks.each_ref().map(|task| agreement(&task.truth()));
        let truth = truths.iter().sum::<f64>() / truths.len() as f64;
        measured.put(&format!("known_truth_{noise}"), [truth]);
        let of = |resamplings| judged(&tasks, Some(&RePaint { resamplings, jump: 5 }));
        let of_resamplings = RESAMPLINGS.map(of);
        for (i, what) in ["variation", "agreement"].into_iter().enumerate() {
            let values = of_resamplings.map(|it| it[i]);
            measured.put(&format!("known_resamplings_{what}_{noise}"), values);
        }
        let of = |jump| judged(&tasks, Some(&RePaint { resamplings: 10, jump }));
        measured.put(&format!("known_jumps_{noise}"), JUMPS.map(|jump| of(jump)[0]));
    }
    measured.put("known_one_noise", judged(&at(KNOWN[0]), Some(&OneNoise)));
    for noise in KNOWN {
        let tasks = at(noise);
        // RePaint's are there already.
        for (name, _) in METHODS.into_iter().filter(|(name, _)| *name != "repaint") {
            let method = method_list::named(name).map(|named| named.method);
            measured.put(&format!("known_{name}_{noise}"), judged(&tasks, method));
        }
    }
    let tasks = at(KNOWN[1]);
    let of_scale = KNOWN_SCALES.map(|it| judged(&tasks, Some(&Dps::Length(it))));
    measured.put("known_scale_variation", of_scale.map(|it| it[0]));
    measured.put("known_scale_agreement", of_scale.map(|it| it[1]));
}

/// By how much each method misses a digit that was seen whole and without noise, each
/// sample in the root mean square: in the middle, and the most.
fn everything_seen(measured: &mut Measured) {
    let everything: Vec<usize> = (0..64).collect();
    let task = Task::new(SEEN[0], Known::Others, &everything, (0.0, 0.1));
    for (name, _) in METHODS {
        let method = method_list::named(name).map(|named| named.method);
        let miss = task.observation.residual(&task.sampled(method));
        let of_sample = miss
            .column_iter()
            .map(|miss| (f64::from(miss.dot(&miss)) / miss.len() as f64).sqrt());
        let mut of_sample: Vec<f64> = of_sample.collect();
        of_sample.sort_by(f64::total_cmp);
        let (middle, most) = (of_sample[SAMPLES / 2], of_sample[SAMPLES - 1]);
        measured.put(&format!("miss_{name}"), [middle, most]);
    }
}
