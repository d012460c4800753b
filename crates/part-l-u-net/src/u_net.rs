//! The U-Net: down to small pictures, where far is near, and up again, with what there
//! was at each size on the way down.

use nalgebra::{DMatrix, DMatrixView};
use part_f_the_way_back::NoiseLevel;
use part_h_learning_to_denoise::loss::squared_error;
use part_h_learning_to_denoise::{Examples, TrainableNetwork};

use crate::config::{ClassEmbedding, TimeFeatures, UNetConfig};
use crate::initial::Initial;
use crate::parameters::{Level, Parameters};
use crate::resampling::{self, Resampling, concatenated, split};
use crate::{attention, group_norm, memory, nonlinearity, resnet_block, time_embedding};

/// A U-Net with its parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct UNet {
    config: UNetConfig,
    /// What it has learned.
    pub parameters: Parameters,
}

/// What going backward needs again of all levels, the last one last. It stays empty if
/// nothing will go backward.
#[derive(Default)]
struct Kept {
    keeps: bool,
    blocks: Vec<resnet_block::Activations>,
    attentions: Vec<attention::Activations>,
    resamplings: Vec<resampling::Activations>,
    /// How many rows that are no skip went into each block on the way up.
    rows: Vec<usize>,
}

impl Level {
    /// What comes out of the block of this number, and of attention behind it, if there
    /// is any.
    fn forward(
        &self,
        i: usize,
        x: DMatrix<f32>,
        embedding: &DMatrix<f32>,
        kept: &mut Kept,
    ) -> DMatrix<f32> {
        let (mut h, block) = self.blocks[i].forward(x, embedding);
        kept.blocks.extend(kept.keeps.then_some(block));
        if let Some(attention) = self.attentions.get(i) {
            let (attended, activations) = attention.forward(&h);
            kept.attentions.extend(kept.keeps.then_some(activations));
            h = attended;
        }
        h
    }

    /// The derivatives with respect to `x`, from those with respect to what came out.
    fn backward(
        &self,
        i: usize,
        mut d: DMatrix<f32>,
        (embedding, d_embedding): (&DMatrix<f32>, &mut DMatrix<f32>),
        kept: &mut Kept,
        gradient: &mut Level,
    ) -> DMatrix<f32> {
        if let Some(attention) = self.attentions.get(i) {
            let saved = kept.attentions.pop().expect("one for each attention");
            d = attention.backward(&saved, d, &mut gradient.attentions[i]);
        }
        let saved = kept.blocks.pop().expect("one for each block");
        let gradient = &mut gradient.blocks[i];
        self.blocks[i].backward(&saved, embedding, d, d_embedding, gradient)
    }
}

impl Kept {
    /// Pictures of the next size.
    fn resample(
        &mut self,
        resampling: &Resampling,
        x: DMatrix<f32>,
        embedding: &DMatrix<f32>,
    ) -> DMatrix<f32> {
        let (y, activations) = resampling.forward(x, embedding);
        self.resamplings.extend(self.keeps.then_some(activations));
        y
    }

    /// The derivatives with respect to what went in.
    fn resample_back(
        &mut self,
        resampling: &Resampling,
        dy: DMatrix<f32>,
        (embedding, d_embedding): (&DMatrix<f32>, &mut DMatrix<f32>),
        gradient: &mut Option<Resampling>,
    ) -> DMatrix<f32> {
        let saved = self.resamplings.pop().expect("one for each that there is");
        let gradient = gradient.as_mut().expect("as in the network");
        resampling.backward(&saved, embedding, dy, d_embedding, gradient)
    }
}

/// What going backward needs again of the whole.
struct Activations {
    time: time_embedding::Activations,
    embedding: DMatrix<f32>,
    x: DMatrix<f32>,
    kept: Kept,
    norm_out: group_norm::Activations,
    silu_out: nonlinearity::Activations,
    into_conv_out: DMatrix<f32>,
}

impl UNet {
    /// One that has learned nothing.
    ///
    /// # Panics
    ///
    /// As [`Parameters::new`].
    pub fn new(config: UNetConfig, initial: &mut impl Initial) -> Self {
        memory::keep();
        let parameters = Parameters::new(&config, initial);
        UNet { config, parameters }
    }

