//! What networks learn by heart, by how many digits they learn from.

use crate::draw::PageWidth;
use crate::draw::digits::{Group, Rows};
use crate::draw::plot::{Axis, Chart, Panel, Panels, Series, Stroke};
use crate::numbers::Numbers;
use crate::stored::memory::{
    BATCH, COLUMNS, DECIDED_SIZES, DIGIT_UPDATES, JUDGED, JUDGED_ON_THE_WAY, NEW, Row,
    SETS, SIZES, Stored, UPDATES, UPDATES_SHOWN,
};

/// A number as the text has it.
fn told(n: usize) -> String {
    match n {
        1000.. => format!("{},{:03}", n / 1000, n % 1000),
        _ => n.to_string(),
    }
}

/// What two networks make of the same noises, and the nearest digits that each has learned
/// from.
pub fn two_networks(page: PageWidth) -> Vec<u8> {
    let stored = Stored::read();
    let row = |row, caption: String| {
        let pictures = (0..COLUMNS).map(|column| stored.pixels(row, column));
        (caption, pictures.collect())
    };
    let groups = SIZES.into_iter().enumerate().map(|(i, size)| Group {
        columns: Vec::new(),
        rows: vec![
            row(
                Row::Nearest(i, 0),
                format!(
                    "{} digits: nearest of A, made by A, made by B, nearest of B",
                    told(size)
                ),
            ),
            row(Row::Made(i, 0), String::new()),
            row(Row::Made(i, 1), String::new()),
            row(Row::Nearest(i, 1), String::new()),
        ],
    });
    let alt = format!(
        "For networks that have learned from {} digits, four rows of {COLUMNS} digits each: in the \
         middle what two networks make of the same noises, above and below the nearest digit that \
         each of them has learned from.",
        SIZES.map(told).join(", "),
    );
    Rows { groups: groups.collect(), narrow_columns: COLUMNS / 2 }.svg(page, &alt)
}

/// Both networks of each number of digits: the mean of one of the values of a name.
fn means(stored: &Stored, what: &str, place: usize) -> Vec<(f64, f64)> {
    let mean = |size: usize| {
        let values =
            SETS.map(|set| stored.values(&format!("{what}_{size}_{set}"))[place]);
        values.iter().sum::<f64>() / values.len() as f64
    };
    SIZES.into_iter().map(|size| (size as f64, mean(size))).collect()
}

fn heights(points: &[(f64, f64)]) -> String {
    let heights: Vec<String> = points.iter().map(|(_, y)| format!("{y:.3}")).collect();
    heights.join(", ")
}

/// An axis of numbers of digits.
fn digits() -> Axis<'static> {
    Axis::logarithmic("digits learned from", 9.0..5_000.0)
}

fn series(
    points: Vec<(f64, f64)>,
    stroke: Stroke,
    colour: usize,
    label: &str,
    place: (f64, f64),
) -> Series {
    Series { points, stroke, colour, label: Some((label.to_owned(), place)) }
}

/// How many samples are copies, and how alike two networks are.
pub fn copied(page: PageWidth) -> Vec<u8> {
    let stored = Stored::read();
    let copied = means(&stored, "copied", 0);
    let nearer = means(&stored, "nearer_to_own", 0);
    let alike: Vec<(f64, f64)> = SIZES
        .into_iter()
        .map(|size| (size as f64, stored.values(&format!("alike_{size}"))[0]))
        .collect();
    let alt = format!(
        "The fraction of samples that are copies, the fraction that are nearer to the network's own \
         digits than to the other's, and the correlation of what two networks make of the same \
         noises, against the number of digits learned from: {}. Copies are {}, nearer to their own \
         {}, and the correlations {}.",
        SIZES.map(told).join(", "),
        heights(&copied),
        heights(&nearer),
        heights(&alike),
    );
    let chart = Chart {
        x: digits(),
        y: Axis::from(("fraction", 0.0..1.0)),
        series: vec![
            series(
                nearer,
                Stroke::Thin { width: 1.5, opacity: 1.0 },
                2,
                "nearer to its own digits",
                (250.0, 0.38),
            ),
            series(copied, Stroke::Line, 0, "copies", (250.0, 0.18)),
            series(alike, Stroke::Dashed, 1, "correlation of A and B", (250.0, 0.28)),
        ],
    };
    chart.svg(page, 300, &alt).into_bytes()
}

