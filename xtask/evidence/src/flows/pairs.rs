//! Pairs of a noise and a datum: how far they are from each other, and how much their
//! lines cross.

use diffusion_core::generator;
use nalgebra::DMatrix;
use part_f_the_way_back::{Denoiser, FlowPath};
use part_j_flow_matching::coupling::optimal_assignment;
use part_j_flow_matching::crossing::crossing as estimated;
use part_j_flow_matching::{Coupling, Pairs};
use rand::RngExt;
use xtask_figures::stored::flows::{FINEST, SAMPLES, exact, noise};
use xtask_figures::stored::learning::spiral;

use super::{BATCH, Values};

/// The times at which lines may cross, in hundredths.
const HUNDREDTHS: [u32; 5] = [10, 30, 50, 70, 90];

/// Up to what distance lines count as crossing.
const BANDWIDTH: f64 = 0.05;

/// In how many steps pairs of a flow are made, as in the command.
const STEPS: usize = 50;

/// `crossing_…`: the part of their velocity that the states of some pairs don't tell, at
/// some times.
pub fn crossing() -> Values {
    let data = spiral().x;
    let noise = noise(data.ncols());
    let independent = Pairs { noise: noise.clone(), x0: data };
    let of_flow = Pairs::of_flow(&exact(), noise.clone(), STEPS);
    let sets = [
        ("reflow", of_flow.expect("the exact flow can be followed")),
        // No two of its lines meet.
        ("straight", Pairs { x0: 0.5 * &noise, noise }),
        ("independent", independent.clone()),
    ];
    let mut values = Values::new();
    for hundredths in HUNDREDTHS {
        let time = f64::from(hundredths) / 100.0;
        let mut put = |name: &str, value| {
            values.insert(format!("crossing_{name}_{hundredths}"), vec![value]);
        };
        put("exact", of_independent(&independent, time));
        for (name, pairs) in &sets {
            put(name, estimated(pairs, time, BANDWIDTH));
        }
    }
    values
}

/// The same of independent pairs with the data, without an estimate: the mean velocity at
/// a state is the exact flow.
fn of_independent(pairs: &Pairs, time: f64) -> f64 {
    let level = FlowPath::level(time);
    let velocities = &pairs.noise - &pairs.x0;
    let x = &pairs.x0 + time as f32 * &velocities;
    let prediction = exact().predict(&x, level).expect("the data's shape");
    let square = |x: &DMatrix<f32>| -> f64 {
        x.iter().map(|&value| f64::from(value) * f64::from(value)).sum()
    };
    square(&(&velocities - prediction.flow(&x, level))) / square(&velocities)
}

/// `cost_…`: the transport cost of the exact flow's pairs, and of the same noises and
/// samples in the best order.
pub fn costs_of_whole_sets() -> Values {
    let pairs = Pairs::of_flow(&exact(), noise(SAMPLES), FINEST);
    let Pairs { noise, x0 } = pairs.expect("the exact flow can be followed");
    let nearest = optimal_assignment(&x0, &noise);
    let optimal = Pairs { noise: noise.select_columns(&nearest), x0: x0.clone() };
    let of_flow = Pairs { noise, x0 };
    [("flow", of_flow), ("optimal", optimal)]
        .map(|(name, pairs)| (format!("cost_{name}"), vec![pairs.cost()]))
        .into()
}

/// `cost_…`: the mean transport cost of batches of data with independent noise, and with
/// what optimal transport gives to them in batches of two sizes.
pub fn costs_of_batches() -> Values {
    const SIZES: [usize; 2] = [BATCH, 256];
    const DRAWN: usize = 1 << 14;
    let data = spiral().x;
    let cost = |coupling: &Coupling, batch: usize| {
        let mut rng = generator(0);
        let costs = (0..DRAWN / batch).map(|_| {
            let drawn: Vec<usize> = (0..batch)
                .map(|_| rng.random_range(0..data.ncols() as u64) as usize)
                .collect();
            let x0 = data.select_columns(&drawn);
            Pairs { noise: coupling.noise(&drawn, &x0, &mut rng), x0 }.cost()
        });
        vec![costs.sum::<f64>() / (DRAWN / batch) as f64]
    };
    let mut values: Values = SIZES
        .map(|batch| {
            (format!("cost_batch_{batch}"), cost(&Coupling::OptimalTransport, batch))
        })
        .into();
    values.insert("cost_independent".to_owned(), cost(&Coupling::Independent, BATCH));
    values
}
