//! The figures and numbers of part D.

use diffusion_core::histogram::RANGE;
use diffusion_core::{Moments, generator};
use diffusion_live::{Page, TwoPeaks};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;

use super::part_c;
use super::{Draw::ByWidth, Figure, Part};
use crate::draw::PageWidth;
use crate::draw::histogram;
use crate::draw::listed;
use crate::draw::photograph::{self, Grid, NARROW_COLUMNS, mandrill, two_decimals};
use crate::draw::plot::{self, Chart, Series, Stroke};
use crate::numbers::Numbers;

/// Part D.
pub const PART: Part = Part {
    package: "part-d-alpha-bar-trick",
    figures: &[
        Figure { name: "forward-process.jpg", draw: ByWidth(forward_process) },
        Figure { name: "part-d-filmstrip.jpg", draw: ByWidth(filmstrip) },
        Figure { name: "part-d-schedule.svg", draw: ByWidth(schedule) },
        Figure { name: "part-d-two-schedules.svg", draw: ByWidth(two_schedules) },
        Figure { name: "part-d-two-peaks.svg", draw: ByWidth(two_peaks) },
        Figure { name: "part-d-walk-or-jump.svg", draw: ByWidth(walk_or_jump) },
        Figure { name: "part-d-towards-normal.svg", draw: ByWidth(towards_normal) },
    ],
    numbers,
};

/// The default schedule.
pub fn scheduler() -> NoiseScheduler {
    NoiseScheduler::new(24, 1e-4, 0.6).expect("the default schedule makes sense")
}

/// The states of the default run: one jump from `x0` to each timestep in turn.
fn run(x0: &DMatrix<f32>) -> Vec<DMatrix<f32>> {
    let scheduler = scheduler();
    let mut rng = generator(0);
    let jump =
        |t| scheduler.add_noise(x0, t, &mut rng).expect("a timestep of the schedule");
    (0..scheduler.steps()).map(jump).collect()
}

/// The states of the default run at these timesteps.
pub fn states_at<const N: usize>(
    timesteps: [usize; N],
    x0: &DMatrix<f32>,
) -> [DMatrix<f32>; N] {
    let states = run(x0);
    timesteps.map(|t| states[t].clone())
}

/// The first timestep at which the noise has more variance than what is left of data of
/// variance 1.
fn first_below_1(scheduler: &NoiseScheduler) -> Option<usize> {
    let mut alpha_bar = scheduler.alpha_bar().iter();
    alpha_bar.position(|alpha_bar| alpha_bar / (1.0 - alpha_bar) < 1.0)
}

/// The timesteps at which the whole way into the noise can be seen.
pub const AT_A_GLANCE: [usize; 5] = [2, 5, 8, 12, 23];

/// Six states of the mandrill, from clean to noise.
fn forward_process(page: PageWidth) -> Vec<u8> {
    let picture = mandrill(96);
    let scheduler = scheduler();
    let timesteps = AT_A_GLANCE;
    let mut states = vec![picture.x.clone()];
    states.extend(states_at(timesteps, &picture.x));
    let left = timesteps.map(|t| match 100.0 * scheduler.alpha_bar()[t] {
        percent if percent < 0.5 => format!("{percent:.3} %"),
        percent => format!("{percent:.0} %"),
    });
    let alt = format!(
        "Six pictures side by side. The first is a photograph of a mandrill. In the others, of \
         its variance {} are left, and noise has taken the place of the rest. The last shows \
         noise only.",
        left.join(", ")
    );
    photograph::filmstrip(page, &picture, &states, &alt)
}

/// The default run.
fn filmstrip(page: PageWidth) -> Vec<u8> {
    let picture = mandrill(96);
    let mut states = vec![picture.x.clone()];
    states.extend(run(&picture.x));
    let last = Moments::of(&states[states.len() - 1]);
    let alt = format!(
        "The mandrill and its states at the timesteps 0 to 23, each jumped to from the clean \
         picture, in five rows. They look like those of chapter C. The values of the last have \
         mean {} and standard deviation {}.",
        two_decimals(last.mean),
        two_decimals(last.std)
    );
    photograph::filmstrip(page, &picture, &states, &alt)
}

