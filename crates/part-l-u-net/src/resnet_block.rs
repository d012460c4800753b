//! The block that a U-Net is mostly made of (He et al. 2016, as Ho et al. 2020 have it).

use crate::initial::Initial;
use diffusion_kernels::convolution::Padding;
use diffusion_kernels::sums::sum;
use nalgebra::DMatrix;
use part_k_convolutions::modulation;

use crate::config::NormConfig;
use crate::group_norm::{self, GroupNorm};
use crate::layer::Layer;
use crate::nonlinearity;
use crate::resampling::{doubled, doubled_back, halved, halved_back};
use crate::tensors::{Tensor, Tensors};

// ANCHOR: resnet_block
/// Two convolutions, each behind a normalization and a nonlinearity, with the time
/// between them. What went in is added to what comes out.
#[derive(Clone, Debug, PartialEq)]
pub struct ResnetBlock {
    norm1: GroupNorm,
    conv1: Layer,
    /// From the embedding of the time to a number for each channel, or to two.
    time: Layer,
    norm2: GroupNorm,
    conv2: Layer,
    /// From the channels that go in to those that come out, if they are not as many.
    shortcut: Option<Layer>,
    /// Whether the time scales and shifts, as in chapter K, and isn't only added.
    scale_shift: bool,
    /// What the sum is divided by.
    divisor: f32,
    /// What becomes of the size of the pictures.
    scaling: Scaling,
}

impl ResnetBlock {
    /// What comes out (equation L.3) of pictures `x`, C P × n, at times with these
    /// embeddings, T × n: C' P' × n, where P' is P, but for a block that scales.
    pub fn forward(
        &self,
        x: DMatrix<f32>,
        embedding: &DMatrix<f32>,
    ) -> (DMatrix<f32>, Activations) {
        let (h, norm1) = self.norm1.forward(&x);
        let (into_conv1, silu1) = nonlinearity::forward(h);
        let (into_conv1, x) = (self.scaled(into_conv1), self.scaled(x));
        let mut h = self.conv1.forward(&into_conv1);
        let time = self.time.forward(embedding);
        if !self.scale_shift {
            add_to_channels(&time, &mut h);
        }
        let (h, norm2) = self.norm2.forward(&h);
        let (h, modulated) = self.modulate(h, &time);
        let (into_conv2, silu2) = nonlinearity::forward(h);
        let mut y = self.conv2.forward(&into_conv2);
        match &self.shortcut {
            Some(shortcut) => y += shortcut.forward(&x),
            None => y += &x,
        }
        if self.divisor != 1.0 {
            y /= self.divisor;
        }
        let conv = [into_conv1, into_conv2];
        let (norm, silu) = ([norm1, norm2], [silu1, silu2]);
        (y, Activations { x, norm, silu, conv, time, modulated })
    }
}
// ANCHOR_END: resnet_block

/// What a block does to the size of its pictures, before its first convolution and on the
/// way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scaling {
    /// Nothing.
    Same,
    /// Each block of 2 × 2 pixels becomes one, their mean.
    Halving,
    /// Each pixel becomes a block of 2 × 2.
    Doubling,
}

impl Scaling {
    /// The rows and columns that so many become.
    pub(crate) fn of(self, size: [usize; 2]) -> [usize; 2] {
        size.map(|length| match self {
            Scaling::Same => length,
            Scaling::Halving => length / 2,
            Scaling::Doubling => 2 * length,
        })
    }
}

/// What going backward needs again. Of what there is twice, the first one comes first.
#[derive(Clone, Debug)]
pub struct Activations {
    /// What went into the short way, scaled.
    x: DMatrix<f32>,
    norm: [group_norm::Activations; 2],
    silu: [nonlinearity::Activations; 2],
    /// What went into the convolutions.
    conv: [DMatrix<f32>; 2],
    /// What the time adds, or its scales and shifts.
    time: DMatrix<f32>,
    /// What was scaled and shifted, if anything was.
    modulated: Option<DMatrix<f32>>,
}

// ANCHOR: resnet_block_backward
impl ResnetBlock {
    /// The derivatives with respect to all parameters, into `gradient`, those with
    /// respect to the embeddings, which are added to `d_embedding`, T × n, and those with
    /// respect to `x`, C P × n, from those with respect to what came out, `dy`,
    /// C' P' × n.
    pub fn backward(
        &self,
        saved: &Activations,
        embedding: &DMatrix<f32>,
        mut dy: DMatrix<f32>,
        d_embedding: &mut DMatrix<f32>,
        gradient: &mut ResnetBlock,
    ) -> DMatrix<f32> {
        let Activations { x, norm, silu, conv, time, modulated } = saved;
        dy /= self.divisor;
        let d = self.conv2.backward(&conv[1], &dy, &mut gradient.conv2);
        let mut d = nonlinearity::backward(&silu[1], &d);
        let mut d_time = time.clone();
        if let Some(h) = modulated {
            modulation::backward(h, time, &mut d, &mut d_time);
        }
        let d = self.norm2.backward(&norm[1], &d, &mut gradient.norm2);
        if !self.scale_shift {
            sums_of_channels(&d, &mut d_time);
        }
        *d_embedding += self.time.backward(embedding, &d_time, &mut gradient.time);
        let d = self.conv1.backward(&conv[0], &d, &mut gradient.conv1);
        let d = nonlinearity::backward(&silu[0], &self.scaled_back(d));
        let dx = self.norm1.backward(&norm[0], &d, &mut gradient.norm1);
        let d_short = match (&self.shortcut, &mut gradient.shortcut) {
            (Some(shortcut), Some(gradient)) => shortcut.backward(x, &dy, gradient),
            _ => dy,
        };
        dx + self.scaled_back(d_short)
    }
}
// ANCHOR_END: resnet_block_backward

