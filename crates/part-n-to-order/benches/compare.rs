//! How fast samples are made to order: `cargo bench -p part-n-to-order`.
//!
//! A measurement is what `--compare` does for one method and one noise: 100 samples in 20
//! steps, with the 1,797 digits as data, of which one was seen in part. `compare.py` beside
//! this file does the same as the whole of `--compare` in PyTorch.

use diffusion_cli::load;
use diffusion_core::{generator, randn_like};
use divan::Bencher;
use divan::counter::ItemsCount;
use nalgebra::DMatrix;
use part_i_samplers::{Levels, Spacing};
use part_n_to_order::{
    ConditionalDenoiser, METHODS, Measurement, Observation, Order, Plain, SmoothedData,
    WithoutJacobian, method_list,
};

fn main() {
    diffusion_testing::keep_freed_blocks();
    divan::main();
}

const SAMPLES: usize = 100;
const STEPS: usize = 20;

/// Each method by name, and the exact one.
#[divan::bench(args = ["exact"].into_iter().chain(METHODS.map(|method| method.name)))]
fn samples(bencher: Bencher, name: &str) {
    let digits = load::digits().expect("the repository has its digits");
    let seen: Vec<usize> = (0..32).collect();
    let measurement = Measurement::mask(64, &seen).expect("they are there");
    let x0 = digits.column(2).into_owned();
    let observation = Observation::of(x0.as_slice(), measurement, 0.5, &mut generator(0));
    let observation = observation.expect("a digit has 64 pixels");
    let data = SmoothedData::new(digits, 0.0).expect("there are data");
    let exact = ConditionalDenoiser::new(&data, &observation).expect("there is noise");
    let exact = WithoutJacobian(exact);
    let order = Order { denoiser: &data, observation: &observation, eta: 1.0 };
    let (order, method) = match method_list::named(name) {
        Some(named) => (order, named.method),
        None => (Order { denoiser: &exact, ..order }, &Plain as _),
    };
    let scheduler = part_e_schedules::cosine(1000).expect("there are steps");
    let timesteps = Spacing::Trailing.timesteps(STEPS, 1000).expect("there are as many");
    let levels = Levels::of_timesteps(&scheduler, &timesteps).expect("they fall");
    let noise = randn_like(&DMatrix::zeros(64, SAMPLES), &mut generator(1));
    bencher.counter(ItemsCount::new(SAMPLES)).bench_local(|| {
        let mut rng = generator(2);
        let new_noise = &mut |x: &DMatrix<f32>| randn_like(x, &mut rng);
        order.sample(method, &levels, noise.clone(), new_noise).expect("it samples")
    });
}
