//! Figures and numbers of part I.

mod drawing;
mod networks;
mod order;
mod steps;
mod trails;

use diffusion_cli::load;
use diffusion_core::{Moments, generator, points, randn_like};
use diffusion_kernels::distances::column_by_column;
use diffusion_kernels::likelihoods::nearest;
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::{cosine, scaled_linear};
use part_f_the_way_back::{ExactDenoiser, NoiseLevel, Variance};
use part_h_learning_to_denoise::evaluation::mean;
use part_i_samplers::levels::{KARRAS_SIGMA_MAX, karras_range, sigma_range};
use part_i_samplers::{
    Coordinate, Ddim, Ddpm, DpmSolver, Euler, Heun, Levels, NamedSampler, SAMPLERS,
    Sampler, Sampling, SamplingConfig, Spacing, Step, X0Clipping,
};

use self::order::{error_after, slope};
use super::{
    Draw::{ByWidth, Once},
    Figure, Part,
};
use crate::draw::PageWidth;
use crate::draw::plot::{Axis, Chart, Panel, Panels, Series, Stroke};
use crate::numbers::Numbers;

/// Part I.
pub const PART: Part = Part {
    package: "part-i-samplers",
    figures: &[
        Figure {
            name: "draw-your-own-data.svg",
            draw: Once(drawing::draw_your_own_data),
        },
        Figure { name: "part-i-trails.svg", draw: ByWidth(trails::trails) },
        Figure { name: "part-i-paths.svg", draw: ByWidth(paths) },
        Figure { name: "part-i-steps.svg", draw: ByWidth(steps::steps_of_each) },
        Figure { name: "part-i-spacings.svg", draw: ByWidth(spacings) },
        Figure { name: "part-i-order.svg", draw: ByWidth(order::order) },
        Figure { name: "part-i-led.svg", draw: ByWidth(four_samplers) },
        Figure { name: "part-i-digits.svg", draw: ByWidth(networks::digits) },
    ],
    numbers,
};

/// The schedule that the command takes if it is not told otherwise.
fn linear() -> NoiseScheduler {
    part_e_schedules::linear(1000).expect("there are steps")
}

fn spaced(scheduler: &NoiseScheduler, spacing: Spacing, steps: usize) -> Levels {
    let timesteps = spacing.timesteps(steps, scheduler.steps());
    let timesteps = timesteps.expect("there are as many");
    Levels::of_timesteps(scheduler, &timesteps).expect("they fall")
}

/// Karras' levels, as the command takes them if it is not told otherwise.
fn karras(scheduler: &NoiseScheduler, steps: usize) -> Levels {
    Levels::karras(scheduler, karras_range(scheduler), steps).expect("they fall")
}

/// Karras' levels from the most noise that the schedule has.
fn karras_of_all(scheduler: &NoiseScheduler, steps: usize) -> Levels {
    Levels::karras(scheduler, sigma_range(scheduler), steps).expect("sigma is finite")
}

fn exact(data: &DMatrix<f32>) -> ExactDenoiser {
    ExactDenoiser::new(data).expect("there are data")
}

fn mandrill_points(count: usize) -> DMatrix<f32> {
    let picture = load::picture(&load::mandrill(), None).expect("there is the mandrill");
    points::of_picture(&picture, count, &mut generator(points::SEED))
}

/// Without clipping: an exact prediction is never out of the data's range.
fn config<'a>(sampler: &'a dyn Sampler, levels: &'a Levels) -> SamplingConfig<'a> {
    SamplingConfig { sampler, levels, clipping: X0Clipping::None }
}

/// Samples from `noise` with a sampler, with new noise from a seed of its own.
fn samples(
    sampler: &dyn Sampler,
    levels: &Levels,
    denoiser: &ExactDenoiser,
    noise: &DMatrix<f32>,
) -> DMatrix<f32> {
    config(sampler, levels)
        .sample(denoiser, noise.clone(), &mut generator(1))
        .expect("it can take these levels")
}

const DDPM: Ddpm = Ddpm { variance: Variance::BetaTilde };
const DDIM: Ddim = Ddim { eta: 0.0 };
const HEUN: Heun = Heun { coordinate: Coordinate::Sigma };

