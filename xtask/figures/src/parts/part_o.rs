//! Figures and numbers of part O.

use super::{Draw::ByWidth, Figure, Part};
use crate::draw::PageWidth;
use crate::draw::plot::{Axis, Chart, Series, Stroke};
use crate::numbers::Numbers;
use crate::stored;
use crate::stored::engine::{self, COSTS, TRAININGS, UTILIZATION, VALUES};

/// Part O.
pub const PART: Part = Part {
    package: "part-o-on-an-engine",
    figures: &[Figure { name: "part-o-hours.svg", draw: ByWidth(hours) }],
    numbers,
};

/// What a reader calls a training, and where on the plot: operations a second and hours.
const TITLES: [(&str, (f64, f64)); 3] = [
    ("digits, chapter L", (300.0, 0.0025)),
    ("CIFAR-10, DDPM", (300.0, 20.0)),
    ("cats, DDPM", (300.0, 900.0)),
];

/// How long the trainings take on each card.
fn hours(page: PageWidth) -> Vec<u8> {
    let numbers = engine::numbers(&stored::bytes(VALUES));
    let cards = (0..).map_while(|card| Some((card, *numbers.get(&tera(card))?)));
    let mut cards: Vec<(usize, f64)> = cards.collect();
    cards.sort_by(|one, other| one.1.total_cmp(&other.1));
    let of = |training: &str| -> Vec<(f64, f64)> {
        let point = |&(card, tera): &(usize, f64)| {
            (tera, numbers[&format!("o_{training}_on_{card}_hours")])
        };
        cards.iter().map(point).collect()
    };
    let series = TRAININGS.iter().zip(TITLES).enumerate();
    let series = series.map(|(colour, ((training, _), (title, place)))| Series {
        points: of(training),
        stroke: Stroke::Line,
        colour,
        label: Some((title.to_owned(), place)),
    });
    let ends = |training: &str| {
        let points = of(training);
        (points[0].1, points[points.len() - 1].1)
    };
    let [digits, cifar, cats] = TRAININGS.map(|(training, _)| ends(training));
    let alt = format!(
        "Hours that three trainings take at {} % of a card's peak, against that peak, both on \
         logarithmic axes: chapter L's digits from {:.4} down to {:.4}, CIFAR-10 from {:.0} to {:.1}, \
         cats from {:.0} to {:.0}.",
        100.0 * UTILIZATION,
        digits.0,
        digits.1,
        cifar.0,
        cifar.1,
        cats.0,
        cats.1
    );
    let chart = Chart {
        x: Axis::logarithmic("peak, tera operations a second", 60.0..1500.0),
        y: Axis::logarithmic("hours", 1e-4..5e3),
        series: series.collect(),
    };
    chart.svg(page, 300, &alt).into_bytes()
}

/// The name of the number that says a card's peak.
fn tera(card: usize) -> String {
    format!("o_card_{card}_tera")
}

fn numbers() -> Numbers {
    let stored = engine::numbers(&stored::bytes(VALUES));
    let costs = engine::numbers(&stored::bytes(COSTS));
    let mut numbers = Numbers::new();
    let cards = (0..).take_while(|&card| stored.contains_key(&tera(card)));
    for card in cards {
        let mut put = |name: &str, value: f64| numbers.insert(name.to_owned(), value);
        for what in ["tera", "gb"] {
            let name = format!("o_card_{card}_{what}");
            put(&name, stored[&name]);
        }
        let hours = |training: &str| stored[&format!("o_{training}_on_{card}_hours")];
        put(&format!("o_digits_on_{card}_seconds"), 3600.0 * hours("digits"));
        put(&format!("o_cifar10_on_{card}_hours"), hours("cifar10"));
        put(&format!("o_cat_on_{card}_days"), hours("cat") / 24.0);
    }
    for name in ["o_lines_own", "o_lines_engine"] {
        numbers.insert(name.to_owned(), stored[name]);
    }
    let built = |name: &str| !(name.contains("pytorch") && name.ends_with("seconds"));
    numbers.extend(costs.into_iter().filter(|(name, _)| built(name)));
    numbers
}
