//! The parameters of a network, by the names that diffusers has for them.

/// Some parameters with a name and a shape, the slowest index first.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor<'a> {
    /// Such as `down_blocks.0.resnets.1.conv2.weight`.
    pub name: String,
    /// Its shape in a file.
    pub shape: Vec<usize>,
    /// In the order of the shape.
    pub numbers: &'a [f32],
}

impl<'a> Tensor<'a> {
    pub(crate) fn new(name: String, shape: Vec<usize>, numbers: &'a [f32]) -> Self {
        Tensor { name, shape, numbers }
    }
}

/// A piece of a network with parameters.
///
/// The derivatives of a loss with respect to them have the same shape, and so they are
/// such a piece, too, the `gradient`.
pub trait Tensors {
    /// Appends all parameters to a list, with names that begin with this one.
    fn tensors<'a>(&'a self, name: &str, all: &mut Vec<Tensor<'a>>);

    /// Appends all parameters to a list, to be changed, in the same order.
    fn slices_mut<'a>(&'a mut self, all: &mut Vec<&'a mut [f32]>);
}
