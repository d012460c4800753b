//! `exp`, `ln`, `sin` and `cos`, with the same bits on every machine.
//!
//! Rust's own, such as [`f64::exp`](std::primitive::f64::exp), are those of the system.
//! IEEE 754 doesn't settle how they round, and glibc, macOS and what a WebAssembly page
//! is linked with differ in the last bit. One such bit in a state can be one in all that
//! follow. The functions here are libm's, written in Rust and so the same everywhere, and
//! they are within one unit in the last place.
//!
//! Addition, multiplication, division and `sqrt` need no such care: there IEEE 754 leaves
//! no choice.

/// The functions of one f32.
pub mod f32 {
    /// eˣ.
    ///
    /// Infinite where it is greater than any f32 (from 88.73 on), and 0 where it is less
    /// than any (from -103.98 down).
    #[inline]
    pub fn exp(x: f32) -> f32 {
        libm::expf(x)
    }

    /// 2ˣ, many times faster than [`exp`] where a loop computes many: there is no branch
    /// in it, and so the compiler computes several side by side.
    ///
    /// The relative error is at most 1.3e-7, two units of 2⁻²⁴. Infinite from 127.5 on,
    /// and 0 below -126.5; where it is less than any normal f32, from -126 down, it has
    /// fewer bits.
    ///
    /// With n the whole number nearest to x, it is 2ⁿ 2ᶠ with f = x - n, and a polynomial
    /// for 2ᶠ.
    #[inline(always)]
    pub fn quick_exp2(x: f32) -> f32 {
        /// A sum with it is rounded to a whole number, and has n + 127 in its last bits:
        /// what f32 has for the exponent of 2ⁿ.
        const SHIFT: f32 = (3 << 22) as f32 + 127.0;
        // A NaN stays one.
        let x = if x < -127.0 { -127.0 } else { x };
        let x = if x > 128.0 { 128.0 } else { x };
        let shifted = x + SHIFT;
        let f = x - (shifted - SHIFT);
        // Of all polynomials 1 + f (…) of this degree, that with the smallest relative
        // error where |f| <= 1/2, 2.6e-9. Remez's algorithm finds it.
        let p = 0.000_155_946_77;
        let p = p * f + 0.001_340_664_4;
        let p = p * f + 0.009_617_693;
        let p = p * f + 0.055_503_106;
        let p = p * f + 0.240_226_53;
        let p = p * f + std::f32::consts::LN_2;
        let two_to_n = f32::from_bits(shifted.to_bits() << 23);
        (p * f + 1.0) * two_to_n
    }

    /// The natural logarithm: -∞ of 0, and NaN of less than 0.
    #[inline]
    pub fn ln(x: f32) -> f32 {
        libm::logf(x)
    }

    /// The sine of an angle in radians, of any size. NaN if it is infinite.
    #[inline]
    pub fn sin(x: f32) -> f32 {
        libm::sinf(x)
    }

    /// The cosine of an angle in radians, of any size. NaN if it is infinite.
    #[inline]
    pub fn cos(x: f32) -> f32 {
        libm::cosf(x)
    }
}

/// The functions of one f64.
pub mod f64 {
    /// eˣ.
    ///
    /// Infinite where it is greater than any f64 (from 709.79 on), and 0 where it is less
    /// than any (from -745.14 down).
    #[inline]
    pub fn exp(x: f64) -> f64 {
        libm::exp(x)
    }

    /// The natural logarithm: -∞ of 0, and NaN of less than 0.
    #[inline]
    pub fn ln(x: f64) -> f64 {
        libm::log(x)
    }

    /// The sine of an angle in radians, of any size. NaN if it is infinite.
    #[inline]
    pub fn sin(x: f64) -> f64 {
        libm::sin(x)
    }

    /// The cosine of an angle in radians, of any size. NaN if it is infinite.
    #[inline]
    pub fn cos(x: f64) -> f64 {
        libm::cos(x)
    }

    /// The angle of the point `(x, y)` in radians, from -π to π: 0 on the side of x, π / 2
    /// on that of y.
    #[inline]
    pub fn atan2(y: f64, x: f64) -> f64 {
        libm::atan2(y, x)
    }
}
