//! Digits of the stored network, judged by the nearest of those that it has learned from,
//! beside the digits that were held out.

use std::sync::LazyLock;

use nalgebra::DMatrix;
use part_l_u_net::judge::{self, Neighbour};
use xtask_figures::stored::u_net::{
    COLUMNS, DDPM_STEPS, LABELS, MANY_STEPS, Row, STEPS, STEPS_SHOWN,
};

use super::{
    DIGITS, HELD_OUT, Measured, asked_in_turn, labels, levels_of, noise, sampled, stored,
};
use diffusion_core::generator;
use diffusion_core::timesteps::evenly_spaced;
use part_f_the_way_back::{Denoiser, Variance};
use part_h_learning_to_denoise::LearnedDenoiser;
use part_i_samplers::sampler_list::{Ddpm, EulerAncestral};
use part_i_samplers::{Sampler, Sampling, SamplingConfig, Spacing};
use part_k_convolutions::sampling::ddim;

/// As many digits of the stored network as are held out.
pub fn samples() -> &'static DMatrix<f32> {
    static SAMPLES: LazyLock<DMatrix<f32>> = LazyLock::new(|| {
        let denoiser = asked_in_turn(stored().network.clone());
        sampled(&denoiser, noise(HELD_OUT, 0))
    });
    &SAMPLES
}

/// Measures them.
pub fn measure(measured: &mut Measured) {
    let denoiser = asked_in_turn(stored().network.clone());
    let samples = samples();
    let asked: Vec<usize> = labels(HELD_OUT).into_iter().flatten().collect();
    judge_by("samples", samples, &asked, measured);
    let held_out = &DIGITS.held_out;
    let theirs = held_out.labels.as_deref().expect("digits have labels");
    judge_by("held_out", &held_out.x, theirs, measured);
    let mut judge_sampler = |name: &str, sampler: &dyn Sampler, steps: usize| {
        let levels = levels_of(Spacing::Trailing, steps);
        let config = SamplingConfig { sampler, ..ddim(&levels) };
        let samples = crate::measured::sampled(&config, &denoiser, noise(HELD_OUT, 0));
        judge_by(name, &samples, &asked, measured);
    };
    judge_sampler("many_steps", &EulerAncestral, MANY_STEPS);
    for steps in DDPM_STEPS {
        let ddpm = Ddpm { variance: Variance::BetaTilde };
        judge_sampler(&format!("ddpm_{steps}"), &ddpm, steps);
    }

    let rows = [(Row::Stored, Row::Nearest), (Row::Others, Row::NearestToOthers)];
    for (i, (row, nearest)) in rows.into_iter().enumerate() {
        let some = samples.columns(i * COLUMNS, COLUMNS).into_owned();
        measured.put_row(row, &some);
        let data: Vec<usize> = neighbours(&some).iter().map(|it| it.datum).collect();
        measured.put_row(nearest, &DIGITS.learned.x.select_columns(&data));
    }
    put_states(&denoiser, measured);
}

fn neighbours(x: &DMatrix<f32>) -> Vec<Neighbour> {
    judge::nearest(x, &DIGITS.learned.x)
}

fn label_of(neighbour: &Neighbour) -> usize {
    DIGITS.learned.labels.as_ref().expect("digits have labels")[neighbour.datum]
}

/// How many of some digits, 0 to 9 in turn, have a nearest one of their label.
pub fn fraction_right(samples: &DMatrix<f32>) -> f64 {
    let labels = labels(samples.ncols());
    right(&neighbours(samples), &labels.into_iter().flatten().collect::<Vec<_>>())
}

fn right(neighbours: &[Neighbour], labels: &[usize]) -> f64 {
    let pairs = neighbours.iter().zip(labels);
    let right = pairs.filter(|(neighbour, label)| label_of(neighbour) == **label);
    right.count() as f64 / labels.len() as f64
}

/// How many are of their label, how far the nearest are, on average and of the nearest
/// twentieth the farthest, and how far two of a label are.
fn judge_by(name: &str, x: &DMatrix<f32>, labels: &[usize], measured: &mut Measured) {
    let neighbours = neighbours(x);
    measured.put(&format!("{name}_right"), [right(&neighbours, labels)]);
    let of_label = |label: usize| {
        let of = neighbours.iter().zip(labels).filter(move |(_, of)| **of == label);
        let (right, all) = of.fold((0, 0), |(right, all), (neighbour, _)| {
            (right + usize::from(label_of(neighbour) == label), all + 1)
        });
        right as f64 / f64::from(all)
    };
    measured.put(&format!("{name}_right_by_label"), (0..LABELS).map(of_label));
    let mut distances: Vec<f64> = neighbours.iter().map(|it| it.distance).collect();
    distances.sort_by(f64::total_cmp);
    let mean = distances.iter().sum::<f64>() / distances.len() as f64;
    let at = |percent: usize| distances[distances.len() * percent / 100];
    measured.put(&format!("{name}_distance"), [mean, at(5), at(50), at(95)]);
    measured.put(&format!("{name}_within"), [within_labels(x, labels)]);
}

/// The mean distance of two of the same label.
fn within_labels(x: &DMatrix<f32>, labels: &[usize]) -> f64 {
    let (mut sum, mut count) = (0.0, 0);
    for i in 0..x.ncols() {
        for j in (0..i).filter(|&j| labels[j] == labels[i]) {
            sum += f64::from((x.column(i) - x.column(j)).norm());
            count += 1;
        }
    }
    sum / f64::from(count)
}

/// One digit on its way from noise, and what is predicted of it.
fn put_states(denoiser: &LearnedDenoiser<part_l_u_net::UNet>, measured: &mut Measured) {
    /// The digit.
    const SHOWN: usize = 7;
    let levels = levels_of(Spacing::Trailing, STEPS);
    let config = ddim(&levels);
    let mut under_way =
        Sampling::new(&config, noise(LABELS, 0)).expect("there are levels");
    let mut rng = generator(0);
    let shown: Vec<usize> = evenly_spaced(STEPS_SHOWN, STEPS - 1).collect();
    let (mut states, mut predictions, mut timesteps) = (vec![], vec![], vec![]);
    for step in 0..STEPS {
        if shown.contains(&step) {
            let level = under_way.level().expect("there are steps to come");
            let prediction = denoiser.predict(under_way.x(), level);
            let x0 = prediction.expect("it takes these levels");
            let x0 = x0.x0(under_way.x(), level);
            states.push(under_way.x().column(SHOWN).into_owned());
            predictions.push(x0.column(SHOWN).into_owned());
            timesteps.push(level.t);
        }
        under_way.step(denoiser, &mut rng).expect("it takes these levels");
    }
    measured.put("timesteps_shown", timesteps);
    measured.put_row(Row::States, &DMatrix::from_columns(&states));
    measured.put_row(Row::Predictions, &DMatrix::from_columns(&predictions));
}
