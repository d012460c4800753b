//! What part H learns: how the loss falls, what the network makes on the way, and the
//! networks themselves.

use diffusion_cli::plot::scatter;
use diffusion_core::generator;
use diffusion_kernels::likelihoods::nearest;
use image::{RgbImage, imageops};
use nalgebra::DMatrix;
use part_f_the_way_back::{NoiseLevel, PredictionType};
use part_h_learning_to_denoise::evaluation::mean;
use part_h_learning_to_denoise::model_file::{Model, ModelPath, described};
use part_h_learning_to_denoise::{
    EvaluationSet, LearnedDenoiser, NetworkConfig, Training, TrainingConfig,
};
use xtask_figures::digits::right;
use xtask_figures::stored::learning::{
    KINDS, MANY, REACH, SAMPLED, SIDE, STEPS, UPDATES_SHOWN, digits, samples, scheduler,
    spiral,
};

use crate::png;

/// The bytes of [`xtask_figures::stored::learning::SAMPLES`].
pub fn samples_png() -> Vec<u8> {
    png(&samples_on_the_way())
}

/// The bytes of [`xtask_figures::stored::learning::SPIRAL`].
pub fn trained_on_spiral() -> Vec<u8> {
    trained(training(TrainingConfig::default()), "spiral")
}

/// The bytes of [`xtask_figures::stored::learning::DIGITS`].
pub fn trained_on_digits() -> Vec<u8> {
    trained(training_of_digits(DIGITS_KIND), "digits")
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
        path: ModelPath::Schedule(scheduler()),
        data: data.to_owned(),
        updates: config.updates,
        training: described(String::new(), &config, config.updates, 0),
        is_channels_first: false,
        unfinished: None,
    };
    model.to_bytes()
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

/// The text of [`xtask_figures::stored::learning::CURVES`].
///
/// `curve,index,value`: of the network that predicts the noise, `batch` is the loss of
/// each update, `network` the loss of its EMA at each timestep, and `floor` the optimal
/// loss; both again over [`MANY`] examples, with the `excess`, what could still be
/// learned.
///
/// For each prediction type, there are its network's loss and the optimal one, and as
/// `judged_…` three ratios of these two, as losses of each of the types in turn, and how
/// far samples are from the data. For those that the stored network of digits doesn't have, there is as
/// `digits_…` what digits a network makes: how many in a hundred have the right label,
/// and how far they are from the nearest that was learned from. The others are single
/// values: the loss of the last parameters, and with a learning rate that stays where it
/// is, the loss of the last parameters and of their EMA.
pub fn curves() -> String {
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
