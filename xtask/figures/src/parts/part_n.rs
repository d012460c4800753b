//! Figures and numbers of part N.

use diffusion_cli::{load, plot};
use diffusion_core::{Picture, generator, points};
use image::{Rgb, RgbImage, imageops};

use part_d_alpha_bar_trick::NoiseScheduler;

use super::{Draw::ByWidth, Figure, Part};
use crate::draw::digits::{Group, Rows};
use crate::draw::photograph::Grid;
use crate::draw::plot::{Axis, Chart, Panel, Panels, Series, Stroke};
use crate::draw::{PageWidth, plane};
use crate::numbers::Numbers;
use crate::stored::to_order::{
    COLUMNS, COUNTS, ETAS, FILLING, HOLES, INTERVALS, JUMPS, KNOWN, KNOWN_SCALES,
    METHODS, NETWORK_NOISES, NETWORK_SCALES, NOISES, RANGES, RESAMPLINGS, Row, SCALED,
    SCALES, SEAMS, STRENGTHS, Stored,
};

/// Part N.
pub const PART: Part = Part {
    package: "part-n-to-order",
    figures: &[
        Figure { name: "part-n-orders.svg", draw: ByWidth(orders) },
        Figure { name: "part-n-sure.svg", draw: ByWidth(sure) },
        Figure { name: "part-n-hole.svg", draw: ByWidth(hole) },
        Figure { name: "part-n-scale.svg", draw: ByWidth(scale) },
        Figure { name: "part-n-anew.svg", draw: ByWidth(anew) },
        Figure { name: "part-n-strength.svg", draw: ByWidth(strength) },
        Figure { name: "part-n-moons.svg", draw: ByWidth(moons) },
        Figure { name: "part-n-decided.svg", draw: ByWidth(decided) },
    ],
    numbers,
};

/// What a reader calls a method.
fn title(name: &str) -> &'static str {
    let found = METHODS.iter().find(|(known, _)| *known == name);
    found.expect("it is one of them").1
}

fn method(name: &str) -> Row {
    let place = METHODS.iter().position(|(known, _)| *known == name);
    Row::Method(place.expect("it is one of them"))
}

/// All digits of a row.
fn pictures(stored: &Stored, row: Row) -> Vec<RgbImage> {
    (0..COLUMNS).map(|column| with_border(&stored.pixels(row, column))).collect()
}

/// A digit with a border, as it goes up to its edges.
fn with_border(digit: &RgbImage) -> RgbImage {
    let side = digit.width() + 2;
    let mut framed = RgbImage::from_pixel(side, side, Rgb([96; 3]));
    imageops::replace(&mut framed, digit, 1, 1);
    framed
}

/// The digit that was seen, what was seen of it, and ten samples of six methods.
fn orders(page: PageWidth) -> Vec<u8> {
    let stored = Stored::read();
    let shown = ["exact", "replacement", "repaint", "ddrm", "dps", "pigdm"];
    let groups = shown.iter().map(|name| Group {
        columns: Vec::new(),
        rows: vec![(title(name).to_owned(), pictures(&stored, method(name)))],
    });
    let alt = "Rows of twelve small digits. In each row the first is a 2, and the second is its upper \
               half with noise, above plain grey. The ten others are what a method made of it: twos, \
               sevens, nines, ones and eights, and a few threes and fours.";
    Rows { groups: groups.collect(), narrow_columns: COLUMNS / 2 }.svg(page, alt)
}

fn line(points: Vec<(f64, f64)>, stroke: Stroke, colour: usize) -> Series {
    Series { points, stroke, colour, label: None }
}

