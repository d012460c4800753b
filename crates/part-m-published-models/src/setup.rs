//! All that it takes to sample with a network that somebody has published, as the book
//! does it.

use diffusion_core::Generator;
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{
    Denoiser, DenoiserError, NoiseLevel, Prediction, PredictionType,
};
use part_h_learning_to_denoise::TrainableNetwork;
use part_i_samplers::{Ddim, Levels, SamplingConfig, SamplingError, Spacing, X0Clipping};
use part_l_u_net::UNet;

// ANCHOR: setup
/// What has to be right about a network before it makes pictures. A folder says all of
/// it but the last three, which are the pipeline's.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The network: its config and its weights.
    pub network: UNet,
    /// Its schedule.
    pub scheduler: NoiseScheduler,
    /// What it predicts.
    pub kind: PredictionType,
    /// What the pictures are to be, in turn.
    pub labels: Vec<Option<usize>>,
    /// At which timesteps it is evaluated.
    pub spacing: Spacing,
    /// What the network is told instead of the timestep `t`: so many times it.
    pub time_scale: f64,
    /// How the first states are drawn.
    pub start: fn(&DMatrix<f32>, &mut Generator) -> DMatrix<f32>,
}
// ANCHOR_END: setup

impl Setup {
    /// Pictures, d × n, in so many steps of DDIM, of which every prediction is clipped to
    /// [-1, 1].
    ///
    /// # Errors
    ///
    /// If there are no such steps, or the network doesn't know one of the labels.
    pub fn sample(
        &self,
        n: usize,
        steps: usize,
        rng: &mut Generator,
    ) -> Result<DMatrix<f32>, SamplingError> {
        let timesteps = self.spacing.timesteps(steps, self.scheduler.steps())?;
        let levels = Levels::of_timesteps(&self.scheduler, &timesteps)?;
        let (sampler, clipping) = (&Ddim { eta: 0.0 }, X0Clipping::Fixed { bound: 1.0 });
        let config = SamplingConfig { sampler, levels: &levels, clipping };
        let x = DMatrix::zeros(self.network.values(), n);
        config.sample(self, (self.start)(&x, rng), rng)
    }
}

impl Denoiser for Setup {
    fn predict(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        let told = NoiseLevel { t: at.t * self.time_scale, ..at };
        let n = x.ncols();
        let labels: Vec<_> = self.labels.iter().copied().cycle().take(n).collect();
        let values = self.network.outputs(x, &vec![told; n], &labels);
        Ok(Prediction { kind: self.kind, values })
    }
}
