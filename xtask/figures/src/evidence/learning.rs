//! What part H has learned: how the loss fell, what the network made on the way, and the
//! networks themselves.

use diffusion_cli::load;
use diffusion_cli::plot::scatter;
use diffusion_core::{generator, points, randn_like};
use diffusion_kernels::likelihoods::nearest;
use image::{RgbImage, imageops};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::cosine;
use part_f_the_way_back::{DdpmSampler, NoiseLevel, PredictionType, Variance};
use part_h_learning_to_denoise::evaluation::mean;
use part_h_learning_to_denoise::model_file::{Model, described};
use part_h_learning_to_denoise::{
    Data, EvaluationSet, LearnedDenoiser, NetworkConfig, Training, TrainingConfig,
};

use super::{Evidence, png};
use crate::digits::right;
use crate::parts::Numbers;

const PACKAGE: &str = "part-h-learning-to-denoise";
const SOURCE: &str = "xtask/figures/src/evidence/learning.rs";

/// How the loss of the spiral's network fell, and how large it is in the end at each
/// timestep.
pub const CURVES: Evidence = Evidence {
    name: "learning.csv",
    package: PACKAGE,
    source: SOURCE,
    compute: || curves().into_bytes(),
    numbers,
};

/// Samples of the spiral's network while it learns.
pub const SAMPLES: Evidence = Evidence {
    name: "learning.png",
    package: PACKAGE,
    source: SOURCE,
    compute: || png(&samples_on_the_way()),
    numbers: |_| Numbers::new(),
};

/// The network that has learned the spiral, as the command's `--save` writes it.
pub const SPIRAL: Evidence = Evidence {
    name: "spiral.safetensors",
    package: PACKAGE,
    source: SOURCE,
    compute: || trained(training(TrainingConfig::default()), "spiral"),
    numbers: |_| Numbers::new(),
};

/// The network that has learned the digits, the same way.
pub const DIGITS: Evidence = Evidence {
    name: "digits.safetensors",
    package: PACKAGE,
    source: SOURCE,
    compute: || trained(training_of_digits(DIGITS_KIND), "digits"),
    numbers: |_| Numbers::new(),
};

/// As many as the command takes if it is not told otherwise.
pub const STEPS: usize = 100;
const POINTS: usize = 4000;

/// How many examples of each timestep a network is judged by where each counts by itself.
pub const MANY: usize = 1280;

/// After how many updates there are samples.
pub const UPDATES_SHOWN: [usize; 5] = [100, 300, 1000, 2000, 4000];

/// How many samples and data are drawn, and how large a picture of them is, in pixels.
const SAMPLED: usize = 2000;
const SIDE: u32 = 240;
const REACH: f32 = 1.6;

/// The cosine schedule.
pub fn scheduler() -> NoiseScheduler {
    cosine(STEPS).expect("there are steps")
}

/// The spiral, as the command draws it.
pub fn spiral() -> Data {
    Data::unlabelled(points::spiral(POINTS, &mut generator(points::SEED)))
}

/// Begins to train what the command trains if it is told to learn the spiral.
pub fn training(config: TrainingConfig) -> Training {
    let network = NetworkConfig {
        values: 2,
        fourier_features: true,
        steps: STEPS,
        labels: 0,
        hidden: 128,
        residual_layers: 2,
    };
    Training::new(config, network, spiral(), scheduler(), 0).expect("the config fits")
}

/// The digits that are learned from, and those that are held out, as in the command.
pub fn digits() -> (Data, Data) {
    let x = load::digits().expect("the repository has its digits");
    let labels = load::digit_labels().expect("the repository has its labels");
    let labels = labels.into_iter().map(usize::from).collect();
    Data { x, labels: Some(labels) }.hold_out(10)
}

/// What the command trains a network to predict that learns pictures.
const DIGITS_KIND: PredictionType = PredictionType::X0;

/// Begins to train what the command trains with `--data digits --hidden 96`, or for
/// another prediction type.
fn training_of_digits(kind: PredictionType) -> Training {
    let network = NetworkConfig {
        values: 64,
        fourier_features: false,
        steps: STEPS,
        labels: 10,
        hidden: 96,
        residual_layers: 2,
    };
    let config =
        TrainingConfig { kind, updates: 8000, batch: 128, ..TrainingConfig::default() };
    Training::new(config, network, digits().0, scheduler(), 0).expect("the config fits")
}

/// Trains to the end: the bytes of the network's file.
fn trained(mut training: Training, data: &str) -> Vec<u8> {
    let config = *training.config();
    advance(&mut training, config.updates);
    let model = Model {
        network: training.ema().clone(),
        kind: config.kind,
        scheduler: scheduler(),
        data: data.to_owned(),
        updates: config.updates,
        training: described(String::new(), &config, config.updates, 0),
        is_channels_first: false,
    };
    model.to_bytes()
}

