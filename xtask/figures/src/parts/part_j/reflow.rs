//! Learned flows, and what straightens them.

use nalgebra::DMatrix;

use super::{pale_spiral, path, place};
use crate::draw::PageWidth;
use crate::draw::plane::{self, REACH};
use crate::draw::plot::{Panel, Panels, Stroke};
use crate::stored::flows::{DRAWN, PATHS, stored_numbers, stored_paths};

/// The same noise with each of the flows, as far as it is in the figure.
pub fn reflow(page: PageWidth) -> Vec<u8> {
    let captions = ["learned", "its reflow", "mini-batch transport"];
    let is_seen = |states: &[DMatrix<f32>], column: &usize| {
        let (x, y) = place(&states[0], *column);
        x.abs().max(y.abs()) < REACH
    };
    let panel = |(flow, caption): (&str, &str)| {
        let states = stored_paths(flow);
        let seen: Vec<usize> =
            (0..PATHS).filter(|column| is_seen(&states, column)).collect();
        let ends = states[states.len() - 1].select_columns(&seen);
        let ends =
            plane::cloud(&ends, 1.0, Stroke::Cloud { radius: 2.0, opacity: 1.0 }, 1);
        let thin = Stroke::Thin { width: 1.2, opacity: 0.8 };
        let mut series = vec![pale_spiral(), ends];
        series.extend(seen.iter().map(|&column| path(&states, column, thin.clone(), 0)));
        Panel { caption: caption.to_owned(), series }
    };
    let numbers = stored_numbers();
    let straightness = |flow: &str| numbers[&format!("j_straightness_{flow}")];
    let told: Vec<String> = DRAWN
        .iter()
        .zip(captions)
        .map(|(flow, caption)| format!("{caption} {:.4}", straightness(flow)))
        .collect();
    let panels: Vec<Panel> = DRAWN.into_iter().zip(captions).map(panel).collect();
    let alt = format!(
        "Paths of {} points from the same noise to a spiral, in three panels. Those of the learned \
         flow run towards the middle and bend back to the spiral. Those of its reflow are straight \
         lines to the same samples. With mini-batch optimal transport, most are nearly straight, \
         and some between the turns bend. Their straightness: {}.",
        panels[0].series.len() - 2,
        told.join(", ")
    );
    let panels = Panels {
        x: ("", -REACH..REACH),
        y: ("", -REACH..REACH),
        columns: 3,
        height: None,
        panels,
        legend: vec!["data", "samples", "paths"],
    };
    panels.svg(page, &alt).into_bytes()
}