/// How far each method is from the truth, and how sure, over the noise of what was seen.
fn sure(page: PageWidth) -> Vec<u8> {
    let stored = Stored::read();
    let over_noise = |name: &str| -> Vec<(f64, f64)> {
        NOISES.into_iter().zip(stored.values(name)).collect()
    };
    let of = |(name, title): &(&str, &str)| Panel {
        caption: (*title).to_owned(),
        series: vec![
            line(over_noise(&format!("variation_{name}")), Stroke::Line, 0),
            line(over_noise(&format!("agreement_{name}")), Stroke::Line, 1),
            line(over_noise("agreement_truth"), Stroke::Dashed, 1),
        ],
    };
    let at = |name: &str, place: usize| stored.values(name)[place];
    let told = METHODS[1..].iter().map(|(name, title)| {
        let agreement = format!("agreement_{name}");
        format!(
            "{title} {:.2} and {:.2}",
            at(&agreement, 0),
            at(&agreement, NOISES.len() - 1)
        )
    });
    let told: Vec<String> = told.collect();
    let alt = format!(
        "Six panels, one for each method, over the noise of what was seen, from {} to {}. The \
         probability that two draws of the truth have the same label falls from {:.2} to {:.2}. That \
         of two samples at both ends: {}.",
        NOISES[0],
        NOISES[NOISES.len() - 1],
        at("agreement_truth", 0),
        at("agreement_truth", NOISES.len() - 1),
        told.join(", "),
    );
    let panels = Panels {
        x: Axis::logarithmic("noise of what was seen", 0.08..4.0),
        y: ("", 0.0..1.0),
        columns: 3,
        height: Some(150),
        panels: METHODS[1..].iter().map(of).collect(),
        legend: vec![
            "total variation from the truth",
            "how often two samples have one label",
            "how often two draws of the truth have",
        ],
    };
    panels.svg(page, &alt).into_bytes()
}

/// The mandrill with a hole, and filled.
fn hole(page: PageWidth) -> Vec<u8> {
    let stored = Stored::read();
    let captions = ["the picture", "what is seen"].map(str::to_owned).into_iter();
    let captions = captions.chain(FILLING.map(|name| title(name).to_owned()));
    let captions: Vec<String> = captions.collect();
    let shown: Vec<Picture> = (0..captions.len())
        .map(|column| Picture::from_pixels(&stored.pixels(Row::Hole, column)))
        .collect();
    let states = shown.iter().map(|picture| picture.x.clone()).collect();
    let grid = Grid {
        picture: &shown[0],
        columns: captions,
        rows: vec![(String::new(), states)],
        narrow_columns: 3,
    };
    let alt = "The face of a mandrill, 64 × 64 pixels. The same with a grey rectangle in place of \
               the bridge of the nose. Five times the rectangle is filled with fur as it is at the side of the \
               face. By replacement, RePaint and DDRM, all else stays as it was. By DPS and ΠGDM, the \
               rest of the face is changed, too: the red of nose and mouth is gone, the blue cheeks are \
               left in part, and there are dots, with ΠGDM bright specks.";
    grid.svg(page, alt)
}

