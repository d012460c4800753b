//! The network as a denoiser: it takes the place of the exact one, and the sampler of part F
//! doesn't notice.

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
    /// What the samples are to be, each in turn: labels of the network, or none. At least
    /// one; a single one is for all samples.
    pub labels: Vec<Option<usize>>,
    /// How much a label counts, see [`guided`]: 1 for as much as in the data.
    pub guidance: f32,
}

impl Denoiser for LearnedDenoiser {
    fn predict(&self, x: &DMatrix<f32>, t: usize) -> Result<Prediction, TimestepError> {
        self.scheduler.factors(t)?;
        let n = x.ncols();
        let t = vec![t; n];
        let labels: Vec<_> = self.labels.iter().copied().cycle().take(n).collect();
        let mut answers = self.network.answers(x, &t, &labels);
        if self.guidance != 1.0 && labels.iter().any(Option::is_some) {
            let without = self.network.answers(x, &t, &vec![None; n]);
            answers = guided(&answers, &without, self.guidance);
        }
        Ok(self.target.prediction(answers))
    }
}
// ANCHOR_END: learned_denoiser