/// A network that is stored, as a denoiser of samples of these labels.
///
/// # Panics
///
/// If it is not there: `cargo xtask evidence` makes it. Or if it has not these labels.
pub fn stored_denoiser(
    evidence: &Evidence,
    labels: Vec<Option<usize>>,
    guidance_scale: f32,
) -> LearnedDenoiser {
    let model = Model::from_bytes(&evidence.stored()).expect("it is a network");
    assert!(model.scheduler == scheduler(), "it has learned with the cosine schedule");
    LearnedDenoiser::new(model.network, model.kind, labels, guidance_scale)
        .expect("it has these labels")
}

/// Goes on until so many updates are done: the loss of each of them.
pub fn advance(training: &mut Training, updates: usize) -> Vec<f64> {
    let missing = training.updates_done()..updates;
    missing.map(|_| training.update().expect("the loss is finite")).collect()
}

/// What the network is judged by.
pub fn evaluation_set(kind: PredictionType) -> EvaluationSet {
    EvaluationSet::new(&spiral(), &scheduler(), kind)
}

/// The prediction types that are compared.
const KINDS: [PredictionType; 3] =
    [PredictionType::Noise, PredictionType::X0, PredictionType::Velocity];

/// `curve,index,value`: of the network that predicts the noise, `batch` is the loss of
/// each update, `network` the loss of its EMA at each timestep, and `floor` the optimal
/// loss; both again over [`MANY`] examples, with the `excess`, what could still be
/// learned.
///
/// For each prediction type, there are its network's loss and the optimal one, and as
/// `judged_…` three ratios of these two, as losses of each of the types in turn, and how
/// far samples are from the data. For those that [`DIGITS`] doesn't have, there is as
/// `digits_…` what digits a network makes: how many in a hundred have the right label,
/// and how far they are from the nearest that was learned from. The others are single
/// values: the loss of the last parameters, and with a learning rate that stays where it
/// is, the loss of the last parameters and of their EMA.
fn curves() -> String {
    let mut csv = "curve,index,value\n".to_owned();
    let mut put = |curve: &str, values: &[f64]| {
        for (index, value) in values.iter().enumerate() {
            csv += &format!("{curve},{index},{}\n", *value as f32);
        }
    };
    let updates = TrainingConfig::default().updates;
    let judges = KINDS.map(|kind| {
        let evaluation_set = evaluation_set(kind);
        let optimal = evaluation_set.optimal_loss(&spiral()).expect("there are data");
        (evaluation_set, optimal)
    });
    for (kind, (evaluation_set, optimal)) in KINDS.into_iter().zip(&judges) {
        let name = kind.name();
        let mut training = training(TrainingConfig { kind, ..TrainingConfig::default() });
        let batches = advance(&mut training, updates);
        let network = training.ema();
        let losses = evaluation_set.losses(network);
        let denoiser = denoiser_of(&training);
        let ratio = |(judge, optimal): &(EvaluationSet, Vec<f64>)| {
            let losses = judge.losses_of(&denoiser).expect("it has all timesteps");
            mean(&losses) / mean(optimal)
        };
        let mut judged: Vec<f64> = judges.iter().map(ratio).collect();
        let samples = samples(&denoiser, 2, SAMPLED, true);
        judged.push(mean(&nearest(&samples, &spiral().x)));
        put(&format!("judged_{name}"), &judged);
        if kind == PredictionType::Noise {
            put("batch", &batches);
            put("network", &losses);
            put("floor", optimal);
            let mut rng = generator(1);
            let levels = NoiseLevel::all(&scheduler());
            let many = EvaluationSet::draw(MANY, &spiral(), &levels, kind, &mut rng);
            put("network_by_t", &many.losses(network));
            put("floor_by_t", &many.optimal_loss(&spiral()).expect("there are data"));
            put("excess", &many.excess(network, &spiral()).expect("there are data"));
            put("last", &[mean(&evaluation_set.losses(training.network()))]);
        }
        put(name, &[mean(&losses), mean(optimal)]);
        if kind != DIGITS_KIND {
            put(&format!("digits_{name}"), &quality_of_digits(kind));
        }
    }
    // Of a cosine over forty times as many updates, so many at its beginning are as good
    // as flat.
    let config = TrainingConfig { updates: 40 * updates, ..TrainingConfig::default() };
    let mut constant = training(config);
    advance(&mut constant, updates);
    let evaluation_set = evaluation_set(PredictionType::Noise);
    for (network, name) in
        [(constant.network(), "constant_last"), (constant.ema(), "constant_average")]
    {
        put(name, &[mean(&evaluation_set.losses(network))]);
    }
    csv
}