impl ResnetBlock {
    /// Pictures of the size that the convolutions have.
    fn scaled(&self, x: DMatrix<f32>) -> DMatrix<f32> {
        match self.scaling {
            Scaling::Same => x,
            Scaling::Halving => halved(&x, self.conv1.size_in()),
            Scaling::Doubling => doubled(&x, Scaling::Halving.of(self.conv1.size_in())),
        }
    }

    /// The derivatives with respect to them before that.
    fn scaled_back(&self, d: DMatrix<f32>) -> DMatrix<f32> {
        match self.scaling {
            Scaling::Same => d,
            Scaling::Halving => halved_back(&d, self.conv1.size_in()),
            Scaling::Doubling => {
                doubled_back(&d, Scaling::Halving.of(self.conv1.size_in()))
            }
        }
    }

    /// What chapter K's modulation makes of `h`, and `h` itself, if the time scales and
    /// shifts. If it doesn't, `h` as it is.
    fn modulate(
        &self,
        h: DMatrix<f32>,
        time: &DMatrix<f32>,
    ) -> (DMatrix<f32>, Option<DMatrix<f32>>) {
        if !self.scale_shift {
            return (h, None);
        }
        let mut m = h.clone();
        modulation::forward(&h, time, &mut m);
        (m, Some(h))
    }
}

/// Adds one of the `shifts`, C × n, to all pixels of each channel of each picture.
fn add_to_channels(shifts: &DMatrix<f32>, x: &mut DMatrix<f32>) {
    let pixels = x.nrows() / shifts.nrows();
    let planes = x.as_mut_slice().chunks_exact_mut(pixels);
    for (plane, shift) in planes.zip(shifts) {
        plane.iter_mut().for_each(|value| *value += shift);
    }
}

/// The sum over all pixels of each channel of each picture, C × n.
fn sums_of_channels(x: &DMatrix<f32>, sums: &mut DMatrix<f32>) {
    let planes = x.as_slice().chunks_exact(x.nrows() / sums.nrows());
    for (plane, channel) in planes.zip(sums.iter_mut()) {
        *channel = sum(plane);
    }
}

impl ResnetBlock {
    /// One that has learned nothing: from C to C' channels, for pictures of so many rows
    /// and columns in its convolutions, with embeddings of so many values, T.
    ///
    /// # Panics
    ///
    /// If a number is 0, or if groups can't be of as many channels each.
    pub fn new(
        [inputs, outputs]: [usize; 2],
        size: [usize; 2],
        embedding: usize,
        norm: &NormConfig,
        initial: &mut impl Initial,
    ) -> Self {
        let three = |channels, initial: &mut _| {
            Layer::convolution(channels, size, (3, 1), Padding::Zeros, initial)
        };
        let time = if norm.scale_shift { 2 * outputs } else { outputs };
        ResnetBlock {
            norm1: GroupNorm::new(norm.groups, inputs, norm.epsilon),
            conv1: three([inputs, outputs], initial),
            time: Layer::linear([embedding, time], [1, 1], initial),
            norm2: GroupNorm::new(norm.groups, outputs, norm.epsilon),
            conv2: three([outputs, outputs], initial),
            shortcut: (inputs != outputs).then(|| {
                let channels = [inputs, outputs];
                Layer::convolution(channels, size, (1, 1), Padding::None, initial)
            }),
            scale_shift: norm.scale_shift,
            divisor: 1.0,
            scaling: Scaling::Same,
        }
    }

    /// The same, with pictures that are scaled to the size of its convolutions.
    pub fn scaling(mut self, scaling: Scaling) -> Self {
        self.scaling = scaling;
        self
    }

    /// The same, for pictures of so many rows and columns that go in.
    pub(crate) fn resize(&mut self, size: [usize; 2]) {
        let size = self.scaling.of(size);
        let layers = [&mut self.conv1, &mut self.conv2].into_iter();
        layers.chain(&mut self.shortcut).for_each(|layer| layer.resize(size));
    }

    /// The same, with the sum divided.
    pub fn divided_by(mut self, divisor: f32) -> Self {
        self.divisor = divisor;
        self
    }
}

impl Tensors for ResnetBlock {
    fn tensors<'a>(&'a self, name: &str, all: &mut Vec<Tensor<'a>>) {
        self.norm1.tensors(&format!("{name}.norm1"), all);
        self.conv1.tensors(&format!("{name}.conv1"), all);
        self.time.tensors(&format!("{name}.time_emb_proj"), all);
        self.norm2.tensors(&format!("{name}.norm2"), all);
        self.conv2.tensors(&format!("{name}.conv2"), all);
        if let Some(shortcut) = &self.shortcut {
            shortcut.tensors(&format!("{name}.conv_shortcut"), all);
        }
    }

    fn slices_mut<'a>(&'a mut self, all: &mut Vec<&'a mut [f32]>) {
        self.norm1.slices_mut(all);
        self.conv1.slices_mut(all);
        self.time.slices_mut(all);
        self.norm2.slices_mut(all);
        self.conv2.slices_mut(all);
        if let Some(shortcut) = &mut self.shortcut {
            shortcut.slices_mut(all);
        }
    }
}
