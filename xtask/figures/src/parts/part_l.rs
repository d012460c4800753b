//! Figures and numbers of part L.

mod memory;
mod network;

use image::RgbImage;

use super::{Draw::ByWidth, Figure, Part};
use crate::draw::digits::{Group, Rows};
use crate::draw::plot::{Axis, Chart, Panel, Panels, Series, Stroke};
use crate::draw::{PageWidth, listed};
use crate::numbers::Numbers;
use crate::stored::u_net::{
    AVERAGED_AFTER, CELL, CHANGED_UPDATES, COLUMNS, Change, DDPM_STEPS, DECAYS, KINDS,
    LOSS_EVERY, MANY_STEPS, Row, STEPS, STEPS_SHOWN, Stored, TIMESTEPS, UPDATES,
    UPDATES_SHOWN, WIDTHS,
};

/// Part L.
pub const PART: Part = Part {
    package: "part-l-u-net",
    figures: &[
        Figure { name: "part-l-digits.svg", draw: ByWidth(digits) },
        Figure { name: "part-l-u.svg", draw: ByWidth(network::network) },
        Figure { name: "part-l-states.svg", draw: ByWidth(states) },
        Figure { name: "part-l-while-learning.svg", draw: ByWidth(while_learning) },
        Figure { name: "part-l-learning.svg", draw: ByWidth(learning) },
        Figure { name: "part-l-averages.svg", draw: ByWidth(averages) },
        Figure { name: "part-l-changes.svg", draw: ByWidth(changes) },
        Figure { name: "part-l-decided.svg", draw: ByWidth(decided) },
        Figure { name: "part-l-leading.svg", draw: ByWidth(leading) },
        Figure { name: "part-l-predicting.svg", draw: ByWidth(predicting) },
        Figure { name: "part-l-two-networks.svg", draw: ByWidth(memory::two_networks) },
        Figure { name: "part-l-copied.svg", draw: ByWidth(memory::copied) },
        Figure { name: "part-l-by-heart.svg", draw: ByWidth(memory::losses) },
        Figure { name: "part-l-turns-up.svg", draw: ByWidth(memory::while_learning) },
        Figure { name: "part-l-sure.svg", draw: ByWidth(memory::sure) },
    ],
    numbers,
};

/// A row with its caption.
fn row(stored: &Stored, row: Row, caption: &str) -> (String, Vec<RgbImage>) {
    let pictures = (0..COLUMNS).map(|column| stored.pixels(row, column));
    (caption.to_owned(), pictures.collect())
}

/// Rows, each for itself, with all digits side by side on any page.
fn one_below_the_other<T: AsRef<str>>(
    page: PageWidth,
    rows: impl IntoIterator<Item = (Row, T)>,
    alt: &str,
) -> Vec<u8> {
    let stored = Stored::read();
    let groups = rows.into_iter().map(|(of, caption)| Group {
        columns: Vec::new(),
        rows: vec![row(&stored, of, caption.as_ref())],
    });
    Rows { groups: groups.collect(), narrow_columns: COLUMNS }.svg(page, alt)
}

/// A picture that is the first to be seen has few bytes.
const MAX_BYTES_AT_FIRST: usize = 26_000;

/// Digits that were made, and the nearest ones that were learned from.
fn digits(page: PageWidth) -> Vec<u8> {
    let stored = Stored::read();
    let group = |made, nearest, captions: [&str; 2]| Group {
        columns: Vec::new(),
        rows: vec![row(&stored, made, captions[0]), row(&stored, nearest, captions[1])],
    };
    let captions = ["made, and below each the nearest one learned from", ""];
    let rows = Rows {
        groups: vec![
            group(Row::Stored, Row::Nearest, captions),
            group(Row::Others, Row::NearestToOthers, [""; 2]),
        ],
        narrow_columns: COLUMNS / 2,
    };
    let alt = "The digits from 0 to 9, twice, white on black as if written by hand, and below each \
               the one that is nearest to it of those that the network has learned from.";
    let svg = rows.svg(page, alt);
    let bytes = svg.len();
    assert!(
        bytes <= MAX_BYTES_AT_FIRST,
        "{bytes} bytes are too many for the first figure"
    );
    svg
}

