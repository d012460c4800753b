//! Standard normal values by the ziggurat method (Marsaglia & Tsang 2000, in the variant
//! ZIGNOR of Doornik 2005).
//!
//! Half of the bell curve is covered by 256 layers of the same area. Each is a rectangle,
//! as wide as the curve is at the rectangle's lower edge; only the lowest goes on under
//! the whole tail. A value is a place in the width of a layer, both drawn at random.
//! Where the next layer is as wide too, the place lies under the curve whatever its
//! height, and so do nearly all places. For the others a height is drawn, and the curve
//! decides.
//!
//! Those few are why this is here and not taken from a crate: they need `exp` and `ln`,
//! and the system's don't have the same bits on every machine. The random bits are used
//! as `rand_distr` 0.6 uses them, which the tests hold it against.

use std::sync::LazyLock;

use rand::distr::{Distribution, Open01};
use rand::{Rng, RngExt};

use crate::mathematics::f64::{exp, ln};

const LAYERS: usize = 256;

/// Where the lowest layer ends and the tail begins: `r` in the papers.
const TAIL: f64 = 3.654_152_885_361_009;

/// The area of a layer, and of the lowest one with the tail, under a curve that is 1 at
/// its peak: `v` in the papers. With this area and that tail, the top layer ends at the
/// peak.
const AREA: f64 = 0.004_928_673_233_99;

/// N(0, 1), rounded to f32.
#[derive(Clone, Copy)]
pub struct StandardNormal(&'static Ziggurat);

impl StandardNormal {
    pub fn new() -> Self {
        static ZIGGURAT: LazyLock<Ziggurat> = LazyLock::new(Ziggurat::new);
        StandardNormal(&ZIGGURAT)
    }
}

impl Distribution<f32> for StandardNormal {
    #[inline]
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> f32 {
        let StandardNormal(ziggurat) = self;
        loop {
            // The lowest 8 bits choose the layer, the highest 52 a place in it: as the
            // fraction of a number in [2, 4), which makes a place in [-1, 1).
            let bits = rng.next_u64();
            let layer = bits as usize % LAYERS;
            let place = f64::from_bits(f64::to_bits(2.0) | bits >> 12) - 3.0;
            let x = place * ziggurat.width[layer];
            if x.abs() < ziggurat.width[layer + 1] {
                return x as f32;
            }
            if let Some(x) = ziggurat.at_the_edge(layer, x, rng) {
                return x as f32;
            }
        }
    }
}

/// The layers from the lowest up, and then the peak: width 0, height 1.
struct Ziggurat {
    width: [f64; LAYERS + 1],
    /// Of the lower edge.
    height: [f64; LAYERS + 1],
}

impl Ziggurat {
    fn new() -> Self {
        let mut width = [0.0; LAYERS + 1];
        // The lowest layer and the tail have the area of a rectangle of this width.
        width[0] = AREA / curve(TAIL);
        width[1] = TAIL;
        for layer in 2..LAYERS {
            // As wide as the curve is where the layer below ends.
            let below = width[layer - 1];
            width[layer] = (-2.0 * ln(curve(below) + AREA / below)).sqrt();
        }
        Ziggurat { width, height: width.map(curve) }
    }

    /// The value that comes of a place `x` which may lie above the curve. If it does,
    /// none.
    #[inline]
    fn at_the_edge<R: Rng + ?Sized>(
        &self,
        layer: usize,
        x: f64,
        rng: &mut R,
    ) -> Option<f64> {
        if layer == 0 {
            return Some(tail(rng).copysign(x));
        }
        let (low, high) = (self.height[layer], self.height[layer + 1]);
        let height = high + (low - high) * rng.random::<f64>();
        (height < curve(x)).then_some(x)
    }
}

/// A value of the right tail (Marsaglia 1964).
#[inline]
fn tail<R: Rng + ?Sized>(rng: &mut R) -> f64 {
    loop {
        let x = -ln(rng.sample(Open01)) / TAIL;
        let y = -ln(rng.sample(Open01));
        if 2.0 * y >= x * x {
            return TAIL + x;
        }
    }
}

/// The bell curve, 1 at its peak.
fn curve(x: f64) -> f64 {
    exp(-x * x / 2.0)
}
