//! The exact sampler against the posterior, and the others beside it.

use diffusion_cli::load;
use diffusion_core::generator;
use part_n_to_order::decided::label_probabilities;
use part_n_to_order::judge::{label_fractions, sampling_error, total_variation};
use part_n_to_order::{
    ConditionalDenoiser, Measurement, Observation, Plain, Replacement, SmoothedData,
    WithoutJacobian,
};

use super::sampled;

/// How far chance takes 10,000 samples, with a probability of 999 in 1,000: by the
/// inequality of McDiarmid, as one sample changes the distance by at most 1 / n.
fn most(expected: f64, samples: usize) -> f64 {
    expected + (1000_f64.ln() / (2.0 * samples as f64)).sqrt()
}

#[test]
fn the_exact_sampler_samples_the_posterior() {
    let (digits, labels) = (load::digits().unwrap(), load::digit_labels().unwrap());
    // One that could be five of the ten, by its upper half.
    let seen = digits.column(2).into_owned();
    let data = digits.columns(3, 300).into_owned();
    let labels = &labels[3..303];
    let data = SmoothedData::new(data, 0.0).unwrap();
    let upper: Vec<usize> = (0..32).collect();
    let measurement = Measurement::mask(64, &upper).unwrap();
    let observation =
        Observation::of(seen.as_slice(), measurement, 0.5, &mut generator(1)).unwrap();
    let exact = ConditionalDenoiser::new(&data, &observation).unwrap();
    let truth = label_probabilities(&exact.posterior(), labels, 10);
    let (steps, count) = (200, 10_000);
    let expected = sampling_error(&truth, count);
    let off = |x| {
        let made = label_fractions(&x, (data.data(), labels), 10);
        total_variation(&truth, &made)
    };
    let exact = WithoutJacobian(exact);
    let exact = off(sampled(&exact, &observation, (&Plain, 1.0), (steps, count)));
    println!("{truth:?}: {exact}, expected {expected}");
    assert!(exact < most(expected, count), "{exact}, expected {expected}");
    let other = off(sampled(&data, &observation, (&Replacement, 1.0), (50, 1000)));
    assert!(other > 2.0 * most(sampling_error(&truth, 1000), 1000), "{other}");
}
