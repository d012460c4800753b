//! Networks with several fields of view, each beside its exact counterpart.

use std::slice;

use part_h_learning_to_denoise::TrainingConfig;
use part_k_convolutions::NetworkConfig;
use part_k_convolutions::border::counterpart;
use part_k_convolutions::evaluation::correlations;
use xtask_figures::draw::photograph::mandrill;
use xtask_figures::stored::convolutions::{CELL, DEPTHS, Row};

use super::{CONFIG, Measured, TRAINING, learned, noise, sampled};

/// How many pictures of each there are.
const PICTURES: usize = 4;

/// How they learn: the photograph is four times as large, and an update sees a quarter as
/// many copies.
const CONFIG_OF_TRAINING: TrainingConfig =
    TrainingConfig { batch: 4, updates: 3000, ..TRAINING };

/// Makes pictures with each.
pub fn measure(measured: &mut Measured) {
    let photo = mandrill(CELL as u32);
    for (i, &layers) in DEPTHS.iter().enumerate() {
        let config = NetworkConfig { size: [CELL; 2], layers, ..CONFIG };
        measured.put(&format!("view_{layers}"), [config.field_of_view() as f64]);
        let network = learned(config, CONFIG_OF_TRAINING, slice::from_ref(&photo));
        let exact = counterpart(&config, &photo).expect("there are patches");
        let noise = noise(config.size, PICTURES);
        let (network, exact) = (sampled(&network, noise.clone()), sampled(&exact, noise));
        measured
            .put(&format!("view_{layers}_alike"), correlations(&network, &exact, &photo));
        measured.put_row(Row::View(i), &network);
        measured.put_row(Row::ExactView(i), &exact);
    }
}
