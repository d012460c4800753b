//! Figures and numbers of part O.

use super::{Draw::ByWidth, Figure, Part};
use crate::draw::PageWidth;
use crate::draw::plot::{Axis, Chart, Series, Stroke};
use crate::numbers::Numbers;
use crate::stored;
use crate::stored::engine::{self, COSTS, UTILIZATION, VALUES};

/// Part O.
pub const PART: Part = Part {
    package: "part-o-on-an-engine",
    figures: &[Figure { name: "part-o-days.svg", draw: ByWidth(days) }],
    numbers,
};

/// The trainings that are drawn, and what a reader calls them, with a place for that.
const DRAWN: [(&str, &str, (f64, f64)); 2] =
    [("cifar10", "CIFAR-10", (75.0, 0.5)), ("cat", "cats, 256 × 256", (75.0, 25.0))];

/// The cards that are drawn, by their places in the lesson's list; H200 is where H100 is.
const CARDS: [usize; 5] = [0, 1, 3, 4, 6];

/// How long trainings take on each card.
fn days(page: PageWidth) -> Vec<u8> {
    let numbers = engine::numbers(&stored::bytes(VALUES));
    let point = |training: &str, card: usize| {
        let hours = numbers[&format!("o_{training}_on_{card}_hours")];
        (numbers[&tera(card)], hours / 24.0)
    };
    let mut series = Vec::new();
    for (colour, (training, title, place)) in DRAWN.into_iter().enumerate() {
        let mut points: Vec<(f64, f64)> =
            CARDS.iter().map(|&card| point(training, card)).collect();
        points.sort_by(|one, other| one.0.total_cmp(&other.0));
        let label = Some((title.to_owned(), place));
        let (dots, stroke) = (points.clone(), Stroke::Dots);
        series.push(Series { points, stroke: Stroke::Line, colour, label });
        series.push(Series { points: dots, stroke, colour, label: None });
    }
    let ends = |training: &str| (point(training, 0).1, point(training, 6).1);
    let [cifar, cats] = DRAWN.map(|(training, ..)| ends(training));
    let alt = format!(
        "Days that two trainings take at {} % of a card's peak, against that peak, both on logarithmic \
         axes. From an RTX 3090 to an MI300X, CIFAR-10 takes from {:.1} down to {:.1}, and cats from \
         {:.0} down to {:.0}.",
        100.0 * UTILIZATION,
        cifar.0,
        cifar.1,
        cats.0,
        cats.1
    );
    let chart = Chart {
        x: Axis::logarithmic("peak, 10¹² operations a second", 60.0..1600.0),
        y: Axis::logarithmic("days", 0.05..200.0),
        series,
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
        for what in ["tera", "gb", "bandwidth"] {
            let name = format!("o_card_{card}_{what}");
            put(&name, stored[&name]);
        }
        let hours = |training: &str| stored[&format!("o_{training}_on_{card}_hours")];
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
