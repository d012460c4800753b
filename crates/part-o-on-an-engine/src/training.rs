//! Learning: chapter H's loop, with the engine's derivatives.

use std::mem;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, FloatDType, Tensor};
use part_h_learning_to_denoise::model_file::ModelError;
use part_h_learning_to_denoise::optimizer::learning_rate;
use part_h_learning_to_denoise::{Examples, TrainingConfig, Unfinished};

use crate::UNet;
use crate::denoiser::pictures;
use crate::optimizer::{Adam, by_parameter};
use crate::precision::{LossScale, Precision};

/// A network that learns, on some devices.
pub struct Training {
    config: TrainingConfig,
    precision: Precision,
    loss_scale: LossScale,
    devices: Vec<Device>,
    parts: usize,
    network: UNet,
    ema: UNet,
    adam: Adam,
    updates: usize,
}

impl Training {
    /// A network that is to learn on these devices. It is on the first, where its parameters
    /// stay; each batch is divided among all.
    ///
    /// # Panics
    ///
    /// If there is no device.
    pub fn new(
        config: TrainingConfig,
        precision: Precision,
        devices: Vec<Device>,
        network: &part_l_u_net::UNet,
    ) -> Self {
        let devices: Vec<Device> = devices.into_iter().map(Device::autodiff).collect();
        let network = UNet::of(network, &devices[0]).train();
        Training {
            config,
            precision,
            loss_scale: LossScale::new(precision),
            devices,
            parts: 1,
            ema: network.valid(),
            network,
            adam: Adam::default(),
            updates: 0,
        }
    }

    /// Has each device compute its share of a batch in so many parts, one after the other,
    /// and add up their gradients: that takes the memory of one part.
    ///
    /// # Panics
    ///
    /// If there are to be none.
    pub fn in_parts(self, parts: usize) -> Self {
        assert!(parts > 0, "at least one part");
        Training { parts, ..self }
    }

    // ANCHOR: training
    /// One update on a batch of examples. Returns the loss before that.
    pub fn update(&mut self, examples: &Examples) -> f64 {
        let (loss, mut gradient) = self.loss_and_gradient(examples);
        let TrainingConfig { updates, learning_rate: peak, ema_decay, .. } = self.config;
        let n = self.updates;
        self.updates += 1;
        let norm = norm(&gradient, &self.network);
        if self.loss_scale.leaves_out(norm) {
            return loss;
        }
        if let Some(max_norm) = self.config.max_gradient_norm {
            let scale = (max_norm / (norm + 1e-6)).min(1.0);
            gradient = scaled(gradient, &self.network, scale);
        }
        let rate = learning_rate(n, updates, peak);
        self.network = self.adam.step(rate, self.network.clone(), gradient);
        self.update_ema(n, ema_decay);
        loss
    }

    /// What a share of a batch, `n` examples or what is left of it, adds to the loss and to
    /// its derivatives.
    fn of_share(
        &self,
        examples: &Examples,
        first: usize,
        n: usize,
        device: &Device,
        network: &UNet,
    ) -> (Tensor<1>, GradientsParams) {
        let config = self.network.config();
        let n = n.min(examples.labels.len() - first);
        let [inputs, outputs] = config.channels;
        let x = examples.x.columns(first, n);
        let x = self.precision.rounded(pictures(x, inputs, config.size, device));
        let targets = examples.targets.columns(first, n);
        let targets = pictures(targets, outputs, config.size, device);
        let levels = &examples.levels[first..][..n];
        let times: Vec<f64> = levels.iter().map(|level| level.t).collect();

        let outputs = network.forward(x, &times, &examples.labels[first..][..n]);
        // In 32 bits again: 16 have no place for a sum of thousands of squares.
        let errors = outputs.cast(FloatDType::F32) - targets;
        let loss = errors.square().sum() / examples.targets.len() as f64;
        let gradient = (loss.clone() * self.loss_scale.factor()).backward();
        let gradient = GradientsParams::from_grads(gradient, network);
        (loss.inner(), gradient)
    }
    // ANCHOR_END: training

    /// Goes on where a training was interrupted after so many updates, whether an engine
    /// had begun it or chapter L's own kernels. This one has to be new, of the network with
    /// the EMA. The examples of the updates before are to be drawn once more, so that
    /// others come next.
    ///
    /// # Panics
    ///
    /// If it was the training of a network with more or fewer parameters.
    pub fn resume(&mut self, unfinished: &Unfinished, updates: usize) {
        self.network.copy_from(&unfinished.network);
        // No file says which updates were left out because f16 didn't hold them, nor how
        // often the loss scale was halved. So all count as steps of Adam, and the scale
        // begins anew: it costs some updates more.
        self.adam.resume(&unfinished.moments, updates, &self.network);
        self.updates = updates;
    }

    /// What it takes to go on with it, here or with chapter L's own kernels.
    ///
    /// # Errors
    ///
    /// If a parameter is infinite, or no number.
    pub fn unfinished(&self, seed: u64) -> Result<Unfinished, ModelError> {
        Ok(Unfinished {
            config: self.config,
            seed,
            network: self.network.valid().numbers()?,
            moments: self.adam.moments(&self.network)?,
        })
    }

    /// How many updates there have been.
    pub fn updates_done(&self) -> usize {
        self.updates
    }

    /// The network with the EMA of its parameters: the one to use.
    pub fn ema(&self) -> &UNet {
        &self.ema
    }
}

