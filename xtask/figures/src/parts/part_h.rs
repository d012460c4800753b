//! Figures and numbers of part H.

mod chain;
mod network;

use diffusion_core::{Moments, generator, points};
use diffusion_kernels::distances::nearest_two;
use diffusion_kernels::likelihoods::nearest;
use nalgebra::DMatrix;
use part_f_the_way_back::{Denoiser, ExactDenoiser, NoiseLevel, PredictionType};
use part_h_learning_to_denoise::evaluation::mean;
use part_h_learning_to_denoise::loss::loss_weight;
use part_h_learning_to_denoise::{EvaluationSet, ParameterSet};

use super::{Draw::ByWidth, Figure, Part};
use crate::digits::{right, sheet, spread};
use crate::draw::PageWidth;
use crate::draw::photograph;
use crate::draw::plane::{self, REACH};
use crate::draw::plot::{Axis, Chart, Panel, Panels, Series, Stroke};
use crate::numbers::Numbers;
use crate::stored::learning::{
    DIGITS, SPIRAL, STEPS, UPDATES_SHOWN, curve, digits, samples, scheduler, spiral,
    stored_curves, stored_denoiser, stored_samples,
};
use crate::variance;

/// Part H.
pub const PART: Part = Part {
    package: "part-h-learning-to-denoise",
    figures: &[
        Figure { name: "part-h-weights.svg", draw: ByWidth(weights) },
        Figure { name: "part-h-network.svg", draw: ByWidth(network::network) },
        Figure { name: "part-h-chain.svg", draw: ByWidth(chain::chain) },
        Figure { name: "part-h-training.jpg", draw: ByWidth(training) },
        Figure { name: "part-h-loss.svg", draw: ByWidth(loss) },
        Figure { name: "part-h-loss-by-t.svg", draw: ByWidth(loss_by_t) },
        Figure { name: "part-h-field.svg", draw: ByWidth(field) },
        Figure { name: "part-h-digits.svg", draw: ByWidth(digits_to_order) },
        Figure { name: "part-h-copies.svg", draw: ByWidth(copies) },
    ],
    numbers,
};

/// How much the error of one and the same prediction of `x0` counts.
fn weights(page: PageWidth) -> Vec<u8> {
    let levels = NoiseLevel::all(&scheduler());
    let of = |kind: PredictionType| -> Vec<(f64, f64)> {
        let weight = |t: usize| (t as f64, loss_weight(kind, levels[t]));
        (0..STEPS).map(weight).collect()
    };
    let curve = |kind: PredictionType, stroke, colour, label| Series {
        points: of(kind),
        stroke,
        colour,
        label: Some((kind.name().to_owned(), label)),
    };
    let of_noise = |t: usize| loss_weight(PredictionType::Noise, levels[t]);
    let alt = format!(
        "How much the squared error of a prediction of x0 counts in the loss, against the timestep \
         t, for a network that predicts the noise, x0 or the velocity. For x0 it is 1 everywhere. \
         For the noise it falls from {:.0} at t = 0 to {:.2} at t = 50 and {:.7} at t = {}. For the \
         velocity it is one more than that everywhere.",
        of_noise(0),
        of_noise(50),
        of_noise(STEPS - 1),
        STEPS - 1,
    );
    let chart = Chart {
        x: ("timestep t", 0.0..(STEPS - 1) as f64),
        y: Axis::logarithmic("counts how many times", 1e-3..1e4),
        series: vec![
            curve(PredictionType::Noise, Stroke::Line, 0, (76.0, 0.02)),
            curve(PredictionType::X0, Stroke::Dashed, 1, (8.0, 0.55)),
            curve(PredictionType::Velocity, Stroke::Line, 2, (62.0, 3.0)),
        ],
    };
    chart.svg(page, 280, &alt).into_bytes()
}

/// Samples while the network learns.
fn training(page: PageWidth) -> Vec<u8> {
    let alt = format!(
        "Six clouds of points in the plane. Five are samples of a network after {} updates: first \
         a shapeless heap, then a smear that fills a square, then a spiral with points between its \
         turns, then ever fewer of these. The last is the data, a spiral of one and a half turns.",
        crate::draw::listed(&UPDATES_SHOWN)
    );
    photograph::filmstrip_of_pixels(page, &stored_samples(), &alt)
}

