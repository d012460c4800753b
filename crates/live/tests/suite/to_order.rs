//! Are the samples of what was seen of a digit those of the command? And is what is said of
//! guidance on two moons so?

use std::sync::LazyLock;

use diffusion_cli::load;
use diffusion_core::mathematics::f64::exp;
use diffusion_core::{Generator, Picture, generator, points, randn_like};
use diffusion_live::{Handwritten, Page, PartN, PartNGuidance};
use nalgebra::DMatrix;
use part_e_schedules::cosine;
use part_f_the_way_back::NoiseLevel;
use part_i_samplers::{Ddim, Levels, SamplingConfig, Spacing, X0Clipping};
use part_n_to_order::decided::label_probabilities;
use part_n_to_order::guidance::tilted_log_density;
use part_n_to_order::judge::{label_fractions, sampling_error, total_variation};
use part_n_to_order::{
    ConditionalDenoiser, Differentiable, Guided, METHODS, Measurement, Method,
    Observation, Order, Plain, SmoothedData, WithoutJacobian,
};

use crate::{REFUSED, values};

static HANDWRITTEN: LazyLock<Handwritten> = LazyLock::new(|| Handwritten {
    digits: load::digits().unwrap(),
    labels: load::digit_labels().unwrap(),
});

/// A corner of the digit and a pixel more.
const PIXELS: u64 = 0x8000_0000_0f0f_0f0f;

const NOISE: f64 = 0.3;

fn figure() -> (PartN, Page) {
    let mut figure = PartN::default();
    figure.handwritten(&HANDWRITTEN.to_bytes()).unwrap();
    (figure, Page::default())
}

fn levels(steps: usize) -> Levels {
    let timesteps = Spacing::Trailing.timesteps(steps, 1000).unwrap();
    Levels::of_timesteps(&cosine(1000).unwrap(), &timesteps).unwrap()
}

/// All digits but this one, with their labels, and what was seen of it; and what is drawn
/// from then on.
fn seen(digit: usize, seed: u64) -> (SmoothedData, Vec<usize>, Observation, Generator) {
    let Handwritten { digits, labels } = &*HANDWRITTEN;
    let mut rng = generator(seed);
    let noise = randn_like(&DMatrix::zeros(64, 1), &mut rng);
    let places: Vec<usize> = (0..64).filter(|place| PIXELS >> place & 1 == 1).collect();
    let y =
        places.iter().map(|&place| digits[(place, digit)] + NOISE as f32 * noise[place]);
    let observation = Observation {
        y: y.collect(),
        measurement: Measurement::mask(64, &places).unwrap(),
        noise: NOISE,
    };
    let mut others = labels.clone();
    others.remove(digit);
    let data = SmoothedData::new(digits.clone().remove_column(digit), 0.0).unwrap();
    (data, others, observation, rng)
}

#[test]
fn samples_are_those_of_each_method() {
    let (mut figure, mut page) = figure();
    let (data, labels, observation, rng) = seen(7, 3);
    figure.observe(&mut page, 7, PIXELS, NOISE, 3).unwrap();
    let exact = ConditionalDenoiser::new(&data, &observation).unwrap();
    let truth = label_probabilities(&exact.posterior(), &labels, 10);
    assert_eq!(page.numbers[0], HANDWRITTEN.labels[7] as f64);
    assert_eq!(page.numbers[1..11], truth);
    let shown: Vec<f64> = (0..64)
        .filter(|place| PIXELS >> place & 1 == 1)
        .map(|place: usize| page.numbers[11 + place])
        .collect();
    let expected: Vec<f64> = observation.y.iter().map(|&y| f64::from(y)).collect();
    assert_eq!(shown, expected);

    let exact = WithoutJacobian(exact);
    for method in 0..=METHODS.len() {
        figure.begin(&mut page, method, 40, 6).unwrap();
        let steps = page.numbers[0] as usize;
        figure.state(&mut page, 14, 7).unwrap();
        let sum: f64 = page.numbers[..10].iter().sum();
        assert!((sum - 1.0).abs() < 1e-12, "{sum}");
        for left in (0..steps).rev() {
            figure.advance(&mut page).unwrap();
            assert_eq!(page.numbers, [left as f64]);
        }
        let (denoiser, asked): (&dyn Differentiable, &dyn Method) = match method {
            0 => (&exact, &Plain),
            _ => (&data, METHODS[method - 1].method),
        };
        let order = Order { denoiser, observation: &observation, eta: 1.0 };
        let mut rng = rng.clone();
        let noise = randn_like(&DMatrix::zeros(64, 40), &mut rng);
        let new_noise = &mut |x: &DMatrix<f32>| randn_like(x, &mut rng);
        let x = order.sample(asked, &levels(6), noise, new_noise).unwrap();
        let made = label_fractions(&x, (data.data(), &labels), 10);
        figure.state(&mut page, 14, 7).unwrap();
        let judged = [total_variation(&truth, &made), sampling_error(&truth, 40)];
        assert_eq!(page.numbers, [&made[..], &judged].concat(), "{method}");
        // The first two samples, in the middle of which there is a line.
        let pixel = |column: usize, row: usize| page.frame[4 * (62 * row + column)];
        for (place, left) in [(0, 0), (1, 9)] {
            let x = DMatrix::from_fn(3, 64, |_, at| x[(at, place)]);
            let digit = Picture { x, width: 8, height: 8 };
            for (at, expected) in digit.pixels_of(&digit.x).pixels().enumerate() {
                assert_eq!(pixel(left + at % 8, at / 8), expected[0], "{method}");
            }
        }
        // No step is left.
        figure.advance(&mut page).unwrap();
        assert_eq!(page.numbers, [0.0]);
    }
}

