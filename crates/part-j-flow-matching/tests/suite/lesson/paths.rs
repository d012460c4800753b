//! Where a flow leads, and which noise belongs to which datum.

use std::cell::RefCell;
use std::convert::Infallible;

use diffusion_core::{Generator, generator, points, randn_like};
use diffusion_kernels::distances::square;
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::{cosine_schedule, zero_terminal_snr};
use part_f_the_way_back::{
    Denoiser, DenoiserError, ExactDenoiser, FlowPath, NoiseLevel, Prediction,
    PredictionType,
};
use part_h_learning_to_denoise::loss::LevelDistribution;
use part_i_samplers::{Coordinate, Euler, Heun, X0Clipping};
use part_j_flow_matching::coupling::{assignment_within_labels, optimal_assignment};
use part_j_flow_matching::crossing::crossing;
use part_j_flow_matching::levels::shifted_levels;
use part_j_flow_matching::normal_data::NormalData;
use part_j_flow_matching::{Coupling, OnFlowPath, Pairs, Times, Trajectories};
use proptest::prelude::*;
use rand::{Rng, RngExt, TryRng};

use super::{Bent, ROUNDING, normal, of_f64, roundings, samples};

// Trajectories.

fn follow(denoiser: &impl Denoiser, noise: &DMatrix<f32>, steps: usize) -> Trajectories {
    Trajectories::follow(denoiser, noise.clone(), steps).unwrap()
}

#[test]
fn paths_begin_with_the_noise_and_end_with_the_samples() {
    let noise = normal(3, 10, &mut generator(0));
    let paths = follow(&Bent, &noise, 4);
    assert_eq!(paths.times, [1.0, 9.0 / 16.0, 4.0 / 16.0, 1.0 / 16.0, 0.0]);
    assert_eq!(paths.states.len(), 5);
    assert_eq!(paths.noise(), &noise);
    assert_eq!(paths.states[0], noise);
    assert_eq!(paths.samples(), &paths.states[4]);
    let levels: Vec<NoiseLevel> =
        paths.times[..4].iter().map(|&time| FlowPath::level(time)).collect();
    let heun = Heun { coordinate: Coordinate::FlowTime };
    assert_eq!(paths.samples(), &samples(&Bent, &noise, &heun, levels));
}

#[test]
fn any_sampler_has_paths_at_any_levels_of_a_flow() {
    let noise = normal(2, 10, &mut generator(0));
    let levels = shifted_levels(3, 3.0).unwrap();
    let paths = Trajectories::of_sampler(&Bent, noise.clone(), &Euler, &levels).unwrap();
    let times: Vec<f64> = levels.as_slice().iter().map(|level| level.b).collect();
    assert_eq!(paths.times, [times[0], times[1], times[2], 0.0]);
    let expected = samples(&Bent, &noise, &Euler, levels.as_slice().to_vec());
    assert_eq!(paths.samples(), &expected);
    // The states between are those that fewer steps lead to.
    let velocity = |x: &DMatrix<f32>, time| {
        let at = FlowPath::level(time);
        Bent.predict(x, at).unwrap().flow(x, at)
    };
    for step in 0..3 {
        let before = &paths.states[step];
        let duration = (paths.times[step] - paths.times[step + 1]) as f32;
        let after = before - duration * velocity(before, paths.times[step]);
        let off = roundings(&paths.states[step + 1], &of_f64(&after));
        assert!(off < 8.0, "step {step}: {off} roundings");
    }
}