/// The mean of each hundred, at its middle.
fn means_of_hundreds(losses: &[f64]) -> Vec<(f64, f64)> {
    let hundred = |(i, losses): (usize, &[f64])| (100.0 * i as f64 + 50.0, mean(losses));
    losses.chunks(100).enumerate().map(hundred).collect()
}

/// The loss over the updates, and the optimal one.
fn loss(page: PageWidth) -> Vec<u8> {
    let csv = stored_curves();
    let batches = curve(&csv, "batch");
    let optimal = mean(&curve(&csv, "floor"));
    let means = means_of_hundreds(&batches);
    let updates = batches.len() as f64;
    // Every tenth is enough to see how far they jump.
    let dots = (0..batches.len()).step_by(10).map(|i| (i as f64, batches[i])).collect();
    let alt = format!(
        "The loss against the number of updates. Single batches are dots that jump between about \
         {:.2} and {:.2} at the end. The mean of a hundred falls steeply from {:.2} to {:.3} after \
         a thousand updates, and then slowly to {:.3}, just above a dashed line at {optimal:.3}: \
         the optimal loss, that of the exact denoiser.",
        smallest(&batches[batches.len() - 500..]),
        -smallest(&batches[batches.len() - 500..].iter().map(|x| -x).collect::<Vec<_>>()),
        means[0].1,
        means[10].1,
        means[means.len() - 1].1,
    );
    let dot = Stroke::Cloud { radius: 0.8, opacity: 0.5 };
    let chart = Chart {
        x: ("updates", 0.0..updates),
        y: ("loss", 0.15..0.45),
        series: vec![
            Series { points: dots, stroke: dot, colour: 3, label: None },
            Series {
                points: means,
                stroke: Stroke::Line,
                colour: 0,
                label: Some(("mean of a hundred".to_owned(), (2200.0, 0.38))),
            },
            Series {
                points: vec![(0.0, optimal), (updates, optimal)],
                stroke: Stroke::Dashed,
                colour: 1,
                label: Some(("the exact denoiser".to_owned(), (2200.0, 0.41))),
            },
        ],
    };
    chart.svg(page, 300, &alt).into_bytes()
}

fn smallest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

/// The loss of the trained network at each timestep, and the optimal one.
fn loss_by_t(page: PageWidth) -> Vec<u8> {
    let csv = stored_curves();
    let [network, optimal] = ["network_by_t", "floor_by_t"].map(|name| curve(&csv, name));
    let by_t = |losses: &[f64]| {
        losses.iter().enumerate().map(|(t, &loss)| (t as f64, loss)).collect()
    };
    let alt = format!(
        "The loss of the trained network and the optimal loss, that of the exact denoiser, against \
         the timestep t. Both wander between 0.4 and 0.8 for the first twenty timesteps, {:.2} and {:.2} at t = 0, \
         and then fall: at t = 20 they are {:.3} and {:.3}, at t = 50 {:.3} and {:.3}. The two \
         curves are close to each other up to t = 80. Beyond, the exact denoiser's falls faster, \
         until both leave the figure below 0.001.",
        network[0], optimal[0], network[20], optimal[20], network[50], optimal[50],
    );
    let chart = Chart {
        x: ("timestep t", 0.0..(STEPS - 1) as f64),
        y: Axis::logarithmic("loss", 1e-3..1.5),
        series: vec![
            Series {
                points: by_t(&network),
                stroke: Stroke::Line,
                colour: 0,
                label: Some(("the network".to_owned(), (64.0, 0.25))),
            },
            Series {
                points: by_t(&optimal),
                stroke: Stroke::Dashed,
                colour: 1,
                label: Some(("the exact denoiser".to_owned(), (22.0, 0.012))),
            },
        ],
    };
    chart.svg(page, 280, &alt).into_bytes()
}

/// Guidance scales, each a row of the sheet.
const SCALES: [f32; 4] = [0.0, 1.0, 2.0, 4.0];

/// Samples of a label each in turn, from the same noise with any guidance scale: 64 × n.
fn samples_of_digits(guidance_scale: f32, n: usize) -> DMatrix<f32> {
    let denoiser = stored_denoiser(DIGITS, (0..10).map(Some).collect(), guidance_scale);
    samples(&denoiser, 64, n, true)
}

