//! How far a stack of convolutions sees.

// ANCHOR: field_of_view
/// What counts of a layer for how far it sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layer {
    /// The side of its kernel, in pixels of what goes in.
    pub kernel: usize,
    /// By how many pixels the kernel moves.
    pub stride: usize,
}

/// The side of the square of pixels that a value behind all `layers` depends on
/// (equation K.3): its field of view, or receptive field. Layers are in the order in
/// which a picture passes them.
pub fn field_of_view(layers: &[Layer]) -> usize {
    let (mut side, mut apart) = (1, 1);
    for layer in layers {
        // A kernel reaches this many more pixels of its input, and these are `apart`
        // pixels of the picture from each other.
        side += (layer.kernel - 1) * apart;
        apart *= layer.stride;
    }
    side
}
// ANCHOR_END: field_of_view
