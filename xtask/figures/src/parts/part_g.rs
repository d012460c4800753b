//! Figures and numbers of part G.

use std::collections::HashSet;
use std::sync::LazyLock;

use diffusion_core::picture::{channels_first, pixels_first};
use diffusion_core::{Moments, Picture};
use diffusion_live::place_as_colour;
use image::{Rgb, RgbImage, imageops};
use nalgebra::DMatrix;
use part_f_the_way_back::NoiseLevel;
use part_g_local_denoiser::{LocalDenoiser, Pieces};

use super::part_d::{AT_A_GLANCE, states_at};
use super::{
    Draw::{ByWidth, Once},
    Figure, Part,
};
use crate::draw::PageWidth;
use crate::draw::blocks::Enlarged;
use crate::draw::listed;
use crate::draw::photograph::{self, Grid, NARROW_COLUMNS, mandrill};
use crate::numbers::Numbers;
use crate::stored::new_pictures::{
    PATCHES, SEEDS, SIDE, STEPS, Stored, WIDTH, denoiser, scheduler, trajectory,
};

/// Part G.
pub const PART: Part = Part {
    package: "part-g-local-denoiser",
    figures: &[
        Figure {
            name: "into-the-noise-and-back.svg",
            draw: ByWidth(into_the_noise_and_back),
        },
        Figure { name: "preview.jpg", draw: Once(preview) },
        Figure { name: "part-g-seeds.svg", draw: ByWidth(seeds) },
        Figure { name: "part-g-walk.svg", draw: ByWidth(one_trajectory) },
        Figure { name: "part-g-new.jpg", draw: ByWidth(new) },
        Figure { name: "part-g-patches.svg", draw: ByWidth(patches) },
        Figure { name: "part-g-sources.svg", draw: ByWidth(sources) },
        Figure { name: "part-g-panorama.jpg", draw: Once(panorama) },
    ],
    numbers,
};

fn photo() -> Picture {
    mandrill(SIDE as u32)
}

fn as_picture(pixels: &RgbImage) -> DMatrix<f32> {
    Picture::from_pixels(pixels).x
}

/// Rows of pictures of the photograph's size, each with a caption.
fn grid(
    page: PageWidth,
    columns: Vec<String>,
    rows: Vec<(String, Vec<DMatrix<f32>>)>,
    alt: &str,
) -> Vec<u8> {
    let grid = Grid { picture: &photo(), columns, rows, narrow_columns: NARROW_COLUMNS };
    grid.svg(page, alt)
}

/// How far a picture is from the photograph, for each value, in the root mean square.
fn distance(pixels: &RgbImage) -> f64 {
    let difference = as_picture(pixels) - photo().x;
    let squares = difference.iter().map(|&value| f64::from(value) * f64::from(value));
    (squares.sum::<f64>() / difference.len() as f64).sqrt()
}

/// The patches of a picture, as bytes.
fn patches_of(pixels: &RgbImage, side: u32) -> impl Iterator<Item = Vec<u8>> {
    let [across, down] =
        [pixels.width(), pixels.height()].map(|length| length - side + 1);
    (0..across * down).map(move |place| {
        let (left, top) = (place % across, place / across);
        imageops::crop_imm(pixels, left, top, side, side).to_image().into_raw()
    })
}

/// Which fraction of the patches of some pictures are patches of a photograph, to the
/// byte.
pub(super) fn fraction_in(
    photo: &RgbImage,
    made: impl Iterator<Item = RgbImage>,
    side: u32,
) -> f64 {
    let known: HashSet<Vec<u8>> = patches_of(photo, side).collect();
    let made: Vec<Vec<u8>> =
        made.flat_map(|made| patches_of(&made, side).collect::<Vec<_>>()).collect();
    made.iter().filter(|patch| known.contains(*patch)).count() as f64 / made.len() as f64
}

