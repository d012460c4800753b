//! The command of chapter K.

mod arguments;
mod learning;

use std::process::ExitCode;

use clap::Parser;
use diffusion_cli::plot::sheet;
use diffusion_cli::{
    Cell, PictureArguments, Plan, Recording, RunArguments, RunError, Save, command,
};
use diffusion_core::picture::{channels_first, pixels_first};
use diffusion_core::timesteps::evenly_spaced;
use diffusion_core::{Picture, generator, randn_like};
use image::RgbImage;
use nalgebra::DMatrix;
use part_f_the_way_back::{Denoiser, DenoiserError, GaussianPath};
use part_h_learning_to_denoise::{LearnedDenoiser, ParameterSet};
use part_i_samplers::{Sampling, SamplingError};
use part_k_convolutions::border::{counterpart, is_inside};
use part_k_convolutions::evaluation::{correlations, errors};
use part_k_convolutions::{
    ConvolutionalNetwork, LinearDenoiser, NetworkConfig, Padding, sampling,
};

use arguments::{LearningArguments, SamplingArguments};
use learning::{Start, start};

const SIZE: &str = "Crop to a square and resize to N x N pixels [default: 32, or what the network \
                    has learned from]";
const FRAMES: &str = "Folder for single pictures, frame-000.png (the noise) and on";

/// How many noise levels the table has.
const ROWS: usize = 12;

/// How many noisy copies of the photograph the denoisers are judged by, at each.
const COPIES: usize = 16;

/// How many states are shown on the way from noise, at most.
const SHOWN: usize = 11;

/// A row of pictures is enlarged to about this width, in pixels.
const FRAME: u32 = 400;

/// Chapter K: a network of convolutions, beside the exact local denoiser
#[derive(Parser)]
#[command(version, mut_arg("frames_dir", |argument| argument.help(FRAMES)))]
#[command(mut_arg("size", |argument| argument.help(SIZE)))]
struct Arguments {
    #[command(flatten)]
    learning: LearningArguments,

    #[command(flatten)]
    sampling: SamplingArguments,

    #[command(flatten)]
    picture: PictureArguments,

    #[command(flatten)]
    run: RunArguments,
}

fn main() -> ExitCode {
    command::main(run)
}