/// Digits to order, with several guidance scales.
fn digits_to_order(page: PageWidth) -> Vec<u8> {
    let row = |scale| (format!("guidance scale {scale}"), samples_of_digits(scale, 10));
    sheet(
        page,
        SCALES.map(row).into(),
        "Four rows of ten small pictures, samples of a network with the labels 0, 1 and so on to \
         9, from the same noise. With the guidance scale 0 they are strokes of no digit in \
         particular; with 1, nearly all are the digit; with 2 and 4 they have more contrast.",
    )
}

/// How many samples are compared with the digits.
const COMPARED: usize = 1000;

/// Distances from the nearest digit that was learned from: those of samples, and those of
/// digits that were held out.
fn distances() -> [Vec<f64>; 2] {
    let (learned, held_out) = digits();
    let samples = samples_of_digits(1.0, COMPARED);
    [nearest(&samples, &learned.x), nearest(&held_out.x, &learned.x)]
}

/// Are they copies?
fn copies(page: PageWidth) -> Vec<u8> {
    let [samples, held_out] = distances();
    const WIDTH: f64 = 0.25;
    let histogram = |distances: &[f64]| -> Vec<(f64, f64)> {
        let bins = (0..20).map(|bin| {
            let from = WIDTH * f64::from(bin);
            let count = distances.iter().filter(|&&d| (from..from + WIDTH).contains(&d));
            (from, 100.0 * count.count() as f64 / distances.len() as f64)
        });
        bins.flat_map(|(from, percent)| [(from, percent), (from + WIDTH, percent)])
            .collect()
    };
    let alt = format!(
        "Two histograms of the distance from the nearest digit that was learned from. That of \
         {COMPARED} samples has its mean at {:.2} and that of the {} held-out digits at {:.2}; the least is {:.2} and {:.2}.",
        mean(&samples),
        held_out.len(),
        mean(&held_out),
        smallest(&samples),
        smallest(&held_out),
    );
    let chart = Chart {
        x: ("distance from the nearest digit learned from", 0.0..5.0),
        y: ("%", 0.0..35.0),
        series: vec![
            Series {
                points: histogram(&samples),
                stroke: Stroke::Area,
                colour: 0,
                label: Some(("samples".to_owned(), (0.3, 26.0))),
            },
            Series {
                points: histogram(&held_out),
                stroke: Stroke::Line,
                colour: 1,
                label: Some(("held-out digits".to_owned(), (3.2, 14.0))),
            },
        ],
    };
    chart.svg(page, 260, &alt).into_bytes()
}

/// Two timesteps at which the predictions are shown.
const SHOWN_AT: [usize; 2] = [60, 8];

/// Where the network pulls, and where the exact denoiser does.
fn field(page: PageWidth) -> Vec<u8> {
    let levels = NoiseLevel::all(&scheduler());
    let data = spiral();
    let exact = ExactDenoiser::new(&data.x).expect("there are data");
    let learned = stored_denoiser(SPIRAL, vec![None], 1.0);
    let places = plane::grid(7);
    let panel = |t: usize| {
        let (level, a) = (levels[t], levels[t].a);
        let of_exact = exact.posterior_mean(&places, level);
        let of_learned = learned.predict(&places, level).expect("one of its timesteps");
        let of_learned = of_learned.x0(&places, level);
        let dot = Stroke::Cloud { radius: 1.0, opacity: 1.0 };
        let some = data.x.columns(0, 120).into_owned();
        Panel {
            caption: format!("t = {t}, {:.0} % left", 100.0 * a * a),
            series: vec![
                plane::cloud(&some, a, dot, 2),
                plane::pull(&places, &of_exact, a, 1),
                plane::pull(&places, &of_learned, a, 0),
            ],
        }
    };
    let alt = format!(
        "A grid of arrows in the plane, at the timesteps {}, with the data, a spiral, behind them. From \
         each place, one arrow is the pull of the network and one that of the exact denoiser. Near the \
         data and at the noisier timesteps the two are one; at t = {}, far outside, where no state of \
         the forward process is, some differ.",
        crate::draw::listed(&SHOWN_AT),
        SHOWN_AT[1]
    );
    let panels = Panels {
        x: ("", -REACH..REACH),
        y: ("", -REACH..REACH),
        columns: 2,
        height: None,
        panels: SHOWN_AT.map(panel).into(),
        legend: vec!["data, scaled", "the exact denoiser", "the network"],
    };
    panels.svg(page, &alt).into_bytes()
}

