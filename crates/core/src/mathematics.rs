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
}