/// A sampler that is compared, and those that go the same steps.
struct Distinct {
    /// All of them.
    titles: String,
    /// The first of them.
    named: NamedSampler,
    /// How many evaluations a step has.
    evaluations: usize,
}

/// The samplers whose steps differ, where the variance is preserved.
fn distinct() -> Vec<Distinct> {
    let scheduler = linear();
    let at = |t| NoiseLevel::of_timestep(&scheduler, t).expect("t is in range");
    let step = Step { before: Some(at(900)), from: at(600), to: at(300) };
    let near = |one: f64, other: f64| (one - other).abs() < 1e-9;
    let is_same = |one: &dyn Sampler, other: &dyn Sampler| {
        // Of x0 and the noise, a state is made of any two.
        let of = |sampler: &dyn Sampler| {
            let of = sampler.coefficients(&step);
            let x0 = of.x0 + of.state * step.from.a;
            [x0, of.noise + of.state * step.from.b, of.x0_before, of.new_noise]
        };
        let is_twice =
            |sampler: &dyn Sampler| sampler.second_coefficients(&step).is_some();
        let (one, other) = ((of(one), is_twice(one)), (of(other), is_twice(other)));
        one.0.iter().zip(other.0).all(|(&one, other)| near(one, other))
            && one.1 == other.1
    };
    let mut distinct: Vec<Distinct> = Vec::new();
    for named in SAMPLERS {
        let of = named.sampler.coefficients(&step);
        let title = match of.x0_before == 0.0 {
            true => named.title.to_owned(),
            false => format!("{} (2M)", named.title),
        };
        match distinct.iter_mut().find(|it| is_same(it.named.sampler, named.sampler)) {
            Some(same) => same.titles += &format!(", {title}"),
            None => {
                let twice = named.sampler.second_coefficients(&step).is_some();
                let evaluations = 1 + usize::from(twice);
                distinct.push(Distinct { titles: title, named, evaluations });
            }
        }
    }
    distinct
}

impl Distinct {
    /// As numbers name it.
    fn name(&self) -> String {
        self.named.name.trim_end_matches('+').replace('-', "_")
    }
}

/// All states of a few samples, the noise first.
fn trajectory(
    sampler: &dyn Sampler,
    levels: &Levels,
    denoiser: &ExactDenoiser,
    noise: &DMatrix<f32>,
) -> Vec<DMatrix<f32>> {
    let sampling = Sampling::new(&config(sampler, levels), noise.clone());
    let mut sampling = sampling.expect("it can take these levels");
    let mut states = vec![noise.clone()];
    let mut rng = generator(4);
    while sampling.level().is_some() {
        sampling.step(denoiser, &mut rng).expect("the data's shape");
        states.push(sampling.x().clone());
    }
    states
}

/// Paths of 20 points, with and without new noise, and with few steps.
fn paths(page: PageWidth) -> Vec<u8> {
    const REACH: f64 = 2.6;
    let scheduler = linear();
    let data = points::moons(1000, &mut generator(points::SEED));
    let denoiser = exact(&data);
    let noise = randn_like(&DMatrix::zeros(2, 20), &mut generator(3));
    let place = |x: &DMatrix<f32>, column: usize| {
        (f64::from(x[(0, column)]), f64::from(x[(1, column)]))
    };
    let some = data.columns(0, 160).into_owned();
    let panel = |caption: &str, sampler: &dyn Sampler, steps: usize, count: usize| {
        let levels = spaced(&scheduler, Spacing::Trailing, steps);
        let states = trajectory(sampler, &levels, &denoiser, &noise);
        let all = |x: &DMatrix<f32>| (0..x.ncols()).map(|i| place(x, i)).collect();
        let last = states.last().expect("there is the noise");
        let mut series = vec![
            Series {
                points: all(&some),
                stroke: Stroke::Cloud { radius: 1.0, opacity: 0.4 },
                colour: 3,
                label: None,
            },
            Series {
                points: all(last),
                stroke: Stroke::Cloud { radius: 3.0, opacity: 1.0 },
                colour: 1,
                label: None,
            },
        ];
        series.extend((0..count).map(|i| Series {
            points: states.iter().map(|x| place(x, i)).collect(),
            stroke: Stroke::Line,
            colour: 0,
            label: None,
        }));
        Panel { caption: format!("{caption}, {steps} steps, {count} paths"), series }
    };
    let alt = "Paths of points from the same noise to two half moons, in three panels. With DDPM in \
               100 steps, two paths run to and fro all over the plane. With DDIM in 100 steps, 20 \
               paths are smooth, nearly straight at first, and bend near the moons, where all end. \
               With DDIM in 5 steps, they run to the middle, and most end between the moons.";
    let panels = Panels {
        x: ("", -REACH..REACH),
        y: ("", -REACH..REACH),
        columns: 3,
        height: None,
        panels: vec![
            panel("DDPM", &DDPM, 100, 2),
            panel("DDIM", &DDIM, 100, 20),
            panel("DDIM", &DDIM, 5, 20),
        ],
        legend: vec!["data", "samples", "paths"],
    };
    panels.svg(page, alt).into_bytes()
}