proptest! {
    /// If there is one datum, all noise goes straight to it, at one speed. A state is off
    /// by some roundings, and the velocity by these over the duration of its step, 1 /
    /// steps² at least.
    #[test]
    fn the_paths_to_a_single_datum_are_straight(
        steps in 2..30_usize,
        seed in any::<u64>(),
    ) {
        let mut rng = generator(seed);
        let (datum, noise) = (normal(3, 1, &mut rng), normal(3, 8, &mut rng));
        let paths = follow(&ExactDenoiser::new(&datum).unwrap(), &noise, steps);
        let bound = 8.0 * ROUNDING * steps as f64;
        prop_assert!(paths.straightness() < bound * bound, "{}", paths.straightness());
        let length = paths.length_over_chord();
        prop_assert!((length - 1.0).abs() < 16.0 * ROUNDING, "{length}");
        for (&time, state) in paths.times.iter().zip(&paths.states) {
            let expected = DMatrix::from_fn(3, 8, |row, column| {
                let [datum, noise] = [datum[row], noise[(row, column)]].map(f64::from);
                datum + time * (noise - datum)
            });
            let off = roundings(state, &expected);
            prop_assert!(off < 8.0, "{off} roundings");
        }
    }
}

/// Of normal data the path is known: in at first, and out again to the data.
#[test]
fn how_far_from_straight_the_paths_of_normal_data_are() {
    let std = 0.5_f64;
    let size = |time: f64| time.hypot((1.0 - time) * std);
    let chord = 1.0 - std;
    let speed_off = |i: usize| {
        let (time, h) = ((f64::from(i as u32) + 0.5) / 1e4, 1e-5);
        let speed = (size(time + h) - size(time - h)) / (2.0 * h);
        (speed - chord) * (speed - chord)
    };
    let straightness = (0..10_000).map(speed_off).sum::<f64>() / 1e4 / (chord * chord);
    let least = std / std.hypot(1.0);
    let length = (size(0.0) - least + size(1.0) - least) / chord;
    let noise = normal(1, 100, &mut generator(0));
    let paths = follow(&NormalData { std }, &noise, 200);
    // 200 of Heun's steps: both are off by 1e-5.
    let off = paths.straightness() / straightness - 1.0;
    assert!(off.abs() < 1e-4, "{} for {straightness}", paths.straightness());
    let off = paths.length_over_chord() / length - 1.0;
    assert!(off.abs() < 1e-4, "{} for {length}", paths.length_over_chord());
}

/// Half the step, a quarter of the error.
#[test]
fn paths_converge_with_more_steps() {
    let noise = normal(1, 40, &mut generator(0));
    let error = |steps| {
        let ends = follow(&NormalData { std: 0.5 }, &noise, steps).samples().clone();
        (of_f64(&ends) - 0.5 * of_f64(&noise)).amax()
    };
    let order = (error(20) / error(40)).log2();
    assert!((order - 2.0).abs() < 0.1, "{} and {}: order {order}", error(20), error(40));
}

/// To data that are points, too: on the way, as the end is a datum, and there is no error
/// but that of another one.
#[test]
fn paths_to_points_converge() {
    let mut rng = generator(0);
    let exact = ExactDenoiser::new(&points::moons(100, &mut rng)).unwrap();
    let noise = normal(2, 100, &mut rng);
    let at_a_quarter = |steps: usize| {
        let paths = follow(&exact, &noise, steps);
        assert_eq!(paths.times[steps / 2], 0.25);
        of_f64(&paths.states[steps / 2])
    };
    let finest = at_a_quarter(320);
    let error = |steps| {
        let off = (at_a_quarter(steps) - &finest).map(|off| off * off);
        (off.sum() / 100.0).sqrt()
    };
    let order = (error(20) / error(40)).log2();
    assert!((order - 2.0).abs() < 0.3, "{} and {}: order {order}", error(20), error(40));
}

// Any denoiser as a flow.

/// Data N(0, 1/4) by their velocity, which a network of a schedule that ends in noise
/// predicts; it keeps what it is asked.
struct ByVelocity(RefCell<Vec<(DMatrix<f32>, NoiseLevel)>>);

impl Denoiser for ByVelocity {
    fn predict(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        self.0.borrow_mut().push((x.clone(), at));
        let values = NormalData { std: 0.5 }.predict(x, at)?.velocity(x, at);
        Ok(Prediction { kind: PredictionType::Velocity, values })
    }
}