/// If nothing is seen, any label is as likely as it is among the others, whatever the
/// noise; and a state in which nothing is left of a digit tells as much.
#[test]
fn nothing_seen_tells_nothing() {
    let (mut figure, mut page) = figure();
    for noise in [0.1, 3.0] {
        figure.observe(&mut page, 0, 0, noise, 0).unwrap();
        let (_, labels, ..) = seen(0, 0);
        for label in 0..10 {
            let count = labels.iter().filter(|&&it| it == label).count();
            let expected = count as f64 / labels.len() as f64;
            assert!((page.numbers[1 + label] - expected).abs() < 1e-12);
        }
    }
    let prior = page.numbers[1..11].to_vec();
    figure.begin(&mut page, 1, 100, 50).unwrap();
    figure.state(&mut page, 1, 1).unwrap();
    assert!(total_variation(&prior, &page.numbers[..10]) < 0.01, "{:?}", page.numbers);
}

#[test]
fn digits_are_refused_that_make_no_sense() {
    let (mut figure, mut page) = figure();
    assert_eq!(figure.begin(&mut page, 0, 5, 5), REFUSED);
    assert_eq!(figure.advance(&mut page), REFUSED);
    assert_eq!(figure.state(&mut page, 1, 1), REFUSED);
    for (digit, noise) in [(1797, 0.5), (0, 0.0), (0, 10.5), (0, f64::NAN)] {
        assert_eq!(figure.observe(&mut page, digit, 1, noise, 0), REFUSED);
    }
    figure.observe(&mut page, 0, 1, 0.5, 0).unwrap();
    for (method, samples, steps) in
        [(7, 5, 5), (0, 0, 5), (0, 501, 5), (0, 5, 0), (0, 5, 1001)]
    {
        assert_eq!(figure.begin(&mut page, method, samples, steps), REFUSED);
    }
    figure.begin(&mut page, 0, 5, 5).unwrap();
    for (count, columns) in [(0, 2), (6, 2), (5, 0), (5, 101)] {
        assert_eq!(figure.state(&mut page, count, columns), REFUSED);
    }
    // What is seen anew has no samples yet.
    figure.observe(&mut page, 0, 1, 0.5, 0).unwrap();
    assert_eq!(figure.state(&mut page, 1, 1), REFUSED);

    let bytes = HANDWRITTEN.to_bytes();
    let mut wrong = [bytes.clone(), bytes.clone(), bytes.clone()];
    wrong[0][0] = 10;
    wrong[1][1797] = 17;
    wrong[2].pop();
    for bytes in wrong.iter().map(|bytes| &bytes[..]).chain([&bytes[..65], b""]) {
        assert_eq!(figure.handwritten(bytes), REFUSED);
    }
}

/// The upper of two moons, and both.
fn moons() -> [SmoothedData; 2] {
    let both = points::moons(600, &mut generator(points::SEED));
    let to = |x: f32, y: f32, middle: [f32; 2]| {
        let [right, up] = [x - middle[0], y - middle[1]];
        (right * right + up * up).sqrt()
    };
    let is_upper = |point: &usize| {
        let [x, y] = [both[(0, *point)], both[(1, *point)]];
        // Its half circle is over its middle, the other's under it.
        let upper = (to(x, y, [-0.31, -0.155]) - 0.62).abs() + (-0.155 - y).max(0.0);
        let lower = (to(x, y, [0.31, 0.155]) - 0.62).abs() + (y - 0.155).max(0.0);
        upper < lower
    };
    let upper: Vec<usize> = (0..600).filter(is_upper).collect();
    assert!((250..350).contains(&upper.len()));
    let upper = both.select_columns(&upper);
    [upper, both].map(|data| SmoothedData::new(data, 0.04).unwrap())
}

