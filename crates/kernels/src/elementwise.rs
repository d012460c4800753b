//! Functions of every value of an array, many times faster than one by one: there is no
//! branch in them, and so the compiler computes as many side by side as the processor
//! can.
//!
//! Each is a polynomial of its own, in f32 and without fused products. So the bits depend
//! on the value alone: not on the processor, nor on where in the array it stands. They
//! are not those of [`mathematics`](diffusion_core::mathematics), which differ in the
//! last bits.

use std::f64::consts::{FRAC_2_PI, FRAC_PI_2};

use multiversion::multiversion;

use crate::Instructions;

/// The sigmoid of each value, `1 / (1 + e⁻ˣ)`, from 0 to 1.
///
/// The relative error is at most 3e-7. Below -87 it stays at e⁻⁸⁷, 1.6e-38. NaN stays
/// NaN.
///
/// # Panics
///
/// If `y` has another length than `x`.
pub fn sigmoid(x: &[f32], y: &mut [f32]) {
    Instructions::fastest().sigmoid(x, y);
}

/// Replaces each value by `eˣ`.
///
/// The relative error is at most 3e-7 for values from -87 to 87. Outside, it stays as it is
/// at the nearer end. NaN stays NaN.
pub fn exp(x: &mut [f32]) {
    Instructions::fastest().exp(x);
}

/// The sine and the cosine of each value, an angle in radians.
///
/// The error is at most 1.5e-7 for angles up to 1e8. It grows beyond, and from 1e15 on,
/// what comes out is no sine any more. NaN if the angle is not finite.
///
/// # Panics
///
/// If `sin` or `cos` has another length than `x`.
pub fn sin_cos(x: &[f32], sin: &mut [f32], cos: &mut [f32]) {
    Instructions::fastest().sin_cos(x, sin, cos);
}

impl Instructions {
    /// [`sigmoid`](self::sigmoid) with these instructions.
    ///
    /// # Panics
    ///
    /// If `y` has another length than `x`.
    pub fn sigmoid(self, x: &[f32], y: &mut [f32]) {
        assert_eq!(x.len(), y.len(), "a place for each result");
        match self {
            Instructions::Plain => sigmoid_plain(x, y),
            Instructions::Avx2 => sigmoid_avx2(x, y),
            Instructions::Avx512 => sigmoid_avx512(x, y),
        }
    }

    /// [`exp`](self::exp) with these instructions.
    pub fn exp(self, x: &mut [f32]) {
        match self {
            Instructions::Plain => exp_plain(x),
            Instructions::Avx2 => exp_avx2(x),
            Instructions::Avx512 => exp_avx512(x),
        }
    }

    /// [`sin_cos`](self::sin_cos) with these instructions.
    ///
    /// # Panics
    ///
    /// If `sin` or `cos` has another length than `x`.
    pub fn sin_cos(self, x: &[f32], sin: &mut [f32], cos: &mut [f32]) {
        assert_eq!(x.len(), sin.len(), "a place for each result");
        assert_eq!(x.len(), cos.len(), "a place for each result");
        match self {
            Instructions::Plain => sin_cos_plain(x, sin, cos),
            Instructions::Avx2 => sin_cos_avx2(x, sin, cos),
            Instructions::Avx512 => sin_cos_avx512(x, sin, cos),
        }
    }
}

fn sigmoid_plain(x: &[f32], y: &mut [f32]) {
    sigmoids(x, y);
}

#[multiversion(targets("x86_64+avx2"))]
fn sigmoid_avx2(x: &[f32], y: &mut [f32]) {
    sigmoids(x, y);
}

#[multiversion(targets("x86_64+avx512f"))]
fn sigmoid_avx512(x: &[f32], y: &mut [f32]) {
    sigmoids(x, y);
}

fn exp_plain(x: &mut [f32]) {
    exps(x);
}

#[multiversion(targets("x86_64+avx2"))]
fn exp_avx2(x: &mut [f32]) {
    exps(x);
}