/// `alpha_bar` against `t`, with the scales of the signal and of the noise.
fn schedule(page: PageWidth) -> Vec<u8> {
    let scheduler = scheduler();
    let last = scheduler.steps() - 1;
    let over_t = |value: &dyn Fn(f64) -> f64| {
        let alpha_bar = scheduler.alpha_bar().iter().enumerate();
        alpha_bar.map(|(t, &alpha_bar)| (t as f64, value(alpha_bar))).collect::<Vec<_>>()
    };
    let chart = Chart {
        x: ("timestep t", 0.0..last as f64),
        y: ("fraction of the variance, or factor", 0.0..1.0),
        series: vec![
            Series {
                points: over_t(&|alpha_bar| alpha_bar),
                stroke: Stroke::Line,
                colour: 0,
                label: Some(("alpha_bar".into(), (0.8, 0.62))),
            },
            Series {
                points: over_t(&f64::sqrt),
                stroke: Stroke::Dashed,
                colour: 1,
                label: Some(("sqrt(alpha_bar): signal".into(), (12.2, 0.36))),
            },
            Series {
                points: over_t(&|alpha_bar| (1.0 - alpha_bar).sqrt()),
                stroke: Stroke::Dashed,
                colour: 2,
                label: Some(("sqrt(1 - alpha_bar): noise".into(), (12.2, 0.88))),
            },
        ],
    };
    let crossing = first_below_1(&scheduler);
    let alt = format!(
        "Three curves against the timestep t from 0 to {last}. Alpha-bar falls from {:.4} to {:.2e} \
         and its root, the factor of the signal, falls later. The factor of the noise rises \
         from {:.2} to nearly 1. From t = {} on it is the larger one.",
        scheduler.alpha_bar()[0],
        scheduler.alpha_bar()[last],
        (1.0 - scheduler.alpha_bar()[0]).sqrt(),
        crossing.unwrap_or(last)
    );
    chart.svg(page, 380, &alt).into_bytes()
}

/// A distribution of two peaks in one dimension, before and after some steps: what the
/// live figure of the chapter computes.
fn two_peaks(page: PageWidth) -> Vec<u8> {
    let steps = [
        (0, "input", (1.3, 0.86)),
        (6, "6 steps", (-1.85, 0.66)),
        (10, "10 steps", (-2.6, 0.37)),
        (24, "24 steps", (1.1, 0.29)),
    ];
    let scheduler = NoiseScheduler::new(24, 1e-4, 0.6).expect("values of a schedule");
    let mut peaks = Vec::new();
    let series = steps.into_iter().enumerate().map(|(colour, (step, label, at))| {
        let mut page = Page::default();
        TwoPeaks.after(&mut page, step, &scheduler, 0, 0).expect("one of the steps");
        let [_, _, count, densities @ ..] = page.numbers.as_slice() else {
            unreachable!("two scales and a count come first")
        };
        peaks.push(format!("{count} after {step}"));
        let place =
            |(place, &density): (usize, &f64)| (place as f64 / 50.0 - 3.0, density);
        Series {
            points: densities.iter().enumerate().step_by(3).map(place).collect(),
            stroke: Stroke::Line,
            colour,
            label: Some((label.to_owned(), at)),
        }
    });
    let chart = Chart {
        x: ("value", -3.0..3.0),
        y: ("density", 0.0..1.25),
        series: series.collect(),
    };
    let alt = format!(
        "The density of points of one dimension, at the input and after 6, 10 and 24 steps. It \
         starts with two narrow peaks, one with 60 % of the points and one with 40 %. They move \
         together, widen and become the bell of the standard normal distribution. Peaks: {} steps.",
        peaks.join(", ")
    );
    chart.svg(page, 380, &alt).into_bytes()
}

