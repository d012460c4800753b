//! The networks when they have learned: what they know, whether they copy, and whether the
//! two of a number of digits make the same.

use nalgebra::DMatrix;
use part_h_learning_to_denoise::evaluation::mean;
use part_h_learning_to_denoise::{Data, ParameterSet, TrainableNetwork};
use part_l_u_net::copies::copy_distance;
use part_l_u_net::cost;
use part_l_u_net::judge::nearest;
use xtask_figures::stored::memory::{COLUMNS, JUDGED, Row, SETS, SIZES};

use super::learned::TRAINED;
use super::{
    HELD_OUT_DIGITS, Measured, by_heart, config, fraction_copied, learned_from, loss,
    made,
};
use crate::u_net;
use crate::u_net::mean_value::correlation;

/// Measures them.
pub fn measure(measured: &mut Measured) {
    let [[network, _], ..] = &*TRAINED;
    let parameters = network[0].parameters().count();
    measured.put("parameters", [parameters as f64]);
    measured.put("multiplications", [cost::multiplications(&config()) as f64]);
    for i in 0..SIZES.len() {
        two(measured, i);
    }
}

/// Measures the two networks of a number of digits, by its place in [`SIZES`].
pub fn two(measured: &mut Measured, i: usize) {
    let learned = learned_from(SIZES[i]);
    let [a, b] = [0, 1].map(|set| one(measured, (i, set), &learned));
    let next: Vec<usize> = (0..JUDGED).map(|i| (i + 1) % JUDGED).collect();
    let others = a.select_columns(&next);
    let alike = [correlation(&a, &b), correlation(&others, &b)];
    measured.put(&format!("alike_{}", SIZES[i]), alike);
}

/// Measures one network, by its places in [`SIZES`] and [`SETS`], beside the digits of both
/// sets: what it makes.
fn one(
    measured: &mut Measured,
    (i, set): (usize, usize),
    both: &[DMatrix<f32>; 2],
) -> DMatrix<f32> {
    let [learned, others] = [&both[set], &both[1 - set]];
    let name = |what: &str| format!("{what}_{}_{}", SIZES[i], SETS[set]);
    let network = TRAINED[i][set].last().expect("it was shown at the end");
    let new = &*HELD_OUT_DIGITS;
    let known = Data::unlabelled(learned.clone());
    measured.put(&name("losses"), [loss(network, &known), loss(network, &new.all)]);
    let by_heart = by_heart(learned);
    let optimal = [&known, &new.all].map(|data| {
        let losses = u_net::evaluation(data).losses_of(&by_heart);
        mean(&losses.expect("they have the same shape"))
    });
    measured.put(&name("by_heart"), optimal);

    let made = made(network, JUDGED);
    let distances = |digits: &DMatrix<f32>, data: &DMatrix<f32>| -> Vec<f64> {
        nearest(digits, data).iter().map(|it| it.distance).collect()
    };
    let [own, other] = [distances(&made, learned), distances(&made, others)];
    let means = [&own, &other, &distances(&new.others, learned)].map(|all| mean(all));
    measured.put(&name("distances"), means);
    let nearer = own.iter().zip(&other).filter(|(own, other)| own < other);
    measured.put(&name("nearer_to_own"), [nearer.count() as f64 / JUDGED as f64]);
    measured.put(&name("criterion"), [copy_distance(learned, &new.for_the_criterion)]);
    let copied = [&made, &new.others].map(|digits| fraction_copied(digits, learned));
    measured.put(&name("copied"), copied);
    let shown = made.columns(0, COLUMNS).into_owned();
    let neighbours: Vec<usize> =
        nearest(&shown, learned).iter().map(|it| it.datum).collect();
    measured.put_row(Row::Made(i, set), &shown);
    measured.put_row(Row::Nearest(i, set), &learned.select_columns(&neighbours));
    made
}
