//! Are the paths, the pairs and the steps of the page those of chapter J?

use diffusion_core::{generator, points, randn_like};
use diffusion_kernels::likelihoods::count_of_fraction;
use diffusion_live::{Page, PartJ};
use nalgebra::DMatrix;
use part_f_the_way_back::{ExactDenoiser, FlowPath};
use part_i_samplers::{Euler, SamplingConfig, X0Clipping};
use part_j_flow_matching::Trajectories;
use part_j_flow_matching::levels::shifted_levels;

use crate::{REFUSED, values};

/// The noise that a reader has put somewhere.
const PLACE: [f64; 2] = [1.25, -0.5];

fn place() -> DMatrix<f32> {
    DMatrix::from_iterator(2, 1, PLACE.map(|value| value as f32))
}

/// A spiral of 70 points with 23 noises, the path of the reader's own, and the same of
/// the lesson.
fn spiral() -> (PartJ, Page, ExactDenoiser, Trajectories) {
    let (mut figure, mut page) = (PartJ::default(), Page::default());
    figure.begin(&mut page, 0, 70, 23, 5).unwrap();
    figure.path(&mut page, PLACE, 100).unwrap();
    let data = points::spiral(70, &mut generator(points::SEED));
    let denoiser = ExactDenoiser::new(&data).unwrap();
    let path = Trajectories::follow(&denoiser, place(), 100).unwrap();
    (figure, page, denoiser, path)
}

fn distance(one: &[f64], other: &[f64]) -> f64 {
    let [x, y] = [0, 1].map(|row| one[row] - other[row]);
    (x * x + y * y).sqrt()
}

#[test]
fn noises_are_led_as_in_part_j() {
    let (mut figure, mut page) = (PartJ::default(), Page::default());
    let draw = [points::spiral, points::moons, points::checkerboard];
    for (kind, draw) in draw.into_iter().enumerate() {
        let data = draw(70, &mut generator(points::SEED));
        figure.begin(&mut page, kind, 70, 23, 5).unwrap();
        assert_eq!(page.numbers, values(&data));
        let denoiser = ExactDenoiser::new(&data).unwrap();
        let noises = randn_like(&DMatrix::zeros(2, 23), &mut generator(5));
        let paths = Trajectories::follow(&denoiser, noises, 100).unwrap();
        let mut followed = Vec::new();
        for left in [true, true, true, false, false] {
            figure.follow(&mut page).unwrap();
            assert_eq!(!page.numbers.is_empty(), left, "{}", followed.len());
            followed.extend_from_slice(&page.numbers);
        }
        let mut expected = Vec::new();
        for path in 0..23 {
            for states in &paths.states {
                expected.extend(states.column(path).iter().map(|&x| f64::from(x)));
            }
        }
        assert!(followed == expected, "{kind}");

        figure.path(&mut page, PLACE, 100).unwrap();
        let path = Trajectories::follow(&denoiser, place(), 100).unwrap();
        assert_eq!(page.numbers[0], path.length_over_chord());
        let states: Vec<f64> = path.states.iter().flat_map(values).collect();
        assert_eq!(page.numbers[1..], states);
    }
}

/// What is shown while a noise is dragged, in a quarter of the steps: of five such paths,
/// four are nowhere a pixel off. One that comes between two data may be further off.
#[test]
fn a_coarse_path_looks_like_the_finest() {
    // The page shows a plane from -2.1 to 2.1 in at most 620 pixels.
    let pixel = 4.2 / 620.0;
    let (mut figure, mut page) = (PartJ::default(), Page::default());
    for kind in 0..3 {
        figure.begin(&mut page, kind, 1000, 1, 0).unwrap();
        let noises = randn_like(&DMatrix::zeros(2, 50), &mut generator(5));
        let is_off = |place: &[f32]| {
            let mut states = |steps| {
                let place = [place[0].into(), place[1].into()];
                figure.path(&mut page, place, steps).unwrap();
                page.numbers[1..].as_chunks::<2>().0.to_vec()
            };
            let (finest, coarse) = (states(100), states(25));
            assert_eq!(coarse.len(), 26);
            let mut pairs = coarse.iter().zip(finest.iter().step_by(4));
            pairs.any(|(state, fine)| distance(state, fine) > pixel)
        };
        let places = noises.as_slice().chunks(2);
        let off = places.map(is_off).filter(|&is_off| is_off).count();
        assert!(off <= 10, "{kind}: {off} of 50");
    }
}