#[test]
fn guided_points_are_those_of_the_sampler() {
    let (mut figure, mut page) = (PartNGuidance::default(), Page::default());
    let [upper, both] = moons();
    for (scale, least, most) in [(1.0, 0.0, 100.0), (4.0, 0.0, 100.0), (4.0, 0.3, 2.0)] {
        figure.begin(&mut page, scale, [least, most], 30, 20, 5).unwrap();
        let mut rng = generator(5);
        let noise = randn_like(&DMatrix::zeros(2, 30), &mut rng);
        assert_eq!(page.numbers[3..], values(&noise));
        for _ in 0..20 {
            figure.step(&mut page).unwrap();
        }
        let end = if most == 100.0 { f64::INFINITY } else { most };
        let guided = Guided {
            good: &upper,
            bad: &both,
            scale,
            interval: [least, end],
            rescale: 0.0,
        };
        let levels = levels(20);
        let (sampler, clipping) = (&Ddim { eta: 0.0 }, X0Clipping::None);
        let config = SamplingConfig { sampler, levels: &levels, clipping };
        let x = config.sample(&guided, noise, &mut rng).unwrap();
        assert_eq!(page.numbers[..2], [1.0, 0.0]);
        assert_eq!(page.numbers[3..], values(&x));
        assert_eq!(figure.step(&mut page), REFUSED);
    }
}

/// Where guidance is said to take points, and where it does: without it, both are the
/// moon; with it, one end of the moon is empty that the density is not.
#[test]
fn guidance_empties_an_end_that_the_density_does_not() {
    let (mut figure, mut page) = (PartNGuidance::default(), Page::default());
    let mut ends = |scale: f32| {
        figure.begin(&mut page, scale, [0.0, 100.0], 1000, 50, 0).unwrap();
        (0..50).for_each(|_| figure.step(&mut page).unwrap());
        let sampled = page.numbers[2];
        figure.density(&mut page, 50, 60, scale.into()).unwrap();
        (sampled, page.numbers[0])
    };
    let [(sampled, said), (guided, said_then)] = [1.0, 4.0].map(&mut ends);
    assert!((sampled - said).abs() < 0.03, "{sampled} {said}");
    assert!((said_then - said).abs() < 0.03, "{said_then} {said}");
    assert!(guided < said_then / 2.0, "{guided} {said_then}");
}

#[test]
fn a_density_is_the_tilted_one() {
    let (mut figure, mut page) = (PartNGuidance::default(), Page::default());
    let [upper, both] = moons();
    figure.begin(&mut page, 2.0, [0.0, 100.0], 5, 10, 0).unwrap();
    for (step, scale) in [(0, 3.0), (7, 3.0), (7, 1.5), (10, 1.0)] {
        figure.density(&mut page, step, 12, scale).unwrap();
        let levels = levels(10);
        let level = levels.as_slice().get(step).copied().unwrap_or(NoiseLevel::CLEAN);
        let place = |at: usize| 1.5 * (2.0 * at as f32 / 11.0 - 1.0);
        let logs: Vec<f64> = (0..144)
            .map(|at| {
                let x = [place(at % 12), place(at / 12)];
                tilted_log_density([&upper, &both], scale, &x, level)
            })
            .collect();
        let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        assert_eq!(page.numbers.len(), 145);
        for (density, log) in page.numbers[1..].iter().zip(logs) {
            assert!((density - exp(log - most)).abs() < 1e-9, "{density} {log}");
        }
    }
}

#[test]
fn guidance_is_refused_that_makes_no_sense() {
    let (mut figure, mut page) = (PartNGuidance::default(), Page::default());
    assert_eq!(figure.step(&mut page), REFUSED);
    assert_eq!(figure.density(&mut page, 0, 10, 1.0), REFUSED);
    for (scale, least, samples, steps) in [
        (-0.5, 0.0, 5, 5),
        (20.5, 0.0, 5, 5),
        (f32::NAN, 0.0, 5, 5),
        (1.0, -1.0, 5, 5),
        (1.0, f64::NAN, 5, 5),
        (1.0, 0.0, 0, 5),
        (1.0, 0.0, 2001, 5),
        (1.0, 0.0, 5, 0),
        (1.0, 0.0, 5, 51),
    ] {
        let begun = figure.begin(&mut page, scale, [least, 1.0], samples, steps, 0);
        assert_eq!(begun, REFUSED);
    }
    assert_eq!(figure.begin(&mut page, 1.0, [0.0, f64::NAN], 5, 5, 0), REFUSED);
    figure.begin(&mut page, 1.0, [0.0, 1.0], 5, 5, 0).unwrap();
    for (step, places, scale) in [(6, 10, 1.0), (0, 1, 1.0), (0, 81, 1.0), (0, 10, -1.0)]
    {
        assert_eq!(figure.density(&mut page, step, places, scale), REFUSED);
    }
    // Of other levels, other densities.
    figure.density(&mut page, 1, 10, 1.0).unwrap();
    let before = page.numbers.clone();
    figure.begin(&mut page, 1.0, [0.0, 1.0], 5, 6, 0).unwrap();
    figure.density(&mut page, 1, 10, 1.0).unwrap();
    assert_ne!(page.numbers, before);
}