#[multiversion(targets("x86_64+avx512f"))]
fn exp_avx512(x: &mut [f32]) {
    exps(x);
}

fn sin_cos_plain(x: &[f32], sin: &mut [f32], cos: &mut [f32]) {
    sines_and_cosines(x, sin, cos);
}

#[multiversion(targets("x86_64+avx2"))]
fn sin_cos_avx2(x: &[f32], sin: &mut [f32], cos: &mut [f32]) {
    sines_and_cosines(x, sin, cos);
}

#[multiversion(targets("x86_64+avx512f"))]
fn sin_cos_avx512(x: &[f32], sin: &mut [f32], cos: &mut [f32]) {
    sines_and_cosines(x, sin, cos);
}

#[inline(always)]
fn sigmoids(x: &[f32], y: &mut [f32]) {
    for (x, y) in x.iter().zip(y) {
        *y = 1.0 / (1.0 + exp_of_moderate(-x));
    }
}

#[inline(always)]
fn exps(x: &mut [f32]) {
    for x in x {
        *x = exp_of_moderate(*x);
    }
}

/// eˣ for x from -87 to 87, and the value at the nearer end outside. NaN stays NaN.
///
/// With n the whole number nearest to x / ln 2, it is 2ⁿ eʳ with r = x - n ln 2, and a
/// polynomial for eʳ (that of Moshier's Cephes library). As ln 2 comes in two parts, the
/// first of few bits, nothing of r is lost (Cody & Waite 1980).
#[inline(always)]
fn exp_of_moderate(x: f32) -> f32 {
    /// A sum with it is rounded to a whole number, and has n + 127 in its last bits: what
    /// f32 has for the exponent of 2ⁿ.
    const SHIFT: f32 = (3 << 22) as f32 + 127.0;
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let x = if x < -87.0 { -87.0 } else { x };
    let x = if x > 87.0 { 87.0 } else { x };
    let shifted = x * std::f32::consts::LOG2_E + SHIFT;
    let n = shifted - SHIFT;
    let r = x - n * LN_2_HIGH - n * LN_2_LOW;
    let p = 1.987_569_1e-4;
    let p = p * r + 1.398_199_9e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 1.666_666_5e-1;
    let p = p * r + 0.5;
    let two_to_n = f32::from_bits(shifted.to_bits() << 23);
    (p * (r * r) + r + 1.0) * two_to_n
}

#[inline(always)]
fn sines_and_cosines(x: &[f32], sin: &mut [f32], cos: &mut [f32]) {
    for ((&x, sin), cos) in x.iter().zip(sin).zip(cos) {
        (*sin, *cos) = sine_and_cosine(x);
    }
}

/// With n the whole number nearest to x / (π/2), the angle that is left, at most π/4, has
/// polynomials for its sine and cosine (those of Moshier's Cephes library), and n says
/// which of them is which, and its sign. What is left is computed in f64, so that large
/// angles lose nothing.
#[inline(always)]
fn sine_and_cosine(x: f32) -> (f32, f32) {
    /// A sum with it is rounded to a whole number, which is in its last bits.
    const SHIFT: f64 = (3_u64 << 51) as f64;
    let x = f64::from(x);
    let shifted = x * FRAC_2_PI + SHIFT;
    let n = shifted.to_bits() as u32;
    let r = (x - (shifted - SHIFT) * FRAC_PI_2) as f32;

    let square = r * r;
    let p = -1.951_529_6e-4;
    let p = p * square + 8.332_161e-3;
    let p = p * square - 1.666_665_5e-1;
    let sin = p * square * r + r;
    let p = 2.443_315_7e-5;
    let p = p * square - 1.388_731_6e-3;
    let p = p * square + 4.166_664_6e-2;
    let cos = p * (square * square) - 0.5 * square + 1.0;

    let (one, other) = if n & 1 == 0 { (sin, cos) } else { (cos, sin) };
    let sign = |value: f32, n: u32| f32::from_bits(value.to_bits() ^ (n & 2) << 30);
    (sign(one, n), sign(other, n.wrapping_add(1)))
}