/// The lines of the pairs meet in the state of the path, and its velocity is the mean of
/// theirs.
#[test]
fn pairs_meet_on_the_path_and_the_velocity_is_their_mean() {
    let (mut figure, mut page, denoiser, path) = spiral();
    for time in [1.0, 0.93, 0.81, 0.5, 0.25, 0.07, 0.01] {
        figure.pairs(&mut page, time, 70).unwrap();
        let numbers = page.numbers.clone();
        let (state, rest) = numbers.split_at(2);
        let (velocity, rest) = rest.split_at(2);
        // On the path, or between two of its states, which are close to each other.
        let next = path.times.iter().position(|&at| at <= time).unwrap();
        if path.times[next] == time {
            assert_eq!(state, values(&path.states[next]), "{time}");
        } else {
            let [from, to] = [next - 1, next].map(|at| values(&path.states[at]));
            let off =
                distance(state, &from) + distance(state, &to) - distance(&from, &to);
            assert!(off < 1e-3, "{time}: {off}");
        }
        let level = FlowPath::level(time);
        let x: Vec<f32> = state.iter().map(|&value| value as f32).collect();
        let mut weights = denoiser.weights(&x, level);
        assert_eq!(rest[0], count_of_fraction(&weights, 0.9) as f64);
        weights.sort_by(|one, other| other.total_cmp(one));
        let (pairs, []) = rest[1..].as_chunks::<5>() else { panic!("five numbers each") };
        assert!(pairs.iter().map(|pair| pair[0]).eq(weights), "{time}");
        let mut mean = [0.0; 2];
        for &[weight, x0 @ .., noise_x, noise_y] in pairs {
            let noise = [noise_x, noise_y];
            for (row, mean) in mean.iter_mut().enumerate() {
                let meets = (1.0 - time) * x0[row] + time * noise[row];
                assert!((meets - state[row]).abs() < 1e-6, "{time}");
                *mean += weight * (noise[row] - x0[row]);
            }
        }
        assert!(distance(&mean, velocity) < 2e-6 / time, "{time}: {mean:?} {velocity:?}");

        figure.pairs(&mut page, time, 8).unwrap();
        assert_eq!(page.numbers, numbers[..5 + 8 * 5]);
    }
}

#[test]
fn steps_are_those_of_euler() {
    let (mut figure, mut page, denoiser, path) = spiral();
    let noises = randn_like(&DMatrix::zeros(2, 23), &mut generator(5));
    let ends = Trajectories::follow(&denoiser, noises.clone(), 100).unwrap();
    let sample = |noise: &DMatrix<f32>, steps, shift| {
        let levels = &shifted_levels(steps, shift).unwrap();
        let config =
            SamplingConfig { sampler: &Euler, levels, clipping: X0Clipping::None };
        values(&config.sample(&denoiser, noise.clone(), &mut generator(0)).unwrap())
    };
    let settings = [(1, 1.0), (1, 8.0), (5, 1.0), (7, 0.125), (20, 3.0)];
    for are_followed in [false, true] {
        for (steps, shift) in settings {
            figure.euler(&mut page, steps, shift).unwrap();
            let [off, on_average] = [page.numbers[0], page.numbers[1]];
            let states = &page.numbers[2..];
            assert_eq!(states.len(), 2 * (steps + 1));
            assert_eq!(states[..2], PLACE);
            let end = &states[2 * steps..];
            assert_eq!(end, sample(&place(), steps, shift), "{steps} {shift}");
            let expected = distance(end, &values(path.samples()));
            assert!((off - expected).abs() < 1e-6, "{off}");
            let (x, ends) = (sample(&noises, steps, shift), values(ends.samples()));
            let each = x.chunks(2).zip(ends.chunks(2));
            let expected = each.map(|(x, end)| distance(x, end)).sum::<f64>() / 23.0;
            match are_followed {
                true => assert!((on_average - expected).abs() < 1e-6, "{on_average}"),
                false => assert!(on_average.is_nan()),
            }
        }
        (0..3).for_each(|_| figure.follow(&mut page).unwrap());
    }
    // One step leads every noise to the mean of the data, whatever the shift.
    let data = points::spiral(70, &mut generator(points::SEED));
    let mean = values(&DMatrix::from_iterator(2, 1, data.column_mean().iter().copied()));
    for shift in [0.125, 8.0] {
        figure.euler(&mut page, 1, shift).unwrap();
        assert!(distance(&page.numbers[4..], &mean) < 1e-6);
    }
}

#[test]
fn what_cannot_be_led_is_refused() {
    let (mut figure, mut page) = (PartJ::default(), Page::default());
    assert_eq!(figure.follow(&mut page), REFUSED, "there is no noise");
    assert_eq!(figure.path(&mut page, PLACE, 100), REFUSED);
    assert_eq!(figure.begin(&mut page, 3, 50, 5, 0), REFUSED);
    for (points, noises) in [(0, 5), (5, 0), (2001, 5), (5, 101)] {
        assert_eq!(figure.begin(&mut page, 0, points, noises, 0), REFUSED);
    }
    figure.begin(&mut page, 0, 50, 5, 0).unwrap();
    assert_eq!(figure.pairs(&mut page, 0.5, 5), REFUSED, "there is no path");
    assert_eq!(figure.euler(&mut page, 5, 1.0), REFUSED);
    for place in [[4.1, 0.0], [0.0, -4.1], [f64::NAN, 0.0]] {
        assert_eq!(figure.path(&mut page, place, 100), REFUSED);
    }
    for steps in [0, 1, 101] {
        assert_eq!(figure.path(&mut page, PLACE, steps), REFUSED);
    }
    figure.path(&mut page, PLACE, 100).unwrap();
    for time in [0.0, 0.009, 1.01, f64::NAN] {
        assert_eq!(figure.pairs(&mut page, time, 5), REFUSED);
    }
    for (steps, shift) in [(0, 1.0), (21, 1.0), (5, 0.1), (5, 8.1), (5, f64::NAN)] {
        assert_eq!(figure.euler(&mut page, steps, shift), REFUSED, "{steps} {shift}");
    }
    // Other data have no path yet.
    figure.begin(&mut page, 1, 50, 5, 0).unwrap();
    assert_eq!(figure.euler(&mut page, 5, 1.0), REFUSED);
}