fn asked() -> ByVelocity {
    ByVelocity(RefCell::default())
}

fn linear() -> NoiseScheduler {
    part_e_schedules::linear(1000).unwrap()
}

fn flow(denoiser: &impl Denoiser, x: &DMatrix<f32>, at: NoiseLevel) -> DMatrix<f32> {
    let prediction = denoiser.predict(x, at).unwrap();
    assert_eq!(prediction.kind, PredictionType::Flow);
    prediction.values
}

proptest! {
    /// Inside the range of the schedule, whose sigmas are from 0.01 to 157.
    #[test]
    fn a_denoiser_behind_a_schedule_has_the_same_flow(
        time in 0.02..0.99_f64,
        seed in any::<u64>(),
    ) {
        let x = normal(2, 6, &mut generator(seed));
        let at = FlowPath::level(time);
        let behind = OnFlowPath { denoiser: Bent, scheduler: linear(), clipping: X0Clipping::None };
        let directly = Bent.predict(&x, at).unwrap().flow(&x, at);
        let off = roundings(&flow(&behind, &x, at), &of_f64(&directly));
        // An error of `x0` is divided by `t`.
        prop_assert!(off < 8.0 + 8.0 / time, "{off} roundings");
        let velocity = OnFlowPath { denoiser: asked(), scheduler: linear(), clipping: X0Clipping::None };
        let directly = NormalData { std: 0.5 }.predict(&x, at).unwrap().flow(&x, at);
        let off = roundings(&flow(&velocity, &x, at), &of_f64(&directly));
        prop_assert!(off < 8.0 + 8.0 / time, "{off} roundings");
    }

    /// The exact denoiser, too. Where there is little noise, a rounding of the state
    /// decides more: it is multiplied by the variance of what may have led there over t²,
    /// and by 1 / t again.
    #[test]
    fn the_exact_denoiser_behind_a_schedule_has_the_same_flow(
        time in 0.1..0.99_f64,
        seed in any::<u64>(),
    ) {
        let mut rng = generator(seed);
        let exact = ExactDenoiser::new(&normal(2, 20, &mut rng)).unwrap();
        let x = normal(2, 6, &mut rng);
        let at = FlowPath::level(time);
        let directly = exact.predict(&x, at).unwrap().flow(&x, at);
        let behind = OnFlowPath { denoiser: &exact, scheduler: linear(), clipping: X0Clipping::None };
        let off = roundings(&flow(&behind, &x, at), &of_f64(&directly));
        let bound = (8.0 + 8.0 / time / time) / time;
        prop_assert!(off < bound, "{off} roundings, bound {bound}");
    }

    /// A network is told the timestep that has as much noise over signal.
    #[test]
    fn a_network_is_asked_at_the_same_sigma(t in 0..1000_usize, seed in any::<u64>()) {
        let scheduler = linear();
        let level = NoiseLevel::of_timestep(&scheduler, t).unwrap();
        let at = FlowPath::level(level.b / (level.a + level.b));
        let x = normal(2, 6, &mut generator(seed));
        let behind = OnFlowPath { denoiser: asked(), scheduler, clipping: X0Clipping::None };
        flow(&behind, &x, at);
        let (scaled, told) = behind.denoiser.0.borrow()[0].clone();
        prop_assert!((told.t - t as f64).abs() < 1e-6, "{told:?}");
        prop_assert!((told.a - level.a).abs() < 1e-12 && (told.b - level.b).abs() < 1e-12);
        let off = roundings(&scaled, &(of_f64(&x) * (level.a + level.b)));
        prop_assert!(off < 2.0, "{off} roundings");
    }
}

