//! The arguments of sampling, and what they mean for a photograph.

use std::path::PathBuf;

use clap::builder::{PathBufValueParser, TypedValueParser};
use clap::{Args, ValueEnum};
use diffusion_cli::RunError;
use diffusion_cli::arguments::{picture, steps, whole};
use diffusion_core::Picture;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::sigma;
use part_g_local_denoiser::{Border, PatchError, PatchSize};

/// The largest picture, in pixels a side.
const MAX_SIDE: u64 = 4096;

/// The most differences of two pixels that a run computes: a quarter of an hour of two
/// cores.
const MAX_DIFFERENCES: f64 = 1e12;

/// The arguments of sampling with a local denoiser.
#[derive(Args)]
pub struct LocalArguments {
    /// Side of a patch, an odd number of pixels; auto shrinks it as the noise falls
    #[arg(long, value_name = "N", default_value = "auto", allow_hyphen_values = true)]
    #[arg(value_parser = patch_size)]
    pub patch: PatchArgument,

    /// What is beyond the border: nothing, which a patch sees; or the picture, mirrored
    /// or wrapped
    #[arg(long, value_enum, default_value_t = BorderArgument::Seen)]
    pub border: BorderArgument,

    /// Number of steps, from 1 to 10000
    #[arg(long, value_name = "N", default_value_t = 30, allow_hyphen_values = true)]
    #[arg(value_parser = steps)]
    pub steps: usize,

    /// Width of the picture in pixels [default: the photograph's]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 1, MAX_SIDE))]
    pub width: Option<u64>,

    /// Height of the picture in pixels [default: the photograph's]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 1, MAX_SIDE))]
    pub height: Option<u64>,

    /// Picture to write, the last frame in its own size, .png or .jpg
    #[arg(long, value_name = "PATH", display_order = 103)]
    #[arg(help_heading = "Picture and output")]
    #[arg(value_parser = PathBufValueParser::new().try_map(picture))]
    pub save: Option<PathBuf>,
}

/// How large patches are.
#[derive(Clone, Copy, Debug)]
pub enum PatchArgument {
    /// They shrink.
    Auto,
    /// All have this side.
    Fixed(usize),
}

/// The borders by name.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum BorderArgument {
    Seen,
    Mirrored,
    Wrapped,
}

impl From<BorderArgument> for Border {
    fn from(border: BorderArgument) -> Self {
        match border {
            BorderArgument::Seen => Border::Seen,
            BorderArgument::Mirrored => Border::Mirrored,
            BorderArgument::Wrapped => Border::Wrapped,
        }
    }
}

impl LocalArguments {
    /// The width and the height of the picture.
    pub fn size(&self, photo: &Picture) -> [usize; 2] {
        let side = |asked: Option<u64>, photo: u32| asked.unwrap_or(photo.into());
        let [width, height] =
            [side(self.width, photo.width), side(self.height, photo.height)];
        [width as usize, height as usize]
    }

    /// The side of the patches.
    pub fn patch_size(
        &self,
        scheduler: &NoiseScheduler,
        photo: &Picture,
    ) -> Result<PatchSize, RunError> {
        let [width, height] = self.size(photo);
        let shortest = photo.width.min(photo.height) as usize;
        let patch = match self.patch {
            PatchArgument::Auto => {
                PatchSize::Shrinking { side: shortest.min(width).min(height) }
            }
            PatchArgument::Fixed(patch) => PatchSize::Fixed(patch),
        };
        let pixels = f64::from(photo.width) * f64::from(photo.height);
        let differences = scheduler.alpha_bar().iter().map(|&alpha_bar| {
            let beyond = patch.at(sigma(alpha_bar)) as f64 - 1.0;
            (width as f64 + beyond) * (height as f64 + beyond) * pixels
        });
        let differences: f64 = differences.sum();
        if differences > MAX_DIFFERENCES {
            return Err(RunError::Argument(format!(
                "{width} x {height} pixels from {} x {} take {differences:.0e} differences of \
                 pixels in {} steps, too many; expected at most {MAX_DIFFERENCES:.0e}, a smaller \
                 --size, --width, --height or --patch, or fewer --steps",
                photo.width, photo.height, self.steps
            )));
        }
        Ok(patch)
    }
}

/// The error with patches that cannot be compared.
pub fn no_patches(error: PatchError) -> RunError {
    RunError::Argument(format!("--patch: {error}"))
}

fn patch_size(text: &str) -> Result<PatchArgument, String> {
    if text == "auto" {
        return Ok(PatchArgument::Auto);
    }
    let side = whole(text, 1, 2 * MAX_SIDE).ok().filter(|side| side % 2 == 1);
    let side = side.ok_or("expected auto, or an odd number of pixels, such as 5")?;
    Ok(PatchArgument::Fixed(side as usize))
}
