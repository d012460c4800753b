//! The network as a denoiser: it takes the place of the exact one, and the sampler of part F doesn't
//! notice.

use nalgebra::DMatrix;
use part_c_schedule_for_beta::TimestepError;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{Denoiser, Prediction};

use crate::guidance::guided;
use crate::loss::Target;
use crate::network::Network;

// ANCHOR: learned_denoiser
/// A network that has learned to denoise.
#[derive(Clone, Debug, PartialEq)]
pub struct LearnedDenoiser {
    /// The network.
    pub network: Network,
    /// What it was asked for.
    pub target: Target,
    /// The forward process whose states it has seen, of as many steps as the network's.
    pub scheduler: NoiseScheduler,
    /// What the samples are to be, if that is asked for: one of the network's labels.
    pub label: Option<usize>,
    /// How much the label counts, see [`guided`]: 1 for as much as in the data.
    pub guidance: f32,
}

impl Denoiser for LearnedDenoiser {
    fn predict(&self, x: &DMatrix<f32>, t: usize) -> Result<Prediction, TimestepError> {
        self.scheduler.factors(t)?;
        let all = |label| {
            self.network.answers(x, &vec![t; x.ncols()], &vec![label; x.ncols()])
        };
        let answers = match self.label {
            None => all(None),
            label if self.guidance == 1.0 => all(label),
            label => guided(&all(label), &all(None), self.guidance),
        };
        Ok(self.target.prediction(answers))
    }
}
// ANCHOR_END: learned_denoiser