/// Where there is more noise, or less, than the network knows, it is asked at the last
/// timestep, or the first.
#[test]
fn beyond_the_schedule_a_network_is_asked_at_its_end() {
    let x = normal(2, 6, &mut generator(0));
    for (times, t) in [([1.0, 0.9999], 999), ([0.001, 1e-6], 0)] {
        let level = NoiseLevel::of_timestep(&linear(), t).unwrap();
        for time in times {
            let at = FlowPath::level(time);
            let behind = OnFlowPath {
                denoiser: asked(),
                scheduler: linear(),
                clipping: X0Clipping::None,
            };
            let flow = flow(&behind, &x, at);
            let (scaled, told) = behind.denoiser.0.borrow()[0].clone();
            assert_eq!(told.t, t as f64);
            assert!((told.a - level.a).abs() < 1e-12, "{told:?}");
            assert!((told.b - level.b).abs() < 1e-12, "{told:?}");
            // All but nothing of the state is noise, or signal.
            let scale = if t == 0 { level.a / (1.0 - time) } else { level.b / time };
            let off = roundings(&scaled, &(of_f64(&x) * scale));
            assert!(off < 2.0, "t = {time}: {off} roundings");
            // As if its prediction of `x0` there were one here.
            let clean = NormalData { std: 0.5 }.predict(&scaled, told).unwrap().values;
            let expected = (of_f64(&x) - of_f64(&clean)) / time;
            let off = (of_f64(&flow) - &expected).amax() / expected.amax();
            assert!(off < 8.0 * ROUNDING, "t = {time}: {off:e}");
        }
    }
}

/// With a schedule that ends in noise alone, and with one that doesn't.
#[test]
fn in_noise_alone_the_flow_is_finite() {
    let beta = zero_terminal_snr(&cosine_schedule(50).unwrap()).unwrap();
    let ends_in_noise = NoiseScheduler::from_betas(beta).unwrap();
    assert_eq!(NoiseLevel::of_timestep(&ends_in_noise, 49).unwrap().a, 0.0);
    let noise = normal(2, 6, &mut generator(0));
    let at = FlowPath::level(1.0);
    for (scheduler, signal, t) in [(ends_in_noise, 0.0, 49.0), (linear(), 0.0064, 999.0)]
    {
        let behind =
            OnFlowPath { denoiser: asked(), scheduler, clipping: X0Clipping::None };
        // Of data around 0, all of the state is noise; or nearly all.
        let off = (of_f64(&flow(&behind, &noise, at)) - of_f64(&noise)).amax();
        assert!(off <= signal * f64::from(noise.amax()), "{off}");
        let (scaled, told) = behind.denoiser.0.borrow()[0].clone();
        assert_eq!(told.t, t);
        assert!((1.0 - told.b).abs() < 1e-4, "{told:?}");
        assert!(roundings(&scaled, &(of_f64(&noise) * told.b)) < 2.0);
        let paths = follow(&behind, &noise, 10);
        assert!(paths.samples().iter().all(|value| value.is_finite()));
    }
}

// Couplings.

/// The sum of the squared distances.
fn cost(x0: &DMatrix<f32>, noise: &DMatrix<f32>, of_each: &[usize]) -> f64 {
    let pairs = of_each.iter().enumerate();
    pairs.map(|(i, &j)| square(x0.column(i), noise.column(j))).sum()
}

fn shuffled(n: usize, rng: &mut Generator) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    for i in (1..n).rev() {
        order.swap(i, rng.random_range(0..=i as u64) as usize);
    }
    order
}

/// All orders of so many.
fn orders(n: usize) -> Vec<Vec<usize>> {
    let Some(last) = n.checked_sub(1) else { return vec![vec![]] };
    let with_last = |order: Vec<usize>| {
        (0..n).map(move |place| {
            let mut order = order.clone();
            order.insert(place, last);
            order
        })
    };
    orders(last).into_iter().flat_map(with_last).collect()
}

/// What is lost by rounding each of `n` distances to a millionth, in both of two sums.
fn rounded(n: usize) -> f64 {
    1.001e-6 * n as f64
}

