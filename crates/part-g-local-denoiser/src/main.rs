//! The command of part G.

mod arguments;

use std::process::ExitCode;

use clap::Parser;
use diffusion_core::{Moments, Picture, generator, randn_like};
use diffusion_cli::plot::sheet;
use diffusion_cli::save::Format;
use diffusion_cli::{Cell, Film, PictureArguments, RunArguments, RunError, Table};
use diffusion_cli::{command, load, progress};
use image::RgbImage;
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::cosine_schedule;
use part_f_the_way_back::Prediction;
use part_g_local_denoiser::{LocalDenoiser, Pieces, step_without_noise};

use arguments::{LocalArguments, no_patches};

const SIZE: &str = "Crop to a square and resize to N x N pixels";
const FRAMES: &str = "Folder for single pictures, frame-000.png (the noise) and on";

/// A small picture is enlarged in the filmstrip to about this side, in pixels.
const FRAME: u32 = 320;

/// Part G: a picture that never existed, from the patches of one photograph
#[derive(Parser)]
#[command(version, mut_arg("frames_dir", |argument| argument.help(FRAMES)))]
#[command(mut_arg("size", |argument| argument.help(SIZE).default_value("64")))]
struct Arguments {
    #[command(flatten)]
    local: LocalArguments,

    #[command(flatten)]
    picture: PictureArguments,

    #[command(flatten)]
    run: RunArguments,
}

fn main() -> ExitCode {
    command::main(|Arguments { local, picture, run }| {
        let steps = local.steps;
        run.check_outputs(steps + 1, &[picture.input()], local.save.as_deref())?;
        let photo = load::picture(&picture.image, picture.size.map(|size| size as u32))?;
        let beta = cosine_schedule(steps).map_err(|e| RunError::Lesson(e.into()))?;
        let scheduler = NoiseScheduler::from_betas(beta)
            .map_err(|error| RunError::Lesson(error.into()))?;
        let size = local.size(&photo);
        let patch = local.patches(&scheduler, &photo)?;
        let denoiser =
            LocalDenoiser::new(photo, size, scheduler, patch, local.border.into())
                .map_err(no_patches)?;
        walk(&denoiser, size, &local, &run)
    })
}

/// Walks from noise to a picture of `width` × `height` pixels. The table has a row for
/// the state after each step and one for the picture.
fn walk(
    denoiser: &LocalDenoiser,
    [width, height]: [usize; 2],
    arguments: &LocalArguments,
    run: &RunArguments,
) -> Result<(), RunError> {
    let (scheduler, steps) = (denoiser.scheduler(), denoiser.scheduler().steps());
    let zoom = (FRAME / width.max(height) as u32).max(1);
    let draw = |x: &DMatrix<f32>| {
        let picture =
            Picture { x: x.clone(), width: width as u32, height: height as u32 };
        picture.pixels_of(x)
    };
    let enlarged = |pixels: RgbImage| sheet(&[pixels], 1, zoom);
    let mut film = Film::new(run, steps + 1, width as u32 * zoom, height as u32 * zoom)?;
    let save = arguments.save.as_ref().map(|path| {
        let format = Format::of(path)?;
        format.check_size(path, width as u32, height as u32)?;
        let what = format!("the picture, {width} x {height} pixels");
        film.attach(path, what).map(|file| (format, file))
    });
    let save = save.transpose()?;
    let progress = progress::bar_with_estimate(steps);

    let mut table = Table::new(
        [&["t", "alpha_bar", "patch", "effective", "guess_std"][..], &["mean", "std"]]
            .concat(),
    );
    let mut x = randn_like(&DMatrix::zeros(3, width * height), &mut generator(run.seed));
    let mut pieces = None;
    for t in (0..steps).rev() {
        film.push(&enlarged(draw(&x)))?;
        let mut comparison =
            denoiser.compare(&x, t).map_err(|error| RunError::Lesson(error.into()))?;
        comparison.finish();
        let (guess, numbers) = (comparison.means(), comparison.effective_numbers());
        let state = Moments::of(&x);
        let sum: f64 = numbers.iter().map(|&number| f64::from(number)).sum();
        table.push(vec![
            Cell::Index(t),
            Cell::Schedule(scheduler.alpha_bar()[t]),
            Cell::Index(denoiser.patch()[t]),
            Cell::Moment(sum / numbers.len() as f64),
            Cell::Moment(Moments::of(&guess).std),
            Cell::Moment(state.mean),
            Cell::Moment(state.std),
        ]);
        pieces = Some(Pieces::of(&comparison.nearest(), width));
        x = step_without_noise(scheduler, Prediction::X0(guess), &x, t)
            .map_err(|error| RunError::Lesson(error.into()))?;
        progress.inc(1);
    }
    let picture = Moments::of(&x);
    table.push(vec![
        Cell::Empty,
        Cell::Schedule(1.0),
        Cell::Empty,
        Cell::Empty,
        Cell::Empty,
        Cell::Moment(picture.mean),
        Cell::Moment(picture.std),
    ]);
    film.push(&enlarged(draw(&x)))?;

    progress.set_message("saving");
    if let Some((format, file)) = save {
        film.write(file, |out| format.write(&draw(&x), out))?;
    }
    let film = film.save()?;
    progress.finish_and_clear();
    let remarks: Vec<String> =
        pieces.into_iter().map(|pieces| verdict(&x, denoiser.photo(), &pieces)).collect();
    run.print(&table, &remarks, Some(&film))
}

/// How new the picture is.
fn verdict(x: &DMatrix<f32>, photo: &Picture, pieces: &Pieces) -> String {
    if *x == photo.x {
        return "The picture is the photograph, to the last bit.".to_owned();
    }
    let count = match pieces.sizes.len() {
        1 => "1 piece".to_owned(),
        count => format!("{count} pieces"),
    };
    format!(
        "The picture is put together from {count} of the photograph. The largest has {} of {} \
         pixels.",
        pieces.largest(),
        pieces.of_pixel.len()
    )
}
