//! A hole in a picture, filled with what is beside it.

use std::path::Path;

use diffusion_cli::plot::sheet;
use diffusion_cli::save::Format;
use diffusion_cli::shown::Shown;
use diffusion_cli::{
    Cell, PictureArguments, Plan, Recording, RunArguments, RunError, Save, load,
};
use diffusion_core::picture::{channels_first, pixels_first};
use diffusion_core::timesteps::evenly_spaced;
use diffusion_core::{Moments, Picture, generator, randn_like};
use image::RgbImage;
use nalgebra::DMatrix;
use part_g_local_denoiser::PatchSize;
use part_i_samplers::Levels;
use part_n_to_order::{
    Differentiable, DifferentiablePatches, Measurement, Method, Observation, Order,
};

use crate::arguments::{EXACTLY, HoleArguments, MethodArguments, OF_NETWORK};
use crate::digits::lesson;
use crate::model::Model;

/// How many states are shown on the way from noise, at most.
const SHOWN: usize = 11;

/// A small picture is enlarged in the filmstrip to about this side, in pixels.
const FRAME: u32 = 320;

/// The side of the picture if nothing else is asked for.
const SIZE: u64 = 64;

/// The most evaluations times pixels times pixels that a run makes: some minutes of two
/// cores.
const MOST: f64 = 2e10;

/// How many times as long an evaluation takes that goes for the derivative, too.
const DERIVATIVE: f64 = 8.0;

/// The error with an option for a picture, where there is none.
pub fn refuse(hole: &HoleArguments, picture: &PictureArguments) -> Result<(), RunError> {
    let given = [
        (hole.save.is_some(), "--save"),
        (picture.size.is_some(), "--size"),
        (picture.image != load::mandrill(), "--image"),
    ];
    match given.iter().find(|(is_given, _)| *is_given) {
        Some((_, option)) => Err(RunError::Argument(format!(
            "{option} is for a picture with a hole; expected --hole or --mask, too"
        ))),
        None => Ok(()),
    }
}

/// Fills the hole. The table has a row for each state that is shown.
pub fn run(
    method: &MethodArguments,
    hole: &HoleArguments,
    picture: &PictureArguments,
    run: &RunArguments,
) -> Result<(), RunError> {
    let Some(asked) = method.method() else {
        return Err(RunError::Argument(
            "--method exact knows digits only; expected another method with --hole or --mask"
                .to_owned(),
        ));
    };
    let model = method.model.as_deref().map(Model::of_pictures).transpose()?;
    let size = match &model {
        Some(model) if picture.size.is_some_and(|size| size != model.side() as u64) => {
            return Err(RunError::Argument(format!(
                "--size: the network makes pictures of {0} x {0} pixels; expected no --size",
                model.side()
            )));
        }
        Some(model) => model.side() as u32,
        None => picture.size.unwrap_or(SIZE) as u32,
    };
    let photo = load::picture(&picture.image, Some(size))?;
    let is_hole = is_hole(hole, size)?;
    let Filling { denoiser, levels, told } = match &model {
        Some(model) => Filling {
            denoiser: Box::new(model.denoiser()?),
            levels: model.levels(method.steps(OF_NETWORK.steps))?,
            told: "It is filled by the network.".to_owned(),
        },
        None => {
            Filling::by_patches(&photo, &is_hole, &*asked, method.levels(EXACTLY.steps))?
        }
    };
    let steps = asked.trajectory(&levels);
    let x0 = channels_first(&photo.x);
    let places = (0..x0.len()).filter(|place| !is_hole[place % is_hole.len()]);
    let seen: Vec<usize> = places.collect();
    let measurement = Measurement::mask(x0.len(), &seen).map_err(lesson)?;
    let y = seen.iter().map(|&place| x0[place]).collect();
    let observation = Observation { measurement, y, noise: 0.0 };
    let order =
        Order { denoiser: &*denoiser, observation: &observation, eta: method.eta() };

    let zoom = (FRAME / size).max(1);
    let draw = |x: &DMatrix<f32>| -> RgbImage {
        let x = pixels_first(x.as_slice());
        Picture { x: x.clone(), width: size, height: size }.pixels_of(&x)
    };
    let frame = |x: &DMatrix<f32>| sheet(&[draw(x)], 1, zoom);
    let save = hole.save.as_deref().map(|path| Ok((Format::of(path)?, path)));
    let save: Option<(Format, &Path)> = save.transpose().map_err(RunError::Save)?;
    let shown: Vec<usize> = evenly_spaced(SHOWN, steps.len()).collect();
    let mut recording = Recording::new(
        run,
        Plan {
            frames: shown.len() + 1,
            size: (size * zoom, size * zoom),
            columns: vec!["step", "sigma", "mean", "std"],
            save: save.map(|(_, path)| Save {
                path,
                what: format!("the filled picture, {size} x {size} pixels"),
                replaces: None,
            }),
        },
    )?;
    recording.expect(steps.len() + 1, true);
    recording.frame(&frame(&observation.picture()))?;
    let mut rng = generator(run.seed);
    let mut x = randn_like(&x0, &mut rng);
    for step in 0..=steps.len() {
        let is_shown = shown.binary_search(&step).is_ok();
        let sigma = steps.get(step).map_or(0.0, |step| step.from.sigma());
        let row = |measured: Moments| {
            is_shown.then(|| {
                vec![
                    Cell::Index(step),
                    Cell::Moment(sigma),
                    Cell::Moment(measured.mean),
                    Cell::Moment(measured.std),
                ]
            })
        };
        recording.state(step, &x, row, is_shown.then(|| frame(&x)))?;
        if let Some(step) = steps.get(step) {
            let new_noise = &mut |x: &DMatrix<f32>| randn_like(x, &mut rng);
            x = asked.step(&order, &x, step, new_noise).map_err(lesson)?;
        }
    }
    if let Some((format, _)) = save {
        // What was seen is the picture's own, to the last bit.
        seen.iter().for_each(|&place| x[place] = x0[place]);
        recording.save(|out| format.write(&draw(&x), out))?;
    }
    let missing = is_hole.iter().filter(|is_hole| **is_hole).count();
    recording
        .finish(&[format!("The hole has {missing} of {} pixels. {told}", is_hole.len())])
}

