//! The engine's network as a denoiser, for the samplers of chapter I.

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use nalgebra::{DMatrix, DMatrixView};
use part_f_the_way_back::{
    Denoiser, DenoiserError, NoiseLevel, Prediction, PredictionType,
};
use part_h_learning_to_denoise::guidance::guided;

use crate::UNet;

/// How many pictures are computed at once, at most.
const AT_ONCE: usize = 64;

/// A network that has learned to denoise, of samples of some labels, each in turn.
#[derive(Clone, Debug)]
pub struct EngineDenoiser {
    network: UNet,
    device: Device,
    kind: PredictionType,
    labels: Vec<Option<usize>>,
    guidance: f32,
}

impl Denoiser for EngineDenoiser {
    /// The columns of a state, C H W × n, lie one behind the other in memory, and in each
    /// channel a row of pixels behind the other: that is a tensor of n × C × H × W.
    fn predict(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        let config = self.network.config();
        let (found, expected) = (x.nrows(), config.channels[0] * config.pixels());
        if found != expected {
            return Err(DenoiserError::Shape { found, expected });
        }
        let labels: Vec<_> =
            self.labels.iter().copied().cycle().take(x.ncols()).collect();
        let mut values = self.outputs(x, at.t, &labels);
        if self.guidance != 1.0 && labels.iter().any(Option::is_some) {
            let without = self.outputs(x, at.t, &vec![None; labels.len()]);
            values = guided(&values, &without, self.guidance);
        }
        Ok(Prediction { kind: self.kind, values })
    }
}

impl EngineDenoiser {
    /// The denoiser of a network on a device, which was trained for a prediction type.
    ///
    /// # Panics
    ///
    /// If there are no labels.
    pub fn new(
        network: &UNet,
        device: &Device,
        kind: PredictionType,
        labels: Vec<Option<usize>>,
        guidance: f32,
    ) -> Self {
        assert!(!labels.is_empty(), "labels, or none for all");
        // Nothing is differentiated here.
        let network = network.valid();
        EngineDenoiser { network, device: device.clone(), kind, labels, guidance }
    }

    fn outputs(
        &self,
        x: &DMatrix<f32>,
        t: f64,
        labels: &[Option<usize>],
    ) -> DMatrix<f32> {
        let config = self.network.config();
        let mut numbers = Vec::with_capacity(x.len());
        for (chunk, labels) in labels.chunks(AT_ONCE).enumerate() {
            let x = x.columns(chunk * AT_ONCE, labels.len());
            let x = pictures(x, config.channels[0], config.size, &self.device);
            let outputs = self.network.forward(x, &vec![t; labels.len()], labels);
            numbers.extend(numbers_of(outputs));
        }
        DMatrix::from_vec(config.channels[1] * config.pixels(), x.ncols(), numbers)
    }
}

/// The pictures that are the columns of a matrix, n × C × H × W.
pub(crate) fn pictures(
    x: DMatrixView<f32>,
    channels: usize,
    [rows, width]: [usize; 2],
    device: &Device,
) -> Tensor<4> {
    let numbers: Vec<f32> = x.iter().copied().collect();
    let data = TensorData::new(numbers, [x.ncols(), channels, rows, width]);
    Tensor::from_data(data, device)
}

/// All numbers of a tensor, in 32 bits.
pub(crate) fn numbers_of<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    let data = tensor.into_data().convert::<f32>();
    data.try_into_vec().expect("they are of 32 bits")
}