fn some_pairs() -> impl Strategy<Value = (DMatrix<f32>, DMatrix<f32>, Generator)> {
    (0..40_usize, 1..4_usize, any::<u64>()).prop_map(|(n, values, seed)| {
        let mut rng = generator(seed);
        (normal(values, n, &mut rng), normal(values, n, &mut rng), rng)
    })
}

proptest! {
    #[test]
    fn an_optimal_assignment_costs_no_more_than_others((x0, noise, mut rng) in some_pairs()) {
        let n = x0.ncols();
        let best = optimal_assignment(&x0, &noise);
        let mut sorted = best.clone();
        sorted.sort_unstable();
        prop_assert!(sorted.into_iter().eq(0..n), "{best:?}");
        let least = cost(&x0, &noise, &best) - rounded(n);
        for _ in 0..20 {
            let other = cost(&x0, &noise, &shuffled(n, &mut rng));
            prop_assert!(least <= other, "{least} and {other}");
        }
        // Nor is any two's exchange of noise cheaper.
        for (i, j) in (0..n).flat_map(|i| (0..i).map(move |j| (i, j))) {
            let mut other = best.clone();
            other.swap(i, j);
            prop_assert!(least <= cost(&x0, &noise, &other));
        }
    }

    #[test]
    fn an_optimal_assignment_is_the_best_of_all(
        n in 0..=6_usize,
        values in 1..4_usize,
        seed in any::<u64>(),
    ) {
        let mut rng = generator(seed);
        let (x0, noise) = (normal(values, n, &mut rng), normal(values, n, &mut rng));
        let ours = cost(&x0, &noise, &optimal_assignment(&x0, &noise));
        let costs = orders(n).into_iter().map(|order| cost(&x0, &noise, &order));
        let least = costs.fold(f64::INFINITY, f64::min);
        prop_assert!(least <= ours && ours <= least + rounded(n), "{ours}, not {least}");
    }

    /// Within labels, no noise changes its label, and each label's assignment is the best
    /// of it. With one label, it is that of all.
    #[test]
    fn within_labels_each_has_its_own_assignment((x0, noise, mut rng) in some_pairs()) {
        let n = x0.ncols();
        let labels: Vec<usize> = (0..n).map(|_| rng.random_range(0..3)).collect();
        let assigned = assignment_within_labels(&x0, &noise, &labels);
        for (datum, &of) in assigned.iter().enumerate() {
            prop_assert_eq!(labels[datum], labels[of]);
        }
        let mut sorted = assigned.clone();
        sorted.sort_unstable();
        prop_assert!(sorted.into_iter().eq(0..n), "{assigned:?}");
        let same = |(i, j): &(usize, usize)| labels[*i] == labels[*j];
        let least = cost(&x0, &noise, &assigned) - rounded(n);
        for (i, j) in (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).filter(same) {
            let mut other = assigned.clone();
            other.swap(i, j);
            prop_assert!(least <= cost(&x0, &noise, &other));
        }
        let of_one = assignment_within_labels(&x0, &noise, &vec![7; n]);
        prop_assert_eq!(of_one, optimal_assignment(&x0, &noise));
    }

    /// On a line, it is the one that keeps the order.
    #[test]
    fn on_a_line_the_order_is_kept(n in 1..60_usize, seed in any::<u64>()) {
        let mut rng = generator(seed);
        let (x0, noise) = (normal(1, n, &mut rng), normal(1, n, &mut rng));
        let by_size = |x: &DMatrix<f32>| {
            let mut order: Vec<usize> = (0..n).collect();
            order.sort_by(|&i, &j| x[i].total_cmp(&x[j]));
            order
        };
        let mut sorted = vec![0; n];
        for (i, j) in by_size(&x0).into_iter().zip(by_size(&noise)) {
            sorted[i] = j;
        }
        let ours = cost(&x0, &noise, &optimal_assignment(&x0, &noise));
        let expected = cost(&x0, &noise, &sorted);
        prop_assert!((ours - expected).abs() <= rounded(n), "{ours}, not {expected}");
    }

    /// A vector that all noises are moved by changes all costs alike, and the best stays
    /// the best. Values are multiples of 1/1024, so that nothing else is rounded.
    #[test]
    fn moving_all_noise_changes_no_assignment(
        (x0, noise, mut rng) in some_pairs(),
        far in 1.0..8.0_f32,
    ) {
        let grid = |x: DMatrix<f32>| x.map(|value| (value * 1024.0).round() / 1024.0);
        let (x0, noise) = (grid(x0), grid(noise));
        let by = grid(far * normal(x0.nrows(), 1, &mut rng));
        let moved = DMatrix::from_fn(noise.nrows(), noise.ncols(), |row, column| {
            noise[(row, column)] + by[row]
        });
        let before = cost(&x0, &noise, &optimal_assignment(&x0, &noise));
        let after = cost(&x0, &noise, &optimal_assignment(&x0, &moved));
        prop_assert!((before - after).abs() <= rounded(x0.ncols()), "{before}, {after}");
    }

    /// It hands out the noise that was drawn, each once.
    #[test]
    fn mini_batch_transport_keeps_the_noise(
        n in 1..40_usize,
        seed in any::<u64>(),
    ) {
        let mut rng = generator(seed);
        let x0 = normal(2, n, &mut rng);
        let mut other = rng.clone();
        let drawn: Vec<usize> = (0..n).collect();
        let independent = Coupling::Independent.noise(&drawn, &x0, &mut rng);
        let transported = Coupling::OptimalTransport.noise(&drawn, &x0, &mut other);
        prop_assert_eq!(rng, other);
        let sorted = |noise: &DMatrix<f32>| {
            let mut columns: Vec<Vec<u32>> = noise
                .column_iter()
                .map(|column| column.iter().map(|value| value.to_bits()).collect())
                .collect();
            columns.sort_unstable();
            columns
        };
        prop_assert_eq!(sorted(&independent), sorted(&transported));
        let expected = optimal_assignment(&x0, &independent);
        prop_assert_eq!(&transported, &independent.select_columns(&expected));
        let cost = |noise| Pairs { noise, x0: x0.clone() }.cost();
        prop_assert!(cost(transported) <= cost(independent) + 1e-6);
    }
}

