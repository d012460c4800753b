//! The networks, while they learn.

use std::sync::LazyLock;

use diffusion_core::generator;
use nalgebra::DMatrix;
use part_h_learning_to_denoise::{Data, Training};
use part_l_u_net::UNet;
use xtask_figures::stored::memory::{SIZES, UPDATES_SHOWN};

use super::{TRAINING, config, learned_from};
use crate::threads::on_threads_of_its_own;
use crate::u_net::scheduler;

/// By its place in [`SIZES`] and by its set, what a network is after [`UPDATES_SHOWN`].
pub static TRAINED: LazyLock<[[Vec<UNet>; 2]; SIZES.len()]> = LazyLock::new(|| {
    on_threads_of_its_own(|| {
        SIZES.map(|size| {
            let [a, b] = learned_from(size);
            let (a, b) = rayon::join(|| trained(a, 0), || trained(b, 1));
            [a, b]
        })
    })
});

/// A network that learns from some digits. The two of a number of digits begin with other
/// numbers and see other noise, so that only what they learn can make them alike.
fn trained(x: DMatrix<f32>, seed: u64) -> Vec<UNet> {
    let mut rng = generator(seed);
    let network = UNet::new(config(), &mut rng);
    let data = Data::unlabelled(x);
    let training = Training::of_network(TRAINING, network, data, scheduler(), rng);
    let mut training = training.expect("the config fits");
    let mut shown = Vec::new();
    while !training.is_done() {
        training.update().expect("the loss is finite");
        if UPDATES_SHOWN.contains(&training.updates_done()) {
            shown.push(training.ema().clone());
        }
    }
    shown
}
