//! Averages that keep the same fraction at each update, from the first one on.

use xtask_figures::stored::u_net::{COLUMNS, Row};

use super::learned::TRAINED;
use super::{DIGITS, Measured, asked_in_turn, evaluation, losses, noise, sampled};

/// Measures them.
pub fn measure(measured: &mut Measured) {
    let unseen = evaluation(&DIGITS.held_out);
    let names = ["averages_early", "averages_at_the_end"];
    for (name, networks) in names.into_iter().zip(&TRAINED.averages) {
        measured.put(name, networks.iter().map(|network| losses(&unseen, network)[0]));
    }
    let [early, _] = &TRAINED.averages;
    for (i, network) in early.iter().enumerate() {
        let samples = sampled(&asked_in_turn(network.clone()), noise(COLUMNS, 0));
        measured.put_row(Row::Averaged(i), &samples);
    }
}