    /// The same network for pictures of so many rows and columns. What it has learned
    /// doesn't depend on that, but it may draw worse pictures of a size that it has never
    /// seen.
    ///
    /// # Panics
    ///
    /// If a number is 0, or can't be halved as often as there are smaller levels.
    pub fn with_size(mut self, size: [usize; 2]) -> Self {
        assert!(self.config.can_have(size), "{size:?}");
        self.config.size = size;
        self.parameters.resize(size);
        self
    }

    /// The same network with embeddings of labels, a column for each, T × labels, if its
    /// labels are [given](crate::ClassEmbedding::Given). Else nothing changes.
    ///
    /// # Panics
    ///
    /// If an embedding has other than T values.
    pub fn with_label_embeddings(mut self, embeddings: DMatrix<f32>) -> Self {
        assert_eq!(
            embeddings.nrows(),
            self.config.time_values(),
            "values of an embedding"
        );
        self.parameters.time.give_labels(embeddings);
        self
    }

    /// Its sizes.
    pub fn config(&self) -> &UNetConfig {
        &self.config
    }

    // ANCHOR: forward
    /// The outputs for pictures `x`, C H W × n, at some noise levels and of some labels,
    /// and what going backward needs of them, if it is to keep that.
    fn forward(
        &self,
        mut x: DMatrix<f32>,
        (levels, labels): (&[NoiseLevel], &[Option<usize>]),
        keeps: bool,
    ) -> (DMatrix<f32>, Activations) {
        let Parameters { time, conv_in, down, middle, up, norm_out, conv_out } =
            &self.parameters;
        let mut kept = Kept { keeps, ..Kept::default() };
        if self.config.centers {
            x.apply(|value| *value = 2.0 * *value - 1.0);
        }
        let (embedding, time) = time.forward(levels, labels);
        let mut h = conv_in.forward(&x);
        let mut skips = vec![h.clone()];
        for level in down {
            for i in 0..level.blocks.len() {
                h = level.forward(i, h, &embedding, &mut kept);
                skips.push(h.clone());
            }
            if let Some(halving) = &level.resample {
                h = kept.resample(halving, h, &embedding);
                skips.push(h.clone());
            }
        }
        for i in 0..middle.blocks.len() {
            h = middle.forward(i, h, &embedding, &mut kept);
        }
        for level in up {
            for i in 0..level.blocks.len() {
                let mut skip = skips.pop().expect("one for each block on the way up");
                if !self.config.skips {
                    skip.fill(0.0);
                }
                kept.rows.push(h.nrows());
                h = level.forward(i, concatenated(&h, &skip), &embedding, &mut kept);
            }
            if let Some(doubling) = &level.resample {
                h = kept.resample(doubling, h, &embedding);
            }
        }
        let (h, norm_out) = norm_out.forward(&h);
        let (into_conv_out, silu_out) = nonlinearity::forward(h);
        let mut outputs = conv_out.forward(&into_conv_out);
        self.divide_by_time(levels, &mut outputs);
        (
            outputs,
            Activations { time, embedding, x, kept, norm_out, silu_out, into_conv_out },
        )
    }
    // ANCHOR_END: forward

    /// The derivatives with respect to all parameters, into `gradient`, and those with
    /// respect to the pictures, C H W × n, from those with respect to the outputs,
    /// C' H W × n.
    fn backward(
        &self,
        saved: Activations,
        (levels, labels): (&[NoiseLevel], &[Option<usize>]),
        mut d_outputs: DMatrix<f32>,
        gradient: &mut Parameters,
    ) -> DMatrix<f32> {
        let Parameters { time, conv_in, down, middle, up, norm_out, conv_out } =
            &self.parameters;
        let Activations { embedding, mut kept, into_conv_out, .. } = saved;
        let mut d_embedding = DMatrix::zeros(embedding.nrows(), embedding.ncols());
        self.divide_by_time(levels, &mut d_outputs);
        let d = conv_out.backward(&into_conv_out, &d_outputs, &mut gradient.conv_out);
        let d = nonlinearity::backward(&saved.silu_out, &d);
        let mut d = norm_out.backward(&saved.norm_out, &d, &mut gradient.norm_out);
        // With respect to each skip, that taken last first.
        let mut d_skips = Vec::new();
        for (level, gradient) in up.iter().zip(&mut gradient.up).rev() {
            if let Some(doubling) = &level.resample {
                let time = (&embedding, &mut d_embedding);
                d = kept.resample_back(doubling, d, time, &mut gradient.resample);
            }
            for i in (0..level.blocks.len()).rev() {
                let time = (&embedding, &mut d_embedding);
                let both = level.backward(i, d, time, &mut kept, gradient);
                let rows = kept.rows.pop().expect("one for each block on the way up");
                let (d_h, mut d_skip) = split(&both, rows);
                if !self.config.skips {
                    d_skip.fill(0.0);
                }
                d = d_h;
                d_skips.push(d_skip);
            }
        }
        for i in (0..middle.blocks.len()).rev() {
            let time = (&embedding, &mut d_embedding);
            d = middle.backward(i, d, time, &mut kept, &mut gradient.middle);
        }
        let mut d_skips = d_skips.into_iter().rev();
        let mut of_skip = || d_skips.next().expect("one for each that was kept");
        for (level, gradient) in down.iter().zip(&mut gradient.down).rev() {
            if let Some(halving) = &level.resample {
                d += of_skip();
                let time = (&embedding, &mut d_embedding);
                d = kept.resample_back(halving, d, time, &mut gradient.resample);
            }
            for i in (0..level.blocks.len()).rev() {
                d += of_skip();
                let time = (&embedding, &mut d_embedding);
                d = level.backward(i, d, time, &mut kept, gradient);
            }
        }
        d += of_skip();
        let dx = conv_in.backward(&saved.x, &d, &mut gradient.conv_in);
        time.backward(&saved.time, labels, &d_embedding, &mut gradient.time);
        if self.config.centers { 2.0 * dx } else { dx }
    }

