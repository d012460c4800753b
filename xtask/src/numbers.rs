//! The numbers that the book's prose speaks of, computed by the lessons.

use std::collections::BTreeMap;

use diffusion_core::{Moments, Picture, generator, picture};
use part_d_alpha_bar_trick::NoiseScheduler;

/// Where they are stored, relative to the repository.
pub const FILE: &str = "book/numbers.csv";

/// Computes all numbers.
pub fn compute() -> BTreeMap<String, f64> {
    let mut numbers = BTreeMap::new();
    let mut add = |name: &str, value: f64| {
        numbers.insert(name.to_owned(), value);
    };

    let mandrill =
        Picture::load(&picture::mandrill(), None).expect("the repository's picture");
    let input = Moments::of(&mandrill.x);
    add("mandrill_mean", input.mean);
    add("mandrill_std", input.std);
    add("mandrill_variance", input.std.powi(2));
    add("mandrill_values", mandrill.x.len() as f64);

    let (a, b) = (0.5_f64, 0.1_f64);
    add("part_a_std_limit", b / (1.0 - a * a).sqrt());
    add("part_a_picture_kept", a.powi(4));
    let mut rng = generator(0);
    let last = (0..4).fold(mandrill.x.clone(), |x, _| {
        part_a_very_simple_diffusion::add_noise(&x, a as f32, b as f32, &mut rng)
    });
    add("part_a_last_std", Moments::of(&last).std);
    add("part_a_b_that_preserves", (1.0 - a * a).sqrt());

    for (name, beta, steps) in [
        ("small", 0.02_f64, 24),
        ("middle", 0.3, 24),
        ("large", 0.9, 1),
        ("middle_8", 0.3, 8),
    ] {
        add(
            &format!("part_b_signal_kept_{name}"),
            (1.0 - beta).powf(f64::from(steps) / 2.0),
        );
    }

    let schedules = [
        ("24", NoiseScheduler::new(24, 1e-4, 0.6)),
        ("1000", NoiseScheduler::new(1000, 1e-4, 0.02)),
        ("50", NoiseScheduler::new(50, 1e-4, 0.02)),
    ];
    for (name, scheduler) in schedules {
        let scheduler = scheduler.expect("the schedule makes sense");
        let last = scheduler.steps() - 1;
        let end = scheduler.alpha_bar()[last];
        add(&format!("alpha_bar_end_{name}"), end);
        add(&format!("signal_end_{name}"), end.sqrt());
        add(&format!("alpha_bar_half_{name}"), scheduler.alpha_bar()[last / 2]);
        if name == "24" {
            add("beta_step_24", scheduler.beta()[1] - scheduler.beta()[0]);
            add("beta_1_of_24", scheduler.beta()[1]);
            add("alpha_bar_11_of_24", scheduler.alpha_bar()[11]);
            let x = scheduler
                .add_noise(&mandrill.x, last, &mut generator(0))
                .expect("a timestep of the schedule");
            add("part_d_last_std", Moments::of(&x).std);
        }
    }
    numbers
}

/// The numbers as they are stored: `name,value`, each value with all its digits.
pub fn csv(numbers: &BTreeMap<String, f64>) -> String {
    numbers.iter().map(|(name, value)| format!("{name},{value}\n")).collect()
}
