//! Digits as latents, at the right scale and at wrong ones.

use diffusion_cli::load;
use diffusion_core::{generator, randn_like};
use diffusion_latents::LinearAutoencoder;
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::scaled_linear;
use part_f_the_way_back::{ExactDenoiser, NoiseLevel};
use part_h_learning_to_denoise::Data;
use part_i_samplers::ddim::Ddim;
use part_i_samplers::{Levels, SamplingConfig, Spacing, X0Clipping};

use crate::digits::{right, sheet, sheet_without_labels};
use crate::draw::PageWidth;
use crate::numbers::Numbers;
use crate::variance::around_own_means;

/// How many values a latent has, where it is sampled.
const VALUES: usize = 16;

/// How many it has, where digits are encoded and decoded.
const VALUES_SHOWN: [usize; 4] = [32, 16, 8, 4];

/// The scale factor of Stable Diffusion 1.5, from its autoencoder's config.
const STABLE_DIFFUSION: f32 = 0.18215;

/// A standard deviation of latents that are far too large.
const TOO_LARGE: f32 = 30.0;

/// Standard deviations of latents, and what they are called in the names of numbers.
const STDS: [(&str, f32); 5] = [
    ("thirtieth", 1.0 / TOO_LARGE),
    ("fifth", STABLE_DIFFUSION),
    ("one", 1.0),
    ("five", 1.0 / STABLE_DIFFUSION),
    ("thirty", TOO_LARGE),
];

/// How many digits are sampled, and in how many steps.
const SAMPLES: usize = 200;
const STEPS: usize = 20;

/// Five times as many, to see whether that helps.
const MORE_STEPS: usize = 100;

fn digits() -> Data {
    let x = load::digits().expect("the repository has its digits");
    let labels = load::digit_labels().expect("the repository has their labels");
    Data { x, labels: Some(labels) }
}

fn fitted(x: &DMatrix<f32>, values: usize) -> LinearAutoencoder {
    LinearAutoencoder::fit(x, values).expect("digits differ")
}

/// One whose latents have so large a standard deviation.
fn scaled(x: &DMatrix<f32>, std: f32) -> LinearAutoencoder {
    let mut autoencoder = fitted(x, VALUES);
    autoencoder.scale_factor *= std;
    autoencoder
}

/// The schedule of Stable Diffusion 1.5.
fn scheduler() -> NoiseScheduler {
    scaled_linear(1000).expect("there are steps")
}

/// Latents with so large a standard deviation, sampled by DDIM with the denoiser that
/// knows all digits' latents of this size.
fn sampled(x: &DMatrix<f32>, std: f32, steps: usize) -> DMatrix<f32> {
    let z = scaled(x, std).encode(x);
    let denoiser = ExactDenoiser::new(&z).expect("there are data");
    let scheduler = scheduler();
    let timesteps = Spacing::Trailing.timesteps(steps, scheduler.steps());
    let timesteps = timesteps.expect("there are as many");
    let levels = Levels::of_timesteps(&scheduler, &timesteps).expect("they fall");
    let mut rng = generator(0);
    let noise = randn_like(&DMatrix::zeros(VALUES, SAMPLES), &mut rng);
    SamplingConfig {
        sampler: &Ddim { eta: 0.0 },
        levels: &levels,
        clipping: X0Clipping::None,
    }
    .sample(&denoiser, noise, &mut rng)
    .expect("it can take these levels")
}

/// The first digit of each kind, as it is, and as it comes back from latents.
pub fn kept(page: PageWidth) -> Vec<u8> {
    let Data { x, labels } = digits();
    let labels = labels.expect("they have some");
    let first = |label| labels.iter().position(|it| *it == label);
    let shown: Vec<usize> = (0..10).filter_map(first).collect();
    let shown = x.select_columns(&shown);
    let mut rows = vec![("64 pixels".to_owned(), shown.clone())];
    rows.extend(VALUES_SHOWN.map(|values| {
        let autoencoder = fitted(&x, values);
        let decoded = autoencoder.decode(&autoencoder.encode(&shown));
        (format!("{values} values"), decoded)
    }));
    let alt = "Five rows of the digits from 0 to 9, 8 x 8 pixels each. The first has them as they are. \
               The others come back from latents of 32, 16, 8 and 4 values. With 32 hardly \
               anything is missing. With 16 they are softer, and all can be read. With 8 some are \
               blurred, and with 4 most are blots that only look like some digit.";
    sheet(page, rows, alt)
}