/// What a hole is filled by.
struct Filling {
    denoiser: Box<dyn Differentiable>,
    levels: Levels,
    /// What is to be said of it.
    told: String,
}

impl Filling {
    /// By patches of the largest part of the photograph beside the hole.
    fn by_patches(
        photo: &Picture,
        is_hole: &[bool],
        asked: &dyn Method,
        levels: Levels,
    ) -> Result<Self, RunError> {
        let (beside, size) = (beside(photo, is_hole)?, photo.width);
        let cost = if asked.needs_jacobian() { DERIVATIVE } else { 1.0 };
        let pixels = f64::from(size * size) * beside.x.ncols() as f64;
        let steps = asked.trajectory(&levels).len();
        if cost * pixels * steps as f64 > MOST {
            return Err(RunError::Argument(format!(
                "{steps} steps take too long with a picture of {size} x {size} pixels; expected a \
                 smaller --size, or fewer --steps or --resamplings"
            )));
        }
        let told = format!(
            "It is filled with patches of the largest part beside it, {} x {} pixels.",
            beside.width, beside.height
        );
        let side = beside.width.min(beside.height) as usize;
        let patch = PatchSize::Shrinking { side };
        let patches = DifferentiablePatches::new(beside, [size as usize; 2], patch);
        let denoiser = Box::new(patches.map_err(|error| RunError::Lesson(error.into()))?);
        Ok(Filling { denoiser, levels, told })
    }
}

/// Whether each pixel of the picture is in the hole.
fn is_hole(hole: &HoleArguments, size: u32) -> Result<Vec<bool>, RunError> {
    let side = size as usize;
    if let Some(path) = &hole.mask {
        let mask = load::picture(path, Some(size))?;
        let is_hole: Vec<bool> =
            mask.x.column_iter().map(|pixel| pixel.sum() > 0.0).collect();
        return match is_hole.contains(&true) {
            true => Ok(is_hole),
            false => Err(RunError::Argument(format!(
                "--mask '{}' is bright nowhere; expected a picture that is bright where the hole is",
                Shown(path)
            ))),
        };
    }
    let [left, top, width, height] = hole.hole.expect("there is a mask or a hole");
    let fits = |first: usize, length: usize| {
        first.checked_add(length).is_some_and(|end| end <= side)
    };
    if !fits(left, width) || !fits(top, height) {
        return Err(RunError::Argument(format!(
            "--hole {left},{top},{width},{height} is not within {size} x {size} pixels; expected \
             a hole in the picture"
        )));
    }
    let is_in = |pixel: usize| {
        let (column, row) = (pixel % side, pixel / side);
        (left..left + width).contains(&column) && (top..top + height).contains(&row)
    };
    Ok((0..side * side).map(is_in).collect())
}

/// The largest part of the picture on one side of the hole: left, right, above or below.
/// Nothing that is in the hole is known of it.
fn beside(photo: &Picture, is_hole: &[bool]) -> Result<Picture, RunError> {
    let side = photo.width as usize;
    let holes = || (0..is_hole.len()).filter(|&pixel| is_hole[pixel]);
    let ends = |place: fn(usize, usize) -> usize| {
        let places = holes().map(|pixel| place(pixel, side));
        places.fold((side, 0), |(least, most), at| (least.min(at), most.max(at + 1)))
    };
    let (left, right) = ends(|pixel, side| pixel % side);
    let (top, bottom) = ends(|pixel, side| pixel / side);
    let parts = [
        [0, 0, left, side],
        [right, 0, side.saturating_sub(right), side],
        [0, 0, side, top],
        [0, bottom, side, side.saturating_sub(bottom)],
    ];
    let largest = parts.into_iter().max_by_key(|[_, _, width, height]| width * height);
    let [x, y, width, height] = largest.expect("there are four");
    if width.min(height) < 3 {
        return Err(RunError::Argument(
            "beside the hole, the picture needs a strip of at least 3 pixels from one side to the \
             other; expected another hole"
                .to_owned(),
        ));
    }
    let place = |pixel: usize| (y + pixel / width) * side + x + pixel % width;
    let places: Vec<usize> = (0..width * height).map(place).collect();
    let x = photo.x.select_columns(&places);
    Ok(Picture { x, width: width as u32, height: height as u32 })
}
