//! The network that learns the spiral, with the shapes of all that is in it.

use part_h_learning_to_denoise::features::TIME_FREQUENCIES;
use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use crate::draw::PageWidth;
use crate::draw::plot::{self, Area, INK, SERIES};
use crate::stored::learning::{SPIRAL, stored_denoiser};

/// Values, a bar as long as they are many.
struct Values {
    name: String,
    count: usize,
}

/// A layer, which is between two bars: the words in it.
struct Layer {
    texts: Vec<String>,
    /// Whether what goes in is added to what comes out.
    is_residual: bool,
}

/// The network, from what it sees to what it says: in turn, values and what makes the next
/// ones of them. What it sees are the state and the timestep.
struct Shapes {
    state: usize,
    features_of_state: usize,
    features_of_time: usize,
    rest: Vec<(Layer, Values)>,
}

impl Shapes {
    /// Those of the network that is stored, which the command trains if it is not told
    /// otherwise.
    fn of_spiral() -> Self {
        let denoiser = stored_denoiser(SPIRAL, vec![None], 1.0);
        let network = denoiser.network();
        let features_of_time = 2 * TIME_FREQUENCIES;
        let layers = &network.parameters.layers;
        let last = layers.len() - 1;
        let number = |i: usize| {
            char::from_u32('₀' as u32 + i as u32).expect("there are few layers")
        };
        let rest = layers.iter().enumerate().map(|(i, layer)| {
            let (outputs, inputs) = layer.weights.shape();
            let mut texts = vec![
                format!("W{}: {outputs} × {inputs}", number(i)),
                format!("b{}: {}", number(i), layer.bias.len()),
            ];
            let name = match i == last {
                true => "output".to_owned(),
                false => format!("h{}", number(i)),
            };
            if i < last {
                texts.push("SiLU".to_owned());
            }
            let is_residual = (1..last).contains(&i);
            (Layer { texts, is_residual }, Values { name, count: outputs })
        });
        Shapes {
            state: network.config().values,
            features_of_state: network.config().inputs() - features_of_time,
            features_of_time,
            rest: rest.collect(),
        }
    }
}

/// Where things are: along the network, and across it.
struct Layout(PageWidth);

/// The thickness of a bar.
const BAR: i32 = 10;

impl Layout {
    /// Where the first bar begins, the length of what is between two bars, of the features,
    /// and of a layer, and where the middle is.
    fn sizes(&self) -> [i32; 4] {
        match self.0 {
            PageWidth::Wide => [62, 92, 120, 128],
            PageWidth::Narrow => [28, 44, 62, 150],
        }
    }

    /// The length of a bar of so many values. That of one or two can still be seen.
    fn extent(&self, count: usize) -> i32 {
        let count = count as i32;
        let extent = match self.0 {
            PageWidth::Wide => count * 5 / 4,
            PageWidth::Narrow => count * 3 / 2,
        };
        extent.max(3)
    }

    fn at(&self, along: i32, across: i32) -> (i32, i32) {
        match self.0 {
            PageWidth::Wide => (along, across),
            PageWidth::Narrow => (across, along),
        }
    }

    /// A bar from `along` on, between two places across.
    fn bar(&self, area: &Area, along: i32, [from, to]: [i32; 2]) {
        let (left, top) = self.at(along, from);
        let (right, bottom) = self.at(along + BAR, to);
        plot::coloured_box(area, SERIES[2], [left, top, right - left, bottom - top]);
    }

    /// From one bar to the next.
    fn between(
        &self,
        area: &Area,
        colour: RGBColor,
        (start, [from, to]): (i32, [i32; 2]),
        (end, [next_from, next_to]): (i32, [i32; 2]),
        texts: &[String],
    ) {
        let corners = [(start, from), (end, next_from), (end, next_to), (start, to)];
        plot::coloured_area(area, colour, &corners.map(|(x, y)| self.at(x, y)));
        let middle = (from + to + next_from + next_to) / 4;
        let (x, y) = self.at((start + end) / 2, middle);
        let lines = texts.len() as i32;
        for (i, text) in (0..).zip(texts) {
            plot::write(area, text, (x, y + (2 * i + 1 - lines) * 9), HPos::Center);
        }
    }