#[test]
fn moving_all_noise_changes_none_of_some_assignments() {
    for seed in 0..5 {
        let mut rng = generator(seed);
        let (x0, noise) = (normal(2, 60, &mut rng), normal(2, 60, &mut rng));
        let best = optimal_assignment(&x0, &noise);
        assert_ne!(best, Vec::from_iter(0..60));
        assert_eq!(optimal_assignment(&x0, &noise.add_scalar(3.0)), best);
        // All noise the other way round, and all data: the same distances.
        assert_eq!(optimal_assignment(&-&x0, &-&noise), best);
        // And seen from the noise, it is turned round.
        let of_noise = optimal_assignment(&noise, &x0);
        assert!(best.iter().enumerate().all(|(i, &j)| of_noise[j] == i));
    }
}

#[test]
fn noise_is_drawn_or_given() {
    let mut rng = generator(0);
    let (x0, given) = (normal(2, 3, &mut rng), normal(2, 5, &mut rng));
    let mut other = rng.clone();
    let noise = Coupling::Independent.noise(&[4, 0, 4], &x0, &mut rng);
    assert_eq!(noise, randn_like(&x0, &mut other));
    let noise = Coupling::Given(given.clone()).noise(&[4, 0, 4], &x0, &mut rng);
    assert_eq!(noise, given.select_columns(&[4, 0, 4]));
    assert_eq!(rng, other, "nothing is drawn");
}

#[test]
fn the_cost_is_the_mean_squared_distance() {
    let x0 = DMatrix::from_column_slice(2, 2, &[0.0, 0.0, 1.0, 2.0]);
    let noise = DMatrix::from_column_slice(2, 2, &[3.0, 4.0, 1.0, 1.0]);
    assert_eq!(Pairs { noise, x0 }.cost(), (25.0 + 1.0) / 2.0);
}