/// The same of the nine pictures.
fn fraction_in_photo(side: u32) -> f64 {
    let (photo, stored) = (photo(), Stored::read());
    let made = (0..SEEDS).map(|seed| stored.of_seed(seed));
    fraction_in(&photo.pixels_of(&photo.x), made, side)
}

/// The photograph and nine pictures that were made of it.
fn seeds(page: PageWidth) -> Vec<u8> {
    let stored = Stored::read();
    let made: Vec<DMatrix<f32>> =
        (0..SEEDS).map(|seed| as_picture(&stored.of_seed(seed))).collect();
    let first = [vec![photo().x], made[..4].to_vec()].concat();
    let distances = (0..SEEDS).map(|seed| distance(&stored.of_seed(seed)));
    let least = distances.fold(f64::INFINITY, f64::min);
    grid(
        page,
        vec![String::new(); 5],
        vec![
            ("the photograph, and the pictures of the seeds 0 to 3".to_owned(), first),
            ("those of the seeds 4 to 8".to_owned(), made[4..].to_vec()),
        ],
        &format!(
            "The mandrill, and nine pictures with its fur, its red nose, its blue cheeks and mostly \
             its eyes, each put together in a different way. The one that is most like the photograph is \
             off by {least:.2} for each value, in the root mean square."
        ),
    )
}

/// The denoiser of most of the figures, with patches that shrink.
static DENOISER: LazyLock<LocalDenoiser> = LazyLock::new(|| denoiser(SIDE, None));

/// Its trajectory of the first seed, made once for all figures.
static FIRST: LazyLock<Vec<DMatrix<f32>>> =
    LazyLock::new(|| trajectory(&DENOISER, SIDE, 0));

/// The seed of the picture with two noses, which is looked at more closely, and its
/// trajectory.
const TWO_NOSES: u64 = 5;
static OF_TWO_NOSES: LazyLock<Vec<DMatrix<f32>>> =
    LazyLock::new(|| trajectory(&DENOISER, SIDE, TWO_NOSES));

/// The trajectory of the first seed: states, and what is predicted of them.
fn one_trajectory(page: PageWidth) -> Vec<u8> {
    let (denoiser, states) = (&*DENOISER, &*FIRST);
    let levels = NoiseLevel::all(&scheduler());
    let shown = [0, 2, 4, 7, 11, 16, 22, 28];
    let t = |state: usize| STEPS - 1 - state;
    let mean = |state: usize| {
        let x = channels_first(&states[state]);
        pixels_first(denoiser.posterior_mean(&x, levels[t(state)]).as_slice())
    };
    let patches = shown.map(|state| denoiser.patch().at(levels[t(state)].sigma()));
    grid(
        page,
        shown.map(|state| format!("t = {}", t(state))).into(),
        vec![
            ("the state".to_owned(), shown.map(|state| states[state].clone()).into()),
            (
                format!(
                    "the posterior mean from patches of {} pixels a side",
                    listed(&patches)
                ),
                shown.map(mean).into(),
            ),
        ],
        "Eight states of a trajectory that begins in noise, and below each the posterior mean of the \
         local denoiser. The first is one colour in the middle, stripes along the edges, and the \
         photograph itself in the corners. Then come coarse shapes, a face, and at last its hairs.",
    )
}

/// The pictures that the live figure begins with: noise becomes a new picture.
fn new(page: PageWidth) -> Vec<u8> {
    let states = &*FIRST;
    let enlarged = Enlarged::new(&photo(), 3);
    let shown = [0, 4, 8, 14, 22, STEPS].map(|state| enlarged.of(&states[state]));
    let alt = "Noise becomes a picture of 64 x 64 pixels in six states: a mandrill's face that is in \
               no photograph.";
    photograph::filmstrip(page, &enlarged.picture, &shown, alt)
}

