//! Values forward and derivatives backward, through the end of a very small network.

use nalgebra::{DMatrix, DVector};
use part_h_learning_to_denoise::layers::{Linear, silu};
use part_h_learning_to_denoise::loss::squared_error;
use plotters::style::text_anchor::HPos;

use crate::draw::PageWidth;
use crate::draw::plot::{self, Area, INK, SERIES};

/// What there is to be computed: a residual layer and the last one, each of a single
/// number. The numbers are such that they fit each other to the last digit that is shown.
struct Given {
    h0: f32,
    /// Weight and bias.
    residual: (f32, f32),
    last: (f32, f32),
    noise: f32,
}

const GIVEN: Given =
    Given { h0: 0.5, residual: (1.5, -1.5), last: (-0.5, -0.5), noise: 0.5 };

/// Everything that the lesson's functions make of it.
struct Computed {
    linear: f32,
    silu: f32,
    h1: f32,
    y: f32,
    loss: f32,
    d_y: f32,
    d_last: (f32, f32),
    d_h1: f32,
    d_linear: f32,
    d_residual: (f32, f32),
    d_through: f32,
    d_h0: f32,
    /// What the derivative is multiplied by on the way back through SiLU.
    slope: f32,
}

fn single(number: f32) -> DMatrix<f32> {
    DMatrix::from_element(1, 1, number)
}

fn layer((weight, bias): (f32, f32)) -> Linear {
    Linear { weights: single(weight), bias: DVector::from_element(1, bias) }
}

impl Computed {
    /// As the lesson's network goes, forward and backward.
    fn of(given: &Given) -> Self {
        let [residual, last] = [given.residual, given.last].map(layer);
        let zero = || single(0.0);
        let h0 = single(given.h0);
        let (mut linear, mut sigmoid, mut of_silu) = (zero(), zero(), zero());
        residual.forward(&h0, &mut linear);
        silu::forward(&linear, &mut sigmoid, &mut of_silu);
        let h1 = &h0 + &of_silu;
        let mut y = zero();
        last.forward(&h1, &mut y);

        let mut d_y = zero();
        let loss = squared_error(&y, single(given.noise).as_view(), 1, &mut d_y);
        let mut derivatives = Linear::zeros(1, 1);
        let of_layer = |x: &DMatrix<f32>, dy: &DMatrix<f32>, of: &mut Linear| {
            Linear::backward(x, dy, of);
            (of.weights[0], of.bias[0])
        };
        let d_last = of_layer(&h1, &d_y, &mut derivatives);
        let (mut d_h1, mut d_linear, mut slope, mut d_through) =
            (zero(), zero(), zero(), zero());
        last.backward_to_input(&d_y, &mut d_h1);
        silu::backward(&linear, &sigmoid, &d_h1, &mut d_linear);
        silu::backward(&linear, &sigmoid, &single(1.0), &mut slope);
        let d_residual = of_layer(&h0, &d_linear, &mut derivatives);
        residual.backward_to_input(&d_linear, &mut d_through);
        Computed {
            linear: linear[0],
            silu: of_silu[0],
            h1: h1[0],
            y: y[0],
            loss: loss as f32,
            d_y: d_y[0],
            d_last,
            d_h1: d_h1[0],
            d_linear: d_linear[0],
            d_residual,
            d_through: d_through[0],
            d_h0: d_h1[0] + d_through[0],
            slope: slope[0],
        }
    }
}

/// With two digits behind the point and a minus that is one.
fn shown(number: f32) -> String {
    format!("{number:.2}").replace('-', "−")
}

/// A piece of the chain, from its beginning to its end.
enum Piece {
    /// Arrows in both directions: a name, and the value; and the same of the derivative.
    Arrows([String; 2], [String; 2]),
    /// Something that computes: what stands in it, and the derivatives of its own numbers.
    Box(Vec<String>, Vec<String>),
    /// A value goes two ways; its derivative is the sum of both.
    Split,
    /// Two values are added; both have the derivative of the sum. It has the value and the
    /// derivative that went past the layer.
    Sum([String; 2]),
}