/// The pairs of a flow cost less than independent ones, and not less than the best.
#[test]
fn what_couplings_cost() {
    let mut rng = generator(0);
    let data = points::moons(200, &mut rng);
    let noise = randn_like(&data, &mut rng);
    let independent = Pairs { noise: noise.clone(), x0: data.clone() };
    let of_flow =
        Pairs::of_flow(&ExactDenoiser::new(&data).unwrap(), noise.clone(), 50).unwrap();
    assert_eq!(of_flow.noise, noise);
    let best = optimal_assignment(&of_flow.x0, &noise);
    let best = Pairs { noise: noise.select_columns(&best), x0: of_flow.x0.clone() };
    let [independent, flow, best] =
        [independent, of_flow, best].map(|pairs| pairs.cost());
    assert!(best <= flow && flow < 0.4 * independent, "{best}, {flow}, {independent}");
}

// Crossing.

fn along(x0: DMatrix<f32>, noise: DMatrix<f32>) -> Pairs {
    Pairs { noise, x0 }
}

/// Three pairs by hand: of data at 0, 1 and 3, where the lines are at the time 0, with a
/// bandwidth of 2. The squares of the distances are 1, 4 and 9.
#[test]
fn three_lines_by_hand() {
    let x0 = DMatrix::from_row_slice(1, 3, &[0.0, 1.0, 3.0]);
    let velocities = DMatrix::from_row_slice(1, 3, &[1.0, 2.0, -4.0]);
    let weight = |square: f64| (-square / 8.0).exp();
    let [one, four, nine] = [1.0, 4.0, 9.0].map(weight);
    let means = [
        (one * 2.0 - nine * 4.0) / (one + nine),
        (one * 1.0 - four * 4.0) / (one + four),
        (nine * 1.0 + four * 2.0) / (nine + four),
    ];
    let off = means.iter().zip([1.0, 2.0, -4.0]).map(|(mean, v)| (v - mean) * (v - mean));
    let expected = off.sum::<f64>() / (1.0 + 4.0 + 16.0);
    let crossing = crossing(&along(x0.clone(), x0 + velocities), 0.0, 2.0);
    assert!((crossing - expected).abs() < 1e-12, "{crossing}, not {expected}");
}

/// All velocities are one, but for the rounding of the noise that is a datum moved.
#[test]
fn the_lines_of_a_translation_do_not_cross() {
    let x0 = normal(2, 200, &mut generator(0));
    let pairs = along(x0.clone(), x0.add_scalar(1.5));
    for time in [0.0, 0.5, 1.0] {
        let crossing = crossing(&pairs, time, 0.1);
        assert!(crossing < 4.0 * ROUNDING * ROUNDING, "{crossing:e}");
    }
}

/// Independent noise for data N(0, s²): a part s² / (1 + s²) / (t² + (1 - t)² s²) of the
/// velocity is not told by the state, all of it where the two have no correlation.
///
/// The estimate is a mean of 3,000 squares of normal values over another one, and has a
/// standard deviation of sqrt(4 / 3000) = 3.7 % at most; three of them are allowed.
#[test]
fn how_much_the_lines_of_independent_pairs_cross() {
    let noise = normal(1, 3000, &mut generator(0));
    for (seed, std, time) in [(1, 1.0, 0.5), (2, 1.0, 0.2), (3, 0.5, 0.2), (4, 0.5, 0.9)]
    {
        let x0 = std * normal(1, 3000, &mut generator(seed));
        let variance = f64::from(std * std);
        let of_states = time * time + (1.0 - time) * (1.0 - time) * variance;
        let expected = variance / (1.0 + variance) / of_states;
        let crossing = crossing(&along(x0, noise.clone()), time, 0.05);
        let off = crossing / expected - 1.0;
        assert!(off.abs() < 0.11, "std {std}, t = {time}: {crossing}, not {expected}");
    }
}

