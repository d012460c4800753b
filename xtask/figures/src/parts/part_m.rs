//! Figures and numbers of part M, and the map of all parts.

mod cost;
mod latents;
mod map;
mod pipeline;

use image::RgbImage;

use super::{
    Draw::{ByWidth, Once},
    Figure, Part,
};
use crate::draw::PageWidth;
use crate::draw::digits::{Group, Rows};
use crate::draw::plot::{Axis, Chart, Series, Stroke};
use crate::numbers::Numbers;
use crate::stored::published::{
    COLUMNS, FAULTS, NETWORKS, Row, SAMPLERS, SHOWN, STEPS, Stored,
};

/// Part M.
pub const PART: Part = Part {
    package: "part-m-published-models",
    figures: &[
        Figure { name: "map.svg", draw: Once(map::map) },
        Figure { name: "part-m-mistakes.svg", draw: ByWidth(mistakes) },
        Figure { name: "part-m-faults.svg", draw: ByWidth(faults) },
        Figure { name: "part-m-recall.svg", draw: ByWidth(recall) },
        Figure { name: "text-to-picture.svg", draw: Once(pipeline::pipeline) },
        Figure { name: "latents-kept.svg", draw: ByWidth(latents::kept) },
        Figure { name: "latents-scales.svg", draw: ByWidth(latents::scales) },
    ],
    numbers,
};

/// Rows of digits, each with a mistake or none.
fn rows(page: PageWidth, shown: &[(&str, &str)], alt: &str) -> Vec<u8> {
    let stored = Stored::read();
    let group = |(name, caption): &(&str, &str)| {
        let row = FAULTS.iter().position(|(known, _)| known == name);
        let row = Row(row.expect("it is one of them"));
        let pictures: Vec<RgbImage> =
            (0..COLUMNS).map(|column| stored.pixels(row, column)).collect();
        Group { columns: Vec::new(), rows: vec![((*caption).to_owned(), pictures)] }
    };
    let groups = shown.iter().map(group).collect();
    Rows { groups, narrow_columns: COLUMNS }.svg(page, alt)
}

/// Some mistakes, without a word of what they are.
fn mistakes(page: PageWidth) -> Vec<u8> {
    let shown = [
        ("nothing", "one network, from the same ten noises"),
        ("padding", ""),
        ("betas", ""),
        ("prediction", ""),
    ];
    let alt = "Four rows of the digits from 0 to 9, white on black as if written by hand. The first \
               is clean. In the second, strokes are broken and doubled. The third is full of crumbs. \
               The fourth has white blocks with dark scratches, in which no digit can be read.";
    rows(page, &shown, alt)
}

/// All mistakes.
fn faults(page: PageWidth) -> Vec<u8> {
    let captions: Vec<&str> = FAULTS.iter().map(|(_, caption)| *caption).collect();
    let alt = format!(
        "Rows of the digits from 0 to 9 from the same ten noises, each with a caption: {}. The table \
         below says what is to be seen.",
        captions.join("; "),
    );
    rows(page, &FAULTS, &alt)
}

/// The network beside the exact denoiser, by noise.
fn recall(page: PageWidth) -> Vec<u8> {
    let stored = Stored::read();
    let sigmas = stored.values("recall_sigma");
    let of = |shown: &str, who: &str| -> Vec<(f64, f64)> {
        let errors = stored.values(&format!("recall_{shown}_{who}"));
        // The noisiest levels are noise alone.
        let points = sigmas.iter().copied().zip(errors);
        points.filter(|(sigma, _)| *sigma < MOST).collect()
    };
    /// The largest noise over signal that is shown.
    const MOST: f64 = 20.0;
    let [learned, held_out] = SHOWN;
    let series = |points, stroke, colour, label: &str, place| Series {
        points,
        stroke,
        colour,
        label: Some((label.to_owned(), place)),
    };
    let all = [
        (
            of(held_out, "exact"),
            Stroke::Dashed,
            1,
            "exact denoiser, digits never seen",
            (0.035, 0.105),
        ),
        (
            of(learned, "exact"),
            Stroke::Line,
            1,
            "exact denoiser, digits it knows",
            (0.035, 0.011),
        ),
        (
            of(held_out, "network"),
            Stroke::Dashed,
            0,
            "network, digits never seen",
            (3.0, 0.055),
        ),
        (
            of(learned, "network"),
            Stroke::Line,
            0,
            "network, digits learned from",
            (3.0, 0.035),
        ),
    ];
    let told = all.iter().map(|(points, _, _, label, _)| {
        let at_one =
            points.iter().find(|(sigma, _)| *sigma >= 1.0).expect("there is noise");
        format!("{:.3} for the {label}", at_one.1)
    });
    let told: Vec<String> = told.collect();
    let alt = format!(
        "Mean squared errors of the prediction of x0 against noise over signal, on a logarithmic \
         axis from 0.04 to 20. Where there is about as much noise as signal, the error is {}. With \
         more noise all four meet near 0.2.",
        told.join(", "),
    );
    let chart = Chart {
        x: Axis::logarithmic("noise over signal", 0.03..MOST),
        y: ("error of x0", 0.0..0.22),
        series: all
            .into_iter()
            .map(|(points, stroke, colour, label, place)| {
                series(points, stroke, colour, label, place)
            })
            .collect(),
    };
    chart.svg(page, 340, &alt).into_bytes()
}

fn numbers() -> Numbers {
    let stored = Stored::read();
    let mut numbers = Numbers::new();
    let mut put = |name: String, value: f64| numbers.insert(format!("m_{name}"), value);
    for name in NETWORKS {
        let cost = stored.values(&format!("cost_{name}"));
        put(format!("cost_{name}_parameters"), cost[0] / 1e6);
        if name == "digits" {
            put("cost_digits_mb".to_owned(), 4.0 * cost[0] / 1e6);
        }
        put(format!("cost_{name}_gmac"), cost[1] / 1e9);
    }
    put("cost_exact_gmac".to_owned(), stored.values("cost_exact")[0] / 1e9);
    for (name, _) in FAULTS {
        put(
            format!("fault_{name}_right"),
            100.0 * stored.values(&format!("fault_{name}"))[0],
        );
    }
    for sampler in SAMPLERS {
        let name = sampler.trim_end_matches('+').replace('-', "_");
        for steps in STEPS {
            let values = stored.values(&format!("steps_{sampler}_{steps}"));
            put(format!("steps_{name}_{steps}_right"), 100.0 * values[0]);
            put(format!("steps_{name}_{steps}_nearest"), values[1]);
        }
    }
    latents::put_numbers(&mut numbers);
    cost::put_numbers(&mut numbers);
    numbers
}