impl Training {
    /// The loss of a batch, and its derivatives with respect to all parameters. The shares
    /// go to the devices in turn. None is waited for before all are given out: a card and
    /// another machine compute on while this goes on.
    fn loss_and_gradient(&self, examples: &Examples) -> (f64, GradientsParams) {
        let pictures = examples.labels.len();
        let n = pictures.div_ceil(self.devices.len() * self.parts);
        // All copies first, since the first device has the parameters to be copied.
        let copy = |device| (device, self.precision.copy(self.on(device)));
        let copies: Vec<_> = self.devices.iter().map(copy).collect();
        let mut losses = Vec::new();
        let mut of_devices: Vec<GradientsParams> = Vec::new();
        let shares = (0..pictures).step_by(n).zip((0..copies.len()).cycle());
        for (first, i) in shares {
            let (device, network) = &copies[i];
            let (loss, gradient) = self.of_share(examples, first, n, device, network);
            losses.push(loss);
            match of_devices.get_mut(i) {
                None => of_devices.push(gradient),
                Some(sum) => {
                    *sum = self.sum(vec![mem::take(sum), gradient], device);
                }
            }
        }
        let loss = losses.into_iter().map(|loss| f64::from(loss.into_scalar::<f32>()));
        let sum = self.sum(of_devices, &self.devices[0]);
        let scale = f64::from(self.loss_scale.factor());
        (loss.sum(), scaled(sum, &self.network, 1.0 / scale))
    }

    /// The network on a device.
    fn on(&self, device: &Device) -> UNet {
        match *device == self.devices[0] {
            true => self.network.clone(),
            false => self.network.clone().map(&mut Moved(device.clone())),
        }
    }

    /// The sum of some gradients, in 32 bits, on a device.
    fn sum(&self, gradients: Vec<GradientsParams>, device: &Device) -> GradientsParams {
        let device = device.clone().inner();
        let mut sum = Sum { gradients, device, sum: GradientsParams::new() };
        self.network.visit(&mut sum);
        sum.sum
    }

    /// Chapter H's EMA after the update `n`, counted from 0 (equation H.9).
    fn update_ema(&mut self, n: usize, decay: f64) {
        let kept = decay.min((1 + n) as f64 / (10 + n) as f64);
        let numbers = by_parameter(&self.network.valid());
        self.ema = self.ema.clone().map(&mut Towards { numbers, kept });
    }
}

/// A tensor on a device, by way of this machine's memory: so no two other machines have to
/// know each other.
fn moved<const D: usize>(tensor: Tensor<D>, device: &Device) -> Tensor<D> {
    match tensor.device() == *device {
        true => tensor,
        false => Tensor::from_data(tensor.into_data(), device),
    }
}

/// Moves all parameters to a device, as parameters of their own.
struct Moved(Device);

impl ModuleMapper for Moved {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|tensor| {
            let is_learned = tensor.is_require_grad();
            moved(tensor.inner(), &self.0).set_require_grad(is_learned)
        })
    }
}

/// Adds up gradients. burn's own `GradientsAccumulator` would do so in 16 bits.
struct Sum {
    gradients: Vec<GradientsParams>,
    device: Device,
    sum: GradientsParams,
}

impl ModuleVisitor for Sum {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let here = |gradient: &mut GradientsParams| {
            let derivatives = gradient.remove::<D>(param.id)?;
            Some(moved(derivatives.cast(FloatDType::F32), &self.device))
        };
        let sum = self.gradients.iter_mut().filter_map(here).reduce(|a, b| a + b);
        if let Some(sum) = sum {
            self.sum.register(param.id, sum);
        }
    }
}

/// The norm of a gradient, that of all its derivatives together.
fn norm(gradient: &GradientsParams, network: &UNet) -> f64 {
    let mut squares = Squares { gradient, sum: None };
    network.visit(&mut squares);
    squares.sum.map_or(0.0, |sum| f64::from(sum.into_scalar::<f32>()).sqrt())
}

/// A gradient times a number. burn's own clipping would scale each tensor by itself.
fn scaled(gradient: GradientsParams, network: &UNet, scale: f64) -> GradientsParams {
    let mut scaled = Scaled { gradient, scale };
    if scale != 1.0 {
        network.visit(&mut scaled);
    }
    scaled.gradient
}

/// Adds up the squares of all derivatives.
struct Squares<'a> {
    gradient: &'a GradientsParams,
    sum: Option<Tensor<1>>,
}

impl ModuleVisitor for Squares<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(derivatives) = self.gradient.get::<D>(param.id) {
            let squares = derivatives.square().sum();
            self.sum = Some(match self.sum.take() {
                Some(sum) => sum + squares,
                None => squares,
            });
        }
    }
}

/// Multiplies all derivatives.
struct Scaled {
    gradient: GradientsParams,
    scale: f64,
}

impl ModuleVisitor for Scaled {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(derivatives) = self.gradient.remove::<D>(param.id) {
            self.gradient.register(param.id, derivatives * self.scale);
        }
    }
}

/// Moves all parameters towards those of another network.
struct Towards {
    numbers: GradientsParams,
    kept: f64,
}

impl ModuleMapper for Towards {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let number = self.numbers.remove::<D>(param.id).expect("that of the same name");
        param.map(|ema| ema.clone() + (number - ema) * (1.0 - self.kept))
    }
}
