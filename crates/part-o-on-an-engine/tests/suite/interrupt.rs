//! A training that was interrupted goes on, wherever it was begun.

use std::io::Cursor;

use diffusion_core::{Generator, generator};
use part_d_alpha_bar_trick::NoiseScheduler;
use part_h_learning_to_denoise::{Data, ParameterSet, TrainingConfig, Unfinished};
use part_l_u_net::model_folder::{Beginning, UnfinishedTraining};
use part_l_u_net::{Parameters, UNet as OwnUNet};
use part_o_on_an_engine::precision::Precision;
use part_o_on_an_engine::training::Training;

use crate::lesson::{GRADIENT, assert_near, cpu, data, learned_config, length, start};

/// In all, and of them before the interrupt.
const UPDATES: usize = 20;
const BEFORE: usize = 10;

const SEED: u64 = 2;

type OwnTraining = part_h_learning_to_denoise::Training<NoiseScheduler, OwnUNet>;

fn config() -> TrainingConfig {
    TrainingConfig { updates: UPDATES, ..learned_config() }
}

fn scheduler() -> NoiseScheduler {
    part_e_schedules::cosine(1000).unwrap()
}

/// A training on the engine, and what its examples are drawn from.
struct OnEngine {
    training: Training,
    data: Data,
    rng: Generator,
}

impl OnEngine {
    fn new(network: &OwnUNet, precision: Precision) -> Self {
        let training = Training::new(config(), precision, vec![cpu()], network);
        OnEngine { training, data: data(), rng: generator(SEED) }
    }

    fn go_on(&mut self, updates: usize) -> Vec<f64> {
        let OnEngine { training, data, rng } = self;
        let update = |_| training.update(&config().draw(data, &scheduler(), rng));
        (0..updates).map(update).collect()
    }

    fn ema(&self) -> OwnUNet {
        self.training.ema().to_own().unwrap()
    }

    fn resume(&mut self, read: &UnfinishedTraining) {
        self.training.resume(&read.training, read.updates);
        for _ in 0..read.updates {
            config().draw(&self.data, &scheduler(), &mut self.rng);
        }
    }
}

fn own(network: OwnUNet) -> OwnTraining {
    let rng = generator(SEED);
    OwnTraining::of_network(config(), network, data(), scheduler(), rng).unwrap()
}

fn updates_of(own: &mut OwnTraining, updates: usize) -> Vec<f64> {
    (0..updates).map(|_| own.update().unwrap()).collect()
}

/// What is read from chapter L's file, in which a training was kept.
fn kept(training: Unfinished, updates: usize) -> UnfinishedTraining {
    let unfinished = UnfinishedTraining {
        training,
        updates,
        from: Beginning::Learned,
        before: String::new(),
        updates_before: 0,
        fingerprint: 0,
    };
    let read = UnfinishedTraining::read(Cursor::new(unfinished.to_bytes()), &start());
    assert_eq!(read.as_ref().unwrap(), &unfinished);
    read.unwrap()
}

#[test]
fn an_interrupt_changes_nothing() {
    for precision in [Precision::F32, Precision::Bf16] {
        let mut whole = OnEngine::new(&start(), precision);
        let losses = whole.go_on(UPDATES);
        for before in [0, 1, BEFORE] {
            let mut begun = OnEngine::new(&start(), precision);
            let mut all = begun.go_on(before);
            let read = kept(begun.training.unfinished(SEED).unwrap(), before);
            let mut again = OnEngine::new(&begun.ema(), precision);
            again.resume(&read);
            assert_eq!(again.training.updates_done(), before);
            assert_eq!(again.training.unfinished(SEED).unwrap(), read.training);
            all.extend(again.go_on(UPDATES - before));
            assert_eq!(all, losses, "after {before}");
            assert!(again.ema() == whole.ema(), "after {before}");
            let [again, whole] = [&again, &whole].map(|it| it.training.unfinished(SEED));
            assert!(again.unwrap() == whole.unwrap(), "after {before}");
        }
    }
}

#[test]
fn the_engine_goes_on_with_a_training_of_chapter_l_s_kernels() {
    let mut begun = own(start());
    let mut losses = updates_of(&mut begun, BEFORE);
    let read = kept(begun.unfinished(SEED), BEFORE);
    let mut engine = OnEngine::new(begun.ema(), Precision::F32);
    engine.resume(&read);
    losses.extend(engine.go_on(UPDATES - BEFORE));
    assert_near(&losses, &updates_of(&mut own(start()), UPDATES), 1e-4);
}

#[test]
fn chapter_l_s_kernels_go_on_with_a_training_of_the_engine() {
    let mut begun = OnEngine::new(&start(), Precision::F32);
    let mut losses = begun.go_on(BEFORE);
    let read = kept(begun.training.unfinished(SEED).unwrap(), BEFORE);
    let mut again = own(begun.ema());
    again.resume(&read.training, read.updates, TrainingConfig::draw);
    losses.extend(updates_of(&mut again, UPDATES - BEFORE));
    assert_near(&losses, &updates_of(&mut own(start()), UPDATES), 1e-4);
}

/// Each tensor of parameters and means is where chapter L has it.
#[test]
fn what_is_kept_is_what_chapter_l_s_kernels_keep() {
    let (mut engine, mut own) = (OnEngine::new(&start(), Precision::F32), own(start()));
    engine.go_on(1);
    own.update().unwrap();
    let kept = [engine.training.unfinished(SEED).unwrap(), own.unfinished(SEED)];
    assert_eq!(kept[0].config, kept[1].config);
    let [ours, expected] =
        kept.map(|Unfinished { network, moments: [mean, square], .. }| {
            [network, mean, square].map(|numbers| {
                let mut network = start();
                network.parameters.copy_from(&numbers);
                network.parameters
            })
        });
    for (which, (ours, expected)) in ours.iter().zip(&expected).enumerate() {
        assert_tensors_near(which, ours, expected);
    }
}

#[track_caller]
fn assert_tensors_near(which: usize, ours: &Parameters, expected: &Parameters) {
    for (ours, expected) in ours.tensors().iter().zip(expected.tensors()) {
        // There is nothing but rounding in the derivatives of those.
        if expected.name.ends_with("to_k.bias") {
            continue;
        }
        let pairs = ours.numbers.iter().zip(expected.numbers);
        let errors: Vec<f32> = pairs.map(|(ours, expected)| ours - expected).collect();
        let (error, length) = (length(&errors), length(expected.numbers));
        assert!(
            error <= GRADIENT * length,
            "{which}, {}: {error} of {length}",
            expected.name
        );
    }
}
