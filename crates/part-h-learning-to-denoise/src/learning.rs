//! Learning, with a table of how good the network is on the way.

use std::path::Path;

use diffusion_core::Generator;
use diffusion_core::timesteps::evenly_spaced;
use diffusion_cli::save::whole_file;
use diffusion_cli::{Cell, Interruptible, RunError, Table, progress};
use part_f_the_way_back::DataError;
use part_h_learning_to_denoise::command_line::Material;
use part_h_learning_to_denoise::evaluation::mean;
use part_h_learning_to_denoise::model_file::{Model, described};
use part_h_learning_to_denoise::{HeldOut, Network, Settings, Training, TrainingError};

/// How many rows the table has, at most.
const ROWS: usize = 9;

/// A best possible loss below this is 0 but for rounding, as that of a single datum.
const ROUNDING: f64 = 1e-9;

/// What has become of a network.
pub struct Learned {
    pub model: Model,
    pub table: Table,
    pub remarks: Vec<String>,
}

/// Lets a network learn, and judges it on the way. An interrupt ends that early; what there is then
/// is saved at once.
pub fn learn(
    model: Model,
    settings: Settings,
    material: &Material,
    seed: u64,
    rng: Generator,
    interrupt: Interruptible,
    save: Option<&Path>,
) -> Result<Learned, RunError> {
    let lesson = |error: TrainingError| RunError::Lesson(error.into());
    let no_data = |error: DataError| RunError::Lesson(error.into());
    let Model { network, target, scheduler, data, updates: before, settings: how } =
        model;
    let held_out = HeldOut::new(&material.learned, &scheduler, target);
    let best = mean(&held_out.floor(&material.learned).map_err(no_data)?);
    let mut table = Table::new(vec!["updates", "loss", "best_loss", "ratio"]);
    let mut push = |updates: usize, network: &Network| {
        let loss = mean(&held_out.losses(network));
        table.push(vec![
            Cell::Index(before + updates),
            Cell::Moment(loss),
            Cell::Moment(best),
            if best > ROUNDING { Cell::Moment(loss / best) } else { Cell::Empty },
        ]);
        match loss.is_finite() {
            true => Ok(()),
            false => Err(lesson(TrainingError::Diverged { update: before + updates })),
        }
    };

    push(0, &network)?;
    let (network, updates) = if settings.updates == 0 {
        (network, 0)
    } else {
        let data = material.learned.clone();
        let mut training =
            Training::of_network(settings, network, data, scheduler.clone(), rng)
                .map_err(lesson)?;
        let rows: Vec<usize> = evenly_spaced(ROWS, settings.updates).collect();
        let progress = progress::bar_with_estimate(settings.updates);
        while !training.is_done() && !interrupt.is_asked_to_end() {
            let loss = training.update().map_err(lesson)?;
            let updates = training.updates_done();
            progress.inc(1);
            if updates % 20 == 0 {
                progress.set_message(format!("loss {loss:.4}"));
            }
            if rows.binary_search(&updates).is_ok() {
                push(updates, training.average())?;
            }
        }
        progress.finish_and_clear();
        let updates = training.updates_done();
        if !training.is_done() && rows.binary_search(&updates).is_err() {
            push(updates, training.average())?;
        }
        (training.average().clone(), updates)
    };

    let mut remarks = Vec::new();
    let model = Model {
        network,
        target,
        scheduler: scheduler.clone(),
        data,
        updates: before + updates,
        settings: described(how, &settings, updates, seed),
    };
    if updates < settings.updates {
        if let Some(path) = save {
            whole_file(path, |out| out.write_all(&model.to_bytes()))?;
        }
        remarks.push(format!(
            "Interrupted after {updates} of {} updates: this is the network as it was then.",
            settings.updates
        ));
    }
    if let Some(unseen) = &material.held_out {
        let unseen_examples = HeldOut::new(unseen, &model.scheduler, target);
        let loss = mean(&unseen_examples.losses(&model.network));
        remarks.push(format!(
            "On the {} digits that were held out, the loss is {loss:.4}.",
            unseen.x.ncols()
        ));
    }
    Ok(Learned { model, table, remarks })
}
