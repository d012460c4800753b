//! The kinds of processor.

/// The instructions of a processor that something is computed with.
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
}
