//! What a network computes on the way, which the derivatives need again.

use nalgebra::DMatrix;
use part_f_the_way_back::NoiseLevel;
use part_h_learning_to_denoise::features::{self, TIME_FREQUENCIES};
use part_h_learning_to_denoise::layers::{Linear, silu};

use crate::parameters::{COLOURS, NetworkConfig};

/// What goes into a nonlinearity, and what comes out.
#[derive(Clone, Debug)]
pub(crate) struct Nonlinearity {
    pub x: DMatrix<f32>,
    sigmoid: DMatrix<f32>,
    pub y: DMatrix<f32>,
}

impl Nonlinearity {
    fn new(rows: usize, columns: usize) -> Self {
        let x = DMatrix::zeros(rows, columns);
        Nonlinearity { sigmoid: x.clone(), y: x.clone(), x }
    }

    pub fn forward(&mut self) {
        silu::forward(&self.x, &mut self.sigmoid, &mut self.y);
    }

    pub fn backward(&self, dy: &DMatrix<f32>, dx: &mut DMatrix<f32>) {
        silu::backward(&self.x, &self.sigmoid, dy, dx);
    }
}

/// What a residual block computes.
#[derive(Clone, Debug)]
pub(crate) struct Inside {
    /// Two numbers for each channel, which depend on the time.
    pub told: DMatrix<f32>,
    pub modulated: Nonlinearity,
    pub pointwise: Nonlinearity,
}

/// What a network computes of some pictures, from the features of the time to the
/// outputs.
#[derive(Clone, Debug)]
pub struct Activations {
    pub(crate) x: DMatrix<f32>,
    pub(crate) features: DMatrix<f32>,
    pub(crate) time: [Nonlinearity; 2],
    /// What comes out of the first kernel, and of each block.
    pub(crate) h: Vec<DMatrix<f32>>,
    pub(crate) inside: Vec<Inside>,
    pub(crate) end_told: DMatrix<f32>,
    pub(crate) end: Nonlinearity,
    /// What comes out of the last kernel.
    pub outputs: DMatrix<f32>,
    /// The derivatives of the loss with respect to the outputs, to the `h` that it has
    /// come back to, and to what goes into and comes out of anything between.
    pub(crate) d_outputs: DMatrix<f32>,
    pub(crate) dh: DMatrix<f32>,
    pub(crate) dx: DMatrix<f32>,
    pub(crate) dy: DMatrix<f32>,
    /// With respect to what layers are told of the time.
    pub(crate) d_told: DMatrix<f32>,
    pub(crate) d_time: DMatrix<f32>,
    pub(crate) d_part: DMatrix<f32>,
}

impl Activations {
    /// For so many pictures.
    pub fn new(config: &NetworkConfig, columns: usize) -> Self {
        let zeros = |rows| DMatrix::zeros(rows, columns);
        let channels = config.channels;
        let (picture, values) = (COLOURS * config.pixels(), channels * config.pixels());
        let nonlinearity = |rows| Nonlinearity::new(rows, columns);
        let inside = || Inside {
            told: zeros(2 * channels),
            modulated: nonlinearity(values),
            pointwise: nonlinearity(values),
        };
        Activations {
            x: zeros(picture),
            features: zeros(2 * TIME_FREQUENCIES),
            time: [nonlinearity(channels), nonlinearity(channels)],
            h: vec![zeros(values); config.layers - 1],
            inside: (2..config.layers).map(|_| inside()).collect(),
            end_told: zeros(2 * channels),
            end: nonlinearity(values),
            outputs: zeros(picture),
            d_outputs: zeros(picture),
            dh: zeros(values),
            dx: zeros(values),
            dy: zeros(values),
            d_told: zeros(2 * channels),
            d_time: zeros(channels),
            d_part: zeros(channels),
        }
    }

    /// Computes what all layers are told of the time, from its features.
    pub(crate) fn write_time(
        &mut self,
        levels: &[NoiseLevel],
        layers: &[Linear; 2],
        steps: usize,
    ) {
        let features = levels.iter().flat_map(|at| features::of_time(at.t, steps));
        for (place, feature) in self.features.iter_mut().zip(features) {
            *place = feature;
        }
        let [one, other] = &mut self.time;
        layers[0].forward(&self.features, &mut one.x);
        one.forward();
        layers[1].forward(&one.y, &mut other.x);
        other.forward();
    }
}