/// A digit on its way from noise.
fn states(page: PageWidth) -> Vec<u8> {
    let stored = Stored::read();
    let timesteps = stored.values("timesteps_shown");
    let group = Group {
        columns: timesteps.iter().map(|t| format!("t = {t}")).collect(),
        rows: vec![
            row(&stored, Row::States, "the state"),
            row(&stored, Row::Predictions, "what is predicted to be in it"),
        ],
    };
    let alt = format!(
        "A digit on its way from noise, at {STEPS_SHOWN} of {STEPS} steps from t = {} to t = {}: \
         above, noise out of which a digit comes, and below, what the network predicts of it each \
         time, which is a blurred shape first and the sharp digit at the end.",
        timesteps[0],
        timesteps[timesteps.len() - 1],
    );
    Rows { groups: vec![group], narrow_columns: STEPS_SHOWN / 2 }.svg(page, &alt)
}

/// The digits of the network while it learns.
fn while_learning(page: PageWidth) -> Vec<u8> {
    let rows = UPDATES_SHOWN.iter().enumerate();
    let rows =
        rows.map(|(i, updates)| (Row::Learning(i), format!("after {updates} updates")));
    let alt = format!(
        "The digits from 0 to 9, from the same ten noises each time, after {} updates.",
        listed(&UPDATES_SHOWN),
    );
    one_below_the_other(page, rows, &alt)
}

/// Losses while the network learns.
fn learning(page: PageWidth) -> Vec<u8> {
    const RANGE: std::ops::Range<f64> = 5e-2..1.0;
    let stored = Stored::read();
    let middle = (LOSS_EVERY as f64 - 1.0) / 2.0;
    let losses = stored.values("losses").into_iter().enumerate();
    let losses = losses.map(|(i, loss)| ((i * LOSS_EVERY) as f64 + middle, loss));
    let judged = |name: &str| -> Vec<(f64, f64)> {
        let updates = UPDATES_SHOWN.map(|updates| updates as f64);
        updates.into_iter().zip(stored.values(name)).collect()
    };
    let series = |points, stroke, colour, label: &str, height: f64| Series {
        points,
        stroke,
        colour,
        label: Some((label.to_owned(), (300.0, height))),
    };
    let [seen, unseen] = ["learning_seen", "learning_unseen"].map(judged);
    let alt = format!(
        "Losses against updates, both on logarithmic axes: that of the updates, and those of the \
         averaged network for digits that were learned from and for others. After {} \
         updates they are {} for those that were learned from, and {} for the others.",
        listed(&UPDATES_SHOWN),
        told(&seen),
        told(&unseen),
    );
    let chart = Chart {
        x: Axis::logarithmic("updates", 10.0..1.2 * UPDATES as f64),
        y: Axis::logarithmic("loss", RANGE),
        series: vec![
            series(
                losses.collect(),
                Stroke::Thin { width: 1.0, opacity: 0.8 },
                0,
                "of updates",
                0.75,
            ),
            series(
                seen,
                Stroke::Dashed,
                1,
                "averaged network, digits learned from",
                0.58,
            ),
            series(unseen, Stroke::Dots, 2, "averaged network, digits held out", 0.45),
        ],
    };
    chart.svg(page, 340, &alt).into_bytes()
}

/// Heights of points, in a sentence.
fn told(points: &[(f64, f64)]) -> String {
    let values: Vec<String> = points.iter().map(|(_, y)| format!("{y:.3}")).collect();
    values.join(", ")
}

/// The digits of averages of the parameters.
fn averages(page: PageWidth) -> Vec<u8> {
    let caption = |decay: f64| match decay {
        0.0 => "the network itself".to_owned(),
        _ => format!("an average that keeps {decay} at each update"),
    };
    let rows = DECAYS.iter().enumerate();
    let rows = rows.map(|(i, &decay)| (Row::Averaged(i), caption(decay)));
    let alt = format!(
        "The digits from 0 to 9, from the same ten noises each time, of a network after \
         {AVERAGED_AFTER} updates and of averages of its parameters, which keep more and more of \
         themselves."
    );
    one_below_the_other(page, rows, &alt)
}

