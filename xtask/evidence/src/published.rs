//! What part M measures, with the network that part L has stored.

use std::fs;
use std::io::Cursor;
use std::sync::LazyLock;

use diffusion_cli::load;
use diffusion_core::{generator, randn_like};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{ExactDenoiser, NoiseLevel};
use part_h_learning_to_denoise::LearnedDenoiser;
use part_i_samplers::{Levels, SamplingConfig, Spacing, X0Clipping, sampler_list};
use part_l_u_net::model_folder::{FolderPath, ModelFolder};
use part_l_u_net::{UNetConfig, cost, judge};
use part_m_published_models::{FAULTS, Recall, Setup};
use xtask_artifacts::{repository, stale};
use xtask_figures::stored::published::{COLUMNS, NETWORKS, Row, SAMPLERS, SHOWN, STEPS};
use xtask_figures::stored::{FOLDER, published, u_net};

use crate::measured::{self, noise, sampled};
use crate::threads::on_threads_of_its_own;
use crate::u_net as learned;

/// How many digits are judged.
const JUDGED: usize = 200;

/// In how many steps digits with mistakes are made.
const USUAL_STEPS: usize = 20;

/// How many pictures of CIFAR-10 an exact denoiser would have to know.
const CIFAR_PICTURES: f64 = 50_000.0;

type Measured = measured::Measured<Row>;

static MEASURED: LazyLock<Measured> = LazyLock::new(|| on_threads_of_its_own(measure));

fn measure() -> Measured {
    let mut measured = Measured::new();
    costs(&mut measured);
    let setup = setup();
    faults(&setup, &mut measured);
    steps(&setup, &mut measured);
    recall(setup, &mut measured);
    measured
}

/// The text of [`published::VALUES`].
pub fn csv() -> Vec<u8> {
    MEASURED.csv()
}

/// The bytes of [`published::PICTURES`].
pub fn sheet() -> Vec<u8> {
    MEASURED.png()
}

/// The stored network: that in the repository, or the one that is to take its place.
fn folder() -> ModelFolder {
    let folder = format!("{FOLDER}/{}", u_net::FOLDER);
    let root = repository();
    let is_stale = stale(&root).iter().any(|it| it.path.starts_with(&folder));
    let read = ModelFolder::read(|name| match is_stale {
        true => Ok(learned::file_if_there(name).map(Cursor::new)),
        false => Ok(fs::read(root.join(&folder).join(name)).ok().map(Cursor::new)),
    });
    read.expect("it was written here")
}

/// A setup that is right.
fn setup() -> Setup {
    let ModelFolder { network, scheduler, .. } = folder();
    let FolderPath::Schedule(schedule) = &scheduler else {
        panic!("the digits have a schedule")
    };
    let betas = schedule.betas().and_then(NoiseScheduler::from_betas);
    Setup {
        network,
        kind: scheduler.prediction(),
        scheduler: betas.expect("it was read"),
        labels: (0..u_net::LABELS).map(Some).collect(),
        spacing: Spacing::Trailing,
        time_scale: 1.0,
        start: |x, rng| randn_like(x, rng),
    }
}

/// The digits that were learned from, and those that were held out.
struct Digits {
    x: [DMatrix<f32>; 2],
    /// Of the first.
    labels: Vec<usize>,
}

static DIGITS: LazyLock<Digits> = LazyLock::new(|| {
    let x = load::mnist().expect("the repository has them");
    let labels = load::mnist_labels().expect("the repository has them");
    let learned = x.ncols() - learned::HELD_OUT;
    let part = |first, count| x.columns(first, count).into_owned();
    Digits { x: [part(0, learned), part(learned, learned::HELD_OUT)], labels }
});

/// How many of some digits, 0 to 9 in turn, are nearest to one of their label, and how far
/// the nearest is on average.
fn judged(x: &DMatrix<f32>) -> [f64; 2] {
    let neighbours = judge::nearest(x, &DIGITS.x[0]);
    let is_right = |(i, neighbour): &(usize, &judge::Neighbour)| {
        DIGITS.labels[neighbour.datum] == i % u_net::LABELS
    };
    let right = neighbours.iter().enumerate().filter(is_right).count();
    let distances = neighbours.iter().map(|it| it.distance);
    [right as f64, distances.sum()].map(|sum| sum / neighbours.len() as f64)
}

