//! The command of chapter G.

mod arguments;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use diffusion_cli::plot::sheet;
use diffusion_cli::save::Format;
use diffusion_cli::{
    Cell, PictureArguments, Plan, Recording, RunArguments, RunError, Save,
};
use diffusion_cli::{command, load};
use diffusion_core::picture::{channels_first, pixels_first};
use diffusion_core::{Moments, Picture, generator, randn_like};
use nalgebra::DMatrix;
use part_c_schedule_for_beta::TimestepError;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::cosine;
use part_f_the_way_back::{NoiseLevel, Prediction, PredictionType};
use part_g_local_denoiser::{LocalDenoiser, Pieces, step_without_noise};

use arguments::{LocalArguments, no_patches};

const SIZE: &str = "Crop to a square and resize to N x N pixels";
const FRAMES: &str = "Folder for single pictures, frame-000.png (the noise) and on";

/// A small picture is enlarged in the filmstrip to about this side, in pixels.
const FRAME: u32 = 320;

/// Chapter G: a picture that never existed, from the patches of one photograph
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
        let photo = load::picture(&picture.image, picture.size.map(|size| size as u32))?;
        let scheduler =
            cosine(local.steps).map_err(|error| RunError::Lesson(error.into()))?;
        let size = local.size(&photo);
        let patch = local.patch_size(&scheduler, &photo)?;
        let denoiser = LocalDenoiser::new(photo, size, patch, local.border.into())
            .map_err(no_patches)?;
        sample(&denoiser, &scheduler, size, &local, &run)
    })
}

/// Samples a picture of `width` × `height` pixels. The table has a row for the state
/// after each step and one for the picture.
fn sample(
    denoiser: &LocalDenoiser,
    scheduler: &NoiseScheduler,
    [width, height]: [usize; 2],
    arguments: &LocalArguments,
    run: &RunArguments,
) -> Result<(), RunError> {
    let steps = scheduler.steps();
    let zoom = (FRAME / width.max(height) as u32).max(1);
    let draw = |x: &DMatrix<f32>| {
        let x = pixels_first(x.as_slice());
        let picture =
            Picture { x: x.clone(), width: width as u32, height: height as u32 };
        picture.pixels_of(&x)
    };
    let enlarged = |x: &DMatrix<f32>| Some(sheet(&[draw(x)], 1, zoom));
    let save = arguments.save.as_deref().map(|path| {
        let format = Format::of(path)?;
        format.check_size(path, width as u32, height as u32)?;
        Ok((format, path))
    });
    let save: Option<(Format, &Path)> = save.transpose().map_err(RunError::Save)?;
    let mut recording = Recording::new(
        run,
        Plan {
            frames: steps + 1,
            size: (width as u32 * zoom, height as u32 * zoom),
            columns: vec![
                "t",
                "alpha_bar",
                "patch",
                "effective",
                "x0_std",
                "mean",
                "std",
            ],
            save: save.map(|(_, path)| Save {
                path,
                what: format!("the picture, {width} x {height} pixels"),
                replaces: None,
            }),
        },
    )?;
    recording.expect(steps, true);

    let lesson = |error: TimestepError| RunError::Lesson(error.into());
    let noise = randn_like(&DMatrix::zeros(3, width * height), &mut generator(run.seed));
    let mut x = channels_first(&noise);
    let mut pieces = None;
    for t in (0..steps).rev() {
        let from = NoiseLevel::of_timestep(scheduler, t).map_err(lesson)?;
        let to = NoiseLevel::before_timestep(scheduler, t).map_err(lesson)?;
        let mut comparison = denoiser.compare(x.as_slice(), from);
        comparison.finish();
        let (means, numbers) = (comparison.means(), comparison.effective_numbers());
        let sum: f64 = numbers.iter().map(|&number| f64::from(number)).sum();
        let row = |state: Moments| {
            Some(vec![
                Cell::Index(t),
                Cell::Schedule(scheduler.alpha_bar()[t]),
                Cell::Index(denoiser.patch().at(from.sigma())),
                Cell::Moment(sum / numbers.len() as f64),
                Cell::Moment(Moments::of(&means).std),
                Cell::Moment(state.mean),
                Cell::Moment(state.std),
            ])
        };
        recording.state(steps - 1 - t, &x, row, enlarged(&x))?;
        pieces = Some(Pieces::of(&comparison.nearest(), width));
        let values = channels_first(&means);
        let prediction = Prediction { kind: PredictionType::X0, values };
        x = step_without_noise(prediction, &x, from, to);
    }
    let row = |picture: Moments| {
        Some(vec![
            Cell::Empty,
            Cell::Schedule(1.0),
            Cell::Empty,
            Cell::Empty,
            Cell::Empty,
            Cell::Moment(picture.mean),
            Cell::Moment(picture.std),
        ])
    };
    recording.state(steps, &x, row, enlarged(&x))?;
    if let Some((format, _)) = save {
        recording.save(|out| format.write(&draw(&x), out))?;
    }
    let x = pixels_first(x.as_slice());
    let notes = pieces.map(|pieces| summary(&x, denoiser.photo(), &pieces));
    recording.finish(&notes.into_iter().collect::<Vec<_>>())
}

/// How new the picture is.
fn summary(x: &DMatrix<f32>, photo: &Picture, pieces: &Pieces) -> String {
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