fn pieces(given: &Given, computed: &Computed) -> Vec<Piece> {
    use Piece::{Arrows, Box, Split, Sum};
    let Computed { d_residual, d_last, .. } = computed;
    let named = |name: &str, value: f32| [name.to_owned(), shown(value)];
    let arrows = |name: &str, value, derivative| {
        let of = if name.is_empty() { String::new() } else { format!("δ{name}") };
        Arrows(named(name, value), named(&of, derivative))
    };
    let of_layer = |number: char, (weight, bias): (f32, f32)| {
        let of = |name, value: f32| format!("{name}{number} = {value}").replace('-', "−");
        vec![of('W', weight), of('b', bias)]
    };
    let derivatives = |number: char, (weight, bias): (f32, f32)| {
        let of = |name, value| format!("δ{name}{number} = {}", shown(value));
        vec![of('W', weight), of('b', bias)]
    };
    vec![
        arrows("h₀", given.h0, computed.d_h0),
        Split,
        arrows("", given.h0, computed.d_through),
        Box(of_layer('₁', given.residual), derivatives('₁', *d_residual)),
        arrows("", computed.linear, computed.d_linear),
        Box(vec!["SiLU".to_owned(), format!("slope {}", shown(computed.slope))], vec![]),
        arrows("", computed.silu, computed.d_h1),
        Sum([given.h0, computed.d_h1].map(shown)),
        arrows("h₁", computed.h1, computed.d_h1),
        Box(of_layer('₂', given.last), derivatives('₂', *d_last)),
        arrows("y", computed.y, computed.d_y),
        Box(
            vec![
                "L = (y − ε)²".to_owned(),
                format!("ε = {}", given.noise),
                format!("L = {}", shown(computed.loss)),
            ],
            vec![],
        ),
    ]
}

/// Where things are: along the chain, and across it.
struct Layout(PageWidth);

impl Layout {
    fn length(&self, piece: &Piece) -> i32 {
        match (piece, self.0) {
            (Piece::Arrows(..), PageWidth::Wide) => 53,
            (Piece::Arrows(..), PageWidth::Narrow) => 36,
            (Piece::Split | Piece::Sum(_), _) => 24,
            (Piece::Box(..), PageWidth::Wide) => 84,
            (Piece::Box(texts, _), PageWidth::Narrow) => 14 + 18 * texts.len() as i32,
        }
    }

    /// How far across the boxes begin and end, values go, derivatives go, and the arcs
    /// past the residual layer.
    fn across(&self) -> [i32; 6] {
        match self.0 {
            PageWidth::Wide => [44, 116, 62, 98, 10, 172],
            PageWidth::Narrow => [98, 254, 128, 224, 22, 352],
        }
    }

    /// The place so far along and across.
    fn at(&self, along: i32, across: i32) -> (i32, i32) {
        match self.0 {
            PageWidth::Wide => (along, across),
            PageWidth::Narrow => (across, along),
        }
    }

    fn draw(&self, area: &Area, pieces: &[Piece]) {
        let [_, _, values, derivatives, above, below] = self.across();
        let mut from = MARGIN;
        let mut split = 0;
        for piece in pieces {
            let to = from + self.length(piece);
            match piece {
                Piece::Arrows(value, derivative) => {
                    let [start, end] = [from + 2, to - 2];
                    let forward = [start, end].map(|along| self.at(along, values));
                    plot::arrow(area, SERIES[0], forward[0], forward[1]);
                    let backward = [end, start].map(|along| self.at(along, derivatives));
                    plot::arrow(area, SERIES[1], backward[0], backward[1]);
                    self.write_at_arrows(area, (from + to) / 2, value, derivative);
                }
                Piece::Box(texts, of_its_own) => {
                    self.draw_box(area, INK, [from, to], texts);
                    self.write_beside(area, (from + to) / 2, of_its_own);
                }
                Piece::Split => {
                    self.draw_box(area, SERIES[2], [from, to], &[]);
                    self.write(area, (from + to) / 2, derivatives, "+");
                    split = (from + to) / 2;
                }
                Piece::Sum(past) => {
                    self.draw_box(area, SERIES[2], [from, to], &[]);
                    let here = (from + to) / 2;
                    self.write(area, here, values, "+");
                    self.arc(area, 0, [split, here], above, &past[0]);
                    self.arc(area, 1, [here, split], below, &past[1]);
                }
            }
            from = to;
        }
    }

