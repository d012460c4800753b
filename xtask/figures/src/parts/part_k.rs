//! Figures and numbers of part K.

use diffusion_core::Picture;
use image::{RgbImage, imageops};
use nalgebra::DMatrix;

use super::part_g::fraction_in;
use super::{
    Draw::{ByWidth, Once},
    Figure, Part,
};
use crate::draw::PageWidth;
use crate::draw::blocks::Enlarged;
use crate::draw::photograph::{self, Grid, mandrill};
use crate::draw::plot::{Axis, Chart, Series, Stroke};
use crate::numbers::Numbers;
use crate::stored::convolutions::{
    CELL, COLUMNS, DEPTHS, PREDICTED, Row, SEEDS, SIDE, STEPS, Stored, UPDATES_SHOWN,
    WIDTHS, photo, two_photos,
};

/// Part K.
pub const PART: Part = Part {
    package: "part-k-convolutions",
    figures: &[
        Figure { name: "part-k-same-noise.jpg", draw: ByWidth(same_noise) },
        Figure { name: "part-k-predictions.svg", draw: ByWidth(predictions) },
        Figure { name: "part-k-errors.svg", draw: ByWidth(errors) },
        Figure { name: "part-k-alike.svg", draw: ByWidth(alike) },
        Figure { name: "part-k-linear.svg", draw: ByWidth(linear) },
        Figure { name: "part-k-views.svg", draw: ByWidth(views) },
        Figure { name: "part-k-border.svg", draw: ByWidth(border) },
        Figure { name: "part-k-two.svg", draw: ByWidth(two) },
        Figure { name: "part-k-large.jpg", draw: Once(large) },
    ],
    numbers,
};

/// How many pictures are shown side by side.
const SHOWN: usize = 6;

/// Rows of small pictures, each enlarged.
fn grid(
    page: PageWidth,
    picture: &Picture,
    columns: Vec<String>,
    rows: Vec<(String, Vec<DMatrix<f32>>)>,
    narrow_columns: usize,
    alt: &str,
) -> Vec<u8> {
    // Small ones would lose too much as they are.
    let enlarged = Enlarged::new(picture, if picture.width < 64 { 2 } else { 1 });
    let rows = rows
        .into_iter()
        .map(|(caption, row)| (caption, row.iter().map(|x| enlarged.of(x)).collect()));
    let grid = Grid {
        picture: &enlarged.picture,
        columns,
        rows: rows.collect(),
        narrow_columns,
    };
    grid.svg(page, alt)
}

/// The first pictures of a row.
fn first(stored: &Stored, row: Row, count: usize) -> Vec<DMatrix<f32>> {
    (0..count).map(|column| stored.picture(row, column)).collect()
}

/// A picture that is the first to be seen has few bytes.
const MAX_BYTES_AT_FIRST: usize = 26_000;

/// The network above the exact denoiser, from the same noise.
fn same_noise(page: PageWidth) -> Vec<u8> {
    let stored = Stored::read();
    let side_by_side = if page == PageWidth::Wide { SHOWN } else { 3 };
    let columns: Vec<usize> = (0..SHOWN).collect();
    let pairs = columns.chunks(side_by_side).flat_map(|columns| {
        let of = |row| columns.iter().map(move |&column| (row, column));
        of(Row::Network).chain(of(Row::Exact))
    });
    let pictures: Vec<RgbImage> = pairs
        .map(|(row, column)| {
            let side = 2 * SIDE as u32;
            let pixels = stored.pixels(row, column);
            imageops::resize(&pixels, side, side, imageops::FilterType::Nearest)
        })
        .collect();
    let alt = "Small pictures, those of the network above those of the exact denoiser, each two from the \
               same noise. The network's are soft spots of red, blue and yellow on green fur, the exact \
               denoiser's sharp pieces of a mandrill with the same colours mostly in the same places.";
    photograph::strip(&pictures, Some(side_by_side), MAX_BYTES_AT_FIRST, alt)
}

/// The linear denoiser, from the same noise.
fn linear(page: PageWidth) -> Vec<u8> {
    let row = first(&Stored::read(), Row::Linear, SHOWN);
    grid(
        page,
        &photo(),
        vec![String::new(); SHOWN],
        vec![("the best linear denoiser, from the same noises".to_owned(), row)],
        3,
        "Six small pictures of coloured noise, a little redder and bluer where the pictures of the other \
         denoisers are red and blue.",
    )
}

/// What the network and the exact denoiser predict of the photograph with noise.
fn predictions(page: PageWidth) -> Vec<u8> {
    let stored = Stored::read();
    let rows = [
        (Row::Noisy, "the photograph with noise"),
        (Row::Predicted, "what the network predicts"),
        (Row::ExactlyPredicted, "what the exact denoiser predicts"),
    ];
    let rows = rows.map(|(row, of)| (of.to_owned(), first(&stored, row, SHOWN)));
    grid(
        page,
        &photo(),
        PREDICTED.map(|t| format!("t = {t}")).into(),
        rows.into(),
        3,
        "Six times the mandrill with less and less noise, and below what the network and the exact \
         denoiser predict of each. Both begin with one greenish colour. Then they have red and blue \
         spots in the same places. Where there is little noise, the exact denoiser's is the \
         photograph, and the network's is a little softer.",
    )
}

