//! Guidance, and the density that it is said to sample.

use diffusion_core::{generator, points};
use nalgebra::DMatrix;
use part_f_the_way_back::Denoiser;
use part_n_to_order::guidance::tilted_log_density;
use part_n_to_order::{Guided, SmoothedData};

use super::{level, normal};

const EVERYWHERE: [f64; 2] = [0.0, f64::INFINITY];

/// One of the moons, and both.
fn one_and_both() -> [SmoothedData; 2] {
    let both = points::moons(200, &mut generator(0));
    // Of the two, one is drawn as often as the other: those that lie above the line
    // between them are not all of one, so the first half of the data will do.
    let one = both.columns(0, 100).into_owned();
    [one, both].map(|data| SmoothedData::new(data, 0.02).unwrap())
}

#[test]
fn a_scale_of_1_is_the_good_one_and_0_the_bad_one() {
    let [one, both] = one_and_both();
    let (x, at) = (normal(2, 30, &mut generator(1)), level(0.6));
    let x0 = |scale| {
        let (good, bad) = (&one, &both);
        let guided = Guided { good, bad, scale, interval: EVERYWHERE, rescale: 0.0 };
        guided.predict(&x, at).unwrap().values
    };
    let [good, bad] = [&one, &both].map(|data| data.posterior_mean(&x, at));
    assert_eq!(x0(1.0), good);
    assert!((x0(0.0) - &bad).amax() < 1e-6);
    assert!((x0(3.0) - (&bad + 3.0 * (&good - &bad))).amax() < 1e-5);
}

#[test]
fn outside_its_interval_there_is_none() {
    let [good, bad] = one_and_both();
    let x = normal(2, 30, &mut generator(1));
    let guided =
        Guided { good: &good, bad, scale: 4.0, interval: [0.5, 2.0], rescale: 0.0 };
    for (sigma, is_guided) in [(0.4, false), (0.6, true), (1.9, true), (2.1, false)] {
        let b: f64 = sigma / (1.0_f64 + sigma * sigma).sqrt();
        let x0 = guided.predict(&x, level(b)).unwrap().values;
        assert_eq!(x0 != good.posterior_mean(&x, level(b)), is_guided, "{sigma}");
    }
}

/// Taken back wholly, the contrast is that of the good one.
#[test]
fn rescaled_it_has_the_contrast_of_the_good_one() {
    let data = normal(16, 40, &mut generator(0));
    let good = SmoothedData::new(data.columns(0, 10).into_owned(), 0.0).unwrap();
    let bad = SmoothedData::new(data, 0.0).unwrap();
    let (x, at) = (normal(16, 20, &mut generator(1)), level(0.9));
    let stds = |rescale| {
        let (good, bad) = (&good, &bad);
        let guided = Guided { good, bad, scale: 5.0, interval: EVERYWHERE, rescale };
        let x0 = guided.predict(&x, at).unwrap().values;
        x0.column_iter().map(|x0| x0.variance().sqrt()).collect::<Vec<f32>>()
    };
    let alone = good.posterior_mean(&x, at);
    let (none, half, all) = (stds(0.0), stds(0.5), stds(1.0));
    for (sample, alone) in alone.column_iter().enumerate() {
        let wanted = alone.variance().sqrt();
        assert!((all[sample] - wanted).abs() < 1e-5 * wanted.max(1.0));
        assert!((half[sample] - (none[sample] + wanted) / 2.0).abs() < 1e-4);
    }
}

/// For data of which none has two labels, the tilted density is that of the label, but for
/// a constant: so at little noise guidance should change nothing.
#[test]
fn at_little_noise_the_tilted_density_is_that_of_the_label() {
    let data = DMatrix::from_row_slice(1, 4, &[-0.8, -0.6, 0.5, 0.9]);
    let one = SmoothedData::new(data.columns(0, 2).into_owned(), 0.0).unwrap();
    let both = SmoothedData::new(data, 0.0).unwrap();
    let away = |b: f64, scale: f64| {
        let at = level(b);
        let difference = |x: f32| {
            let tilted = tilted_log_density([&one, &both], scale, &[x], at);
            tilted - one.log_density(&[x], at)
        };
        difference(-0.9) - difference(-0.5)
    };
    assert!(away(0.05, 4.0).abs() < 1e-9);
    assert!(away(0.5, 4.0).abs() > 1e-2);
}