/// Noise that is the data stretched along two axes: the lines fan out, and a state tells
/// its line. What is left is what passes within a bandwidth.
#[test]
fn the_lines_of_a_stretch_hardly_cross() {
    let x0 = normal(2, 1000, &mut generator(0));
    let noise = DMatrix::from_fn(2, 1000, |row, i| [2.0, 0.5][row] * x0[(row, i)]);
    let pairs = along(x0, noise);
    for bandwidth in [0.1, 0.05] {
        let crossing = crossing(&pairs, 0.5, bandwidth);
        assert!(crossing < 0.01, "{crossing}");
    }
}

/// If all turn to the other side, all meet in the middle. There the others' mean is that
/// of all but the pair itself, and so what is not told is `n / (n - 1)` times as far from
/// it.
#[test]
fn all_lines_through_one_point_cross() {
    let x0 = normal(2, 50, &mut generator(0));
    let pairs = along(x0.clone(), -&x0);
    let velocities = of_f64(&(-2.0 * x0));
    let mean = velocities.column_mean();
    let off = velocities
        .column_iter()
        .map(|velocity| (velocity - &mean).iter().map(|off| off * off).sum::<f64>());
    let expected = off.sum::<f64>() / velocities.iter().map(|v| v * v).sum::<f64>()
        * (50.0 / 49.0_f64).powi(2);
    let at_middle = crossing(&pairs, 0.5, 0.1);
    assert!((at_middle - expected).abs() < 1e-6, "{at_middle}, not {expected}");
    assert!(crossing(&pairs, 0.0, 0.02) < 0.1);
}

#[test]
fn fewer_than_two_lines_do_not_tell() {
    for count in [0, 1] {
        let x0 = normal(2, count, &mut generator(0));
        assert!(crossing(&along(x0.clone(), x0.add_scalar(1.0)), 0.5, 0.1).is_nan());
    }
}

/// At twenty times, so that a sum in another order shows in some.
#[test]
fn the_number_of_threads_changes_no_crossing() {
    let mut rng = generator(0);
    let pairs = along(normal(2, 300, &mut rng), normal(2, 300, &mut rng));
    let on = |threads| -> Vec<u64> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let at = |time| crossing(&pairs, f64::from(time) / 20.0, 0.1).to_bits();
        pool.install(|| (0..20).map(at).collect())
    };
    assert_eq!(on(1), on(4));
}

// Times.

/// Random numbers that are all the same.
struct Same(u64);

impl TryRng for Same {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.0 as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.fill(self.0 as u8);
        Ok(())
    }
}

fn any_times() -> impl Strategy<Value = Times> {
    prop_oneof![
        Just(Times::Uniform),
        (1e-3..1e3_f64).prop_map(|shift| Times::Shifted { shift }),
        (-5.0..5.0_f64, 0.1..3.0_f64)
            .prop_map(|(mean, std)| Times::LogitNormal { mean, std }),
        // At -1 itself, a time that is below 1e-16 is rounded to 0.
        (-0.99..1.751_f64).prop_map(|scale| Times::Mode { scale }),
    ]
}

fn check_time(times: Times, rng: &mut impl Rng) -> Result<(), TestCaseError> {
    let NoiseLevel { t, a, b } = times.draw(rng);
    prop_assert!(0.0 < b && b <= 1.0, "{times:?}: {b}");
    prop_assert_eq!([t, a], [1000.0 * b, 1.0 - b]);
    prop_assert!(t < times.timesteps() as f64);
    Ok(())
}

proptest! {
    /// Also with the smallest random number and with the largest.
    #[test]
    fn a_time_is_above_0_and_at_most_1(times in any_times(), seed in any::<u64>()) {
        let mut rng = generator(seed);
        for _ in 0..100 {
            check_time(times, &mut rng)?;
        }
        for number in [0, 1, 1 << 11, u64::MAX - 1, u64::MAX] {
            check_time(times, &mut Same(number))?;
        }
    }
}