/// How many in a hundred of all together the first ten timesteps have.
fn percent_of_first_ten(values: &[f64]) -> f64 {
    100.0 * values[..10].iter().sum::<f64>() / values.iter().sum::<f64>()
}

fn numbers() -> Numbers {
    let mut numbers = Numbers::new();
    let mut put = |name: &str, value: f64| numbers.insert(format!("h_{name}"), value);
    let alpha_bar = scheduler().alpha_bar().to_vec();
    let levels = NoiseLevel::all(&scheduler());
    put("weight_0", loss_weight(PredictionType::Noise, levels[0]));
    let of_spiral = stored_denoiser(SPIRAL, vec![None], 1.0);
    put("parameters", of_spiral.network().parameters.count() as f64);
    let csv = stored_curves();
    let batches = curve(&csv, "batch");
    let last = &batches[batches.len() - 500..];
    put("batch_std", variance::of(last).sqrt());
    let [network, optimal] = ["network_by_t", "floor_by_t"].map(|name| curve(&csv, name));
    let excess = curve(&csv, "excess");
    put("left", 100.0 * mean(&excess) / mean(&network));
    put("ratio_at_99", 1.0 + excess[99] / optimal[99]);
    put("left_first_ten", percent_of_first_ten(&excess));
    // What needs no learning: to take the data for one bell curve.
    let of_data = variance::around_own_means(&spiral().x);
    let of_bell = |alpha_bar: &f64| {
        let signal = alpha_bar * of_data;
        signal / (signal + 1.0 - alpha_bar)
    };
    put("bell_loss", mean(&alpha_bar.iter().map(of_bell).collect::<Vec<f64>>()));
    let weights = levels.iter().map(|&level| loss_weight(PredictionType::Noise, level));
    put("weight_first_ten", percent_of_first_ten(&weights.collect::<Vec<f64>>()));

    let (learned, held_out) = digits();
    let of_digits = stored_denoiser(DIGITS, vec![None], 1.0);
    let network = of_digits.network();
    put("digits_parameters", network.parameters.count() as f64);
    put("digits_values", learned.x.len() as f64);
    for scale in SCALES {
        let samples = samples_of_digits(scale, COMPARED);
        let distances = nearest(&samples, &learned.x);
        put(&format!("nearest_{scale}"), mean(&distances));
        put(&format!("right_{scale}"), right(&samples, &learned, |sample| sample % 10));
        put(&format!("contrast_{scale}"), Moments::of(&samples).std);
        put(&format!("spread_{scale}"), spread(&samples, |sample| sample % 10));
        if scale == 1.0 {
            put("nearest_least", smallest(&distances));
        }
    }
    for (name, seen) in [("learned", &learned), ("held_out", &held_out)] {
        let evaluation_set = EvaluationSet::new(seen, &scheduler(), PredictionType::X0);
        put(&format!("{name}_network"), mean(&evaluation_set.losses(network)));
        let exact = evaluation_set.optimal_loss(&learned);
        let exact = exact.expect("there are digits of each label");
        put(&format!("{name}_exact"), mean(&exact));
    }
    let known = spiral().x;
    let new = points::spiral(known.ncols(), &mut generator(1));
    put("new_point_distance", mean(&nearest(&new, &known)));
    let unclipped = samples(&of_spiral, 2, 2000, false);
    put("distance_unclipped", mean(&nearest(&unclipped, &known)));
    let distances = nearest(&held_out.x, &learned.x);
    put("nearest_held_out", mean(&distances));
    put("nearest_two", nearest_two(&learned.x).expect("there are two"));
    for (name, digits) in [("held_out", &held_out), ("learned", &learned)] {
        put(&format!("contrast_{name}"), Moments::of(&digits.x).std);
        let labels = digits.labels.as_ref().expect("digits have labels");
        put(&format!("spread_{name}"), spread(&digits.x, |digit| labels[digit]));
    }
    let labels = held_out.labels.expect("digits have labels");
    put("right_held_out", right(&held_out.x, &learned, |digit| labels[digit]));
    numbers
}