/// The changes whose digits are shown.
const CHANGES_SHOWN: [(Change, &str); 3] = [
    (Change::None, "the whole network"),
    (Change::Skips, "without skips"),
    (Change::Time, "always told the same time"),
];

/// The digits of changed networks.
fn changes(page: PageWidth) -> Vec<u8> {
    let place = |change| {
        let mut all = Change::ALL.into_iter();
        all.position(|(known, _)| known == change).expect("it is one of them")
    };
    let rows = CHANGES_SHOWN
        .iter()
        .map(|&(change, caption)| (Row::Changed(place(change)), caption));
    let captions = CHANGES_SHOWN.map(|(_, caption)| caption);
    let alt = format!(
        "The digits from 0 to 9, from the same ten noises each time, of small networks after \
         {CHANGED_UPDATES} updates: {}.",
        captions.join(", "),
    );
    one_below_the_other(page, rows, &alt)
}

/// What is decided of a picture, by timestep.
fn decided(page: PageWidth) -> Vec<u8> {
    /// How many timesteps the photograph's schedule has.
    const OF_PHOTO: usize = crate::stored::convolutions::STEPS;
    let stored = Stored::read();
    let compared = [
        ("digits", "decided", TIMESTEPS),
        ("chapter K's photograph", "decided_photo", OF_PHOTO),
    ];
    let kinds = [
        ("mean", "mean values", Stroke::Line, 0),
        ("pixels", "all values", Stroke::Dashed, 1),
    ];
    let points = |name: &str, of: &str, steps: usize| -> Vec<(f64, f64)> {
        let t = stored.values(&format!("{name}_t"));
        let t = t.into_iter().map(|t| t / steps as f64);
        t.zip(stored.values(&format!("{name}_{of}"))).collect()
    };
    let (mut panels, mut told) = (Vec::new(), Vec::new());
    let mut least: f64 = 0.0;
    for (caption, name, steps) in compared {
        let mut series = Vec::new();
        for (of, words, stroke, colour) in kinds.clone() {
            let points = points(name, of, steps);
            let all = points.iter().map(|(_, correlation)| *correlation);
            least = all.fold(least, f64::min);
            told.push(format!("{:.2} for the {words} of {caption}", points[0].1));
            series.push(Series { points, stroke, colour, label: None });
        }
        panels.push(Panel { caption: caption.to_owned(), series });
    }
    let alt = format!(
        "How much of a picture is in what is predicted of it, as a correlation, against the timestep \
         as a fraction of all: the mean values and all values, of digits and of chapter K's photograph. \
         At the first step, on the right, it is {}.",
        told.join(", "),
    );
    let panels = Panels {
        x: ("timestep, as a fraction of all", 0.0..1.0),
        // Room for what is below 0.
        y: ("correlation with the end", (5.0 * least).floor() / 5.0..1.05),
        columns: 2,
        height: Some(220),
        panels,
        legend: kinds.iter().map(|(_, words, ..)| *words).collect(),
    };
    panels.svg(page, &alt).into_bytes()
}

/// The first timestep of steps that begin below the last one.
const LEADING: usize = TIMESTEPS - TIMESTEPS / STEPS;

/// Digits of steps that begin below the last timestep.
fn leading(page: PageWidth) -> Vec<u8> {
    let rows = [
        (Row::Stored, format!("begins at t = {}", TIMESTEPS - 1)),
        (Row::Leading, format!("begins at t = {LEADING}")),
    ];
    let alt = format!(
        "The digits from 0 to 9 from the same ten noises, by steps that begin at the last timestep, \
         and by steps that begin at t = {LEADING}.",
    );
    one_below_the_other(page, rows, &alt)
}

/// Digits of networks that predict different things.
fn predicting(page: PageWidth) -> Vec<u8> {
    let rows = KINDS.iter().enumerate();
    let rows =
        rows.map(|(i, kind)| (Row::Predicting(i), format!("predicts {}", kind.name())));
    let alt = format!(
        "The digits from 0 to 9, from the same ten noises each time, of small networks after \
         {CHANGED_UPDATES} updates, of which one predicts the velocity, one x0 and one the noise."
    );
    one_below_the_other(page, rows, &alt)
}