/// DPS by how far a step goes.
fn scale(page: PageWidth) -> Vec<u8> {
    let stored = Stored::read();
    let of = |name: &str| -> Vec<(f64, f64)> {
        SCALES.into_iter().zip(stored.values(&format!("{name}_0.5"))).collect()
    };
    let labelled = |name: &str, stroke, colour, label: &str, place| Series {
        points: of(name),
        stroke,
        colour,
        label: Some((label.to_owned(), place)),
    };
    let usual = NOISES.iter().position(|noise| *noise == 0.5).expect("it is one of them");
    let truth = stored.values("agreement_truth")[usual];
    let variation = stored.values("scale_length_variation_0.5");
    let agreement = stored.values("scale_length_agreement_0.5");
    let last = SCALES.len() - 1;
    let of_1 = SCALES.iter().position(|scale| *scale == 1.0).expect("it is one of them");
    let alt = format!(
        "Total variation from the truth, and how often two samples have one label, against the scale \
         of a step of DPS from {} to {}. With the length, the variation is {:.2}, {:.2} and {:.2} at the \
         scales {}, 1 and {}. How often two samples have one label is {:.2}, {:.2} and {:.2}; the truth is \
         {truth:.2}.",
        SCALES[0],
        SCALES[last],
        variation[0],
        variation[of_1],
        variation[last],
        SCALES[0],
        SCALES[last],
        agreement[0],
        agreement[of_1],
        agreement[last],
    );
    let chart = Chart {
        x: Axis::logarithmic("scale of a step", 0.002..12.0),
        y: ("", 0.0..1.0),
        series: vec![
            labelled(
                "scale_length_variation",
                Stroke::Line,
                0,
                "variation, length",
                (0.0025, 0.95),
            ),
            labelled(
                "scale_square_variation",
                Stroke::Dashed,
                0,
                "variation, square",
                (0.0025, 0.87),
            ),
            labelled(
                "scale_length_agreement",
                Stroke::Line,
                1,
                "one label, length",
                (0.06, 0.95),
            ),
            labelled(
                "scale_square_agreement",
                Stroke::Dashed,
                1,
                "one label, square",
                (0.06, 0.87),
            ),
            Series {
                points: vec![(SCALES[0], truth), (SCALES[last], truth)],
                stroke: Stroke::Thin { width: 1.0, opacity: 0.8 },
                colour: 1,
                label: Some(("one label, truth".to_owned(), (1.3, 0.95))),
            },
        ],
    };
    chart.svg(page, 320, &alt).into_bytes()
}

/// Digits, and the same made anew.
fn anew(page: PageWidth) -> Vec<u8> {
    let stored = Stored::read();
    let digits = load::digits().expect("the repository has its digits");
    let digits = digits.columns(0, COLUMNS).into_owned();
    let digits = plot::pictures(&digits, [load::DIGIT_SIDE; 2]);
    let digits = Group {
        columns: Vec::new(),
        rows: vec![("the digits".to_owned(), digits.iter().map(with_border).collect())],
    };
    let anew = STRENGTHS.into_iter().enumerate().map(|(place, strength)| Group {
        columns: Vec::new(),
        rows: vec![(
            format!("strength {strength}"),
            pictures(&stored, Row::Strength(place)),
        )],
    });
    let groups = [digits].into_iter().chain(anew);
    let alt = "Rows of twelve small digits. The first row has the digits, 0 to 9 and 0, 1. Below, \
               with a strength of 0.1, all have the same labels. The higher the strength, the more of \
               them have another shape, and at 0.9 most have another label.";
    Rows { groups: groups.collect(), narrow_columns: COLUMNS / 2 }.svg(page, alt)
}

/// What is left of a digit.
fn strength(page: PageWidth) -> Vec<u8> {
    let stored = Stored::read();
    let strengths = stored.values("strengths");
    let all = libm::log2(COUNTS[COUNTS.len() - 1] as f64);
    let of = |values: Vec<f64>| strengths.iter().copied().zip(values).collect();
    let bits = stored.values("strength_bits");
    let label = stored.values("strength_label");
    let middle = strengths.len() / 2 - 1;
    let alt = format!(
        "What is left of a digit against the strength, from 0 to 1. At 0.5, {:.1} of {all:.1} bits of \
         which digit it was, and a probability of {:.2} for its label. Both fall towards what is left \
         of noise alone.",
        bits[middle], label[middle],
    );
    let chart = Chart {
        x: ("strength", 0.0..1.0),
        y: ("fraction", 0.0..1.05),
        series: vec![
            Series {
                points: of(bits.iter().map(|bits| bits / all).collect()),
                stroke: Stroke::Line,
                colour: 0,
                label: Some(("bits of which digit it was".to_owned(), (0.05, 0.25))),
            },
            Series {
                points: of(label),
                stroke: Stroke::Line,
                colour: 1,
                label: Some(("probability of its label".to_owned(), (0.05, 0.15))),
            },
        ],
    };
    chart.svg(page, 280, &alt).into_bytes()
}

