//! What is said of a folder without running it.

use std::io::{self, Write};
use std::time::Instant;

use diffusion_cli::{Cell, RunArguments, RunError, Table};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::Summary;
use part_l_u_net::UNetConfig;
use part_l_u_net::initial::Zeros;
use part_l_u_net::model_folder::{FolderConfig, FolderPath};
use part_l_u_net::resnet_block::ResnetBlock;
use part_m_published_models::{Explanation, LevelExplanation};

use crate::check_channels;

/// A million, and a billion.
const MILLION: f64 = 1e6;
const BILLION: f64 = 1e9;

/// A block with more channels isn't timed, and none with more rows or columns.
const MAX_WIDTH: usize = 1024;
const MAX_LENGTH: usize = 64;

/// Prints what a folder's network is and costs, what its scheduler says, and how to sample
/// with it.
pub fn explain(
    config: &FolderConfig,
    run: &RunArguments,
    others: Vec<String>,
) -> Result<(), RunError> {
    let network = &config.network;
    let explanation = Explanation::of(network);
    let mut table = Table::new(vec![
        "rows",
        "columns",
        "channels",
        "down",
        "up",
        "heads_down",
        "heads_up",
    ]);
    let heads = |heads: Option<usize>| heads.map_or(Cell::Empty, Cell::Index);
    for LevelExplanation { size, channels, blocks, heads: both } in &explanation.levels {
        let [down, up] = both.map(heads);
        let numbers =
            [size[0], size[1], *channels, blocks[0], blocks[1]].map(Cell::Index);
        table.push(numbers.into_iter().chain([down, up]).collect());
    }
    let mut notes = vec![middle(network, &explanation), cost(network, &explanation)];
    notes.extend(labels(network));
    notes.extend(check_channels(network.channels).err().map(|error| format!("{error}.")));
    match &config.scheduler {
        None => notes.push(
            "There is no scheduler_config.json, which says what the network predicts, and along \
             which schedule."
                .to_owned(),
        ),
        Some(path) => notes.extend(scheduler(path)?),
    }
    notes.extend(others);
    run.print(&table, &notes, None)?;
    // Not a part of what is printed, which is the same everywhere.
    if network.widths[0] > MAX_WIDTH {
        return Ok(());
    }
    let seconds = explanation.multiplications as f64 / speed(network);
    let digits = if seconds < 10.0 { 2 } else { 0 };
    let _ = writeln!(
        io::stderr(),
        "Here, an evaluation of one picture takes about {seconds:.digits$} s, by the time of one block.",
    );
    Ok(())
}

fn middle(network: &UNetConfig, explanation: &Explanation) -> String {
    let [inputs, outputs] = network.channels;
    let middle = match (network.middle, explanation.heads_in_the_middle) {
        (false, _) => "nothing in the middle".to_owned(),
        (true, None) => "two blocks in the middle".to_owned(),
        (true, Some(1)) => {
            "two blocks and attention with one head in the middle".to_owned()
        }
        (true, Some(heads)) => {
            format!("two blocks and attention with {heads} heads in the middle")
        }
    };
    format!("A network from {inputs} to {outputs} channels, with {middle}.")
}

fn cost(network: &UNetConfig, explanation: &Explanation) -> String {
    let Explanation { parameters, multiplications, values, .. } = *explanation;
    let [weights, values] =
        [parameters, values].map(|count| 4.0 * count as f64 / MILLION);
    let [rows, columns] = network.size;
    format!(
        "It has {parameters} parameters, which take {weights:.0} MB in memory. An evaluation of one \
         picture of {columns} x {rows} pixels takes {:.2} billion multiplications, and about \
         {values:.0} MB more.",
        multiplications as f64 / BILLION,
    )
}

fn labels(network: &UNetConfig) -> Option<String> {
    let last = network.classes.checked_sub(1)?;
    Some(format!(
        "It has labels from 0 to {last}. Whether the last one means no label, a folder doesn't say."
    ))
}

/// What its scheduler says, and what chapter I advises.
fn scheduler(path: &FolderPath) -> Result<Vec<String>, RunError> {
    Ok(match path {
        FolderPath::Flow => vec![
            "It has learned a flow.".to_owned(),
            "Chapter I advises --sampler euler --steps 28.".to_owned(),
        ],
        FolderPath::Schedule(config) => {
            let scheduler = config.betas().and_then(NoiseScheduler::from_betas);
            let scheduler = scheduler.map_err(|error| RunError::Lesson(error.into()))?;
            vec![
                config.to_string(),
                Summary::of(&scheduler).to_string(),
                "Chapter I advises --sampler dpm-solver++ --spacing karras --steps 20."
                    .to_owned(),
            ]
        }
    })
}

/// How many multiplications this machine makes in a second, in a block of the first level.
fn speed(network: &UNetConfig) -> f64 {
    let (width, time) = (network.widths[0], network.time_values());
    let size = network.size.map(|length| length.min(MAX_LENGTH));
    let pixels = size[0] * size[1];
    let block = ResnetBlock::new([width; 2], size, time, &network.norm, &mut Zeros);
    let products = (18 * width * width * pixels + 2 * time * width) as f64;
    let x = DMatrix::from_element(width * pixels, 1, 0.5);
    let embedding = DMatrix::from_element(time, 1, 0.5);
    let once = || {
        let began = Instant::now();
        block.forward(x.clone(), &embedding);
        began.elapsed().as_secs_f64()
    };
    // The first one finds the caches cold.
    let least = (0..3).map(|_| once()).fold(f64::INFINITY, f64::min);
    products / least
}