/// The losses of networks on digits learned from and on others, and of exact denoisers on
/// what they know. On others, those have losses that no scale shows beside these.
pub fn losses(page: PageWidth) -> Vec<u8> {
    let stored = Stored::read();
    let of = |what, place| means(&stored, what, place);
    let all = [
        ("network, new digits", of("losses", 1), Stroke::Line, 1, (14.0, 0.46)),
        (
            "network, digits learned from",
            of("losses", 0),
            Stroke::Dashed,
            2,
            (500.0, 0.18),
        ),
        (
            "exact denoiser, digits learned from",
            of("by_heart", 0),
            Stroke::Thin { width: 1.5, opacity: 1.0 },
            3,
            (400.0, 0.05),
        ),
    ];
    let told_of: Vec<String> = all
        .iter()
        .map(|(name, points, ..)| format!("{name}: {}", heights(points)))
        .collect();
    let alt = format!(
        "Losses against the number of digits learned from, {}. {}.",
        SIZES.map(told).join(", "),
        told_of.join(". "),
    );
    let chart = Chart {
        x: digits(),
        y: Axis::from(("loss", 0.0..0.5)),
        series: all
            .into_iter()
            .map(|(name, points, stroke, colour, place)| {
                series(points, stroke, colour, name, place)
            })
            .collect(),
    };
    chart.svg(page, 340, &alt).into_bytes()
}

/// Losses while networks learn.
pub fn while_learning(page: PageWidth) -> Vec<u8> {
    let stored = Stored::read();
    let updates = UPDATES_SHOWN.map(|updates| updates as f64);
    let points = |what: &str, size| -> Vec<(f64, f64)> {
        let values = stored.values(&format!("learning_{what}_{size}"));
        updates.into_iter().zip(values).collect()
    };
    let panels = SIZES.map(|size| Panel {
        caption: format!("{} digits", told(size)),
        series: vec![
            Series {
                points: points("new", size),
                stroke: Stroke::Line,
                colour: 1,
                label: None,
            },
            Series {
                points: points("known", size),
                stroke: Stroke::Dashed,
                colour: 2,
                label: None,
            },
        ],
    });
    let told_of = SIZES.map(|size| {
        format!(
            "With {} digits, {} on new ones and {} on those learned from",
            told(size),
            heights(&points("new", size)),
            heights(&points("known", size)),
        )
    });
    let alt = format!(
        "Losses after {} updates. {}.",
        UPDATES_SHOWN.map(|updates| updates.to_string()).join(", "),
        told_of.join(". "),
    );
    let panels = Panels {
        x: Axis::logarithmic("updates", 80.0..6500.0),
        y: Axis::logarithmic("loss", 0.04..1.0),
        columns: SIZES.len(),
        height: Some(200),
        panels: panels.into(),
        legend: vec!["new digits", "digits learned from"],
    };
    panels.svg(page, &alt).into_bytes()
}

