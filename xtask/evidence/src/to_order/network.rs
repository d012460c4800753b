//! DPS with a network, and with the exact denoiser of all that the network has learned from.

use std::fs;
use std::io::Cursor;

use diffusion_cli::load;
use diffusion_core::{generator, randn_like};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_i_samplers::{Levels, Spacing};
use part_l_u_net::model_folder::{FolderPath, ModelFolder};
use part_n_to_order::decided::label_probabilities;
use part_n_to_order::judge::{agreement, label_fractions, total_variation};
use part_n_to_order::{
    ConditionalDenoiser, Differentiable, DifferentiableNetwork, Dps, Measurement,
    Observation, Order,
};
use xtask_artifacts::repository;
use xtask_figures::stored::to_order::{NETWORK_NOISES, NETWORK_SCALES};
use xtask_figures::stored::{FOLDER, u_net};

use super::{LABELS, Measured, points};
use crate::u_net::HELD_OUT;

/// Which of the digits that were held out was seen.
const DIGIT: usize = 2;

const SAMPLES: usize = 100;
const STEPS: usize = 50;

pub fn ask(measured: &mut Measured) {
    let folder = repository().join(FOLDER).join(u_net::FOLDER);
    let read = |name: &str| Ok(fs::read(folder.join(name)).ok().map(Cursor::new));
    let ModelFolder { network, scheduler, .. } =
        ModelFolder::read(read).expect("the repository has it");
    let FolderPath::Schedule(schedule) = &scheduler else {
        panic!("the digits have a schedule")
    };
    let betas = schedule.betas().and_then(NoiseScheduler::from_betas);
    let betas = betas.expect("it was read");
    let timesteps = Spacing::Trailing.timesteps(STEPS, betas.steps());
    let timesteps = timesteps.expect("there are as many");
    let levels = Levels::of_timesteps(&betas, &timesteps).expect("they fall");
    let network = DifferentiableNetwork::new(network, scheduler.prediction(), 1.0);
    let network = network.expect("its outputs are pictures");

    let x = load::mnist().expect("the repository has them");
    let mut labels = load::mnist_labels().expect("the repository has them");
    let learned = x.ncols() - HELD_OUT;
    labels.truncate(learned);
    let seen = x.column(learned + DIGIT).into_owned();
    let data = points(x.columns(0, learned).into_owned());
    let upper: Vec<usize> = (0..seen.len() / 2).collect();

    for noise in NETWORK_NOISES {
        let measurement = Measurement::mask(seen.len(), &upper);
        let measurement = measurement.expect("they are there");
        let rng = &mut generator(0);
        let observation = Observation::of(seen.as_slice(), measurement, noise, rng);
        let observation = observation.expect("it has as many values");
        let exact = ConditionalDenoiser::new(&data, &observation);
        let posterior = exact.expect("there is noise").posterior();
        let truth = label_probabilities(&posterior, &labels, LABELS);
        let judged = |denoiser: &dyn Differentiable, scale: f64| -> [f64; 2] {
            let order = Order { denoiser, observation: &observation, eta: 1.0 };
            let zeros = DMatrix::zeros(seen.len(), SAMPLES);
            let first = randn_like(&zeros, &mut generator(1));
            let mut rng = generator(2);
            let new_noise = &mut |x: &DMatrix<f32>| randn_like(x, &mut rng);
            let samples = order.sample(&Dps::Length(scale), &levels, first, new_noise);
            let samples = samples.expect("both have derivatives");
            let made = label_fractions(&samples, (data.data(), &labels), LABELS);
            [agreement(&made), total_variation(&truth, &made)]
        };
        measured.put(&format!("network_truth_{noise}"), [agreement(&truth)]);
        let asked: [(&str, &dyn Differentiable); 2] =
            [("network", &network), ("exact", &data)];
        for (who, denoiser) in asked {
            let of_scale = NETWORK_SCALES.map(|scale| judged(denoiser, scale));
            for (i, what) in ["agreement", "variation"].into_iter().enumerate() {
                let values = of_scale.map(|it| it[i]);
                measured.put(&format!("network_{what}_{who}_{noise}"), values);
            }
        }
    }
}