    /// An arrow past what is between two places, so far across, and what it carries.
    fn arc(
        &self,
        area: &Area,
        colour: usize,
        [from, to]: [i32; 2],
        across: i32,
        text: &str,
    ) {
        let [first, last, ..] = self.across();
        let (edge, inside, side) = match across < first {
            true => (first - 2, 1, HPos::Left),
            false => (last + 2, -1, HPos::Right),
        };
        let middle = (from + to) / 2;
        match self.0 {
            PageWidth::Wide => self.write(area, middle, across + 12 * inside, text),
            PageWidth::Narrow => {
                plot::write(area, text, (across + 6 * inside, middle), side);
            }
        }
        let corner = [from, to].map(|along| self.at(along, across));
        plot::line(area, SERIES[colour], &[self.at(from, edge), corner[0], corner[1]]);
        plot::arrow(area, SERIES[colour], corner[1], self.at(to, edge));
    }

    fn draw_box(
        &self,
        area: &Area,
        colour: plotters::style::RGBColor,
        [from, to]: [i32; 2],
        texts: &[String],
    ) {
        let [first, last, ..] = self.across();
        let (left, top) = self.at(from, first);
        let (right, bottom) = self.at(to, last);
        plot::coloured_box(area, colour, [left, top, right - left, bottom - top]);
        let (x, y) = ((left + right) / 2, (top + bottom) / 2);
        let lines = texts.len() as i32;
        for (i, text) in (0..).zip(texts) {
            plot::write(area, text, (x, y + (2 * i + 1 - lines) * 9), HPos::Center);
        }
    }

    fn write(&self, area: &Area, along: i32, across: i32, text: &str) {
        plot::write(area, text, self.at(along, across), HPos::Center);
    }

    /// What goes forward, and what goes backward.
    fn write_at_arrows(
        &self,
        area: &Area,
        along: i32,
        value: &[String; 2],
        derivative: &[String; 2],
    ) {
        let [_, _, values, derivatives, ..] = self.across();
        match self.0 {
            PageWidth::Wide => {
                let places =
                    [values - 27, values - 11, derivatives + 27, derivatives + 11];
                for (text, across) in value.iter().chain(derivative).zip(places) {
                    self.write(area, along, across, text);
                }
            }
            PageWidth::Narrow => {
                let joined = |of: &[String; 2]| match of[0].is_empty() {
                    true => of[1].clone(),
                    false => of.join(" = "),
                };
                let place = (values - 8, along);
                plot::write(area, &joined(value), place, HPos::Right);
                let place = (derivatives + 8, along);
                plot::write(area, &joined(derivative), place, HPos::Left);
            }
        }
    }

    /// The derivatives of a layer's own numbers.
    fn write_beside(&self, area: &Area, along: i32, texts: &[String]) {
        let last = self.across()[1];
        for (i, text) in (0..).zip(texts) {
            match self.0 {
                PageWidth::Wide => self.write(area, along, last + 14 + 17 * i, text),
                PageWidth::Narrow => {
                    let place = (last + 6, along - 9 + 18 * i);
                    plot::write(area, text, place, HPos::Left);
                }
            }
        }
    }
}

const MARGIN: i32 = 5;