/// Two schedules with nearly the same end, over `t/T`.
fn two_schedules(page: PageWidth) -> Vec<u8> {
    let schedules = [(24, 0.6, (0.48, 0.52)), (1000, 0.02, (0.48, 0.60))];
    let mut series = Vec::new();
    let mut ends = Vec::new();
    for (colour, (steps, beta_end, label)) in schedules.into_iter().enumerate() {
        let scheduler = NoiseScheduler::new(steps, 1e-4, beta_end).expect("a schedule");
        // After step t, t + 1 of T steps are done.
        let over_time =
            |(t, &alpha_bar): (usize, &f64)| ((t + 1) as f64 / steps as f64, alpha_bar);
        let mut points = vec![(0.0, 1.0)];
        points.extend(scheduler.alpha_bar().iter().enumerate().map(over_time));
        let end = scheduler.alpha_bar()[steps - 1];
        let text = format!("{steps} steps to {beta_end}: ends at {end:.2e}");
        ends.push(text.clone());
        series.push(Series {
            points,
            stroke: if colour == 0 { Stroke::Line } else { Stroke::Dashed },
            colour,
            label: Some((text, label)),
        });
    }
    let chart = Chart {
        x: ("fraction of the steps done, (t + 1)/T", 0.0..1.0),
        y: ("alpha_bar", 0.0..1.0),
        series,
    };
    let alt = format!(
        "Alpha-bar against the fraction of the steps done, for two linear schedules that start at \
         beta = 0.0001. Both curves fall from 1 to nearly 0: {}.",
        ends.join("; ")
    );
    chart.svg(page, 380, &alt).into_bytes()
}

/// C's state and D's at the same timesteps, with their histograms on top of each other.
fn walk_or_jump(page: PageWidth) -> Vec<u8> {
    let timesteps = [2, 6, 10, 23];
    let picture = mandrill(144);
    // The state after step t is the one with index t + 1: the first is the input.
    let of_steps =
        |states: Vec<DMatrix<f32>>| timesteps.map(|t| states[t + 1].clone()).to_vec();
    let grid = Grid {
        picture: &picture,
        columns: timesteps.map(|t| format!("t = {t}")).to_vec(),
        rows: vec![
            ("step by step".to_owned(), of_steps(part_c::trajectory(&picture.x))),
            ("by a jump".to_owned(), states_at(timesteps, &picture.x).to_vec()),
        ],
        narrow_columns: NARROW_COLUMNS,
    };

    let full_size = mandrill(512).x;
    let stepped = of_steps(part_c::trajectory(&full_size));
    let jumped = states_at(timesteps, &full_size);
    let moments = |states: &[DMatrix<f32>]| {
        let std = |x| format!("{:.3}", Moments::of(x).std);
        states.iter().map(std).collect::<Vec<_>>().join(", ")
    };
    let alt = format!(
        "States at the timesteps {}, step by step above and by a jump below: the noise \
         differs, and they look alike. Under each pair their two histograms lie on top of each \
         other. Standard deviations step by step: {}; by a jump: {}.",
        listed(&timesteps),
        moments(&stepped),
        moments(&jumped)
    );

    let charts_height = 190;
    let height = grid.height(page) + charts_height * grid.lines(page) as i32;
    let mut svg = plot::svg(page.units(), height, &alt, |area| {
        grid.write_captions(page, area);
        for (column, (stepped, jumped)) in stepped.iter().zip(&jumped).enumerate() {
            let (left, width, line) = grid.column(page, column);
            let top = grid.height(page) + line * charts_height;
            let place = area.clone().shrink(
                (plot::units(left), plot::units(top)),
                (plot::units(width), plot::units(charts_height)),
            );
            let label =
                |text: &str, y| (column == 0).then(|| (text.to_owned(), (-3.8, y)));
            let chart = Chart {
                x: ("value", RANGE),
                y: ("", 0.0..1.0),
                series: vec![
                    Series {
                        points: histogram::outline(stepped),
                        stroke: Stroke::Area,
                        colour: 0,
                        label: label("step by step", 0.93),
                    },
                    Series {
                        points: histogram::outline(jumped),
                        stroke: Stroke::Line,
                        colour: 1,
                        label: label("by a jump", 0.80),
                    },
                ],
            };
            chart.draw(&place);
        }
    });
    grid.embed_states(page, &mut svg);
    svg.into_bytes()
}

