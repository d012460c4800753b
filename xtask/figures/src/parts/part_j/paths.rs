//! Straight pairs, and the curved path that goes in their mean direction.

use nalgebra::DMatrix;
use part_f_the_way_back::{ExactDenoiser, FlowPath};
use part_j_flow_matching::Trajectories;

use super::{Place, followed, pale_spiral, path, place};
use crate::draw::PageWidth;
use crate::draw::plot::{Panel, Panels, Series, Stroke};
use crate::stored::flows::{exact, noise};
use crate::stored::learning::spiral;

/// How many paths are drawn, and which of them is looked at.
const PATHS: usize = 12;
const CHOSEN: usize = 4;

/// How many pairs are drawn that meet on it.
const PAIRS: usize = 16;

/// How far the plots go from the middle.
const REACH: f64 = 2.1;

/// The pairs whose lines meet at a state.
struct Meeting {
    time: f64,
    /// The state.
    at: Place,
    /// The ends of each line, and how likely it is, over the likeliest.
    lines: Vec<(Place, Place, f64)>,
    /// The mean of `x0` over all pairs that meet there: whither the velocity points.
    mean: Place,
}

impl Meeting {
    /// On the chosen one of these paths, about halfway.
    fn halfway(exact: &ExactDenoiser, paths: &Trajectories) -> Self {
        let step = paths.times.iter().position(|&time| time < 0.505);
        let step = step.expect("it ends at 0");
        let (time, x) = (paths.times[step], &paths.states[step]);
        let (level, at) = (FlowPath::level(time), place(x, CHOSEN));
        let x = x.columns(CHOSEN, 1).into_owned();
        let weights = exact.weights(x.as_slice(), level);
        let likeliest = weights.iter().copied().fold(0.0, f64::max);
        let data = spiral().x;
        let noise = |x: f64, x0: f64| (x - (1.0 - time) * x0) / time;
        let line = |datum: usize| {
            let x0 = place(&data, datum);
            let noise = (noise(at.0, x0.0), noise(at.1, x0.1));
            (noise, x0, weights[datum] / likeliest)
        };
        Meeting {
            time,
            at,
            lines: evenly(&data).into_iter().map(line).collect(),
            mean: place(&exact.posterior_mean(&x, level), 0),
        }
    }
}

/// Data that lie evenly along the spiral.
fn evenly(data: &DMatrix<f32>) -> Vec<usize> {
    let radius = |&datum: &usize| {
        let (x, y) = place(data, datum);
        x * x + y * y
    };
    let mut along: Vec<usize> = (0..data.ncols()).collect();
    along.sort_by(|one, other| radius(one).total_cmp(&radius(other)));
    let between = along.len() / PAIRS;
    along.into_iter().skip(between / 2).step_by(between).collect()
}

/// Paths of some noise, and on one of them, straight lines of pairs.
pub fn paths(page: PageWidth) -> Vec<u8> {
    let exact = exact();
    let followed = followed(&exact, noise(PATHS));
    let meeting = Meeting::halfway(&exact, &followed);
    let dots = |points: Vec<Place>, radius, colour| Series {
        points,
        stroke: Stroke::Cloud { radius, opacity: 1.0 },
        colour,
        label: None,
    };
    let line = |&(noise, x0, weight): &(Place, Place, f64)| {
        assert!(noise.0.abs().max(noise.1.abs()) < REACH, "a line leaves the figure");
        Series {
            points: vec![noise, x0],
            stroke: Stroke::Thin { width: 1.5, opacity: 0.08 + 0.72 * weight },
            colour: 2,
            label: None,
        }
    };
    let chosen = path(&followed.states, CHOSEN, Stroke::Line, 1);
    let others = (0..PATHS).filter(|&column| column != CHOSEN);
    let thin = Stroke::Thin { width: 1.5, opacity: 0.9 };
    let others = others.map(|column| path(&followed.states, column, thin.clone(), 0));
    let of_noise = (0..PATHS).map(|column| place(&followed.states[0], column)).collect();

    // In the order of the legend, which has a name for the pairs, too.
    let no_pairs = Series { points: Vec::new(), ..line(&meeting.lines[0]) };
    let opaque = Stroke::Thin { width: 1.5, opacity: 1.0 };
    let mut all = vec![
        pale_spiral(),
        dots(of_noise, 2.5, 0),
        chosen.clone(),
        Series { stroke: opaque, ..no_pairs },
    ];
    all.extend(others);
    let mut one = vec![pale_spiral(), dots(vec![chosen.points[0]], 2.5, 0)];
    one.extend(meeting.lines.iter().map(line));
    one.push(chosen);
    let (dx, dy) = (meeting.mean.0 - meeting.at.0, meeting.mean.1 - meeting.at.1);
    one.push(dots(vec![meeting.at], 3.5, 1));
    one.push(Series {
        points: vec![meeting.at],
        stroke: Stroke::Arrows(vec![(dx, dy)]),
        colour: 1,
        label: None,
    });
    let alt = format!(
        "The plane with the data, a spiral, in two panels. In the first, {PATHS} paths lead from \
         noise to the spiral. Those that begin far outside are nearly straight; others run \
         towards the middle first, bend, and go out again. In the second, one of the bent \
         paths and {PAIRS} straight lines that all meet on it at t = {:.2}, at ({:.2}, {:.2}), each \
         from a datum on the spiral to a noise on the other side. The likelier a pair, the more \
         opaque is its line. An arrow from there to ({:.2}, {:.2}), the mean of all data that may \
         be meant, touches the path.",
        meeting.time, meeting.at.0, meeting.at.1, meeting.mean.0, meeting.mean.1
    );
    let panels = Panels {
        x: ("", -REACH..REACH),
        y: ("", -REACH..REACH),
        columns: 2,
        height: None,
        panels: vec![
            Panel { caption: format!("{PATHS} paths of the flow"), series: all },
            Panel { caption: "pairs that meet on one of them".to_owned(), series: one },
        ],
        legend: vec!["data", "noise", "one path", "pairs"],
    };
    panels.svg(page, &alt).into_bytes()
}
