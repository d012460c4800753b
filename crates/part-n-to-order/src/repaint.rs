//! RePaint: replacement, and back up again.
//!
//! After a replacement, what was seen and the rest don't belong together: the rest knows
//! nothing of the noise that what was seen has just been given. So the state is given
//! noise again, a few levels up, and sampled down once more, now with what was seen in
//! it. With each repetition, the two fit better (Lugmayr et al. 2022, *RePaint*).

use nalgebra::DMatrix;
use part_f_the_way_back::NoiseLevel;
use part_f_the_way_back::posterior::variance_between;
use part_i_samplers::{Levels, Step};

use crate::error::OrderError;
use crate::method::{Method, NewNoise, Order};
use crate::replacement::Replacement;

// ANCHOR: repaint
/// Replacement with jumps back into the noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RePaint {
    /// How often each part of the way is gone down: r in the paper, at least 1.
    pub resamplings: usize,
    /// How many levels a jump goes up: j in the paper, at least 1.
    pub jump: usize,
}

impl Method for RePaint {
    /// Down is a step with replacement. Up is the forward process (equation N.9).
    fn step(
        &self,
        order: &Order,
        x: &DMatrix<f32>,
        step: &Step,
        new_noise: NewNoise,
    ) -> Result<DMatrix<f32>, OrderError> {
        let Step { from, to, .. } = *step;
        if to.sigma() < from.sigma() {
            return Replacement.step(order, x, step, new_noise);
        }
        let added = variance_between(to, from).sqrt();
        Ok((to.a / from.a) as f32 * x + added as f32 * new_noise(x))
    }

    /// Every `jump` levels, counted from the last, the way turns back by as many, until
    /// it has been gone down often enough (algorithm 1 of the paper, and the schedule of
    /// its appendix B).
    fn trajectory(&self, levels: &Levels) -> Vec<Step> {
        let levels = levels.as_slice();
        let RePaint { resamplings, jump } = *self;
        let mut left = vec![0; levels.len()];
        for place in (0..levels.len().saturating_sub(jump)).step_by(jump.max(1)) {
            left[levels.len() - 1 - place] = resamplings.saturating_sub(1);
        }
        let step = |from, to| Step { before: None, from, to };
        let mut steps = Vec::new();
        let mut at = 0;
        while at < levels.len() {
            if left[at] > 0 {
                left[at] -= 1;
                steps.push(step(levels[at], levels[at - jump]));
                at -= jump;
            } else {
                let to = levels.get(at + 1).copied().unwrap_or(NoiseLevel::CLEAN);
                steps.push(step(levels[at], to));
                at += 1;
            }
        }
        steps
    }
}
// ANCHOR_END: repaint
