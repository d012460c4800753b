//! The same few steps by four samplers, beside the path that they should follow.

use diffusion_core::{generator, points, randn_like};
use nalgebra::DMatrix;
use part_f_the_way_back::{Denoiser, ExactDenoiser, NoiseLevel};
use part_i_samplers::{DpmSolver, Levels, Sampler, Sampling, Step};

use super::{DDIM, DDPM, HEUN, config, exact, linear};
use crate::draw::PageWidth;
use crate::draw::plot::{Panel, Panels, Series, Stroke};

/// How many steps each sampler takes.
const STEPS: usize = 5;

/// Where the first step begins and the last one does, in sigma: beyond, the path is
/// straight.
const SIGMAS: [f64; 2] = [0.8, 0.1];

/// Which of many noises it is: one whose path turns away from the turn of the spiral that
/// it saw first.
const CHOSEN: usize = 344;

type Place = (f64, f64);

/// Where a state is drawn: divided by `a`, so that `x0` is in it at its full contrast.
/// There, a step without new noise is straight.
fn place(x: &DMatrix<f32>, at: NoiseLevel) -> Place {
    (f64::from(x[0]) / at.a, f64::from(x[1]) / at.a)
}

/// A step as it is drawn.
struct DrawnStep {
    from: Place,
    /// The `x0` that it goes towards: predicted, or made of two predictions.
    towards: Place,
    /// How far it goes that way.
    straight: Place,
    /// What else there is: the step on trial before it, or new noise after it.
    beside: Option<[Place; 2]>,
    to: Place,
}

/// The steps of a sampler from a state, at the first of these levels.
fn steps(
    sampler: &dyn Sampler,
    levels: &Levels,
    denoiser: &ExactDenoiser,
    start: &DMatrix<f32>,
) -> Vec<DrawnStep> {
    let sampling = Sampling::new(&config(sampler, levels), start.clone());
    let mut sampling = sampling.expect("it can take these levels");
    let mut rng = generator(1);
    let step = |step: Step| {
        let begin = sampling.clone();
        let mut first = begin.clone();
        let prediction = denoiser.predict(begin.x(), step.from);
        let prediction = prediction.expect("the data's shape");
        first.advance(prediction, |x| x * 0.0).expect("there is signal");
        sampling.step(denoiser, &mut rng).expect("the data's shape");

        let from = place(begin.x(), step.from);
        let [first_to, to] = [&first, &sampling].map(|end| place(end.x(), step.to));
        let (of, before, straight, beside) = match sampler.second_coefficients(&step) {
            Some(second) => (second, first.x0(), to, [from, first_to]),
            None => (sampler.coefficients(&step), begin.x0(), first_to, [first_to, to]),
        };
        let both = sampling.x0() * of.x0 as f32 + before * of.x0_before as f32;
        let towards = both / (of.x0 + of.x0_before) as f32;
        DrawnStep {
            from,
            towards: place(&towards, NoiseLevel::CLEAN),
            straight,
            beside: (first_to != to).then_some(beside),
            to,
        }
    };
    levels.steps().map(step).collect()
}

/// The finest path of the chosen noise, from where the few steps begin.
struct Path {
    start: DMatrix<f32>,
    places: Vec<Place>,
    /// Of the few steps.
    levels: Levels,
}

impl Path {
    fn of(denoiser: &ExactDenoiser) -> Self {
        let scheduler = linear();
        let noise = randn_like(&DMatrix::zeros(2, CHOSEN + 1), &mut generator(3));
        let fine = Levels::karras(&scheduler, [80.0, 0.01], 300).expect("they fall");
        let few = |first| Levels::karras(&scheduler, [first, SIGMAS[1]], STEPS);
        let config = config(&DpmSolver, &fine);
        let sampling = Sampling::new(&config, noise.columns(CHOSEN, 1).into_owned());
        let mut sampling = sampling.expect("it can take these levels");
        let mut path = None;
        while let Some(at) = sampling.level() {
            if at.sigma() <= SIGMAS[0] {
                let path = path.get_or_insert_with(|| Path {
                    start: sampling.x().clone(),
                    places: Vec::new(),
                    levels: few(at.sigma()).expect("they fall"),
                });
                path.places.push(place(sampling.x(), at));
            }
            sampling.step(denoiser, &mut generator(0)).expect("the data's shape");
        }
        let mut path = path.expect("the levels go on");
        path.places.push(place(sampling.x(), NoiseLevel::CLEAN));
        path
    }

    fn end(&self) -> Place {
        *self.places.last().expect("it begins somewhere")
    }
}

