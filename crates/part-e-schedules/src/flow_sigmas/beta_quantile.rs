//! Quantiles of the beta distribution with both parameters 0.6, which scipy calls
//! `beta.ppf(p, 0.6, 0.6)`.

use diffusion_core::mathematics::f64::{exp, ln};

/// Both parameters.
const A: f64 = 0.6;

/// The place, from 0 to 1, below which there is the fraction `p` of the distribution. `p`
/// is from 0 to 1. Within 1e-15 or so.
///
/// The density is that of `x^-0.4 (1 - x)^-0.4`, the same from both ends. So half of it is
/// below 1/2, and the upper half of the quantiles mirrors the lower.
pub fn beta_quantile(p: f64) -> f64 {
    if p > 0.5 {
        return 1.0 - beta_quantile(1.0 - p);
    }
    let wanted = 2.0 * p * integral(power(0.5, A), 0.5);
    // Newton's method in w = x^A. There the integral is convex, its slope (1 - x)^-0.4 / A
    // never below 1 / A: so it begins above the root, comes down to it, and never crosses.
    let mut w = A * wanted;
    loop {
        let x = power(w, 1.0 / A);
        let next = w - (integral(w, x) - wanted) * A * power(1.0 - x, 1.0 - A);
        // What is left is rounding.
        if next.partial_cmp(&w) != Some(std::cmp::Ordering::Less) {
            return x;
        }
        w = next;
    }
}

/// The integral of `x^(A - 1) (1 - x)^(A - 1)` from 0 to x, which is at most 1/2, where
/// `w = x^A`: w times the sum over k of `(1 - A) (2 - A) … (k - A) / k! x^k / (A + k)`.
fn integral(w: f64, x: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0 / A);
    // Each term is less than half of the one before.
    for k in 1..=60 {
        let k = f64::from(k);
        term *= (k - A) / k * x;
        sum += term / (A + k);
    }
    w * sum
}

/// A power of a number of at least 0.
fn power(x: f64, exponent: f64) -> f64 {
    exp(exponent * ln(x))
}