/// Digits sampled as latents of several scales, and some that were decoded at a wrong one.
pub fn scales(page: PageWidth) -> Vec<u8> {
    let Data { x, .. } = digits();
    let shown = |std: f32| sampled(&x, std, STEPS).columns(0, 10).into_owned();
    let decoded = |std: f32| scaled(&x, std).decode(&shown(std));
    let five = 1.0 / STABLE_DIFFUSION;
    let not_divided = scaled(&x, five).decode(&shown(1.0));
    let rows = vec![
        (
            format!("latents of standard deviation 1/{TOO_LARGE}"),
            decoded(1.0 / TOO_LARGE),
        ),
        (format!("of {STABLE_DIFFUSION:.2}"), decoded(STABLE_DIFFUSION)),
        ("of 1".to_owned(), decoded(1.0)),
        (format!("of {five:.1}"), decoded(five)),
        (format!("of {TOO_LARGE}"), decoded(TOO_LARGE)),
        (format!("of 1, decoded as if they were of {five:.1}"), not_divided),
    ];
    let alt = format!(
        "Six rows of ten digits from the same noises. Of latents with a standard deviation of \
         1/{TOO_LARGE}, all are nearly the same grey blot. With {STABLE_DIFFUSION:.2}, many are \
         blurred. With 1 they have sharp strokes, and with {five:.1} they are nearly the same. With \
         {TOO_LARGE}, most have turned into something like an 8. In the last row, all are grey blots \
         again."
    );
    sheet_without_labels(page, rows, &alt)
}

/// What is kept of the digits, and what becomes of them at each scale.
pub fn put_numbers(numbers: &mut Numbers) {
    let mut put =
        |name: String, value: f64| numbers.insert(format!("m_latents_{name}"), value);
    let Data { x, labels } = digits();
    for values in VALUES_SHOWN {
        let autoencoder = fitted(&x, values);
        let decoded = autoencoder.decode(&autoencoder.encode(&x));
        let kept = around_own_means(&decoded) / around_own_means(&x);
        put(format!("kept_{values}"), 100.0 * kept);
        let scale_factor = f64::from(autoencoder.scale_factor);
        put(format!("std_{values}"), 1.0 / scale_factor);
        put(format!("scale_factor_{values}"), scale_factor);
    }
    let of_digits = Data { x: fitted(&x, VALUES).encode(&x), labels };
    let levels = NoiseLevel::all(&scheduler());
    let last = levels.last().expect("there are levels");
    for (name, std) in STDS {
        let signal_over_noise = |level: &&NoiseLevel| level.sigma() < f64::from(std);
        let equal = levels.iter().take_while(signal_over_noise).count();
        // The largest latents are never below the noise.
        if equal < levels.len() {
            put(format!("equal_{name}"), equal as f64);
        }
        put(format!("left_{name}"), f64::from(std) * last.a);
        let z = sampled(&x, std, STEPS) / std;
        let kept = around_own_means(&z) / around_own_means(&of_digits.x);
        put(format!("variance_{name}"), 100.0 * kept);
    }
    for (name, std) in [("thirtieth", 1.0 / TOO_LARGE), ("thirty", TOO_LARGE)] {
        let z = sampled(&x, std, MORE_STEPS) / std;
        let kept = around_own_means(&z) / around_own_means(&of_digits.x);
        put(format!("variance_{name}_more_steps"), 100.0 * kept);
    }
    put("more_steps".to_owned(), MORE_STEPS as f64);
    let too_large = sampled(&x, TOO_LARGE, STEPS) / TOO_LARGE;
    let eights = |z: &DMatrix<f32>| right(z, &of_digits, |_| 8);
    put("eights_thirty".to_owned(), eights(&too_large));
    put("eights_data".to_owned(), eights(&of_digits.x));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The variance of samples over that of the digits' latents.
    fn kept(std: f32, steps: usize) -> f64 {
        let x = digits().x;
        let z = sampled(&x, std, steps);
        around_own_means(&z) / around_own_means(&scaled(&x, std).encode(&x))
    }

    #[test]
    fn more_steps_help_where_latents_are_too_small() {
        let small = 1.0 / TOO_LARGE;
        assert!(kept(small, MORE_STEPS) > 3.0 * kept(small, STEPS));
        assert!(
            (kept(TOO_LARGE, MORE_STEPS) / kept(TOO_LARGE, STEPS) - 1.0).abs() < 0.05
        );
    }

    #[test]
    fn the_mean_digit_is_most_like_an_8() {
        let Data { x, labels } = digits();
        let autoencoder = fitted(&x, VALUES);
        let of_digits = Data { x: autoencoder.encode(&x), labels };
        let mean = DMatrix::zeros(VALUES, 1);
        assert_eq!(right(&mean, &of_digits, |_| 8), 100.0);
    }
}