/// A moon without guidance, with it, and with it in an interval.
fn moons(page: PageWidth) -> Vec<u8> {
    let stored = Stored::read();
    let shown = [
        ("none", "no guidance"),
        ("all", "scale 4"),
        ("high", "scale 4 above sigma 2"),
        ("middle", "scale 4 from 0.3 to 2"),
    ];
    let both = points::moons(300, &mut generator(1));
    let pale = Stroke::Cloud { radius: 1.0, opacity: 0.3 };
    let panel = |(name, caption): (&str, &str)| {
        let [x, y] =
            ["x", "y"].map(|axis| stored.values(&format!("moons_{axis}_{name}")));
        let stroke = Stroke::Cloud { radius: 1.2, opacity: 1.0 };
        Panel {
            caption: caption.to_owned(),
            series: vec![
                plane::cloud(&both, 1.0, pale.clone(), 3),
                line(x.into_iter().zip(y).collect(), stroke, 0),
            ],
        }
    };
    let first = |name: &str| 100.0 * stored.values(&format!("moons_{name}_0"))[0];
    let alt = format!(
        "Two half circles that reach into each other, four times, and points of the upper one. In \
         the tenth of it at its right end there are {:.1} % of the points without guidance, {:.1} % with \
         a scale of 4, {:.1} % with that where sigma is above 2, and {:.1} % where it is from 0.3 to 2.",
        first("none"),
        first("all"),
        first("high"),
        first("middle"),
    );
    let panels = Panels {
        x: ("", -1.1..1.1),
        y: ("", -0.7..0.7),
        columns: 4,
        height: None,
        panels: shown.into_iter().map(panel).collect(),
        legend: Vec::new(),
    };
    panels.svg(page, &alt).into_bytes()
}

/// The noise at which label and datum are decided.
fn decided(page: PageWidth) -> Vec<u8> {
    let stored = Stored::read();
    let of = |what: &str, quantile: usize| -> Vec<(f64, f64)> {
        let sigma =
            |count: usize| stored.values(&format!("decided_{what}_{count}"))[quantile];
        COUNTS.into_iter().map(|count| (count as f64, sigma(count))).collect()
    };
    let mut series = Vec::new();
    for (colour, (what, place)) in
        [("label", (110.0, 2.6)), ("datum", (110.0, 0.2))].into_iter().enumerate()
    {
        for quantile in [0, 2] {
            let thin = Stroke::Thin { width: 1.0, opacity: 0.7 };
            series.push(line(of(what, quantile), thin, colour));
        }
        series.push(Series {
            points: of(what, 1),
            stroke: Stroke::Line,
            colour,
            label: Some((format!("the {what} is decided"), place)),
        });
    }
    let at = |what: &str, place: usize| of(what, 1)[place].1;
    let last = COUNTS.len() - 1;
    let alt = format!(
        "Noise over signal at which it is decided what a sample will be, against the number of digits \
         that are known, both on logarithmic axes. With {} digits, half of the labels are decided at {:.2} \
         and half of the digits at {:.2}; with {}, at {:.2} and {:.2}.",
        COUNTS[0],
        at("label", 0),
        at("datum", 0),
        COUNTS[last],
        at("label", last),
        at("datum", last),
    );
    let chart = Chart {
        x: Axis::logarithmic("digits that are known", 90.0..2000.0),
        y: Axis::logarithmic("noise over signal", 0.09..4.0),
        series,
    };
    chart.svg(page, 300, &alt).into_bytes()
}

/// The least and the most of some values.
fn ends(values: &[f64]) -> [f64; 2] {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    [least, values.iter().copied().fold(f64::NEG_INFINITY, f64::max)]
}