/// Histograms of all values at several timesteps, with the density of N(0, 1) over them.
fn towards_normal(page: PageWidth) -> Vec<u8> {
    let timesteps = [2, 5, 8, 12, 23];
    let picture = mandrill(512);
    let mut states = vec![("input".to_owned(), picture.x.clone())];
    let captions = timesteps.map(|t| format!("t = {t}"));
    states.extend(captions.into_iter().zip(states_at(timesteps, &picture.x)));
    let stds: Vec<String> = states
        .iter()
        .map(|(caption, x)| format!("{:.3} ({caption})", Moments::of(x).std))
        .collect();
    let alt = format!(
        "Six histograms of all values of the state, with the density of the standard normal \
         distribution drawn over each. The input's is all between -1 and 1. With t, the \
         histograms widen and come closer to the density, until they agree. Standard \
         deviations: {}.",
        stds.join(", ")
    );
    let (rows, columns, right) = match page {
        PageWidth::Wide => (2, 3, 190),
        PageWidth::Narrow => (3, 2, 148),
    };
    plot::svg(page.units(), 230 * rows as i32, &alt, |area| {
        for (index, panel) in area.split_evenly((rows, columns)).iter().enumerate() {
            let (caption, x) = &states[index];
            let first = index == 0;
            let label = |text: &str, y| first.then(|| (text.to_owned(), (-3.8, y)));
            let chart = Chart {
                x: ("value", RANGE),
                y: (if index % columns == 0 { "density" } else { "" }, 0.0..1.0),
                series: vec![
                    Series {
                        points: histogram::outline(x),
                        stroke: Stroke::Area,
                        colour: 0,
                        label: label("state", 0.94),
                    },
                    Series {
                        points: histogram::normal_density(),
                        stroke: Stroke::Line,
                        colour: 1,
                        label: label("N(0, 1)", 0.84),
                    },
                ],
            };
            chart.draw(panel);
            plot::write(
                panel,
                caption,
                (right, 24),
                plotters::style::text_anchor::HPos::Center,
            );
        }
    })
    .into_bytes()
}

fn numbers() -> Numbers {
    let mut numbers = Numbers::new();
    for (steps, beta_end) in [(24, 0.6), (1000, 0.02), (50, 0.02)] {
        let scheduler = NoiseScheduler::new(steps, 1e-4, beta_end).expect("a schedule");
        let end = scheduler.alpha_bar()[steps - 1];
        numbers.insert(format!("alpha_bar_end_{steps}"), end);
        if steps == 50 {
            numbers.insert("signal_end_50".to_owned(), end.sqrt());
        }
    }
    let scheduler = scheduler();
    let picture = mandrill(512).x;
    let last = run(&picture).pop().expect("a run has states");
    numbers.insert("part_d_last_std".to_owned(), Moments::of(&last).std);
    let last_factor = scheduler.alpha_bar()[23].sqrt();
    numbers.insert("part_d_last_factor".to_owned(), last_factor);
    numbers.insert("part_d_error_at_the_end".to_owned(), 1.0 / last_factor);
    let below_1 = first_below_1(&scheduler).expect("it falls below 1");
    numbers.insert("snr_below_1_unit".to_owned(), below_1 as f64);

    // A loop that jumps from each state instead of from the picture.
    let states = scheduler.alpha_bar()[..=4].iter();
    numbers.insert("left_by_jumps_on_jumps".to_owned(), states.product());
    numbers.insert("left_by_a_jump".to_owned(), scheduler.alpha_bar()[4]);

    // The paper's first factor of the noise, and what becomes of such a factor in 32
    // bits.
    let papers = NoiseScheduler::new(1000, 1e-4, 0.02).expect("a schedule");
    let first_noise = papers.scales(0).expect("a timestep of the schedule").1;
    let in_f32 = |beta: f32| f64::from((1.0 - (1.0 - beta)).sqrt());
    numbers.insert("first_noise_f64".to_owned(), first_noise);
    numbers.insert("first_noise_f32".to_owned(), in_f32(1e-4));
    numbers.insert("first_noise_f32_too_small".to_owned(), in_f32(1e-8));
    numbers
}