fn numbers() -> Numbers {
    let mut numbers = Numbers::new();
    let mut put = |name: &str, value: f64| numbers.insert(format!("l_{name}"), value);
    let stored = Stored::read();
    const MILLION: f64 = 1e6;
    put("parameters", stored.values("parameters")[0]);
    put("mmac", stored.values("multiplications")[0] / MILLION);
    put("updates", UPDATES as f64);
    put("changed_updates", CHANGED_UPDATES as f64);
    put("averaged_after", AVERAGED_AFTER as f64);
    let slowest = DECAYS[DECAYS.len() - 1];
    // What the average still is of the network that had learned nothing.
    let left = |updates: usize| 100.0 * (0..updates).map(|_| slowest).product::<f64>();
    put("left_of_start", left(AVERAGED_AFTER));
    put("left_after_10000", left(10_000));
    put("width_last", WIDTHS[WIDTHS.len() - 1] as f64);
    for side in [CELL >> (WIDTHS.len() - 1), CELL] {
        put(&format!("weights_{side}"), (side as f64).powi(4));
    }
    for kind in KINDS {
        let values = stored.values(&format!("predicting_{}", kind.name()));
        put(&format!("predicting_{}_mean", kind.name()), values[0]);
        put(&format!("predicting_{}_between", kind.name()), values[1]);
        put(&format!("predicting_{}_right", kind.name()), 100.0 * values[3]);
    }
    for name in ["learning_seen", "learning_unseen"] {
        let of_shown = UPDATES_SHOWN.into_iter().zip(stored.values(name));
        for (updates, loss) in of_shown.filter(|(updates, _)| *updates != 250) {
            put(&format!("{name}_{updates}"), loss);
        }
    }
    for (name, values) in ["averages_early", "averages_at_the_end"].map(|name| {
        // In the singular, as of one.
        (name.replace("averages", "average"), stored.values(name))
    }) {
        for (decay, loss) in DECAYS.into_iter().zip(values) {
            // 0.99 as 99, and 0 for the network itself.
            let digits = decay.to_string().replace("0.", "");
            put(&format!("{name}_{digits}"), loss);
        }
    }
    for (_, name) in Change::ALL {
        let values = stored.values(&format!("changed_{name}"));
        put(&format!("changed_{name}_mmac"), values[1] / MILLION);
        put(&format!("changed_{name}_loss"), values[2]);
        put(&format!("changed_{name}_little"), values[3]);
        put(&format!("changed_{name}_much"), values[5]);
        put(&format!("changed_{name}_right"), 100.0 * values[6]);
    }
    put("many_steps", MANY_STEPS as f64);
    let ddpm = DDPM_STEPS.map(|steps| format!("ddpm_{steps}"));
    let judged = ["samples", "many_steps", "held_out"].into_iter();
    for name in judged.chain(ddpm.iter().map(String::as_str)) {
        put(&format!("{name}_right"), 100.0 * stored.values(&format!("{name}_right"))[0]);
        let values = stored.values(&format!("{name}_distance"));
        put(&format!("{name}_distance_mean"), values[0]);
        put(&format!("{name}_distance_5"), values[1]);
        put(&format!("{name}_within"), stored.values(&format!("{name}_within"))[0]);
    }
    for name in ["whole", "half"] {
        let values = stored.values(&format!("bits_{name}"));
        put(&format!("bits_{name}_mb"), values[0] / MILLION);
        put(&format!("bits_{name}_loss"), values[1]);
        put(&format!("bits_{name}_right"), 100.0 * values[2]);
    }
    put("bits_outputs_apart", 1000.0 * stored.values("bits_outputs_apart")[0]);
    let apart = stored.values("bits_samples_apart");
    put("bits_samples_apart_mean", apart[0]);
    put("bits_samples_apart_most", apart[1]);
    for name in ["trailing", "leading", "data"] {
        put(&format!("light_{name}_mean"), stored.values(&format!("light_of_{name}"))[0]);
    }
    put("light_data_between", stored.values("light_of_data")[1]);
    for name in
        ["decided_mean", "decided_pixels", "decided_photo_mean", "decided_photo_pixels"]
    {
        put(&format!("{name}_first"), stored.values(name)[0]);
    }
    numbers.append(&mut memory::numbers());
    numbers
}
