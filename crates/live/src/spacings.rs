//! Where a sampler evaluates its denoiser, by name.

use part_d_alpha_bar_trick::NoiseScheduler;
use part_i_samplers::levels::karras_range;
use part_i_samplers::{Levels, SamplingError, Spacing};

/// A way to choose the levels of a sampler, with the names that readers know it by.
pub struct NamedSpacing {
    /// On the command line, such as `trailing`.
    pub name: &'static str,
    /// In a list, such as `Trailing`.
    pub title: &'static str,
    /// So many levels of a schedule.
    pub levels: fn(&NoiseScheduler, usize) -> Result<Levels, SamplingError>,
}

/// The spacings of chapter I's command, in its order, by whose number a figure knows them.
pub const SPACINGS: [NamedSpacing; 4] = [
    NamedSpacing {
        name: "leading",
        title: "Leading",
        levels: |scheduler, steps| {
            at_timesteps(Spacing::Leading { offset: 0 }, scheduler, steps)
        },
    },
    NamedSpacing {
        name: "linspace",
        title: "Linspace",
        levels: |scheduler, steps| at_timesteps(Spacing::Linspace, scheduler, steps),
    },
    NamedSpacing {
        name: "trailing",
        title: "Trailing",
        levels: |scheduler, steps| at_timesteps(Spacing::Trailing, scheduler, steps),
    },
    NamedSpacing { name: "karras", title: "Karras", levels: karras },
];

fn at_timesteps(
    spacing: Spacing,
    scheduler: &NoiseScheduler,
    steps: usize,
) -> Result<Levels, SamplingError> {
    let timesteps = spacing.timesteps(steps, scheduler.steps())?;
    Levels::of_timesteps(scheduler, &timesteps)
}

/// Karras' levels, from where to where they go if nothing else is asked for.
pub(crate) fn karras(
    scheduler: &NoiseScheduler,
    steps: usize,
) -> Result<Levels, SamplingError> {
    Levels::karras(scheduler, karras_range(scheduler), steps)
}
