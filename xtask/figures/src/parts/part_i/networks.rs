//! What part I's samplers make of part H's networks.

use diffusion_core::{Moments, generator, randn_like};
use diffusion_kernels::distances::column_by_column;
use diffusion_kernels::likelihoods::nearest;
use nalgebra::DMatrix;
use part_h_learning_to_denoise::LearnedDenoiser;
use part_h_learning_to_denoise::evaluation::mean;
use part_i_samplers::{DpmSolver, Sampler, SamplingConfig, Spacing, X0Clipping};

use super::{DDIM, DDPM, STEPS, distinct, spaced};
use crate::digits::{right, sheet, spread};
use crate::draw::PageWidth;
use crate::numbers::Numbers;
use crate::stored::learning::{self, DIGITS, SPIRAL, stored_denoiser};

/// In how many steps the digits are drawn, and how many of them are judged.
const FEW: usize = 5;
const MANY: usize = 100;
const JUDGED: usize = 1000;

/// `n` samples of a network of part H, in trailing steps, as the command makes them with
/// the default seed.
fn samples_of_network(
    denoiser: &LearnedDenoiser,
    sampler: &dyn Sampler,
    steps: usize,
    clipping: X0Clipping,
    n: usize,
) -> DMatrix<f32> {
    let levels = spaced(&learning::scheduler(), Spacing::Trailing, steps);
    let mut rng = generator(0);
    let values = denoiser.network().config().values;
    let noise = randn_like(&DMatrix::zeros(values, n), &mut rng);
    SamplingConfig { sampler, levels: &levels, clipping }
        .sample(denoiser, noise, &mut rng)
        .expect("it can take these levels")
}

const CLIPPED: X0Clipping = X0Clipping::Fixed { bound: 1.0 };

/// Digits, each label in turn.
fn sampled_digits(sampler: &dyn Sampler, steps: usize, n: usize) -> DMatrix<f32> {
    let denoiser = stored_denoiser(DIGITS, (0..10).map(Some).collect(), 1.0);
    samples_of_network(&denoiser, sampler, steps, CLIPPED, n)
}

/// Digits in few steps by each sampler, and in many.
pub fn digits(page: PageWidth) -> Vec<u8> {
    let row = |name: &str, sampler: &dyn Sampler, steps: usize| {
        (format!("{name}, {steps} steps"), sampled_digits(sampler, steps, 10))
    };
    let mut rows: Vec<_> = distinct()
        .iter()
        .map(|it| {
            // The first of those that go the same steps.
            let name = it.titles.split(", ").next().unwrap_or_default();
            row(name, it.named.sampler, FEW)
        })
        .collect();
    rows.extend([row("DDPM", &DDPM, MANY), row("DDIM", &DDIM, MANY)]);
    sheet(
        page,
        rows,
        "Six rows of ten small pictures, samples of a network with the labels 0, 1 and so on to 9, \
         from the same noise. With 5 steps of DDPM, DDIM and DPM-Solver++ (2M), most can \
         be read. With 5 steps of Heun's method they are harsh blots in black and white, and few \
         are digits. With 100 steps of DDPM and of DDIM most can be read; those of DDIM look much \
         like those with 5 steps.",
    )
}

/// What the networks of part H make of noise.
pub fn put_numbers(numbers: &mut Numbers) {
    let mut put = |name: &str, value: f64| numbers.insert(name.to_owned(), value);
    let (learned, _) = learning::digits();
    for distinct in distinct() {
        let (name, sampler) = (&*distinct.name(), distinct.named.sampler);
        let [few, many] = [FEW, MANY].map(|steps| sampled_digits(sampler, steps, JUDGED));
        for (x, steps) in [(&few, FEW), (&many, MANY)] {
            let name = |what: &str| format!("digits_{what}_{name}_{steps}");
            put(&name("right"), right(x, &learned, |sample| sample % 10));
            put(&name("nearest"), mean(&nearest(x, &learned.x)));
            put(&name("spread"), spread(x, |sample| sample % 10));
        }
        if name == "dpm_solver" {
            put("digits_apart_dpm_solver", mean(&column_by_column(&few, &many)));
        }
    }
    let levels = spaced(&learning::scheduler(), Spacing::Trailing, FEW);
    for (name, level) in ["first", "second"].iter().zip(levels.as_slice()) {
        put(&format!("digits_{name}_sigma"), level.sigma());
    }
    let spiral = stored_denoiser(SPIRAL, vec![None], 1.0);
    for (name, clipping) in [("clipped", CLIPPED), ("unclipped", X0Clipping::None)] {
        let x = samples_of_network(&spiral, &DpmSolver, STEPS, clipping, 4000);
        put(&format!("spiral_std_{name}"), Moments::of(&x).std);
    }
    put("spiral_std", Moments::of(&learning::spiral().x).std);
    let last = learning::scheduler().scales(learning::STEPS - 1);
    let (a, _) = last.expect("it is the last");
    put("spiral_last_factor", a);
}