/// The drawing.
pub fn chain(page: PageWidth) -> Vec<u8> {
    let computed = Computed::of(&GIVEN);
    let pieces = pieces(&GIVEN, &computed);
    let layout = Layout(page);
    let length: i32 = pieces.iter().map(|piece| layout.length(piece)).sum();
    let (width, height) = match page {
        PageWidth::Wide => (page.units(), layout.across()[5] + 6),
        PageWidth::Narrow => (page.units(), length + 2 * MARGIN),
    };
    let alt = format!(
        "A chain of boxes with arrows in both directions. Forward, a value h0 of {} goes two ways: \
         past a layer, and through it, where it becomes {} and, by SiLU, {}. Both are added to {}; the \
         last layer makes {} of that, which is compared with the noise {}: the loss is {}. Backward, the \
         derivative of the loss is {} at the output and {} before the last layer. From there it goes \
         past the residual layer as it is; through SiLU, with a slope of {}, it becomes {}, and through \
         the weight {}. Both are added to {}, the derivative with respect to h0. At the layers are \
         the derivatives of their weights, {} and {}.",
        shown(GIVEN.h0),
        shown(computed.linear),
        shown(computed.silu),
        shown(computed.h1),
        shown(computed.y),
        GIVEN.noise,
        shown(computed.loss),
        shown(computed.d_y),
        shown(computed.d_h1),
        shown(computed.slope),
        shown(computed.d_linear),
        shown(computed.d_through),
        shown(computed.d_h0),
        shown(computed.d_residual.0),
        shown(computed.d_last.0),
    );
    let drawn = plot::svg(width, height, &alt, |area| layout.draw(area, &pieces));
    drawn.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As it is shown.
    fn rounded(number: f32) -> f32 {
        (number * 100.0).round() / 100.0
    }

    #[test]
    fn who_computes_with_what_is_shown_gets_what_is_shown() {
        let Given { h0, residual: (w1, b1), last: (w2, b2), noise } = GIVEN;
        let it = Computed::of(&GIVEN);
        let [silu, h1, y, d_y] = [it.silu, it.h1, it.y, it.d_y].map(rounded);
        let [d_h1, d_linear, d_through] =
            [it.d_h1, it.d_linear, it.d_through].map(rounded);
        let pairs = [
            (w1 * h0 + b1, it.linear),
            (h0 + silu, it.h1),
            (w2 * h1 + b2, it.y),
            ((y - noise) * (y - noise), it.loss),
            (2.0 * (y - noise), it.d_y),
            (d_y * h1, it.d_last.0),
            (d_y, it.d_last.1),
            (w2 * d_y, it.d_h1),
            (d_h1 * rounded(it.slope), it.d_linear),
            (d_linear * h0, it.d_residual.0),
            (d_linear, it.d_residual.1),
            (w1 * d_linear, it.d_through),
            (d_h1 + d_through, it.d_h0),
        ];
        for (i, (by_hand, computed)) in pairs.into_iter().enumerate() {
            assert_eq!(rounded(by_hand), rounded(computed), "number {i}");
        }
        // As the chapter says.
        assert!(it.y < noise && it.d_y < 0.0 && it.d_h1 > 2.0 * it.d_through);
    }

    #[test]
    fn derivatives_are_how_much_the_loss_changes() {
        const STEP: f32 = 1e-2;
        let of = |change: fn(&mut Given, f32)| {
            let at = |by: f32| {
                let mut given = GIVEN;
                change(&mut given, by);
                Computed::of(&given).loss
            };
            (at(STEP) - at(-STEP)) / (2.0 * STEP)
        };
        let it = Computed::of(&GIVEN);
        let pairs = [
            (of(|given, by| given.h0 += by), it.d_h0),
            (of(|given, by| given.residual.0 += by), it.d_residual.0),
            (of(|given, by| given.residual.1 += by), it.d_residual.1),
            (of(|given, by| given.last.0 += by), it.d_last.0),
            (of(|given, by| given.last.1 += by), it.d_last.1),
        ];
        for (i, (change, derivative)) in pairs.into_iter().enumerate() {
            assert!((change - derivative).abs() < 2e-3, "{i}: {change} {derivative}");
        }
    }
}
