//! Learning, with a table of how good the network is on the way.

use diffusion_cli::{Cell, Recording, RunError, interrupt, progress};
use diffusion_core::Generator;
use diffusion_core::timesteps::evenly_spaced;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::DataError;
use part_h_learning_to_denoise::command_line::{DataSet, train};
use part_h_learning_to_denoise::evaluation::mean;
use part_h_learning_to_denoise::model_file::{Model, described};
use part_h_learning_to_denoise::{
    EvaluationSet, Network, Training, TrainingConfig, TrainingError,
};

/// How many rows the table has, at most.
const ROWS: usize = 9;

/// An optimal loss below this is 0 but for rounding, as that of a single datum.
const ROUNDING: f64 = 1e-9;

/// Why a network can't even begin. That is never so of a new one.
const NO_LOSS: &str = "the network that --load names has weights so large that its loss is \
                       infinite or no number; expected another network";

/// What has become of a network.
pub struct Learned {
    pub model: Model,
    pub notes: Vec<String>,
}

/// How a network is going to learn.
pub struct Learning<'a> {
    pub config: TrainingConfig,
    pub data_set: &'a DataSet,
    /// The schedule that the network learns with.
    pub scheduler: &'a NoiseScheduler,
    /// The run's seed, and the generator as the network's first parameters have left it.
    pub seed: u64,
    pub rng: Generator,
}

/// Lets a network learn, and judges it on the way, a row of the table each time. As soon
/// as it has learned, it is saved. An interrupt ends that early, with what there is then.
pub fn learn(
    model: Model,
    learning: Learning,
    recording: &mut Recording,
) -> Result<Learned, RunError> {
    let Learning { config, data_set, scheduler, seed, rng } = learning;
    let lesson = |error: TrainingError| RunError::Lesson(error.into());
    let no_data = |error: DataError| RunError::Lesson(error.into());
    let Model { kind, updates: before, .. } = &model;
    let before = *before;
    if before.checked_add(config.updates).is_none() {
        return Err(RunError::Argument(format!(
            "--updates {}: the network that --load names has had {before} already, and no more \
             can be counted; expected another network",
            config.updates
        )));
    }
    // The network is judged before it learns, which takes a while, too.
    let progress = progress::bar_with_estimate(config.updates);
    let evaluation = EvaluationSet::new(&data_set.learned, scheduler, *kind);
    let optimal = evaluation.optimal_loss(&data_set.learned).map_err(no_data)?;
    let optimal = mean(&optimal);
    let row = |updates: usize, network: &Network| {
        let loss = mean(&evaluation.losses(network));
        let row = vec![
            Cell::Index(before + updates),
            Cell::Moment(loss),
            Cell::Moment(optimal),
            match optimal > ROUNDING {
                true => Cell::Moment(loss / optimal),
                false => Cell::Empty,
            },
        ];
        match loss.is_finite() {
            true => Ok(row),
            false if updates == 0 => Err(RunError::Lesson(NO_LOSS.into())),
            false => Err(lesson(TrainingError::Diverged { update: before + updates })),
        }
    };

    recording.table.push(row(0, &model.network)?);
    progress.finish_and_clear();
    let mut judged = 0;
    let (network, updates) = if config.updates == 0 {
        (model.network.clone(), 0)
    } else {
        let (data, network) = (data_set.learned.clone(), model.network.clone());
        let mut training =
            Training::of_network(config, network, data, scheduler.clone(), rng)
                .map_err(lesson)?;
        let rows: Vec<usize> = evenly_spaced(ROWS, config.updates).collect();
        train(&mut training, Training::update, |training| {
            let updates = training.updates_done();
            if rows.binary_search(&updates).is_ok() {
                recording.table.push(row(updates, training.ema())?);
                judged = updates;
            }
            Ok(())
        })?;
        (training.ema().clone(), training.updates_done())
    };

    let mut notes = Vec::new();
    let model = Model {
        network,
        updates: before + updates,
        training: described(model.training.clone(), &config, updates, seed),
        ..model
    };
    recording.save(|out| out.write_all(&model.to_bytes()))?;
    if updates < config.updates {
        interrupt::serve();
        if judged < updates {
            recording.table.push(row(updates, &model.network)?);
        }
        notes.push(format!(
            "Interrupted after {updates} of {} updates: this is the network as it was then.",
            config.updates
        ));
    }
    if let Some(unseen) = &data_set.held_out {
        let evaluation = EvaluationSet::new(unseen, scheduler, model.kind);
        let loss = mean(&evaluation.losses(&model.network));
        notes.push(format!(
            "On the {} digits that were held out, the loss is {loss:.4}.",
            unseen.x.ncols()
        ));
    }
    Ok(Learned { model, notes })
}