/// Of digits that a network of this prediction type makes: how many in a hundred have the
/// right label, and how far they are from the nearest that was learned from.
fn quality_of_digits(kind: PredictionType) -> [f64; 2] {
    let mut training = training_of_digits(kind);
    let updates = training.config().updates;
    advance(&mut training, updates);
    let labels = (0..10).map(Some).collect();
    let denoiser = LearnedDenoiser::new(training.ema().clone(), kind, labels, 1.0)
        .expect("it has these labels");
    let samples = samples(&denoiser, 64, 1000, true);
    let (learned, _) = digits();
    let right = right(&samples, &learned, |sample| sample % 10);
    [right, mean(&nearest(&samples, &learned.x))]
}

/// The values of a curve in the file.
pub fn curve(csv: &str, curve: &str) -> Vec<f64> {
    let value = |line: &str| {
        let mut cells = line.split(',');
        (cells.next() == Some(curve)).then(|| cells.nth(1)?.parse().ok())?
    };
    csv.lines().filter_map(value).collect()
}

/// The file.
///
/// # Panics
///
/// If it is not there: `cargo xtask evidence` makes it.
pub fn stored_curves() -> String {
    String::from_utf8(CURVES.stored()).expect("it is a table")
}

fn numbers(csv: &[u8]) -> Numbers {
    let csv = String::from_utf8_lossy(csv);
    let single = |name| curve(&csv, name).first().copied();
    let mut numbers = Numbers::new();
    let mut put = |name: &str, value| numbers.insert(format!("learning_{name}"), value);
    for name in KINDS.map(PredictionType::name) {
        let judged = curve(&csv, &format!("judged_{name}"));
        for (ratio, judge) in judged.iter().zip(KINDS) {
            put(&format!("ratio_{name}_as_{}", judge.name()), *ratio);
        }
        if let Some(&distance) = judged.get(KINDS.len()) {
            put(&format!("distance_{name}"), distance);
        }
        if let [right, distance] = curve(&csv, &format!("digits_{name}"))[..] {
            put(&format!("digits_right_{name}"), right);
            put(&format!("digits_nearest_{name}"), distance);
        }
    }
    if let [loss, optimal] = curve(&csv, "noise")[..] {
        put("loss", loss);
        put("floor", optimal);
    }
    for name in ["last", "constant_last", "constant_average"] {
        if let Some(value) = single(name) {
            put(name, value);
        }
    }
    numbers
}

/// So many samples of so many values each, made as the command makes them with the
/// default seed.
pub fn samples(
    denoiser: &LearnedDenoiser,
    values: usize,
    n: usize,
    clip: bool,
) -> DMatrix<f32> {
    let variance = Variance::BetaTilde;
    let sampler = DdpmSampler { scheduler: scheduler(), variance, clip };
    let mut rng = generator(0);
    let noise = randn_like(&DMatrix::zeros(values, n), &mut rng);
    sampler.sample(denoiser, noise, &mut rng).expect("it has all timesteps")
}

/// The network as it is now, as a denoiser.
fn denoiser_of(training: &Training) -> LearnedDenoiser {
    LearnedDenoiser::unconditional(training.ema().clone(), training.config().kind)
}

/// Side by side: samples after so many updates as [`UPDATES_SHOWN`] says, and the data.
fn samples_on_the_way() -> RgbImage {
    let mut sheet = RgbImage::new((UPDATES_SHOWN.len() as u32 + 1) * SIDE, SIDE);
    let mut put = |x: &DMatrix<f32>, place: usize| {
        let left = place as i64 * i64::from(SIDE);
        imageops::replace(&mut sheet, &scatter(x, REACH, SIDE), left, 0);
    };
    let mut training = training(TrainingConfig::default());
    for (place, updates) in UPDATES_SHOWN.into_iter().enumerate() {
        advance(&mut training, updates);
        put(&samples(&denoiser_of(&training), 2, SAMPLED, true), place);
    }
    put(&spiral().x.columns(0, SAMPLED).into_owned(), UPDATES_SHOWN.len());
    sheet
}

/// The pictures that are stored.
///
/// # Panics
///
/// If they are not there: `cargo xtask evidence` makes them.
pub fn stored_samples() -> Vec<RgbImage> {
    let sheet = SAMPLES.stored_picture();
    let part = |place| imageops::crop_imm(&sheet, place * SIDE, 0, SIDE, SIDE).to_image();
    (0..=UPDATES_SHOWN.len() as u32).map(part).collect()
}