/// One mistake at a time.
fn faults(setup: &Setup, measured: &mut Measured) {
    for (i, (fault, (name, _))) in FAULTS.iter().zip(published::FAULTS).enumerate() {
        assert_eq!(fault.name, name, "in the order of the lesson");
        let wrong = (fault.put_in)(setup.clone());
        let digits = wrong.sample(JUDGED, USUAL_STEPS, &mut generator(0));
        let digits = digits.expect("there are as many steps");
        measured.put(&format!("fault_{name}"), judged(&digits));
        measured.put_row(Row(i), &digits.columns(0, COLUMNS).into_owned());
    }
}

/// Fewer steps and more.
fn steps(setup: &Setup, measured: &mut Measured) {
    for name in SAMPLERS {
        let sampler = sampler_list::named(name).expect("chapter I has it").sampler;
        for steps in STEPS {
            let timesteps = Spacing::Trailing.timesteps(steps, setup.scheduler.steps());
            let timesteps = timesteps.expect("there are as many");
            let levels = Levels::of_timesteps(&setup.scheduler, &timesteps);
            let levels = levels.expect("the noise grows with them");
            let clipping = X0Clipping::Fixed { bound: 1.0 };
            let config = SamplingConfig { sampler, levels: &levels, clipping };
            let digits = sampled(
                &config,
                setup,
                noise(setup.network.config().pixels(), JUDGED, 0),
            );
            measured.put(&format!("steps_{name}_{steps}"), judged(&digits));
        }
    }
}

/// The network beside the exact denoiser.
fn recall(setup: Setup, measured: &mut Measured) {
    let Setup { network, scheduler, kind, .. } = setup;
    let network = LearnedDenoiser::unconditional(network, kind);
    let exact = ExactDenoiser::new(&DIGITS.x[0]).expect("there are digits");
    let all = NoiseLevel::all(&scheduler);
    let levels: Vec<NoiseLevel> = all.into_iter().skip(25).step_by(50).collect();
    measured.put("recall_sigma", levels.iter().map(|level| level.sigma()));
    for (name, x) in SHOWN.iter().zip(&DIGITS.x) {
        let x0 = x.columns(0, JUDGED).into_owned();
        let of = |&at: &NoiseLevel| {
            let noise = randn_like(&x0, &mut generator(at.t as u64));
            let recall = Recall::of(&network, &exact, &x0, &noise, at);
            recall.expect("they are made for such states")
        };
        let recalls: Vec<Recall> = levels.iter().map(of).collect();
        let mut put = |what: &str, of: fn(&Recall) -> f64| {
            measured.put(&format!("recall_{name}_{what}"), recalls.iter().map(of));
        };
        put("network", |it| it.network);
        put("exact", |it| it.exact);
        put("apart", |it| it.apart);
    }
}

/// What an evaluation costs: the parameters, and the multiplications.
fn costs(measured: &mut Measured) {
    for (name, config) in NETWORKS.iter().zip(networks()) {
        let values = [cost::parameters(&config), cost::multiplications(&config)];
        measured.put(&format!("cost_{name}"), values.map(|value| value as f64));
    }
    // A product for each value of each picture, for how far it is and for the mean.
    let [_, cifar, ..] = networks();
    let values = (cifar.channels[0] * cifar.pixels()) as f64;
    measured.put("cost_exact", [2.0 * CIFAR_PICTURES * values]);
}

/// Those of [`NETWORKS`], as their configs say it.
fn networks() -> [UNetConfig; 5] {
    let digits = learned::config(u_net::WIDTHS);
    // What google's networks have in common.
    let ddpm = |config: UNetConfig| UNetConfig {
        pads_all_round: false,
        cosines_first: false,
        frequency_shift: 1.0,
        head_size: None,
        ..with_groups(config)
    };
    let ways = |at: &[usize], count: usize| {
        let down: Vec<bool> = (0..count).map(|level| at.contains(&level)).collect();
        let up = down.iter().rev().copied().collect();
        [down, up]
    };
    let of = |side: usize, widths: &[usize], attended: &[usize]| UNetConfig {
        blocks: 2,
        attention: ways(attended, widths.len()),
        ..UNetConfig::small(3, side, widths.to_vec(), 0)
    };
    let six = [128, 128, 256, 256, 512, 512];
    [
        digits,
        ddpm(of(32, &[128, 256, 256, 256], &[1])),
        with_groups(of(32, &[64, 128, 128, 256], &[2, 3])),
        ddpm(of(256, &six, &[4])),
        with_groups(of(64, &six, &[4])),
    ]
}

/// With diffusers' default of 32 groups.
fn with_groups(mut config: UNetConfig) -> UNetConfig {
    config.norm.groups = 32;
    config.middle_groups = Some(32);
    config
}