fn numbers() -> Numbers {
    let stored = Stored::read();
    let mut numbers = Numbers::new();
    let mut put = |name: String, value: f64| numbers.insert(format!("n_{name}"), value);
    let short = |value: f64| format!("{value}").replace('.', "_");
    let at = |name: &str, all: &[f64], value: f64| {
        let place = all.iter().position(|known| *known == value);
        stored.values(name)[place.expect("it is one of them")]
    };
    for name in ["dps-square", "truth"] {
        let name = format!("agreement_{name}");
        put(format!("{name}_1"), at(&name, &NOISES, 1.0));
    }
    put("likeliest_miss".to_owned(), at("likeliest_miss", &NOISES, 0.1));
    for noise in [0.1, 0.5, 3.0] {
        let methods = METHODS.map(|(name, _)| name).into_iter().chain(["truth"]);
        for name in methods.filter(|name| *name != "dps-square") {
            let value = at(&format!("agreement_{name}"), &NOISES, noise);
            put(format!("agreement_{name}_{}", short(noise)), value);
        }
    }
    for (name, noise) in [
        ("pigdm", 0.1),
        ("pigdm", 3.0),
        ("ddrm", 1.0),
        ("replacement", 1.0),
        ("chance", 0.1),
        ("chance", 0.5),
        ("chance", 1.0),
        ("chance", 3.0),
    ] {
        let value = at(&format!("variation_{name}"), &NOISES, noise);
        put(format!("variation_{name}_{}", short(noise)), value);
    }
    for name in ["dps", "pigdm"] {
        let values = stored.values(&format!("miss_{name}"));
        put(format!("miss_{name}"), values[0]);
        put(format!("miss_{name}_most"), values[1]);
    }
    for (what, scale) in [("agreement", 0.03), ("agreement", 5.0), ("variation", 5.0)] {
        let name = format!("scale_length_{what}");
        let value = at(&format!("{name}_0.5"), &SCALES, scale);
        put(format!("{name}_{}", short(scale)), value);
    }
    // The scale that comes nearest to the truth.
    for kind in ["length", "square"] {
        for noise in SCALED {
            let of_scale = stored.values(&format!("scale_{kind}_variation_{noise}"));
            let least = ends(&of_scale)[0];
            let place = of_scale.iter().position(|value| *value == least);
            let scale = SCALES[place.expect("it is one of them")];
            put(format!("scale_best_{kind}_{}", short(noise)), scale);
            put(format!("scale_best_{kind}_{}_variation", short(noise)), least);
        }
    }
    for noise in [0.001, 3.0] {
        for what in ["variation", "agreement"] {
            let values = stored.values(&format!("known_resamplings_{what}_{noise}"));
            for (value, count) in values.into_iter().zip(RESAMPLINGS) {
                put(format!("resamplings_{what}_{}_{count}", short(noise)), value);
            }
        }
    }
    for (what, count) in [("agreement", 10), ("variation", 30)] {
        let values = stored.values(&format!("known_resamplings_{what}_0.1"));
        let value = values.into_iter().zip(RESAMPLINGS).find(|it| it.1 == count);
        let value = value.expect("it is one of them").0;
        put(format!("resamplings_{what}_0_1_{count}"), value);
    }
    for noise in [0.001, 3.0] {
        let values = stored.values(&format!("known_jumps_{noise}"));
        for (value, jump) in values.into_iter().zip(JUMPS).step_by(JUMPS.len() - 1) {
            put(format!("jumps_{}_{jump}", short(noise)), value);
        }
    }
    for noise in [0.001, 0.1, 3.0] {
        let truth = stored.values(&format!("known_truth_{noise}"))[0];
        put(format!("known_truth_{}", short(noise)), truth);
    }
    for name in ["replacement_0.001", "one_noise"] {
        let variation = stored.values(&format!("known_{name}"))[0];
        put(format!("known_{}_variation", name.trim_end_matches("_0.001")), variation);
    }
    for noise in KNOWN {
        for name in ["exact", "replacement", "ddrm", "dps", "pigdm"] {
            let agreement = stored.values(&format!("known_{name}_{noise}"))[1];
            put(format!("known_{name}_{}", short(noise)), agreement);
        }
    }
    for scale in [10.0, 30.0] {
        let agreement = at("known_scale_agreement", &KNOWN_SCALES, scale);
        put(format!("known_scale_{scale}"), agreement);
    }
    let variation = at("known_scale_variation", &KNOWN_SCALES, 10.0);
    put("known_scale_variation".to_owned(), variation);

    for (hole, _) in HOLES {
        let of_picture = stored.values(&format!("seam_picture_{hole}"))[0];
        put(format!("seam_picture_{hole}"), of_picture);
        for (name, count, steps) in SEAMS {
            let name = format!("seam_{name}_{count}_{steps}_{hole}");
            let found = stored.values(&name);
            for (what, value) in ["least", "median", "most"].into_iter().zip(found) {
                put(format!("{name}_{what}"), value);
            }
        }
    }

    for noise in NETWORK_NOISES {
        let truth = stored.values(&format!("network_truth_{noise}"))[0];
        put(format!("network_truth_{}", short(noise)), truth);
        for who in ["network", "exact"] {
            for what in ["agreement", "variation"] {
                let values = stored.values(&format!("network_{what}_{who}_{noise}"));
                for (value, scale) in values.into_iter().zip(NETWORK_SCALES) {
                    put(format!("network_{what}_{who}_{}_{scale}", short(noise)), value);
                }
            }
        }
    }

    let strengths = stored.values("strengths");
    for (what, strength) in [
        ("bits", 0.3),
        ("bits", 0.5),
        ("bits", 0.7),
        ("label", 0.5),
        ("label", 0.7),
        ("sigma", 0.5),
    ] {
        let name = format!("strength_{what}");
        put(format!("{name}_{}", short(strength)), at(&name, &strengths, strength));
    }
    // What half of the steps begin with along the schedule of Stable Diffusion 1.5.
    let betas = part_e_schedules::scaled_linear_schedule(1000, 0.00085, 0.012);
    let published = NoiseScheduler::from_betas(betas.expect("it was published"));
    let [a, b] =
        published.expect("it was published").scales(499).expect("it is there").into();
    put("strength_sigma_published".to_owned(), b / a);
    for eta in ETAS {
        for (name, _) in INTERVALS {
            let found = stored.values(&format!("guided_{name}_{eta}"));
            for (what, value) in ["", "_least", "_most"].into_iter().zip(found) {
                put(format!("guided_{name}_{eta}{what}"), 100.0 * value);
            }
            let tenths = stored.values(&format!("moons_{name}_{eta}"));
            put(format!("moons_{name}_{eta}"), 100.0 * tenths[0]);
        }
    }
    for (name, ..) in RANGES {
        let values = stored.values(&format!("range_{name}"));
        put(format!("range_{name}_beyond"), 100.0 * values[0]);
        put(format!("range_{name}_contrast"), values[1]);
    }
    let misses = stored.values("inversion_bells_miss");
    put("inversion_miss_10".to_owned(), misses[0]);
    put("inversion_miss_100".to_owned(), misses[1]);
    put("inversion_noise".to_owned(), stored.values("inversion_points_noise")[1]);
    put("moons_auto_first".to_owned(), 100.0 * stored.values("moons_auto_0")[0]);
    for name in ["none", "auto"] {
        let [least, most] = ends(&stored.values(&format!("moons_{name}_0")));
        put(format!("moons_{name}_most"), 100.0 * most);
        put(format!("moons_{name}_least"), 100.0 * least);
    }

    let [first, .., all] = COUNTS;
    put("data".to_owned(), all as f64);
    put("bits".to_owned(), libm::log2(all as f64));
    put("count_first".to_owned(), first as f64);
    for count in [first, all] {
        for what in ["label", "datum"] {
            let values = stored.values(&format!("decided_{what}_{count}"));
            put(format!("decided_{what}_{count}"), values[1]);
            if (what, count) == ("label", all) {
                put("decided_label_of_nine".to_owned(), values[0]);
            }
        }
    }
    numbers
}