/// Errors of `x0`, by timestep.
fn errors(page: PageWidth) -> Vec<u8> {
    const LEAST: f64 = 3e-5;
    let stored = Stored::read();
    let of = |name: &str, colour: usize, stroke: Stroke, label: &str, at: (f64, f64)| {
        let points = stored.values(name).into_iter().enumerate();
        let points = points.filter(|(_, error)| *error >= LEAST);
        Series {
            points: points.map(|(t, error)| (t as f64, error)).collect(),
            stroke,
            colour,
            label: Some((label.to_owned(), at)),
        }
    };
    let series = vec![
        of("linear", 2, Stroke::Dashed, "best linear denoiser", (60.0, 0.015)),
        of("network", 0, Stroke::Line, "network", (60.0, 0.009)),
        of("exact", 1, Stroke::Line, "exact denoiser", (60.0, 0.0054)),
    ];
    let at = |name: &str, t: usize| stored.values(name)[t];
    let alt = format!(
        "The mean squared error of the prediction of x0 against the timestep from 0 to {}, on a \
         logarithmic axis, for three denoisers that see 7 x 7 pixels. At t = 90 they are {:.3} for \
         the network, {:.3} for the exact denoiser and {:.3} for the linear one; at t = 50 {:.3}, \
         {:.3} and {:.3}; at t = 20 {:.4}, {:.4} and {:.4}. Below, the exact denoiser's falls to \
         nothing, and the network's doesn't.",
        STEPS - 1,
        at("network", 90),
        at("exact", 90),
        at("linear", 90),
        at("network", 50),
        at("exact", 50),
        at("linear", 50),
        at("network", 20),
        at("exact", 20),
        at("linear", 20),
    );
    let chart = Chart {
        x: ("t", 0.0..STEPS as f64),
        y: Axis::logarithmic("error of x0", LEAST..0.2),
        series,
    };
    chart.svg(page, 340, &alt).into_bytes()
}

/// How much pictures are like the exact denoiser's, noise by noise.
fn alike(page: PageWidth) -> Vec<u8> {
    let stored = Stored::read();
    let compared: [(&str, &str, usize, f64); 3] = [
        ("network", "the network", 0, 1.27),
        ("linear", "the best linear denoiser", 2, 1.18),
        ("other_noise", "the exact denoiser, from another noise", 1, 1.09),
    ];
    let series = compared.iter().map(|(name, label, colour, height)| {
        let values = stored.values(&format!("alike_{name}"));
        Series {
            points: (0..).map(f64::from).zip(values).collect(),
            stroke: Stroke::Dots,
            colour: *colour,
            label: Some(((*label).to_owned(), (0.0, *height))),
        }
    });
    let told: Vec<String> = compared
        .iter()
        .map(|(name, label, ..)| {
            let values = stored.values(&format!("alike_{name}"));
            let values: Vec<String> =
                values.into_iter().map(photograph::two_decimals).collect();
            format!("{label}: {}", values.join(", "))
        })
        .collect();
    let alt = format!(
        "How much the pictures of three denoisers are like those of the exact denoiser, for {SEEDS} \
         noises, as correlations. {}.",
        told.join(". ")
    );
    let chart = Chart {
        x: ("noise", -0.5..SEEDS as f64 - 0.5),
        y: ("correlation", -0.35..1.35),
        series: series.collect(),
    };
    chart.svg(page, 300, &alt).into_bytes()
}

/// Networks with several fields of view, each beside its exact counterpart.
fn views(page: PageWidth) -> Vec<u8> {
    let stored = Stored::read();
    let rows = DEPTHS.iter().enumerate().map(|(i, layers)| {
        let side = stored.values(&format!("view_{layers}"))[0];
        let pairs = [0, 1].map(|noise| {
            [Row::View(i), Row::ExactView(i)].map(|row| stored.picture(row, noise))
        });
        (format!("they see {side} x {side} pixels"), pairs.concat())
    });
    let alt = "Three rows of four pictures of 64 x 64 pixels, from two noises: of a network and of the \
               exact denoiser, twice. They see 5 x 5, 9 x 9 and 17 x 17 pixels. The farther they \
               see, the larger are the spots of the network and the pieces of a mandrill in the exact \
               denoiser's, and the less often both are red and blue in the same places. The network's \
               are softer each time.";
    grid(
        page,
        &mandrill(CELL as u32),
        ["network", "exact denoiser", "network", "exact denoiser"]
            .map(str::to_owned)
            .into(),
        rows.collect(),
        2,
        alt,
    )
}

/// By how much the contrast of a mean picture is raised, to be seen.
const CONTRAST: f32 = 4.0;