/// Samples with a network and with the exact denoiser that sees as much, from the same
/// noise.
fn run(arguments: Arguments) -> Result<(), RunError> {
    let Arguments { learning, sampling: asked, picture, run } = arguments;
    let mut start = start(&learning, picture, run.seed)?;
    let view = start.model.network.config().field_of_view();
    let size = asked.size(&start.photo, start.model.network.config())?;
    let samples = asked.samples as usize;
    let noise = randn_like(
        &DMatrix::zeros(3 * size[0] * size[1], samples),
        &mut generator(run.seed),
    );
    let steps = asked.steps as usize;
    let shown: Vec<usize> = evenly_spaced(SHOWN + 1, steps).collect();
    let numbers = start.model.network.parameters.count();
    let mut recording = Recording::new(
        &run,
        Plan {
            frames: shown.len(),
            size: rows_of(size, &[&noise, &noise]).dimensions(),
            columns: vec!["t", "sigma", "network", "exact", "ratio", "apart", "linear"],
            save: learning.save.as_deref().map(|path| Save {
                path,
                what: format!("the network, {numbers} numbers"),
                // What goes on may take the place of what it started from.
                replaces: learning.resume.as_deref(),
            }),
        },
    )?;
    let mut notes: Vec<String> =
        start.learn(learning.save.as_ref())?.into_iter().collect();
    recording.save(|out| out.write_all(&start.model.to_bytes()))?;

    let Start { model, photo, .. } = start;
    let path = model.path;
    let network = |config| {
        let network =
            ConvolutionalNetwork::with(config, model.network.parameters.clone());
        LearnedDenoiser::unconditional(network, model.kind)
    };
    let lesson = |error: DenoiserError| RunError::Lesson(error.into());

    // On the photograph.
    let judged = NetworkConfig {
        size: [photo.height as usize, photo.width as usize],
        ..*model.network.config()
    };
    let exact = counterpart(&judged, &photo);
    let exact = exact.map_err(|error| RunError::Lesson(error.into()))?;
    let learned = network(judged);
    let linear = LinearDenoiser::new(&judged, &photo).ok();
    let mut denoisers: Vec<&dyn Denoiser> = vec![&exact, &learned];
    denoisers.extend(linear.as_ref().map(|linear| linear as &dyn Denoiser));
    let all = path.levels();
    let levels: Vec<_> = evenly_spaced(ROWS, all.len() - 1).map(|t| all[t]).collect();
    let x0 = channels_first(&photo.x);
    let counts = |row| is_inside(&judged, row % judged.pixels());
    for errors in errors(&x0, &denoisers, &levels, COPIES, counts).map_err(lesson)? {
        let [exact, network] = [errors.from_x0[0], errors.from_x0[1]];
        recording.table.push(vec![
            Cell::Index(errors.level.t as usize),
            Cell::Moment(errors.level.sigma()),
            Cell::Moment(network),
            Cell::Moment(exact),
            Cell::Moment(network / exact),
            Cell::Moment(errors.from_first[1] / exact),
            errors.from_x0.get(2).map_or(Cell::Empty, |&linear| Cell::Moment(linear)),
        ]);
    }

    // From noise. One that has learned from crops has never seen a border.
    let padding = match judged.padding {
        Padding::None => Padding::Circular,
        padding => padding,
    };
    let exact = counterpart(&NetworkConfig { size, ..judged }, &photo);
    let exact = exact.map_err(|error| RunError::Lesson(error.into()))?;
    let learned = network(NetworkConfig { size, padding, ..judged });
    let lesson = |error: SamplingError| RunError::Lesson(error.into());
    let levels = sampling::levels(&path, steps).map_err(lesson)?;
    let config = sampling::ddim(&levels);
    let begun = |noise| Sampling::new(&config, noise).map_err(lesson);
    let (mut above, mut below) = (begun(noise.clone())?, begun(noise)?);
    let rng = &mut generator(run.seed);
    recording.expect(steps + 1, true);
    for step in 0..=steps {
        let is_shown = shown.binary_search(&step).is_ok();
        let frame = is_shown.then(|| rows_of(size, &[above.x(), below.x()]));
        recording.state(step, above.x(), |_| None, frame)?;
        if step < steps {
            above.step(&learned, rng).map_err(lesson)?;
            below.step(&exact, rng).map_err(lesson)?;
        }
    }
    notes.push(alike(above.x(), below.x(), &photo, view));
    recording.finish(&notes)
}

/// Pictures of a size, those of each matrix side by side.
fn rows_of([rows, columns]: [usize; 2], all: &[&DMatrix<f32>]) -> RgbImage {
    let samples = all[0].ncols() as u32;
    let pictures: Vec<RgbImage> = all
        .iter()
        .flat_map(|x| x.column_iter())
        .map(|sample| {
            let x = pixels_first(sample.as_slice());
            let (width, height) = (columns as u32, rows as u32);
            Picture { x: x.clone(), width, height }.pixels_of(&x)
        })
        .collect();
    let zoom = (FRAME / (columns as u32 * samples)).max(1);
    sheet(&pictures, samples, zoom)
}

/// How much the pictures of the network and those of the exact denoiser are alike.
fn alike(
    network: &DMatrix<f32>,
    exact: &DMatrix<f32>,
    photo: &Picture,
    view: usize,
) -> String {
    let mut all = correlations(network, exact, photo);
    all.sort_by(f64::total_cmp);
    let median = (all[(all.len() - 1) / 2] + all[all.len() / 2]) / 2.0;
    format!(
        "The field of view has {view} x {view} pixels. The pictures of the network and of the exact \
         denoiser, each from the same noise, have a correlation of {median:.4} (median of {}).",
        all.len()
    )
}