/// What the size of a patch does.
fn patches(page: PageWidth) -> Vec<u8> {
    let stored = Stored::read();
    let mut columns: Vec<String> =
        PATCHES.iter().map(|patch| format!("{patch} x {patch}")).collect();
    columns.push("33, shrinking to 3".to_owned());
    let mut row: Vec<DMatrix<f32>> =
        (0..PATCHES.len()).map(|number| as_picture(&stored.of_patch(number))).collect();
    row.push(as_picture(&stored.of_seed(0)));
    let is_photo = stored.of_patch(4) == photo().pixels_of(&photo().x);
    assert!(is_photo, "patches that see everything give back the photograph");
    grid(
        page,
        columns,
        vec![("from the same noise, with patches of".to_owned(), row)],
        "Six pictures from the same noise. With patches of 3 x 3 pixels: specks in the photograph's \
         colours. With 7 x 7: fur, with bits of blue and red. With 13 x 13: bits of cheeks and an \
         eye. With 25 x 25: half a face on smears of one colour. With 63 x 63: the photograph \
         itself. With patches that shrink from 33 x 33 to 3 x 3: a new face, sharp everywhere.",
    )
}

/// The picture with two noses, and where each of its pixels comes from: the column and
/// the row in the photograph.
fn places() -> (DMatrix<f32>, Vec<[usize; 2]>) {
    let states = &*OF_TWO_NOSES;
    let x = channels_first(&states[STEPS - 1]);
    let mut last = DENOISER.compare(x.as_slice(), NoiseLevel::all(&scheduler())[0]);
    last.finish();
    (states[STEPS].clone(), last.nearest())
}

/// Pixels of the new picture that are looked at, by column and row.
const MARKED: [[usize; 2]; 4] = [[30, 37], [29, 51], [48, 26], [20, 7]];

/// What a mark is drawn in.
const MARKS: [Rgb<u8>; 4] =
    [Rgb([255, 255, 255]), Rgb([255, 236, 60]), Rgb([60, 255, 255]), Rgb([0, 0, 0])];

/// A picture with a ring around each of some pixels.
fn marked(x: &DMatrix<f32>, places: &[[usize; 2]]) -> DMatrix<f32> {
    let enlarged = Enlarged::new(&Picture { x: x.clone(), ..photo() }, 3);
    let mut pixels = enlarged.picture.pixels_of(&enlarged.picture.x);
    for (&[column, row], mark) in places.iter().zip(MARKS) {
        let middle = [column, row].map(|place| 3.0 * place as f64 + 1.0);
        for (x, y, pixel) in pixels.enumerate_pixels_mut() {
            let (dx, dy) = (f64::from(x) - middle[0], f64::from(y) - middle[1]);
            if (49.0..=90.0).contains(&(dx * dx + dy * dy)) {
                *pixel = mark;
            }
        }
    }
    as_picture(&pixels)
}

/// Where a new picture comes from.
fn sources(page: PageWidth) -> Vec<u8> {
    let (new, places) = places();
    let columns = |colours: &dyn Fn(usize) -> [f32; 3]| {
        DMatrix::from_fn(3, SIDE * SIDE, |row, pixel| colours(pixel)[row])
    };
    let key = columns(&|pixel| place_as_colour([pixel % SIDE, pixel / SIDE], SIDE));
    let map = columns(&|pixel| place_as_colour(places[pixel], SIDE));
    let from = MARKED.map(|[column, row]| places[row * SIDE + column]);
    let told: Vec<String> = MARKED
        .iter()
        .zip(from)
        .map(|(to, from)| {
            format!("({}, {}) from ({}, {})", to[0], to[1], from[0], from[1])
        })
        .collect();
    let pieces = Pieces::of(&places, SIDE);
    let enlarged = Enlarged::new(&photo(), 3);
    let grid = Grid {
        picture: &enlarged.picture,
        columns: [
            "the photograph",
            "its places as colours",
            "where it comes from",
            "new",
        ]
        .map(str::to_owned)
        .into(),
        rows: vec![(
            "four pixels of the new picture, and where they come from".to_owned(),
            vec![
                marked(&photo().x, &from),
                enlarged.of(&key),
                enlarged.of(&map),
                marked(&new, &MARKED),
            ],
        )],
        narrow_columns: NARROW_COLUMNS,
    };
    grid.svg(page, &format!(
        "The photograph, a map that gives each of its places a colour, the new picture of seed {TWO_NOSES} with \
         each pixel in the colour of the place it comes from, and that picture. The map of the new \
         one is cut into {} pieces, the largest of {} pixels. Four pixels are marked, by column and \
         row: {}.",
        pieces.sizes.len(),
        pieces.largest(),
        told.join(", ")
    ))
}

