//! How near networks come to the best that is possible, at each noise level.

use std::slice;

use diffusion_core::picture::channels_first;
use nalgebra::DMatrix;
use part_f_the_way_back::{Denoiser, GaussianPath};
use part_h_learning_to_denoise::TrainingConfig;
use part_k_convolutions::border::counterpart;
use part_k_convolutions::evaluation::errors;
use part_k_convolutions::{LinearDenoiser, NetworkConfig};
use xtask_figures::stored::convolutions::{
    PREDICTED, Row, STEPS, UPDATES_SHOWN, WIDTHS, photo,
};

use super::{
    CONFIG, Measured, TRAINED, TRAINING, as_denoiser, learned, levels, noise, scheduler,
    stored,
};

/// How many noisy copies of the photograph denoisers are judged by at each level.
const COPIES: usize = 16;

/// How many where only some levels count.
const FEW: usize = 8;

/// Measures the stored network, what it was before, and narrower and wider ones.
pub fn measure(measured: &mut Measured) {
    let (photo, network) = (photo(), as_denoiser(stored().clone()));
    let exact = counterpart(&CONFIG, &photo).expect("there are patches");
    let linear = LinearDenoiser::new(&CONFIG, &photo).expect("the border is wrapped");
    let x0 = channels_first(&photo.x);
    let all: [&dyn Denoiser; 3] = [&exact, &network, &linear];
    let judged = errors(&x0, &all, &scheduler().levels(), COPIES, |_| true);
    let judged = judged.expect("they are denoisers of the photograph");
    let from_x0 = |i: usize| judged.iter().map(move |errors| errors.from_x0[i]);
    measured.put("exact", from_x0(0));
    measured.put("network", from_x0(1));
    measured.put("linear", from_x0(2));
    measured.put("apart", judged.iter().map(|errors| errors.from_first[1]));
    measured.put("linear_apart", judged.iter().map(|errors| errors.from_first[2]));

    // Single predictions, from one noise.
    let noise = noise(CONFIG.size, 1);
    let rows = PREDICTED.map(|t| {
        let level = scheduler().levels()[t];
        let x = level.a as f32 * &x0 + level.b as f32 * &noise;
        let predicted = [&network as &dyn Denoiser, &exact].map(|denoiser| {
            let prediction = denoiser.predict(&x, level);
            prediction.expect("it is a denoiser of the photograph").x0(&x, level)
        });
        let [network, exact] = predicted;
        [x, network, exact].map(|x| x.column(0).into_owned())
    });
    for (i, row) in [Row::Noisy, Row::Predicted, Row::ExactlyPredicted].iter().enumerate()
    {
        let columns: Vec<_> = rows.iter().map(|row| row[i].clone()).collect();
        measured.put_row(*row, &DMatrix::from_columns(&columns));
    }

    // On a picture that none of them has seen: the same, upside down.
    let turned = upside_down(&x0);
    let judged = errors(&turned, &all, &levels(3), COPIES, |_| true);
    let judged = judged.expect("they are denoisers of such pictures");
    let from_x0 = |i: usize| judged.iter().map(move |errors| errors.from_x0[i]);
    measured.put("turned_exact", from_x0(0));
    measured.put("turned_network", from_x0(1));
    measured.put("turned_linear", from_x0(2));

    // On the way, and of other widths.
    let noisiest = &scheduler().levels()[2 * STEPS / 3..];
    let on_the_way: Vec<_> = TRAINED.iter().cloned().map(as_denoiser).collect();
    let mut denoisers: Vec<&dyn Denoiser> = vec![&exact];
    denoisers.extend(on_the_way.iter().map(|network| network as &dyn Denoiser));
    let widths: Vec<_> = WIDTHS
        .iter()
        .map(|&channels| {
            let config = NetworkConfig { channels, ..CONFIG };
            learned(
                config,
                TrainingConfig { updates: 2000, ..TRAINING },
                slice::from_ref(&photo),
            )
        })
        .collect();
    denoisers.extend(widths.iter().map(|network| network as &dyn Denoiser));
    let some = errors(&x0, &denoisers, &levels(10), FEW, |_| true);
    let some = some.expect("they are denoisers of the photograph");
    let noisy = errors(&x0, &denoisers, noisiest, FEW, |_| true);
    let noisy = noisy.expect("they are denoisers of the photograph");
    let sum = |i: usize| noisy.iter().map(|errors| errors.from_x0[i]).sum::<f64>();
    for (i, name) in names().into_iter().enumerate() {
        measured.put(&name, some.iter().map(|errors| errors.from_x0[i]));
        measured.put(&format!("{name}_noisiest"), [sum(i) / sum(0)]);
    }
}

/// What the denoisers are called that are compared at some levels.
fn names() -> Vec<String> {
    let mut names = vec!["some_exact".to_owned()];
    names.extend(UPDATES_SHOWN.map(|updates| format!("after_{updates}")));
    names.extend(WIDTHS.map(|channels| format!("width_{channels}")));
    names
}

/// A picture of as many rows as columns, with its rows in the other order.
fn upside_down(x0: &DMatrix<f32>) -> DMatrix<f32> {
    let side = CONFIG.size[0];
    DMatrix::from_fn(x0.nrows(), 1, |place, _| {
        let (row, column) = (place / side % side, place % side);
        let plane = place / (side * side) * side * side;
        x0[plane + (side - 1 - row) * side + column]
    })
}
