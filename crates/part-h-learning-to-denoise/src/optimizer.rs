//! How derivatives change what is learned.

use std::f64::consts::PI;

use diffusion_core::mathematics::f64::cos;

use crate::trainable::ParameterSet;

// ANCHOR: adam
/// Adam (Kingma & Ba 2015, algorithm 1): every number goes down the slope of the loss, in
/// steps that are at most about as long as the learning rate, however steep its slope.
#[derive(Clone, Debug, PartialEq)]
pub struct Adam<P> {
    /// The mean of recent derivatives, m.
    mean: P,
    /// The mean of their squares, v.
    square: P,
    /// `β₁` and `β₂` to the power of the number of updates.
    powers: [f64; 2],
}

/// How much of the old means is kept at an update: `β₁` and `β₂`.
const BETA: [f64; 2] = [0.9, 0.999];

/// What keeps a step finite where all derivatives are 0, `ε`.
const EPSILON: f32 = 1e-8;

impl<P: ParameterSet> Adam<P> {
    /// For parameters of the shape of these.
    pub fn new(parameters: &P) -> Self {
        let zeros = parameters.zeros_like();
        Adam { mean: zeros.clone(), square: zeros, powers: [1.0; 2] }
    }

    /// Changes the parameters by one step (equation H.7).
    pub fn update(&mut self, parameters: &mut P, gradient: &P, learning_rate: f64) {
        for (power, beta) in self.powers.iter_mut().zip(BETA) {
            *power *= beta;
        }
        let [beta_1, beta_2] = BETA.map(|beta| beta as f32);
        let [new_1, new_2] = BETA.map(|beta| (1.0 - beta) as f32);
        // Both means start at 0, and are too small at first. This makes up for it.
        let [scale_1, scale_2] = self.powers.map(|power| 1.0 / (1.0 - power));
        let (step, root) = ((learning_rate * scale_1) as f32, scale_2.sqrt() as f32);

        let means = self.mean.slices_mut().into_iter().zip(self.square.slices_mut());
        let slices = parameters.slices_mut().into_iter().zip(gradient.slices());
        for ((parameters, gradient), (means, squares)) in slices.zip(means) {
            let moments = means.iter_mut().zip(squares);
            for ((number, d), (mean, square)) in
                parameters.iter_mut().zip(gradient).zip(moments)
            {
                *mean = beta_1 * *mean + new_1 * d;
                *square = beta_2 * *square + new_2 * (d * d);
                *number -= step * *mean / (root * square.sqrt() + EPSILON);
            }
        }
    }
}
// ANCHOR_END: adam

impl<P: ParameterSet> Adam<P> {
    /// Its two means, number by number.
    pub(crate) fn moments(&self) -> [Vec<f32>; 2] {
        [&self.mean, &self.square].map(|mean| mean.slices().concat())
    }

    /// Takes up the means that there were after so many updates.
    pub(crate) fn resume(&mut self, [mean, square]: &[Vec<f32>; 2], updates: usize) {
        self.mean.copy_from(mean);
        self.square.copy_from(square);
        for _ in 0..updates {
            self.powers.iter_mut().zip(BETA).for_each(|(power, beta)| *power *= beta);
        }
    }
}

/// Scales a gradient whose norm, that of all its derivatives together, is above `max_norm`
/// down to that (Pascanu et al. 2013, algorithm 1). Returns the norm that it had.
///
/// The same as `torch.nn.utils.clip_grad_norm_`, whose 1e-6 keeps what is scaled below the
/// maximum. The squares are added in 64 bits, one after the other.
pub fn clip_gradient<P: ParameterSet>(gradient: &mut P, max_norm: f64) -> f64 {
    let derivatives = gradient.slices().into_iter().flatten();
    let norm = derivatives.map(|&d| f64::from(d) * f64::from(d)).sum::<f64>().sqrt();
    let scale = max_norm / (norm + 1e-6);
    if scale < 1.0 {
        let derivatives = gradient.slices_mut().into_iter().flatten();
        derivatives.for_each(|d| *d *= scale as f32);
    }
    norm
}

// ANCHOR: learning_rate
/// How far each of `updates` goes (equation H.8): the `peak` after a short warm-up,
/// then less and less along a cosine, to nearly 0 (Loshchilov & Hutter 2017). `update`
/// counts from 0.
pub fn learning_rate(update: usize, updates: usize, peak: f64) -> f64 {
    let warm_up = ((update + 1) as f64 / WARM_UP as f64).min(1.0);
    let progress = update as f64 / updates as f64;
    peak * warm_up * (1.0 + cos(PI * progress)) / 2.0
}

/// After how many updates the learning rate has its full size. Before that, the means of
/// [`Adam`] are those of few derivatives.
pub const WARM_UP: usize = 100;
// ANCHOR_END: learning_rate

// ANCHOR: ema
/// Moves the exponential moving average (EMA) of the parameters towards them, after an
/// update (equation H.9; Ho et al. 2020, appendix B). Each update leaves some noise in
/// the parameters, and the mean of many has less.
///
/// It keeps `(1 + n) / (10 + n)` of what it was at the update `n`, counted from 0, and
/// never more than `decay`. So what was there before anything was learned is soon
/// forgotten.
pub fn update_ema<P: ParameterSet>(ema: &mut P, parameters: &P, n: usize, decay: f64) {
    let kept = decay.min((1 + n) as f64 / (10 + n) as f64) as f32;
    for (ema, parameters) in ema.slices_mut().into_iter().zip(parameters.slices()) {
        for (ema, number) in ema.iter_mut().zip(parameters) {
            *ema += (1.0 - kept) * (number - *ema);
        }
    }
}
// ANCHOR_END: ema
