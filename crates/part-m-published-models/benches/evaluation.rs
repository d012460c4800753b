//! An evaluation of a network of the shape of google/ddpm-cifar10-32, and reading its
//! weights.

use std::io::Cursor;

use diffusion_core::{generator, randn_like};
use divan::Bencher;
use nalgebra::DMatrix;
use part_e_schedules::beta_schedule::{BetaSchedule, Ends};
use part_f_the_way_back::{NoiseLevel, PredictionType};
use part_h_learning_to_denoise::TrainableNetwork;
use part_l_u_net::initial::Zeros;
use part_l_u_net::model_folder::{FolderPath, Learned, ModelFolder, scheduler_config};
use part_l_u_net::{NormConfig, UNet, UNetConfig};

fn main() {
    divan::main();
}

fn network() -> UNet {
    let attended = |level| (0..4).map(|i| i == level).collect();
    let config = UNetConfig {
        blocks: 2,
        attention: [attended(1), attended(2)],
        norm: NormConfig { groups: 32, epsilon: 1e-6, scale_shift: false },
        middle_groups: Some(32),
        head_size: None,
        pads_all_round: false,
        cosines_first: false,
        frequency_shift: 1.0,
        ..UNetConfig::small(3, 32, vec![128, 256, 256, 256], 0)
    };
    UNet::new(config, &mut Zeros)
}

#[divan::bench(args = [1, 16])]
fn evaluation(bencher: Bencher, pictures: usize) {
    let network = network();
    let x = DMatrix::zeros(network.values(), pictures);
    let x = randn_like(&x, &mut generator(0));
    let levels = vec![NoiseLevel { t: 500.0, a: 0.6, b: 0.8 }; pictures];
    let labels = vec![None; pictures];
    bencher.bench(|| network.outputs(&x, &levels, &labels));
}

#[divan::bench]
fn reading(bencher: Bencher) {
    let kind = PredictionType::Noise;
    let schedule = scheduler_config(&BetaSchedule::Linear(Ends::DDPM), 1000, kind);
    let folder = ModelFolder {
        network: network(),
        scheduler: FolderPath::Schedule(schedule.expect("diffusers has it")),
        learned: Learned::default(),
    };
    let files = folder.to_files(&[], false).expect("its numbers are small");
    bencher.bench(|| {
        let read = |path: &str| {
            let file = files.iter().find(|(name, _)| *name == path);
            Ok(file.map(|(_, bytes)| Cursor::new(bytes)))
        };
        ModelFolder::read(read).expect("it was just written")
    });
}
