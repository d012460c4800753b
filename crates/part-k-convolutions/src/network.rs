//! The network: kernels of 3 × 3 one behind the other, each told the time. And the way
//! back through it.
//!
//! Nothing in it looks at a whole picture, as a normalization or attention would. So
//! what it predicts for a pixel depends on the field of view around that pixel, and on
//! nothing else.

use nalgebra::{DMatrix, DMatrixView};
use part_f_the_way_back::NoiseLevel;
use part_h_learning_to_denoise::layers::Linear;
use part_h_learning_to_denoise::loss::squared_error;
use part_h_learning_to_denoise::{Examples, TrainableNetwork};
use rand::Rng;

use crate::activations::{Activations, Inside};
use crate::border::counted;
use crate::kernel::Kernel;
use crate::modulation;
use crate::parameters::{COLOURS, NetworkConfig, Parameters, Shapes};

/// A network with its parameters, for pictures of one size.
#[derive(Clone, Debug, PartialEq)]
pub struct ConvolutionalNetwork {
    config: NetworkConfig,
    shapes: Shapes,
    /// What it has learned.
    pub parameters: Parameters,
}

impl ConvolutionalNetwork {
    /// A network that has learned nothing.
    ///
    /// # Panics
    ///
    /// If the config has no pixels or no channels, or fewer than 2 layers.
    pub fn new(config: NetworkConfig, rng: &mut impl Rng) -> Self {
        let parameters = Parameters::new(&config, rng);
        Self::with(config, parameters)
    }

    /// A network that has learned these numbers. They fit any size and any padding.
    ///
    /// # Panics
    ///
    /// If they don't fit the channels and the layers of the config.
    pub fn with(config: NetworkConfig, parameters: Parameters) -> Self {
        let shapes = Shapes::new(&config);
        assert_eq!(parameters.blocks.len(), config.layers - 2, "a block for each layer");
        assert_eq!(parameters.first.weights.shape(), shapes.first.weights());
        ConvolutionalNetwork { config, shapes, parameters }
    }

    /// Its sizes.
    pub fn config(&self) -> &NetworkConfig {
        &self.config
    }

    // ANCHOR: forward
    /// Computes the outputs for the pictures in the activations, at these noise levels:
    /// from the first kernel through the residual blocks (equation K.5) to the last
    /// one.
    fn forward(&self, levels: &[NoiseLevel], activations: &mut Activations) {
        let Parameters { first, blocks, last_time, last, .. } = &self.parameters;
        let shapes = &self.shapes;
        activations.write_time(levels, &self.parameters.time, self.config.steps);
        let Activations { x, time, h, inside, end_told, end, outputs, .. } = activations;
        let time = &time[1].y;
        first.forward(&shapes.first, x, &mut h[0]);
        for (i, block) in blocks.iter().enumerate() {
            let (before, here) = h.split_at_mut(i + 1);
            let Inside { told, modulated, pointwise } = &mut inside[i];
            block.time.forward(time, told);
            modulation::forward(&before[i], told, &mut modulated.x);
            modulated.forward();
            block.pointwise.forward(&shapes.pointwise, &modulated.y, &mut pointwise.x);
            pointwise.forward();
            block.kernel.forward(&shapes.middle, &pointwise.y, &mut here[0]);
            // What goes in is added to what comes out.
            here[0] += &before[i];
        }
        last_time.forward(time, end_told);
        modulation::forward(&h[blocks.len()], end_told, &mut end.x);
        end.forward();
        last.forward(&shapes.last, &end.y, outputs);
    }
    // ANCHOR_END: forward
}

impl TrainableNetwork for ConvolutionalNetwork {
    type Parameters = Parameters;
    type Activations = Activations;

    const CHUNK: usize = 2;

    // ANCHOR: loss_and_gradient
    /// First forward, then from the last kernel back through the residual blocks
    /// (equation K.5) to the first, and from each layer to what it was told of the
    /// time.
    fn loss_and_gradient(
        &self,
        examples: &Examples,
        first: usize,
        activations: &mut Activations,
        gradient: &mut Parameters,
    ) -> f64 {
        let n = activations.outputs.ncols();
        activations.x.copy_from(&examples.x.columns(first, n));
        self.forward(&examples.levels[first..][..n], activations);

        let (parameters, shapes) = (&self.parameters, &self.shapes);
        let Activations { features, x, time, h, inside, end_told, end, .. } = activations;
        let Activations { outputs, d_outputs, dh, dy, dx, d_told, .. } = activations;
        let Activations { d_time, d_part, .. } = activations;
        let (targets, part) =
            counted(&self.config, outputs, examples.targets.columns(first, n));
        let count = (examples.targets.len() as f64 * part).round() as usize;
        let loss = squared_error(outputs, targets.as_view(), count, d_outputs) / part;

        let told_by = &time[1].y;
        Kernel::backward(&shapes.last, &end.y, d_outputs, &mut gradient.last);
        parameters.last.backward_to_input(&shapes.last, d_outputs, dy);
        end.backward(dy, dh);
        modulation::backward(&h[inside.len()], end_told, dh, d_told);
        Linear::backward(told_by, d_told, &mut gradient.last_time);
        parameters.last_time.backward_to_input(d_told, d_time);

        for (i, Inside { told, modulated, pointwise }) in inside.iter().enumerate().rev()
        {
            let (block, gradient) = (&parameters.blocks[i], &mut gradient.blocks[i]);
            Kernel::backward(&shapes.middle, &pointwise.y, dh, &mut gradient.kernel);
            block.kernel.backward_to_input(&shapes.middle, dh, dy);
            pointwise.backward(dy, dx);
            Kernel::backward(
                &shapes.pointwise,
                &modulated.y,
                dx,
                &mut gradient.pointwise,
            );
            block.pointwise.backward_to_input(&shapes.pointwise, dx, dy);
            modulated.backward(dy, dx);
            modulation::backward(&h[i], told, dx, d_told);
            Linear::backward(told_by, d_told, &mut gradient.time);
            block.time.backward_to_input(d_told, d_part);
            // The derivative of a sum goes to both of its terms, and all layers are
            // told the same.
            *dh += &*dx;
            *d_time += &*d_part;
        }
        Kernel::backward(&shapes.first, x, dh, &mut gradient.first);

        let [first_time, second_time] = &mut gradient.time;
        time[1].backward(d_time, d_part);
        Linear::backward(&time[0].y, d_part, second_time);
        parameters.time[1].backward_to_input(d_part, d_time);
        time[0].backward(d_time, d_part);
        Linear::backward(features, d_part, first_time);
        loss
    }
    // ANCHOR_END: loss_and_gradient

    fn chunk_outputs(
        &self,
        x: DMatrixView<f32>,
        levels: &[NoiseLevel],
        _: &[Option<usize>],
    ) -> DMatrix<f32> {
        let mut activations = self.activations(x.ncols());
        activations.x.copy_from(&x);
        self.forward(levels, &mut activations);
        activations.outputs
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn parameters_mut(&mut self) -> &mut Parameters {
        &mut self.parameters
    }

    fn activations(&self, columns: usize) -> Activations {
        Activations::new(&self.config, columns)
    }

    fn values(&self) -> usize {
        COLOURS * self.config.pixels()
    }

    fn labels(&self) -> usize {
        0
    }

    fn timesteps(&self) -> usize {
        self.config.steps
    }
}
