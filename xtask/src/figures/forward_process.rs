//! The forward process at a glance.

use super::part_d;
use super::photograph::{self, mandrill};

/// Six states of the mandrill, from clean to noise.
pub fn at_a_glance() -> Vec<u8> {
    let picture = mandrill(208);
    let scheduler = part_d::scheduler();
    let timesteps = [2, 5, 8, 12, 23];
    let mut states = vec![picture.x.clone()];
    states.extend(part_d::jump(&picture.x, timesteps));
    let shares = timesteps.map(|t| format!("{:.0} %", 100.0 * scheduler.alpha_bar()[t]));
    let alt = format!(
        "Six pictures side by side. The first is a photograph of a mandrill. In the others, of \
         its variance {} are left, and noise has taken the place of the rest. The last shows \
         noise only.",
        shares.join(", ")
    );
    photograph::filmstrip(&picture, &states, &alt)
}
