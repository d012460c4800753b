//! The same product, compiled for several kinds of processor.

use multiversion::multiversion;

use super::blocks::{self, Factor};

/// The instructions of the processor that a matrix product is computed with.
///
/// They differ in speed, never in a bit of the result. A processor that lacks those asked
/// for takes the plain ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instructions {
    /// Those that every processor of the target has.
    Plain,
    /// Vectors of eight f32: x86-64 processors since 2013.
    Avx2,
    /// Vectors of sixteen f32: x86-64 servers since 2017.
    Avx512,
}

impl Instructions {
    /// The fastest ones that this processor has.
    pub fn fastest() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            if std::arch::is_x86_feature_detected!("avx512f") {
                return Instructions::Avx512;
            }
            if std::arch::is_x86_feature_detected!("avx2") {
                return Instructions::Avx2;
            }
        }
        Instructions::Plain
    }

    /// Computes a block of a product on this thread.
    pub(super) fn block(self, a: Factor, b: Factor, c: &mut [f32]) {
        match self {
            Instructions::Plain => plain(a, b, c),
            Instructions::Avx2 => avx2(a, b, c),
            Instructions::Avx512 => avx512(a, b, c),
        }
    }
}

fn plain(a: Factor, b: Factor, c: &mut [f32]) {
    blocks::product(a, b, c);
}

#[multiversion(targets("x86_64+avx2"))]
fn avx2(a: Factor, b: Factor, c: &mut [f32]) {
    blocks::product(a, b, c);
}

#[multiversion(targets("x86_64+avx512f"))]
fn avx512(a: Factor, b: Factor, c: &mut [f32]) {
    blocks::product(a, b, c);
}
