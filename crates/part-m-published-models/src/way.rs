//! From noise to pictures: the steps, and how each is made.

use diffusion_cli::RunError;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::Denoiser;
use part_h_learning_to_denoise::LearnedDenoiser;
use part_h_learning_to_denoise::model_file::ModelPath;
use part_i_samplers::command_line::{SamplingArguments, refused};
use part_i_samplers::levels::sigma_range;
use part_i_samplers::{Levels, Sampler, SamplingError, Step, X0Clipping};
use part_j_flow_matching::OnFlowPath;
use part_j_flow_matching::levels::shifted_levels;
use part_l_u_net::UNet;
use part_l_u_net::model_folder::FolderPath;
use part_m_published_models::{Pipeline, PipelineKind};

use crate::arguments::ModelArguments;

/// In how many steps, if nothing else is asked for.
const STEPS: usize = 20;

/// What becomes of a prediction of `x0`, if nothing else is asked for: pictures are in
/// [-1, 1].
const CLIPPING: X0Clipping = X0Clipping::Fixed { bound: 1.0 };

/// How pictures are sampled.
pub struct Way {
    pub steps: Vec<Step>,
    pub sampler: Box<dyn Sampler>,
    pub clipping: X0Clipping,
    /// The schedule of a network that is taken for a flow.
    taken_for_flow: Option<NoiseScheduler>,
}

impl Way {
    /// As the arguments say it, for a path and with the text of the folder's scheduler.
    pub fn of(
        model: &ModelArguments,
        sampling: &SamplingArguments,
        path: &FolderPath,
        scheduler: &str,
    ) -> Result<Self, RunError> {
        let path = match path {
            FolderPath::Flow => ModelPath::Flow,
            FolderPath::Schedule(config) => {
                let scheduler = config.betas().and_then(NoiseScheduler::from_betas);
                let scheduler =
                    scheduler.map_err(|error| RunError::Lesson(error.into()))?;
                ModelPath::Schedule(scheduler)
            }
        };
        match (path, model.pipeline()) {
            (ModelPath::Flow, Some(_)) => Err(RunError::Argument(
                "--pipeline is for a network of a schedule, and this one is of a flow"
                    .to_owned(),
            )),
            (ModelPath::Schedule(path), Some(kind)) => {
                of_pipeline(kind, sampling, path, scheduler)
            }
            (ModelPath::Schedule(path), None) if model.flow => {
                let steps = sampling.steps.unwrap_or(STEPS);
                let shift = model.shift.unwrap_or(1.0);
                let levels = shifted_levels(steps, shift);
                let levels = levels.map_err(|error| refused("--flow", &error))?;
                // The options, as along any levels.
                sampling.checked_levels(&ModelPath::Flow, None, STEPS)?;
                let of_flow = Self::along(sampling, &ModelPath::Flow, levels);
                Ok(Way { taken_for_flow: Some(path), ..of_flow })
            }
            (path, None) => {
                let steps = sampling.steps.unwrap_or(STEPS.min(path.timesteps()));
                let known = Some(sigma_range(&path));
                let levels = sampling.checked_levels(&path, known, steps)?;
                Ok(Self::along(sampling, &path, levels))
            }
        }
    }

    fn along(sampling: &SamplingArguments, path: &ModelPath, levels: Levels) -> Self {
        Way {
            steps: levels.steps().collect(),
            sampler: sampling.sampler(path),
            clipping: sampling.clipping(CLIPPING),
            taken_for_flow: None,
        }
    }

    /// What is asked for predictions.
    pub fn denoiser(&self, network: LearnedDenoiser<UNet>) -> Box<dyn Denoiser> {
        match self.taken_for_flow.clone() {
            None => Box::new(network),
            Some(scheduler) => {
                let clipping = self.clipping;
                Box::new(OnFlowPath { denoiser: network, scheduler, clipping })
            }
        }
    }
}

/// As a pipeline of diffusers does it.
fn of_pipeline(
    kind: PipelineKind,
    sampling: &SamplingArguments,
    path: NoiseScheduler,
    scheduler: &str,
) -> Result<Way, RunError> {
    let pipeline = Pipeline::parse(kind, scheduler).map_err(|error| {
        RunError::Lesson(format!("scheduler_config.json: {error}").into())
    })?;
    let steps = sampling.steps.unwrap_or(kind.usual_steps().min(path.steps()));
    let refused = |error: SamplingError| {
        refused(&format!("--pipeline in {steps} steps of the folder's spacing"), &error)
    };
    Ok(Way {
        steps: pipeline.steps(&path, steps).map_err(refused)?,
        sampler: pipeline.sampler(),
        clipping: pipeline.clipping,
        taken_for_flow: None,
    })
}
