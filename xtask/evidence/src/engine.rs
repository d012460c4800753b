//! What part O computes without an engine: how long trainings take, and how much there is
//! to read.

use std::fs;

use part_o_on_an_engine::duration::{CARDS, seconds};
use xtask_artifacts::repository;
use xtask_figures::stored::engine::{TRAININGS, UTILIZATION};
use xtask_figures::stored::published::Stored;

use crate::flows::{Values, lines};

/// Files of chapter L of which chapter O has its own, and those that it doesn't need.
const OWN: [&str; 10] = [
    "attention.rs",
    "group_norm.rs",
    "label_embedding.rs",
    "layer.rs",
    "nonlinearity.rs",
    "resampling.rs",
    "resnet_block.rs",
    "time_embedding.rs",
    "time_features.rs",
    "u_net.rs",
];
const ENGINE: [&str; 5] =
    ["attention.rs", "resampling.rs", "resnet_block.rs", "time_embedding.rs", "u_net.rs"];

/// The text of [`VALUES`](xtask_figures::stored::engine::VALUES).
pub fn csv() -> Vec<u8> {
    let mut values = Values::new();
    let stored = Stored::read();
    for (training, [batch, updates]) in TRAININGS {
        let multiplications = stored.values(&format!("cost_{training}"))[1];
        let pictures = batch * updates;
        for (place, card) in CARDS.iter().enumerate() {
            let seconds = seconds(multiplications, pictures, card.peak, UTILIZATION);
            values.insert(format!("{training}_on_{place}_hours"), vec![seconds / 3600.0]);
        }
    }
    for (place, card) in CARDS.iter().enumerate() {
        let of_card = [
            ("tera", card.peak / 1e12),
            ("gb", card.memory / 1e9),
            ("bandwidth", card.bandwidth / 1e12),
        ];
        for (what, value) in of_card {
            values.insert(format!("card_{place}_{what}"), vec![value]);
        }
    }
    let counted = |package: &str, files: &[&str]| -> f64 {
        let of_file =
            |file: &&str| lines_of_code(&format!("crates/{package}/src/{file}")) as f64;
        files.iter().map(of_file).sum()
    };
    values.insert("lines_own".to_owned(), vec![counted("part-l-u-net", &OWN)]);
    let engine = counted("part-o-on-an-engine", &ENGINE);
    values.insert("lines_engine".to_owned(), vec![engine]);
    ("name,value\n".to_owned() + &lines(values)).into_bytes()
}

/// Lines that are neither empty nor a comment.
fn lines_of_code(file: &str) -> usize {
    let text = fs::read_to_string(repository().join(file)).expect("the file is there");
    let is_code = |line: &&str| !line.is_empty() && !line.starts_with("//");
    text.lines().map(str::trim).filter(is_code).count()
}
