//! Learning: is what comes out a function of the arguments, and of nothing else?

use diffusion_core::{Generator, generator};
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::PredictionType;
use part_h_learning_to_denoise::model_file::{Model, ModelPath};
use part_h_learning_to_denoise::{Data, Examples, Training, TrainingConfig};
use part_k_convolutions::crops::draw;
use part_k_convolutions::{ConvolutionalNetwork, NetworkConfig, Padding};

use super::reference::loss_and_gradient;
use super::{PADDINGS, bits, bits_of, config, data, examples, outputs, photo, scheduler};

const TRAINING: TrainingConfig = TrainingConfig {
    kind: PredictionType::Velocity,
    updates: 12,
    // The last chunk has one picture only.
    batch: 5,
    learning_rate: 2e-2,
    ema_decay: 0.9,
    label_dropout: 0.1,
    max_gradient_norm: None,
};

const SEED: u64 = 3;

type LearnsTiles = Training<NoiseScheduler, ConvolutionalNetwork>;

/// How the command begins: a network from the seed, and then all that it learns from.
fn begun(padding: Padding, config_of: TrainingConfig) -> LearnsTiles {
    let mut rng = generator(SEED);
    let config = config(padding, 3, [9, 8]);
    let network = ConvolutionalNetwork::new(config, &mut rng);
    let data = data(&[photo([9, 8])]);
    Training::of_network(config_of, network, data, scheduler(), rng).unwrap()
}

fn all_bits(training: &LearnsTiles) -> [Vec<u32>; 2] {
    [training.network(), training.ema()].map(|network| bits(&network.parameters))
}

#[test]
fn the_number_of_threads_changes_nothing() {
    for padding in PADDINGS {
        let learned = |threads| {
            let pool =
                rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let mut training = begun(padding, TRAINING);
                let mut losses = Vec::new();
                while !training.is_done() {
                    losses.push(training.update().unwrap().to_bits());
                }
                (losses, all_bits(&training))
            })
        };
        let one = learned(1);
        for threads in 2..=4 {
            assert!(learned(threads) == one, "{padding:?}, {threads} threads");
        }
    }
}

/// Pictures that are large enough for several threads to share one convolution.
#[test]
fn the_number_of_threads_changes_no_large_picture() {
    let config = NetworkConfig { channels: 64, ..config(Padding::Circular, 3, [32, 32]) };
    let network = ConvolutionalNetwork::new(config, &mut generator(SEED));
    let examples = examples(&config, 1);
    let computed = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let outputs = outputs(&network, &examples.x, 4);
            let (loss, gradient) = loss_and_gradient(&network, &examples);
            (bits_of(outputs.as_slice()), loss.to_bits(), bits_of(&gradient.concat()))
        })
    };
    let one = computed(1);
    for threads in 2..=4 {
        assert!(computed(threads) == one, "{threads} threads");
    }
}

/// Examples of whole pictures, as `Training::update` draws them.
fn of_pictures(
    config: &TrainingConfig,
    data: &Data,
    levels: &NoiseScheduler,
    rng: &mut Generator,
) -> Examples {
    let TrainingConfig { kind, batch, label_dropout, .. } = *config;
    Examples::draw(batch, data, levels, kind, label_dropout, rng)
}

/// Examples of crops of a larger photograph.
fn of_crops(
    config: &TrainingConfig,
    data: &Data,
    levels: &NoiseScheduler,
    rng: &mut Generator,
) -> Examples {
    let TrainingConfig { kind, batch, .. } = *config;
    let crops = Data::unlabelled(draw(batch, &photo([20, 16]), [9, 8], rng));
    assert_eq!(crops.x.nrows(), data.x.nrows());
    Examples::draw(batch, &crops, levels, kind, 0.0, rng)
}

/// A training that goes on after an interrupt, from the bytes of a file, is the one that
/// had none: the EMA, the network behind it and its optimizer.
#[test]
fn an_interrupt_changes_nothing() {
    for (draw, padding) in [
        (of_pictures as fn(&_, &_, &_, &mut _) -> _, Padding::Circular),
        (of_crops, Padding::None),
    ] {
        let mut whole = begun(padding, TRAINING);
        while !whole.is_done() {
            whole.update_on(draw).unwrap();
        }
        for updates in [0, 1, 7, 11] {
            let mut begin = begun(padding, TRAINING);
            for _ in 0..updates {
                begin.update_on(draw).unwrap();
            }
            let model = Model {
                network: begin.ema().clone(),
                kind: TRAINING.kind,
                path: ModelPath::Schedule(scheduler()),
                data: "mandrill".to_owned(),
                updates,
                training: String::new(),
                is_channels_first: true,
                unfinished: Some(begin.unfinished(SEED)),
            };
            let read =
                Model::<ConvolutionalNetwork>::from_bytes(&model.to_bytes()).unwrap();
            assert_eq!(read, model);
            let unfinished = read.unfinished.unwrap();
            assert_eq!(unfinished.config, TRAINING);

            // All that is known now is in the file.
            let mut rng = generator(unfinished.seed);
            ConvolutionalNetwork::new(*read.network.config(), &mut rng);
            let data = data(&[photo([9, 8])]);
            let again = Training::of_network(
                unfinished.config,
                read.network,
                data,
                scheduler(),
                rng,
            );
            let mut again = again.unwrap();
            again.resume(&unfinished, read.updates, draw);
            assert_eq!(all_bits(&again), all_bits(&begin));
            assert_eq!(again.updates_done(), updates);
            while !again.is_done() {
                again.update_on(draw).unwrap();
            }
            assert!(all_bits(&again) == all_bits(&whole), "{updates}");
        }
    }
}

/// Both ways to draw whole pictures are the same.
#[test]
fn an_update_draws_whole_pictures() {
    let (mut one, mut other) =
        (begun(Padding::Zeros, TRAINING), begun(Padding::Zeros, TRAINING));
    for _ in 0..3 {
        let losses = [one.update().unwrap(), other.update_on(of_pictures).unwrap()];
        assert_eq!(losses[0], losses[1]);
    }
    assert_eq!(all_bits(&one), all_bits(&other));
}

#[test]
fn the_loss_falls() {
    for padding in PADDINGS {
        let mut training =
            begun(padding, TrainingConfig { updates: 150, batch: 8, ..TRAINING });
        let mut losses = Vec::new();
        while !training.is_done() {
            losses.push(training.update().unwrap());
        }
        let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
        let [first, last] = [mean(&losses[..15]), mean(&losses[135..])];
        assert!(last < 0.6 * first, "{padding:?}: {first}, then {last}");
    }
}

/// The bits after 12 updates, on whatever machine.
#[test]
fn some_updates_have_the_same_bits_forever() {
    let checksums = PADDINGS.map(|padding| {
        let mut training = begun(padding, TRAINING);
        while !training.is_done() {
            training.update().unwrap();
        }
        let mixed = |sum: u64, bits: &u32| {
            (sum ^ u64::from(*bits)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31)
        };
        all_bits(&training).concat().iter().fold(0, mixed)
    });
    assert_eq!(checksums, CHECKSUMS);
}

const CHECKSUMS: [u64; 3] =
    [4_765_888_815_698_673_839, 8_382_916_964_144_961_555, 2_803_996_169_516_845_995];
