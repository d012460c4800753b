//! What there is between a text and a picture, and where each of it comes.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use crate::draw::PageWidth;
use crate::draw::plot::{self, Area, INK, SERIES};

/// What a box has in it, a line each.
type Lines = [&'static str; 2];

const TEXT_ENCODER: Lines = ["text encoder", "this page"];
const DENOISER: Lines = ["denoiser", "U-Net: K L M, transformer: this page"];
const SAMPLER: Lines = ["sampler: F I J", "levels: C E J"];
const DECODER: Lines = ["decoder", "this page"];

/// The height of a box that is not alone in its row.
const HEIGHT: i32 = 44;

/// Left, top, width and height.
type Place = [i32; 4];

/// As wide as a phone, so that it can be read everywhere.
const WIDTH: i32 = PageWidth::Narrow.units();
const TEXT_AT: Place = [1, 1, 70, HEIGHT];
const TEXT_ENCODER_AT: Place = [110, 1, 140, HEIGHT];
const DENOISER_AT: Place = [1, 81, WIDTH - 2, HEIGHT + 8];
const NOISE_AT: Place = [1, 171, 70, HEIGHT];
const SAMPLER_AT: Place = [110, 171, 140, HEIGHT];
const LATENT_AT: Place = [WIDTH - 71, 171, 70, HEIGHT];
const DECODER_AT: Place = [WIDTH - 111, 243, 110, HEIGHT];
const PICTURE_AT: Place = [110, 243, 90, HEIGHT];

fn draw_box(area: &Area, colour: RGBColor, place: Place, lines: &[&str]) {
    plot::coloured_box(area, colour, place);
    let [left, top, width, height] = place;
    for (i, line) in (0..).zip(lines) {
        let y = top + height / 2 + (2 * i + 1 - lines.len() as i32) * 9;
        plot::write(area, line, (left + width / 2, y), HPos::Center);
    }
}

/// From the side of one box to that of another in its row.
fn across(area: &Area, colour: RGBColor, from: Place, to: Place) {
    let y = from[1] + HEIGHT / 2;
    let ends = match from[0] < to[0] {
        true => [from[0] + from[2] + 2, to[0] - 2],
        false => [from[0] - 2, to[0] + to[2] + 2],
    };
    plot::arrow(area, colour, (ends[0], y), (ends[1], y));
}

/// From a box to one above or below it, at `x`, and where the middle of that is.
fn along(area: &Area, colour: RGBColor, from: Place, to: Place, x: i32) -> i32 {
    let ends = match from[1] < to[1] {
        true => [from[1] + from[3] + 2, to[1] - 2],
        false => [from[1] - 2, to[1] + to[3] + 2],
    };
    plot::arrow(area, colour, (x, ends[0]), (x, ends[1]));
    ends.iter().sum::<i32>() / 2
}

fn draw(area: &Area) {
    let [_, sampler, denoiser, other] = SERIES;
    draw_box(area, INK, TEXT_AT, &["text"]);
    draw_box(area, other, TEXT_ENCODER_AT, &TEXT_ENCODER);
    draw_box(area, denoiser, DENOISER_AT, &DENOISER);
    draw_box(area, INK, NOISE_AT, &["noise"]);
    draw_box(area, sampler, SAMPLER_AT, &SAMPLER);
    draw_box(area, INK, LATENT_AT, &["latent"]);
    draw_box(area, other, DECODER_AT, &DECODER);
    draw_box(area, INK, PICTURE_AT, &["picture"]);
    across(area, other, TEXT_AT, TEXT_ENCODER_AT);
    across(area, sampler, NOISE_AT, SAMPLER_AT);
    across(area, sampler, SAMPLER_AT, LATENT_AT);
    across(area, other, DECODER_AT, PICTURE_AT);
    let centre = WIDTH / 2;
    let y = along(area, other, TEXT_ENCODER_AT, DENOISER_AT, centre);
    plot::write(area, "tokens", (centre + 10, y), HPos::Left);
    let y = along(area, sampler, SAMPLER_AT, DENOISER_AT, centre - 6);
    plot::write(area, "state", (centre - 14, y), HPos::Right);
    let y = along(area, denoiser, DENOISER_AT, SAMPLER_AT, centre + 6);
    plot::write(area, "prediction, guidance: H", (centre + 14, y), HPos::Left);
    along(area, other, LATENT_AT, DECODER_AT, LATENT_AT[0] + LATENT_AT[2] / 2);
}

/// The drawing.
pub fn pipeline() -> Vec<u8> {
    let alt = format!(
        "A diagram with the letters of chapters. A text goes through a {} to the {}, as tokens. \
         Noise goes into the {}, which gives a state to the denoiser and gets a \
         prediction, with guidance (H). From the sampler comes a latent, and from that, through a {}, \
         a picture.",
        told(TEXT_ENCODER),
        told(DENOISER),
        told(SAMPLER),
        told(DECODER),
    );
    let height = PICTURE_AT[1] + HEIGHT + 2;
    plot::svg(WIDTH, height, &alt, draw).into_bytes()
}

fn told([name, place]: Lines) -> String {
    format!("{name} ({place})")
}