/// In how many steps spacings are compared.
const STEPS: usize = 10;

/// The ways to choose 10 noise levels, by name.
fn choices() -> [(&'static str, Levels); 4] {
    let scheduler = linear();
    [
        ("leading", spaced(&scheduler, Spacing::Leading { offset: 0 }, STEPS)),
        ("linspace", spaced(&scheduler, Spacing::Linspace, STEPS)),
        ("trailing", spaced(&scheduler, Spacing::Trailing, STEPS)),
        ("karras", karras(&scheduler, STEPS)),
    ]
}

/// How much noise there is at each evaluation.
fn spacings(page: PageWidth) -> Vec<u8> {
    let labels = [(1.3, 0.016), (1.3, 0.034), (1.3, 0.072), (1.3, 0.15)];
    let choices = choices();
    let told: Vec<String> = choices
        .iter()
        .map(|(name, levels)| {
            let [first, last] = [0, STEPS - 1].map(|i| levels.as_slice()[i]);
            format!(
                "{name} from {:.0} (t = {:.0}) to {:.2} (t = {:.0})",
                first.sigma(),
                first.t,
                last.sigma(),
                last.t
            )
        })
        .collect();
    let series = choices.iter().zip(labels).enumerate().map(|(colour, choice)| {
        let ((name, levels), label) = choice;
        let levels = levels.as_slice().iter().enumerate();
        Series {
            points: levels.map(|(i, level)| (i as f64 + 1.0, level.sigma())).collect(),
            stroke: if *name == "karras" { Stroke::Dashed } else { Stroke::Line },
            colour,
            label: Some(((*name).to_owned(), label)),
        }
    });
    let chart = Chart {
        x: ("evaluation", 1.0..STEPS as f64),
        y: Axis::logarithmic("sigma", 0.008..250.0),
        series: series.collect(),
    };
    let alt = format!(
        "The noise level sigma at each of {STEPS} evaluations, for four ways to choose levels: {}. \
         Leading and linspace fall by a factor of more than 30 between the last two, and trailing \
         ends well above 0. Karras' levels lie between the others up to the sixth, and below all \
         others from the seventh to the ninth: they fall faster and faster, without one very long \
         step.",
        told.join("; ")
    );
    chart.svg(page, 320, &alt).into_bytes()
}

/// Samples from the same noise by each sampler.
fn four_samplers(page: PageWidth) -> Vec<u8> {
    const REACH: f64 = 1.3;
    const COLUMNS: [usize; 4] = [5, 10, 20, 50];
    let scheduler = linear();
    let data = points::spiral(1000, &mut generator(points::SEED));
    let denoiser = exact(&data);
    let noise = randn_like(&DMatrix::zeros(2, 200), &mut generator(0));
    let panel = |name: &str, sampler: &dyn Sampler, steps: usize| {
        let levels = karras(&scheduler, steps);
        let x = samples(sampler, &levels, &denoiser, &noise);
        let places = x.column_iter().map(|x| (f64::from(x[0]), f64::from(x[1])));
        Panel {
            caption: format!("{name}, {steps} steps"),
            series: vec![Series {
                points: places.collect(),
                stroke: Stroke::Cloud { radius: 1.5, opacity: 1.0 },
                colour: 0,
                label: None,
            }],
        }
    };
    let distinct = distinct();
    let panels = distinct.iter().flat_map(|Distinct { named, .. }| {
        COLUMNS.map(|steps| panel(named.short, named.sampler, steps))
    });
    let alt = "200 samples of four samplers from the same noise, in 5, 10, 20 and 50 steps with \
               Karras' levels; the data are a spiral. With 5 steps of DDPM or DDIM, more than \
               half are on the inner turn, far more than there should be. With 5 of Heun's method, \
               all are on the outer turn, many in the same places. With 5 of DPM-Solver++ (2M), \
               they are on both turns. With 20 and 50 steps, all four look alike.";
    let panels = Panels {
        x: ("", -REACH..REACH),
        y: ("", -REACH..REACH),
        columns: COLUMNS.len(),
        height: None,
        panels: panels.collect(),
        legend: Vec::new(),
    };
    panels.svg(page, alt).into_bytes()
}

/// Where the finest trajectory ends: that of DPM-Solver++ through all timesteps.
fn finest(
    denoiser: &ExactDenoiser,
    scheduler: &NoiseScheduler,
    noise: &DMatrix<f32>,
) -> DMatrix<f32> {
    let all = Levels::of_all_timesteps(scheduler).expect("they fall");
    samples(&DpmSolver, &all, denoiser, noise)
}

/// The error of samples: their mean distance from those of the finest trajectory.
fn mean_distance(x: &DMatrix<f32>, finest: &DMatrix<f32>) -> f64 {
    mean(&column_by_column(x, finest))
}

/// Samples of the spiral, such as the command compares.
struct Compared {
    denoiser: ExactDenoiser,
    noise: DMatrix<f32>,
    finest: DMatrix<f32>,
}

impl Compared {
    fn new(scheduler: &NoiseScheduler) -> Self {
        let denoiser = exact(&points::spiral(1000, &mut generator(points::SEED)));
        let noise = randn_like(&DMatrix::zeros(2, 400), &mut generator(0));
        let finest = finest(&denoiser, scheduler, &noise);
        Compared { denoiser, noise, finest }
    }

    fn error_of(&self, sampler: &dyn Sampler, levels: &Levels) -> f64 {
        let x = samples(sampler, levels, &self.denoiser, &self.noise);
        mean_distance(&x, &self.finest)
    }

    /// The error of diffusers' DDIM with linspace, which goes back by a fixed stride.
    fn error_by_stride(&self) -> f64 {
        let scheduler = linear();
        let levels = spaced(&scheduler, Spacing::Linspace, STEPS);
        let stride = scheduler.steps() / STEPS;
        let all = NoiseLevel::all(&scheduler);
        let steps = levels.steps().map(|step| {
            let to = (step.from.t as usize).checked_sub(stride);
            Step { to: to.map_or(NoiseLevel::CLEAN, |t| all[t]), ..step }
        });
        let noise = self.noise.clone();
        let sampling = Sampling::along(steps, &DDIM, X0Clipping::None, noise);
        let mut sampling = sampling.expect("nothing is clipped");
        while sampling.level().is_some() {
            sampling.step(&self.denoiser, &mut generator(0)).expect("the data's shape");
        }
        mean_distance(sampling.x(), &self.finest)
    }
}

fn numbers() -> Numbers {
    let mut numbers = Numbers::new();
    let mut put = |name: &str, value: f64| numbers.insert(name.to_owned(), value);
    let [scheduler, cosine] = [linear(), cosine(1000).expect("there are steps")];
    for distinct in distinct() {
        let (name, sampler) = (distinct.name(), distinct.named.sampler);
        let a_step = distinct.evaluations;
        put(&format!("minus_slope_{name}"), -slope(sampler, a_step));
        put(
            &format!("error_percent_{name}_24"),
            100.0 * error_after(sampler, a_step, 24),
        );
    }

    // How blurred the mandrill's points are with each spacing.
    let data = mandrill_points(2000);
    let denoiser = exact(&data);
    let noise = randn_like(&DMatrix::zeros(2, 1000), &mut generator(0));
    let finest = finest(&denoiser, &scheduler, &noise.columns(0, 100).into_owned());
    let spread = |x: &DMatrix<f32>| 100.0 * Moments::of(x).std / Moments::of(&data).std;
    let error =
        |x: &DMatrix<f32>| mean_distance(&x.columns(0, 100).into_owned(), &finest);
    let mut of_ddim = Vec::new();
    for (name, levels) in choices() {
        of_ddim.push(error(&samples(&DDIM, &levels, &denoiser, &noise)));
        let x = samples(&DpmSolver, &levels, &denoiser, &noise);
        put(&format!("error_with_{name}"), error(&x));
        put(&format!("spread_percent_with_{name}"), spread(&x));
        put(&format!("distance_with_{name}"), mean(&nearest(&x, &data)));
        let sigmas: Vec<f64> = levels.as_slice().iter().map(|at| at.sigma()).collect();
        put(&format!("last_sigma_of_{name}"), sigmas[STEPS - 1]);
        if ["leading", "karras"].contains(&name) {
            let falls = sigmas.windows(2).map(|pair| pair[0] / pair[1]);
            put(&format!("largest_fall_of_{name}"), falls.fold(1.0, f64::max));
        }
    }
    put("error_ddim_least", of_ddim.iter().copied().fold(f64::INFINITY, f64::min));
    put("error_ddim_most", of_ddim.into_iter().fold(0.0, f64::max));

    let [compared, with_cosine] = [&scheduler, &cosine].map(Compared::new);
    let own = spaced(&scheduler, Spacing::Linspace, STEPS);
    put("error_linspace", compared.error_of(&Euler, &own));
    put("error_linspace_by_stride", compared.error_by_stride());
    let error = |sampler: &dyn Sampler, steps: usize| {
        compared.error_of(sampler, &karras(&scheduler, steps))
    };
    put("spiral_error_ddim_50", error(&DDIM, 50));
    let both = [("linear", &scheduler, &compared), ("cosine", &cosine, &with_cosine)];
    for (schedule, of, compared) in both {
        for steps in [5, 10, 20, 50] {
            let trailing = spaced(of, Spacing::Trailing, steps);
            for (name, levels) in [("trailing", trailing), ("karras", karras(of, steps))]
            {
                put(
                    &format!("spiral_error_{schedule}_{name}_{steps}"),
                    compared.error_of(&DpmSolver, &levels),
                );
                if (schedule, steps) == ("cosine", 20) {
                    put(
                        &format!("spiral_error_ddim_cosine_{name}_20"),
                        compared.error_of(&DDIM, &levels),
                    );
                }
            }
        }
    }
    put("error_percent_dpm_solver_8", 100.0 * error_after(&DpmSolver, 1, 8));

    let overtakes =
        |nfe: &usize| error_after(&HEUN, 2, *nfe) < error_after(&DDIM, 1, *nfe);
    let evaluations = (6..).step_by(2).find(overtakes).expect("it is of second order");
    put("heun_overtakes_ddim", evaluations as f64);

    // What is lost of the mean of data with a variance of 1. The offset of leading is 1.
    let latent = scaled_linear(1000).expect("there are steps");
    for (name, t) in [("leading", 901), ("trailing", 999)] {
        let (a, _) = latent.scales(t).expect("t is in range");
        put(&format!("mean_percent_lost_{name}"), 100.0 * a);
    }
    let from_80 = Levels::karras(&cosine, [KARRAS_SIGMA_MAX, 0.01], STEPS);
    let a = from_80.expect("they fall").as_slice()[0].a;
    put("mean_percent_lost_from_80", 100.0 * a);

    // What becomes of Karras' levels that begin at all of a schedule's noise.
    let first_sigma = |scheduler: &NoiseScheduler| sigma_range(scheduler)[0];
    for (name, of) in [("latent", &latent), ("cosine", &cosine)] {
        put(&format!("first_sigma_of_{name}"), first_sigma(of));
    }
    let levels = karras_of_all(&cosine, STEPS);
    let wasted =
        levels.as_slice().iter().filter(|at| at.sigma() > first_sigma(&scheduler));
    put("karras_levels_wasted_on_cosine", wasted.count() as f64);
    networks::put_numbers(&mut numbers);
    numbers
}