    /// The outputs for pictures `x`, C H W × n, at some noise levels and of some labels,
    /// C' H W × n, and the derivatives of an error with respect to the pictures, C H W × n:
    /// `error` makes of the outputs the derivatives with respect to them.
    ///
    /// All pictures are taken at once, and what going backward needs of them is kept for as
    /// long.
    ///
    /// # Panics
    ///
    /// If the network doesn't know one of the labels, or something has another shape.
    pub fn outputs_and_derivatives(
        &self,
        x: DMatrix<f32>,
        levels: &[NoiseLevel],
        labels: &[Option<usize>],
        error: impl FnOnce(&DMatrix<f32>) -> DMatrix<f32>,
    ) -> [DMatrix<f32>; 2] {
        let at = (levels, labels);
        let (outputs, saved) = self.forward(x, at, true);
        let d_outputs = error(&outputs);
        let dx = self.backward(saved, at, d_outputs, &mut self.parameters.clone());
        [outputs, dx]
    }

    /// With [`TimeFeatures::Fourier`], outputs, or derivatives with respect to them, are
    /// divided by their time.
    fn divide_by_time(&self, levels: &[NoiseLevel], outputs: &mut DMatrix<f32>) {
        if self.config.time_features == TimeFeatures::Fourier {
            for (mut output, level) in outputs.column_iter_mut().zip(levels) {
                output /= level.t as f32;
            }
        }
    }
}

impl TrainableNetwork for UNet {
    type Parameters = Parameters;
    /// How many columns a chunk has.
    type Activations = usize;

    const CHUNK: usize = 4;

    fn loss_and_gradient(
        &self,
        examples: &Examples,
        first: usize,
        &mut n: &mut usize,
        gradient: &mut Parameters,
    ) -> f64 {
        let x = examples.x.columns(first, n).into_owned();
        let at = (&examples.levels[first..][..n], &examples.labels[first..][..n]);
        let (outputs, saved) = self.forward(x, at, true);
        let targets = examples.targets.columns(first, n);
        let mut d_outputs = outputs.clone();
        let count = examples.targets.len();
        let loss = squared_error(&outputs, targets, count, &mut d_outputs);
        self.backward(saved, at, d_outputs, gradient);
        loss
    }

    fn chunk_outputs(
        &self,
        x: DMatrixView<f32>,
        levels: &[NoiseLevel],
        labels: &[Option<usize>],
    ) -> DMatrix<f32> {
        self.forward(x.into_owned(), (levels, labels), false).0
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn parameters_mut(&mut self) -> &mut Parameters {
        &mut self.parameters
    }

    fn activations(&self, columns: usize) -> usize {
        columns
    }

    fn values(&self) -> usize {
        self.config.channels[0] * self.config.pixels()
    }

    fn labels(&self) -> usize {
        match self.config.class_embedding {
            ClassEmbedding::Learned => self.config.classes.saturating_sub(1),
            ClassEmbedding::Timestep => self.config.steps,
            ClassEmbedding::Given => self.parameters.time.given_labels(),
        }
    }

    fn timesteps(&self) -> usize {
        self.config.steps
    }
}
