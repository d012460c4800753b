//! What leads the noise: the exact denoiser of some data, or a network that has learned them.

use std::path::{Path, PathBuf};

use clap::Args;
use diffusion_cli::shown::Shown;
use diffusion_cli::{Data, DataArguments, RunError};
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::ExactDenoiser;
use part_h_learning_to_denoise::command_line::{
    AUTO, LabelArguments, Material, Saved, network_path,
};
use part_h_learning_to_denoise::model_file::Model;
use part_h_learning_to_denoise::{LearnedDenoiser, Target};
use part_i_samplers::Range;

/// What the exact denoiser knows if nothing else is asked for.
const DATA: &str = "mandrill-points";

/// The arguments of a network.
#[derive(Args)]
pub struct ModelArguments {
    /// Network in the exact denoiser's place, .safetensors, as part H saves it, with its schedule and data
    #[arg(long, value_name = "PATH", value_parser = network_path)]
    #[arg(conflicts_with_all = ["schedule", "beta_start", "beta_end", "steps", "betas"])]
    #[arg(conflicts_with_all = ["zero_snr", "config"])]
    model: Option<PathBuf>,

    #[command(flatten)]
    labels: LabelArguments,
}

/// What leads the noise.
pub struct Guide<D> {
    pub denoiser: D,
    pub scheduler: NoiseScheduler,
    /// Where it leads to.
    pub data: Data,
    /// What becomes of a guess, if nothing else is asked for.
    pub range: Range,
    /// What is to be said of it.
    pub remarks: Vec<String>,
}

impl ModelArguments {
    /// The network that is asked for, if one is.
    pub fn saved(&self) -> Result<Option<Saved>, RunError> {
        if let (None, Some(option)) = (&self.model, self.labels.given()) {
            return Err(RunError::Argument(format!(
                "{option} is for a network; expected --model to name one"
            )));
        }
        self.model.as_deref().map(|path| Saved::load("--model", path)).transpose()
    }

    /// The network as a denoiser, and the data that it has learned from.
    pub fn learned(
        &self,
        saved: Saved,
        data: &mut DataArguments,
    ) -> Result<Guide<LearnedDenoiser>, RunError> {
        match saved.known_data() {
            _ if data.data == Path::new(AUTO) => data.data = saved.data()?.into(),
            Some(known) if data.data != Path::new(known) => {
                return Err(RunError::Argument(format!(
                    "--data '{}': the network that --model names has learned from '{known}'; \
                     expected no --data",
                    Shown(&data.data)
                )));
            }
            _ => {}
        }
        let material = Material::load(data)?;
        let model = saved.fitting(&material)?;
        let labels = self.labels.labels(&material)?;
        let remarks = vec![told(&model)];
        let range = match material.learned.are_clipped() {
            true => Range::Clipped { bound: 1.0 },
            false => Range::Any,
        };
        let Material { all: mut data, learned, .. } = material;
        data.x = learned.x;
        let Model { network, target, scheduler, .. } = model;
        let guidance = self.labels.guidance();
        let denoiser = LearnedDenoiser {
            network,
            target,
            scheduler: scheduler.clone(),
            labels,
            guidance,
        };
        Ok(Guide { denoiser, scheduler, data, range, remarks })
    }
}

/// The exact denoiser.
pub fn exact(
    scheduler: NoiseScheduler,
    remarks: Vec<String>,
    data: &mut DataArguments,
) -> Result<Guide<ExactDenoiser>, RunError> {
    if data.data == Path::new(AUTO) {
        data.data = DATA.into();
    }
    let data = data.load()?;
    let denoiser = ExactDenoiser::new(&data.x, scheduler.clone())
        .map_err(|error| RunError::Lesson(error.into()))?;
    Ok(Guide { denoiser, scheduler, data, range: Range::Any, remarks })
}

/// What the file says of its network.
fn told(model: &Model) -> String {
    let prediction = match model.target {
        Target::Noise => "the noise",
        Target::X0 => "x0",
        Target::Velocity => "the velocity",
    };
    format!(
        "The network has learned from '{}' in {} updates. It knows {} timesteps, and predicts \
         {prediction}.",
        Shown(Path::new(&model.data)),
        model.updates,
        model.scheduler.steps()
    )
}
