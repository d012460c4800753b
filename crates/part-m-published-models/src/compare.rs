//! The network beside the exact denoiser of the digits that it has learned from.

use diffusion_cli::{Cell, RunArguments, RunError, Table, load};
use diffusion_core::{generator, randn_like};
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{ExactDenoiser, NoiseLevel};
use part_h_learning_to_denoise::LearnedDenoiser;
use part_l_u_net::UNet;
use part_l_u_net::model_folder::FolderPath;
use part_m_published_models::Recall;

/// The data that the repository has.
const DATA: &str = "mnist";

/// The last so many digits have been held out.
const HELD_OUT: usize = 1000;

/// So many of each are shown.
const SHOWN: usize = 32;

/// Every so many timesteps.
const STRIDE: usize = 100;

/// Prints the errors of both, by noise level, for digits that were learned from and for
/// digits that were held out.
pub fn compare(
    network: UNet,
    path: &FolderPath,
    data: Option<&str>,
    run: &RunArguments,
) -> Result<(), RunError> {
    let (FolderPath::Schedule(config), Some(DATA)) = (path, data) else {
        return Err(RunError::Argument(
            "--compare is for a network of a schedule that has learned the repository's digits, and says \
             so; expected no --model, or a folder that chapter L has saved"
                .to_owned(),
        ));
    };
    let scheduler = config.betas().and_then(NoiseScheduler::from_betas);
    let scheduler = scheduler.map_err(|error| RunError::Lesson(error.into()))?;
    let network = LearnedDenoiser::unconditional(network, config.prediction);
    let digits = load::mnist()?;
    let learned = digits.ncols() - HELD_OUT;
    let exact = ExactDenoiser::new(&digits.columns(0, learned).into_owned())
        .map_err(|error| RunError::Lesson(error.into()))?;
    let mut table = Table::new(vec![
        "t",
        "sigma",
        "network",
        "exact",
        "network_unseen",
        "exact_unseen",
    ]);
    let levels = NoiseLevel::all(&scheduler).into_iter();
    for at in levels.skip(STRIDE / 2).step_by(STRIDE) {
        let mut row = vec![Cell::Timestep(at.t), Cell::Moment(at.sigma())];
        for first in [0, learned] {
            let x0 = digits.columns(first, SHOWN).into_owned();
            let noise = randn_like(&x0, &mut generator(run.seed));
            let recall = Recall::of(&network, &exact, &x0, &noise, at)
                .map_err(|error| RunError::Lesson(error.into()))?;
            row.extend([recall.network, recall.exact].map(Cell::Moment));
        }
        table.push(row);
    }
    let notes = [format!(
        "Mean squared errors of the prediction of x0, of {SHOWN} digits that were learned from and of \
         {SHOWN} that were held out."
    )];
    run.print(&table, &notes, None)
}
