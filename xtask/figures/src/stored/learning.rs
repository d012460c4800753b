//! What part H has learned, as it is stored: how the loss fell, what the network made on
//! the way, and the networks themselves.

use diffusion_cli::load;
use diffusion_core::{generator, points, randn_like};
use image::{RgbImage, imageops};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::cosine;
use part_f_the_way_back::{DdpmSampler, Denoiser, PredictionType, Variance};
use part_h_learning_to_denoise::model_file::{Model, ModelPath};
use part_h_learning_to_denoise::{Data, LearnedDenoiser};

use crate::numbers::Numbers;
use crate::stored;

/// How the loss of the spiral's network fell, and how large it is in the end at each
/// timestep.
pub const CURVES: &str = "learning.csv";

/// Samples of the spiral's network while it learns, side by side, and the data.
pub const SAMPLES: &str = "learning.png";

/// The network that has learned the spiral, as the command's `--save` writes it.
pub const SPIRAL: &str = "spiral.safetensors";

/// The network that has learned the digits, the same way.
pub const DIGITS: &str = "digits.safetensors";

/// As many as the command takes if it is not told otherwise.
pub const STEPS: usize = 100;

const POINTS: usize = 4000;

/// How many examples of each timestep a network is judged by where each counts by itself.
pub const MANY: usize = 1280;

/// After how many updates there are samples.
pub const UPDATES_SHOWN: [usize; 5] = [100, 300, 1000, 2000, 4000];

/// How many samples and data are drawn.
pub const SAMPLED: usize = 2000;

/// How large a picture of them is, in pixels.
pub const SIDE: u32 = 240;

/// How far it reaches from 0 in each direction.
pub const REACH: f32 = 1.6;

/// The cosine schedule.
pub fn scheduler() -> NoiseScheduler {
    cosine(STEPS).expect("there are steps")
}

/// The spiral, as the command draws it.
pub fn spiral() -> Data {
    Data::unlabelled(points::spiral(POINTS, &mut generator(points::SEED)))
}

/// The digits that are learned from, and those that are held out, as in the command.
pub fn digits() -> (Data, Data) {
    let x = load::digits().expect("the repository has its digits");
    let labels = load::digit_labels().expect("the repository has its labels");
    Data { x, labels: Some(labels) }.hold_out(10)
}

/// A network that is stored under this name, as a denoiser of samples of these labels.
///
/// # Panics
///
/// If it is not there: `cargo xtask evidence` makes it. Or if it has not these labels.
pub fn stored_denoiser(
    name: &str,
    labels: Vec<Option<usize>>,
    guidance_scale: f32,
) -> LearnedDenoiser {
    let model = Model::from_bytes(&stored::bytes(name)).expect("it is a network");
    assert!(
        model.path == ModelPath::Schedule(scheduler()),
        "it has learned with the cosine schedule"
    );
    LearnedDenoiser::new(model.network, model.kind, labels, guidance_scale)
        .expect("it has these labels")
}

/// The prediction types that are compared.
pub const KINDS: [PredictionType; 3] =
    [PredictionType::Noise, PredictionType::X0, PredictionType::Velocity];

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
    String::from_utf8(stored::bytes(CURVES)).expect("it is a table")
}

/// The numbers in [`CURVES`].
pub fn numbers(csv: &[u8]) -> Numbers {
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
    denoiser: &impl Denoiser,
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

/// The pictures that are stored.
///
/// # Panics
///
/// If they are not there: `cargo xtask evidence` makes them.
pub fn stored_samples() -> Vec<RgbImage> {
    let sheet = stored::picture(SAMPLES);
    let part = |place| imageops::crop_imm(&sheet, place * SIDE, 0, SIDE, SIDE).to_image();
    (0..=UPDATES_SHOWN.len() as u32).map(part).collect()
}