/// Mean pictures: what padding tells of the border.
fn border(page: PageWidth) -> Vec<u8> {
    let stored = Stored::read();
    let mean = |column| {
        let mut x = stored.picture(Row::Means, column);
        for mut colour in x.row_iter_mut() {
            let mean = colour.mean();
            colour.apply(|value| *value = mean + CONTRAST * (*value - mean));
        }
        x
    };
    let columns =
        ["the photograph", "mean, circular", "mean, zero", "one, zero", "one, zero"];
    grid(
        page,
        &photo(),
        columns.map(str::to_owned).into(),
        vec![(
            "the two means have four times the contrast".to_owned(),
            vec![
                photo().x,
                mean(0),
                mean(1),
                stored.picture(Row::Zeros, 0),
                stored.picture(Row::Zeros, 1),
            ],
        )],
        3,
        "The photograph, two mean pictures and two single ones. The mean with circular padding is \
         one greyish brown, with little in it. The one with zero padding is reddish grey inside, \
         and has a frame of a few pixels: green above and on the right, yellow on the left, white \
         and dark below. In the single pictures with zero padding, a frame is hardly seen.",
    )
}

/// What a network makes that has learned two photographs.
fn two(page: PageWidth) -> Vec<u8> {
    let stored = Stored::read();
    let [photo, negative] = two_photos();
    let mut row = vec![photo.x.clone(), negative.x];
    row.extend(first(&stored, Row::Two, 4));
    let caption = "two photographs, and four pictures of a network that has learned both";
    grid(
        page,
        &photo,
        ["first", "second", "", "", "", ""].map(str::to_owned).into(),
        vec![(caption.to_owned(), row)],
        3,
        "The mandrill, its negative with a cyan nose and brown cheeks on violet fur, and four \
         pictures. Each has red and cyan, green and violet side by side.",
    )
}

/// A large picture.
fn large() -> Vec<u8> {
    let pixels = Stored::read().large();
    let alt = "A wide picture of green and grey fur with red, blue and yellow spots all over it, like \
               those of the mandrill's face, but no face.";
    photograph::strip(&[pixels], None, 60_000, alt)
}

fn numbers() -> Numbers {
    let mut numbers = Numbers::new();
    let mut put = |name: &str, value: f64| numbers.insert(format!("k_{name}"), value);
    let stored = Stored::read();
    for name in
        ["parameters", "first_weights", "full_weights", "mean_circular", "mean_zeros"]
    {
        put(name, stored.values(name)[0]);
    }
    let sum = |name: &str| stored.values(name)[2 * STEPS / 3..].iter().sum::<f64>();
    put("noisiest", sum("network") / sum("exact"));
    put("noisiest_linear", sum("linear") / sum("exact"));
    for t in [20, 40, 50, 60, 70, 80, 90] {
        for name in ["network", "exact"] {
            put(&format!("{name}_{t}"), stored.values(name)[t]);
        }
        let exact = stored.values("exact")[t];
        put(&format!("ratio_{t}"), stored.values("network")[t] / exact);
        put(&format!("apart_{t}"), stored.values("apart")[t] / exact);
    }
    for name in ["network", "exact", "linear"] {
        let values = stored.values(&format!("turned_{name}"));
        for t in [12, 30, 60] {
            put(&format!("turned_{name}_{t}"), values[t / 3]);
        }
    }
    for channels in WIDTHS {
        let name = format!("width_{channels}");
        put(&format!("{name}_noisiest"), stored.values(&format!("{name}_noisiest"))[0]);
        for t in [20, 50] {
            put(&format!("{name}_{t}"), stored.values(&name)[t / 10]);
        }
    }
    for padding in ["circular", "zeros"] {
        for name in ["", "exact_"] {
            let name = format!("border_{name}{padding}");
            put(&format!("{name}_70"), stored.values(&name)[7]);
        }
    }
    for layers in DEPTHS {
        let alike = stored.values(&format!("view_{layers}_alike"));
        let mean = alike.iter().sum::<f64>() / alike.len() as f64;
        put(&format!("view_{layers}_alike"), mean);
    }
    let mut from_first = stored.values("two_from_first");
    from_first.sort_by(f64::total_cmp);
    put("two_least", 100.0 * from_first[0]);
    put("two_most", 100.0 * from_first[SEEDS - 1]);
    let photo = photo().pixels_of(&photo().x);
    for (name, row) in [("network", Row::Network), ("exact", Row::Exact)] {
        let made = (0..COLUMNS).map(|column| stored.pixels(row, column));
        put(&format!("copied_{name}"), 100.0 * fraction_in(&photo, made, 1));
    }
    put("patches", (SIDE * SIDE) as f64);
    put("seeds", SEEDS as f64);
    put("updates", f64::from(UPDATES_SHOWN[UPDATES_SHOWN.len() - 1] as u32));
    for name in ["network", "linear", "other_noise"] {
        let mut all = stored.values(&format!("alike_{name}"));
        all.sort_by(f64::total_cmp);
        put(&format!("alike_{name}"), (all[SEEDS / 2 - 1] + all[SEEDS / 2]) / 2.0);
        put(&format!("alike_{name}_least"), all[0]);
        put(&format!("alike_{name}_most"), all[SEEDS - 1]);
    }
    numbers
}
