//! The networks of the first set while they learn: the losses on what they learn from and
//! on what they don't, and whether they copy.

use part_h_learning_to_denoise::Data;
use xtask_figures::stored::memory::{JUDGED_ON_THE_WAY, SIZES};

use super::learned::TRAINED;
use super::{HELD_OUT_DIGITS, Measured, fraction_copied, learned_from, loss, made};

/// Measures them.
pub fn measure(measured: &mut Measured) {
    for i in 0..SIZES.len() {
        one(measured, i);
    }
}

/// Measures the network of a number of digits, by its place in [`SIZES`].
pub fn one(measured: &mut Measured, i: usize) {
    let [networks, _] = &TRAINED[i];
    let [learned, _] = learned_from(SIZES[i]);
    let known = Data::unlabelled(learned.clone());
    let losses = |data| networks.iter().map(move |network| loss(network, data));
    let name = |what: &str| format!("learning_{what}_{}", SIZES[i]);
    measured.put(&name("known"), losses(&known));
    measured.put(&name("new"), losses(&HELD_OUT_DIGITS.all));
    let copied = |network| fraction_copied(&made(network, JUDGED_ON_THE_WAY), &learned);
    measured.put(&name("copied"), networks.iter().map(copied));
}