/// Both ways in two rows: the photograph becomes noise, and other noise becomes a new
/// picture.
fn into_the_noise_and_back(page: PageWidth) -> Vec<u8> {
    let photo = photo();
    let mut into = vec![photo.x.clone()];
    into.extend(states_at(AT_A_GLANCE, &photo.x));
    let states = &*OF_TWO_NOSES;
    let back = [0, 8, 14, 18, 22, STEPS].map(|state| states[state].clone());
    grid(
        page,
        vec![String::new(); 6],
        vec![
            ("into the noise: a photograph".to_owned(), into),
            ("and back: a picture that never existed".to_owned(), back.into()),
        ],
        "Two rows of six pictures. Above, a photograph of a mandrill turns into noise. Below, noise \
         turns into a picture of a mandrill with two noses, which is in no photograph.",
    )
}

/// What other sites show of a page: the middle of the wide picture, as large as they want
/// it.
fn preview() -> Vec<u8> {
    const SIZE: [u32; 2] = [1200, 630];
    const ZOOM: u32 = 10;
    let wide = Stored::read().wide();
    let [width, height] = SIZE.map(|length| length / ZOOM);
    let left = (wide.width() - width) / 2;
    let middle = imageops::crop_imm(&wide, left, 0, width, height).to_image();
    let alt = "Several faces of a mandrill beside each other: a picture that never existed, made of \
               the patches of one photograph.";
    photograph::filmstrip_of_pixels(PageWidth::Wide, &[enlarged(&middle, ZOOM)], alt)
}

/// A picture whose pixels are so many pixels wide and high.
fn enlarged(pixels: &RgbImage, times: u32) -> RgbImage {
    RgbImage::from_fn(times * pixels.width(), times * pixels.height(), |x, y| {
        *pixels.get_pixel(x / times, y / times)
    })
}

/// A wide picture.
fn panorama() -> Vec<u8> {
    let pixels = enlarged(&Stored::read().wide(), 3);
    let alt = format!(
        "A picture of {WIDTH} x {SIDE} pixels, made of the patches of a photograph of {SIDE} x \
         {SIDE}: several faces of the mandrill beside each other, which share cheeks and eyes."
    );
    photograph::filmstrip_of_pixels(PageWidth::Wide, &[pixels], &alt)
}

fn numbers() -> Numbers {
    let mut numbers = Numbers::new();
    let mut put = |name: &str, value: f64| numbers.insert(name.to_owned(), value);
    let stored = Stored::read();
    let distances = (0..SEEDS).map(|seed| distance(&stored.of_seed(seed)));
    put("new_picture_nearest", distances.fold(f64::INFINITY, f64::min));
    let pieces = Pieces::of(&places().1, SIDE);
    put("pieces_of_seed_5", pieces.sizes.len() as f64);
    let specks = pieces.sizes.iter().filter(|&&size| size < 5).count();
    put("specks_of_seed_5", specks as f64);
    put("largest_piece_of_seed_5", pieces.largest() as f64);
    // The values of two pictures that have nothing in common differ as two draws do.
    put("unrelated", Moments::of(&photo().x).std * 2.0_f64.sqrt());
    put("pixels_of_photo", 100.0 * fraction_in_photo(1));
    put("patches_of_photo", 100.0 * fraction_in_photo(3));

    numbers
}
