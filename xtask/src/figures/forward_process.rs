//! The forward process at a glance.

use part_d_alpha_bar_trick::NoiseScheduler;

use super::photograph::{self, mandrill};
use diffusion_core::generator;

/// Six states of the mandrill, from clean to noise.
pub fn at_a_glance() -> Vec<u8> {
    let picture = mandrill(208);
    let scheduler =
        NoiseScheduler::new(24, 1e-4, 0.6).expect("a schedule of this tutorial");
    let mut rng = generator(0);
    let timesteps = [2, 5, 8, 12, 23];
    let mut states = vec![picture.x.clone()];
    states.extend(timesteps.map(|t| {
        scheduler.add_noise(&picture.x, t, &mut rng).expect("a timestep of the schedule")
    }));
    let shares = timesteps.map(|t| format!("{:.0} %", 100.0 * scheduler.alpha_bar()[t]));
    let alt = format!(
        "Six pictures side by side. The first is a photograph of a mandrill. In the others, of \
         its variance {} are left, and noise has taken the place of the rest. The last shows \
         noise only.",
        shares.join(", ")
    );
    photograph::filmstrip(&picture, &states, &alt)
}