    /// What a bar is, and its shape: below it, or beside it.
    fn name(&self, area: &Area, along: i32, across: i32, texts: [&str; 2]) {
        let (x, y) = self.at(along + BAR / 2, across);
        match self.0 {
            PageWidth::Wide => {
                for (i, text) in (0..).zip(texts) {
                    plot::write(area, text, (x, y + 14 + 17 * i), HPos::Center);
                }
            }
            PageWidth::Narrow => {
                let text = texts.join(": ");
                plot::write(area, &text, (x + 8, y), HPos::Left);
            }
        }
    }

    /// Past a residual layer, from the middle of a bar to that of another.
    fn past(&self, area: &Area, [from, to]: [i32; 2], edge: i32) {
        // So that what comes in and what goes out aren't one line.
        let [from, to] = [from + BAR - 2, to + 2];
        let [start, left, right, end] =
            [(from, 2), (from, 20), (to, 20), (to, 2)].map(|(x, y)| self.at(x, edge - y));
        plot::line(area, SERIES[1], &[start, left, right]);
        plot::arrow(area, SERIES[1], right, end);
        let (x, y) = self.at(to, edge - 28);
        plot::write(area, "+", (x, y), HPos::Center);
    }

    fn draw(&self, area: &Area, shapes: &Shapes) {
        let [first, of_features, of_layer, middle] = self.sizes();
        let around = |count: usize, middle: i32| {
            let half = self.extent(count) / 2;
            [middle - half, middle - half + self.extent(count)]
        };
        // The features of both lie one after the other.
        let inputs = shapes.features_of_state + shapes.features_of_time;
        let [top, bottom] = around(inputs, middle);
        let between = top + self.extent(shapes.features_of_state);
        let of_both =
            [("state", shapes.state, [top, between]), ("timestep", 1, [between, bottom])];
        let end = first + BAR + of_features;
        for (name, count, features) in of_both {
            let from = around(count, (features[0] + features[1]) / 2);
            self.bar(area, first, from);
            let texts = ["sin, cos".to_owned()];
            self.between(area, INK, (first + BAR, from), (end, features), &texts);
            self.bar(area, end, features);
            let shape = format!("{count} × n");
            match self.0 {
                PageWidth::Wide => {
                    for (i, text) in (0..).zip([name, &shape]) {
                        let place = (first - 6, from[0] - 7 + 17 * i);
                        plot::write(area, text, place, HPos::Right);
                    }
                }
                PageWidth::Narrow => {
                    for (i, text) in (0..).zip([name, &shape]) {
                        let place = (from[0] + 2, first - 24 + 15 * i);
                        plot::write(area, text, place, HPos::Center);
                    }
                }
            }
        }
        self.name(area, end, bottom, ["features", &format!("{inputs} × n")]);

        let mut before = (end, [top, bottom]);
        for (Layer { is_residual, texts, .. }, values) in &shapes.rest {
            let at = before.0 + BAR + of_layer;
            let bar = around(values.count, middle);
            let start = (before.0 + BAR, before.1);
            self.between(area, SERIES[0], start, (at, bar), texts);
            self.bar(area, at, bar);
            let shape = format!("{} × n", values.count);
            self.name(area, at, bar[1], [&values.name, &shape]);
            if *is_residual {
                self.past(area, [before.0, at], bar[0]);
            }
            before = (at, bar);
        }
    }
}

/// The drawing.
pub fn network(page: PageWidth) -> Vec<u8> {
    let shapes = Shapes::of_spiral();
    let layout = Layout(page);
    let [first, of_features, of_layer, middle] = layout.sizes();
    let bars = shapes.rest.len() as i32 + 2;
    let length = first + of_features + bars * BAR + (bars - 2) * of_layer;
    let most = shapes.rest.iter().map(|(_, values)| values.count).max().unwrap_or(0);
    let height = match page {
        PageWidth::Wide => middle + layout.extent(most) / 2 + 42,
        PageWidth::Narrow => length + 8,
    };
    let layers: Vec<String> = shapes
        .rest
        .iter()
        .map(|(layer, values)| {
            let past = if layer.is_residual { ", with an arrow past it" } else { "" };
            format!("{} ({}){past}, to {}", layer.texts[0], layer.texts[1], values.count)
        })
        .collect();
    let alt = format!(
        "The network as bars, each as long as it has values, with layers between them. {} values of \
         the state become {} features, and the timestep {}. These {} go through the layers: {}.",
        shapes.state,
        shapes.features_of_state,
        shapes.features_of_time,
        shapes.features_of_state + shapes.features_of_time,
        layers.join("; "),
    );
    let drawn = plot::svg(page.units(), height, &alt, |area| layout.draw(area, &shapes));
    drawn.into_bytes()
}
