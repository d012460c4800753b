//! The flows of a run: the exact one or a learned one, and those that are made of it.

use diffusion_cli::{DataArguments, RunError, progress};
use diffusion_core::{generator, randn_like};
use nalgebra::DMatrix;
use part_f_the_way_back::{Denoiser, ExactDenoiser, FlowPath};
use part_h_learning_to_denoise::command_line::{Checkpoint, DataSet};
use part_h_learning_to_denoise::evaluation::mean;
use part_h_learning_to_denoise::model_file::{Model, ModelPath, described};
use part_h_learning_to_denoise::{
    Data, EvaluationSet, LearnedDenoiser, Network, Training, TrainingError,
};
use part_i_samplers::X0Clipping;
use part_j_flow_matching::{Coupling, OnFlowPath, Pairs, Times};

use crate::arguments::LearningArguments;

/// How many pairs of a flow the next one is learned from.
const PAIRS: usize = 10_000;

/// In how many of Heun's steps each of them is made.
const STEPS: usize = 50;

/// What the straightened flows are called.
const REFLOWS: [&str; 4] = ["reflow 1", "reflow 2", "reflow 3", "reflow 4"];

/// A flow, by name.
pub struct Flow {
    pub name: &'static str,
    pub denoiser: Box<dyn Denoiser>,
}

/// The flows of a run, and what is to be said and saved of them.
pub struct Flows {
    pub all: Vec<Flow>,
    pub notes: Vec<String>,
    /// The last network that has learned.
    pub model: Option<Model>,
}

/// The network that a run begins with, if it has one. The data are then those that it has
/// learned from.
pub fn checkpoint(
    learning: &LearningArguments,
    data: &mut DataArguments,
) -> Result<Option<Checkpoint>, RunError> {
    let Some(path) = &learning.model else { return Ok(None) };
    let checkpoint = Checkpoint::load("--model", path)?;
    checkpoint.choose_data(data)?;
    Ok(Some(checkpoint))
}

/// Makes the flows, one after the other.
pub fn flows(
    learning: &LearningArguments,
    shift: f64,
    data_set: &DataSet,
    checkpoint: Option<Checkpoint>,
    seed: u64,
) -> Result<Flows, RunError> {
    let lesson = |error: part_f_the_way_back::DataError| RunError::Lesson(error.into());
    let mut flows = Flows { all: Vec::new(), notes: Vec::new(), model: None };
    let learner = Learner { learning, times: learning.times(shift), data_set, seed };
    if let Some(checkpoint) = checkpoint {
        let Model { network, kind, path, .. } = checkpoint.fitting(data_set)?;
        let network = LearnedDenoiser::unconditional(network, kind);
        let denoiser: Box<dyn Denoiser> = match path {
            ModelPath::Flow => Box::new(network),
            ModelPath::Schedule(scheduler) => {
                flows.notes.push(
                    "The network has learned with a schedule; here it is evaluated on the path of \
                     a flow."
                        .to_owned(),
                );
                let clipping = match data_set.learned.are_clipped() {
                    true => X0Clipping::Fixed { bound: 1.0 },
                    false => X0Clipping::None,
                };
                Box::new(OnFlowPath { denoiser: network, scheduler, clipping })
            }
        };
        flows.all.push(Flow { name: "model", denoiser });
    } else if learning.train {
        let data = Data::unlabelled(data_set.learned.x.clone());
        let model = learner.learn(&data, &learning.coupling())?;
        if learning.coupling() == Coupling::Independent {
            let set = EvaluationSet::new(&data, &FlowPath, model.kind);
            let loss = mean(&set.losses(&model.network));
            let optimal = mean(&set.optimal_loss(&data).map_err(lesson)?);
            flows.notes.push(format!(
                "After {} updates the loss of the network is {loss:.4}, and the optimal loss \
                 {optimal:.4}.",
                model.updates
            ));
        }
        flows.push("learned", model);
    } else {
        let exact = ExactDenoiser::new(&data_set.learned.x).map_err(lesson)?;
        flows.all.push(Flow { name: "exact", denoiser: Box::new(exact) });
    }
    for name in &REFLOWS[..learning.reflow as usize] {
        let before = &flows.all[flows.all.len() - 1].denoiser;
        // Other noise than that of the samples, and other in each reflow.
        let mut rng = generator(seed.wrapping_add(flows.all.len() as u64));
        let values = data_set.learned.x.nrows();
        let noise = randn_like(&DMatrix::zeros(values, PAIRS), &mut rng);
        let pairs = Pairs::of_flow(before, noise, STEPS)
            .map_err(|error| RunError::Lesson(error.into()))?;
        let data = Data::unlabelled(pairs.x0);
        let model = learner.learn(&data, &Coupling::Given(pairs.noise))?;
        flows.push(name, model);
    }
    Ok(flows)
}

impl Flows {
    fn push(&mut self, name: &'static str, model: Model) {
        let network = LearnedDenoiser::unconditional(model.network.clone(), model.kind);
        self.all.push(Flow { name, denoiser: Box::new(network) });
        self.model = Some(model);
    }
}

/// What learns.
struct Learner<'a> {
    learning: &'a LearningArguments,
    times: Times,
    data_set: &'a DataSet,
    seed: u64,
}

impl Learner<'_> {
    /// A network that has learned from these data and this coupling.
    fn learn(&self, data: &Data, coupling: &Coupling) -> Result<Model, RunError> {
        let lesson = |error: TrainingError| RunError::Lesson(error.into());
        let config = self.learning.training();
        let are_pictures = self.data_set.all.are_pictures();
        let network =
            self.learning.network(data.x.nrows(), are_pictures, FlowPath::TIMESTEPS);
        let mut rng = generator(self.seed);
        let network = Network::new(network, &mut rng);
        let mut training =
            Training::of_network(config, network, data.clone(), self.times, rng)
                .map_err(lesson)?;
        let progress = progress::bar_with_estimate(config.updates);
        while !training.is_done() {
            let noise = |drawn: &[usize], x0: &DMatrix<f32>, rng: &mut _| {
                coupling.noise(drawn, x0, rng)
            };
            training.update_with(noise).map_err(lesson)?;
            progress.inc(1);
        }
        progress.finish_and_clear();
        Ok(Model {
            network: training.ema().clone(),
            kind: config.kind,
            path: ModelPath::Flow,
            data: self.data_set.name.clone(),
            updates: config.updates,
            training: described(String::new(), &config, config.updates, self.seed),
            is_channels_first: self.data_set.all.are_colour(),
            unfinished: None,
        })
    }
}