/// From which timestep on the exact denoiser is sure, by how many digits it knows.
pub fn sure(page: PageWidth) -> Vec<u8> {
    let stored = Stored::read();
    let points = |what: &str| -> Vec<(f64, f64)> {
        let at =
            |size| (size as f64, stored.values(&format!("decided_{what}_{size}"))[0]);
        DECIDED_SIZES.map(at).into()
    };
    let [label, datum] = ["label", "datum"].map(points);
    let values = |points: &[(f64, f64)]| {
        let values: Vec<String> = points.iter().map(|(_, t)| format!("{t:.0}")).collect();
        values.join(", ")
    };
    let alt = format!(
        "The timestep from which on, towards less noise, the exact denoiser of {} digits is sure of \
         the label and of the digit: {} for the label and {} for the digit.",
        DECIDED_SIZES.map(told).join(", "),
        values(&label),
        values(&datum),
    );
    let chart = Chart {
        x: Axis::logarithmic("digits known", 9.0..10_000.0),
        y: Axis::from(("timestep", 0.0..450.0)),
        series: vec![
            series(label, Stroke::Line, 0, "sure of the label", (300.0, 340.0)),
            series(datum, Stroke::Dashed, 1, "sure of the digit itself", (40.0, 180.0)),
        ],
    };
    chart.svg(page, 300, &alt).into_bytes()
}

/// Numbers of these networks.
pub fn numbers() -> Numbers {
    let mut numbers = Numbers::new();
    let mut put =
        |name: &str, value: f64| numbers.insert(format!("l_memory_{name}"), value);
    let stored = Stored::read();
    const MILLION: f64 = 1e6;
    put("parameters", stored.values("parameters")[0]);
    put("updates", UPDATES as f64);
    put("batch", BATCH as f64);
    put("judged", JUDGED as f64);
    put("judged_on_the_way", JUDGED_ON_THE_WAY as f64);
    put("new", NEW as f64);
    for (name, what, place, scale) in [
        ("known", "losses", 0, 1.0),
        ("new", "losses", 1, 1.0),
        ("exact_known", "by_heart", 0, 1.0),
        ("exact_new", "by_heart", 1, 1.0),
        ("distance", "distances", 0, 1.0),
        ("others_distance", "distances", 1, 1.0),
        ("new_distance", "distances", 2, 1.0),
        ("nearer_to_own", "nearer_to_own", 0, 100.0),
    ] {
        for ((_, value), size) in means(&stored, what, place).into_iter().zip(SIZES) {
            put(&format!("{name}_{size}"), scale * value);
        }
    }
    // Where a mean would hide how different the two are.
    for (name, what, place, scale) in [
        ("criterion", "criterion", 0, 1.0),
        ("copied", "copied", 0, 100.0),
        ("new_copied", "copied", 1, 100.0),
    ] {
        for size in SIZES {
            for set in SETS {
                let value = stored.values(&format!("{what}_{size}_{set}"))[place];
                put(&format!("{name}_{size}_{set}"), scale * value);
            }
        }
    }
    for size in SIZES {
        put(&format!("alike_{size}"), stored.values(&format!("alike_{size}"))[0]);
    }
    let most = SIZES[SIZES.len() - 1];
    put("unrelated", stored.values(&format!("alike_{most}"))[1]);
    let mut put_learning = |what: &str, size: usize, scale: f64| {
        let name = format!("learning_{what}_{size}");
        for (updates, value) in UPDATES_SHOWN.into_iter().zip(stored.values(&name)) {
            put(&format!("{name}_{updates}"), scale * value);
        }
    };
    let few = &SIZES[..2];
    few.iter().chain([&most]).for_each(|&size| put_learning("new", size, 1.0));
    // Of more digits, no sample is a copy while they are learned.
    few.iter().for_each(|&size| put_learning("copied", size, 100.0));
    for size in DECIDED_SIZES {
        for what in ["label", "datum"] {
            let values = stored.values(&format!("decided_{what}_{size}"));
            put(&format!("{what}_t_{size}"), values[0]);
            put(&format!("{what}_sigma_{size}"), values[1]);
        }
    }
    put("digit_updates", DIGIT_UPDATES as f64);
    for name in ["fully_connected", "u_net"] {
        let values = stored.values(name);
        put(&format!("{name}_parameters"), values[0]);
        put(&format!("{name}_mmac"), values[1] / MILLION);
        put(&format!("{name}_right"), values[4]);
    }
    numbers
}
