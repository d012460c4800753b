//! The stored network, while it learns.

use std::sync::LazyLock;

use diffusion_core::generator;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_h_learning_to_denoise::model_file::described;
use part_h_learning_to_denoise::optimizer::update_ema;
use part_h_learning_to_denoise::{TrainableNetwork, Training};
use part_l_u_net::UNet;
use part_l_u_net::model_folder::{Learned, ModelFolder};
use xtask_figures::stored::u_net::{
    AVERAGED_AFTER, COLUMNS, DECAYS, LOSS_EVERY, Row, UPDATES, UPDATES_SHOWN, WIDTHS,
};

use super::{
    DIGITS, Measured, TRAINING, asked_in_turn, config, evaluation, losses, noise,
    sampled, schedule, scheduler,
};
use crate::threads::on_threads_of_its_own;

/// What a training leaves.
pub struct Trained {
    /// The loss of each update.
    losses: Vec<f64>,
    /// The EMA after [`UPDATES_SHOWN`].
    shown: Vec<UNet>,
    /// The network itself at the end.
    last: UNet,
    /// Averages with [`DECAYS`], after [`AVERAGED_AFTER`] updates and at the end.
    pub averages: [Vec<UNet>; 2],
}

/// An update so late that an average keeps no less than it is told to.
const LATE: usize = 1 << 40;

pub static TRAINED: LazyLock<Trained> = LazyLock::new(|| on_threads_of_its_own(trained));

fn trained() -> Trained {
    let mut rng = generator(0);
    let network = UNet::new(config(WIDTHS), &mut rng);
    let mut averages = vec![network.clone(); DECAYS.len()];
    let mut after = Vec::new();
    let (mut losses, mut shown) = (Vec::new(), Vec::new());
    let data = DIGITS.learned.clone();
    let training = Training::of_network(TRAINING, network, data, scheduler(), rng);
    let mut training: Training<NoiseScheduler, UNet> = training.expect("the config fits");
    while !training.is_done() {
        losses.push(training.update().expect("the loss is finite"));
        let updates = training.updates_done();
        for (average, decay) in averages.iter_mut().zip(DECAYS) {
            let parameters = training.network().parameters();
            update_ema(average.parameters_mut(), parameters, LATE, decay);
        }
        if updates == AVERAGED_AFTER {
            after.clone_from(&averages);
        }
        if UPDATES_SHOWN.contains(&updates) {
            shown.push(training.ema().clone());
        }
    }
    Trained {
        losses,
        shown,
        last: training.network().clone(),
        averages: [after, averages],
    }
}

/// The network with all digits of its numbers.
pub fn model() -> ModelFolder {
    let network = TRAINED.shown.last().expect("it was shown at the end").clone();
    let learned = Learned {
        data: Some("mnist".to_owned()),
        updates: UPDATES,
        training: described(String::new(), &TRAINING, UPDATES, 0),
        unfinished: None,
    };
    ModelFolder { network, scheduler: schedule(), learned }
}

/// Measures it on the way.
pub fn measure(measured: &mut Measured) {
    let few = TRAINED.losses.chunks(LOSS_EVERY);
    measured.put("losses", few.map(|some| some.iter().sum::<f64>() / some.len() as f64));
    let (seen, unseen) = (evaluation(&DIGITS.learned), evaluation(&DIGITS.held_out));
    let overall = |evaluation, network| losses(evaluation, network)[0];
    let of = |evaluation| TRAINED.shown.iter().map(move |it| overall(evaluation, it));
    measured.put("learning_seen", of(&seen));
    measured.put("learning_unseen", of(&unseen));
    let last = TRAINED.shown.last().expect("it was shown at the end");
    measured.put("unseen", losses(&unseen, last));
    measured.put("unseen_without_average", losses(&unseen, &TRAINED.last));
    for (i, network) in TRAINED.shown.iter().enumerate() {
        let samples = sampled(&asked_in_turn(network.clone()), noise(COLUMNS, 0));
        measured.put_row(Row::Learning(i), &samples);
    }
}