/// Words, and where they are.
type Label = (&'static str, Place);

/// A sampler, and what is said at its steps.
struct Shown {
    name: &'static str,
    sampler: &'static dyn Sampler,
    path: Option<Label>,
    towards: Option<Label>,
    straight: Option<Label>,
    beside: Option<Label>,
}

/// Without words.
const SILENT: Shown = Shown {
    name: "",
    sampler: &DDIM,
    path: None,
    towards: None,
    straight: None,
    beside: None,
};

/// Above where the lines end.
const ABOVE: Place = (-0.86, 0.25);

const SHOWN: [Shown; 4] = [
    Shown {
        name: "DDIM",
        sampler: &DDIM,
        path: Some(("the path", (-1.31, -0.2))),
        towards: Some(("x0 predicted", ABOVE)),
        straight: Some(("steps", (-0.9, -0.46))),
        ..SILENT
    },
    Shown {
        name: "Heun’s method",
        sampler: &HEUN,
        towards: Some(("mean direction", ABOVE)),
        beside: Some(("on trial", (-0.74, -0.3))),
        ..SILENT
    },
    Shown {
        name: "DPM-Solver++ (2M)",
        sampler: &DpmSolver,
        towards: Some(("x0 extrapolated", ABOVE)),
        ..SILENT
    },
    Shown {
        name: "DDPM",
        sampler: &DDPM,
        towards: Some(("x0 predicted", ABOVE)),
        beside: Some(("new noise", (-0.7, -0.46))),
        ..SILENT
    },
];

/// The drawing.
pub fn steps_of_each(page: PageWidth) -> Vec<u8> {
    let data = points::spiral(1000, &mut generator(points::SEED));
    let denoiser = exact(&data);
    let path = Path::of(&denoiser);
    let drawn = SHOWN.map(|shown| {
        let steps = steps(shown.sampler, &path.levels, &denoiser, &path.start);
        (shown, steps)
    });
    let told = drawn.iter().map(|(shown, steps)| {
        let (end, (x, y)) = (path.end(), steps[STEPS - 1].to);
        format!("{} {:.2}", shown.name, (x - end.0).hypot(y - end.1))
    });
    let alt = format!(
        "Four panels with two turns of a spiral and the finest path, which runs from the lower left \
         towards the inner turn, bends sharply, and ends on the outer one. Over it are {STEPS} steps \
         each of four samplers, and from each step a line to the x0 that it goes towards. The steps \
         of DDIM miss the bend and end on the inner turn. Those of Heun’s method and of DPM-Solver++ \
         go round it. Those of DDPM jump with new noise, and end on the inner turn. So far from the \
         end of the path they end: {}.",
        told.collect::<Vec<_>>().join(", "),
    );
    let some = data.columns(0, 300).into_owned();
    let panel = |(shown, steps): &(Shown, Vec<DrawnStep>)| {
        let evaluations = config(shown.sampler, &path.levels).evaluations();
        Panel {
            caption: format!("{}, {evaluations} evaluations", shown.name),
            series: series(shown, steps, &path, &some),
        }
    };
    let panels = Panels {
        x: ("", -1.4..-0.15),
        y: ("", -0.85..0.35),
        columns: 2,
        height: None,
        panels: drawn.iter().map(panel).collect(),
        legend: Vec::new(),
    };
    panels.svg(page, &alt).into_bytes()
}

/// What a panel shows.
fn series(
    shown: &Shown,
    steps: &[DrawnStep],
    path: &Path,
    data: &DMatrix<f32>,
) -> Vec<Series> {
    let labelled = |points, stroke, colour, label: Option<Label>| {
        let label = label.map(|(text, place)| (text.to_owned(), place));
        Series { points, stroke, colour, label }
    };
    let dots = |points, radius, colour| {
        labelled(points, Stroke::Cloud { radius, opacity: 1.0 }, colour, None)
    };
    let data = data.column_iter().map(|x| (f64::from(x[0]), f64::from(x[1])));
    let broad = Stroke::Thin { width: 6.0, opacity: 0.35 };
    let mut series = vec![
        dots(data.collect(), 1.0, 3),
        labelled(path.places.clone(), broad, 2, shown.path),
    ];
    for (i, step) in steps.iter().enumerate() {
        let once = |label: Option<Label>| label.filter(|_| i == 0);
        let thin = Stroke::Thin { width: 1.0, opacity: 0.9 };
        let [towards, straight] =
            [step.towards, step.straight].map(|to| vec![step.from, to]);
        series.push(labelled(towards, thin, 1, once(shown.towards)));
        series.push(labelled(straight, Stroke::Line, 0, once(shown.straight)));
        if let Some(ends) = step.beside {
            series.push(labelled(ends.into(), Stroke::Dashed, 3, once(shown.beside)));
        }
    }
    series.push(dots(steps.iter().map(|step| step.towards).collect(), 2.5, 1));
    let ends = steps.iter().map(|step| step.to);
    series.push(dots(ends.chain([steps[0].from]).collect(), 3.0, 0));
    series
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How far a place is from the line between two others, over the line's length.
    fn beside(place: Place, from: Place, to: Place) -> f64 {
        let minus = |a: Place, b: Place| (a.0 - b.0, a.1 - b.1);
        let ((x, y), (dx, dy)) = (minus(place, from), minus(to, from));
        (x * dy - y * dx).abs() / (dx * dx + dy * dy)
    }

    #[test]
    fn steps_go_straight_towards_what_their_lines_end_at() {
        let data = points::spiral(1000, &mut generator(points::SEED));
        let denoiser = exact(&data);
        let path = Path::of(&denoiser);
        for Shown { name, sampler, .. } in SHOWN {
            for step in steps(sampler, &path.levels, &denoiser, &path.start) {
                let off = beside(step.straight, step.from, step.towards);
                assert!(off < 1e-4, "{name}: {off}");
            }
        }
    }

    #[test]
    fn the_second_order_goes_round_the_bend_and_the_first_does_not() {
        let data = points::spiral(1000, &mut generator(points::SEED));
        let denoiser = exact(&data);
        let path = Path::of(&denoiser);
        let (x, y) = path.end();
        for (Shown { name, sampler, .. }, is_near) in
            SHOWN.into_iter().zip([false, true, true, false])
        {
            let steps = steps(sampler, &path.levels, &denoiser, &path.start);
            let end = steps[STEPS - 1].to;
            let error = (end.0 - x).hypot(end.1 - y);
            assert_eq!(error < 0.1, is_near, "{name}: {error}");
            assert_eq!(error > 0.5, !is_near, "{name}: {error}");
        }
    }
}
