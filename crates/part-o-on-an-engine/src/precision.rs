//! Numbers of 16 bits: half the memory, and on cards that have units for them several
//! times the speed.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{FloatDType, Tensor};

use crate::UNet;

/// In which numbers a network computes while it learns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// Of 32 bits.
    #[default]
    F32,
    /// Of 16 bits, 8 of them for the exponent: as far as those of 32, but with two to
    /// three digits.
    Bf16,
    /// Of 16 bits, 5 of them for the exponent: three to four digits, up to 65,504, and
    /// down to 6e-8.
    F16,
}

impl Precision {
    /// The numbers themselves, if they aren't those of 32 bits.
    fn dtype(self) -> Option<FloatDType> {
        match self {
            Precision::F32 => None,
            Precision::Bf16 => Some(FloatDType::BF16),
            Precision::F16 => Some(FloatDType::F16),
        }
    }

    /// A network that computes in these numbers. What it is a copy of stays in 32 bits,
    /// where an update that is a thousandth of a number isn't lost.
    pub fn copy(self, network: UNet) -> UNet {
        match self.dtype() {
            None => network,
            Some(dtype) => network.map(&mut Rounded(dtype)),
        }
    }

    /// Pictures in these numbers, in the same shape.
    pub fn rounded(self, x: Tensor<4>) -> Tensor<4> {
        match self.dtype() {
            None => x,
            Some(dtype) => x.cast(dtype),
        }
    }
}

/// Rounds all parameters.
struct Rounded(FloatDType);

impl ModuleMapper for Rounded {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        // A parameter of its own, with derivatives. What isn't learned stays as it is.
        param.map(|tensor| match tensor.is_require_grad() {
            true => tensor.cast(self.0).detach().require_grad(),
            false => tensor,
        })
    }
}

/// What a loss is multiplied by before it is differentiated, so that small derivatives
/// don't become 0 in `f16` (Micikevicius et al. 2018, section 3.2).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LossScale {
    precision: Precision,
    factor: f32,
    /// Updates since it was changed.
    good: usize,
}

impl LossScale {
    /// After so many updates, a larger factor is tried.
    pub const PATIENCE: usize = 2000;
    /// The largest factor.
    pub const MAX: f32 = 65_536.0;

    /// That of a new training. Only `f16` needs one.
    pub fn new(precision: Precision) -> Self {
        let factor = if precision == Precision::F16 { 1024.0 } else { 1.0 };
        LossScale { precision, factor, good: 0 }
    }

    /// The factor, above 0.
    pub fn factor(&self) -> f32 {
        self.factor
    }

    // ANCHOR: loss_scale
    /// Whether the update with a gradient of this norm is to be left out, since `f16`
    /// didn't hold it. Then the next loss is scaled less. In other numbers, a gradient
    /// that isn't finite is that of a training which has diverged.
    pub fn leaves_out(&mut self, norm: f64) -> bool {
        if self.precision != Precision::F16 {
            return false;
        }
        let is_too_large = !norm.is_finite();
        self.good = if is_too_large { 0 } else { self.good + 1 };
        if is_too_large {
            self.factor /= 2.0;
        } else if self.good == Self::PATIENCE {
            self.factor = (2.0 * self.factor).min(Self::MAX);
            self.good = 0;
        }
        is_too_large
    }
    // ANCHOR_END: loss_scale
}
