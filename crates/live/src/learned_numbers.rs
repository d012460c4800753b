//! Numbers that a network has learned, as a page takes them.

use part_h_learning_to_denoise::ParameterSet;

/// The numbers as bytes: first all last bytes, then all before them, and so on, since
/// bytes that are alike are deflated better side by side.
pub(crate) fn to_bytes(parameters: &impl ParameterSet) -> Vec<u8> {
    let numbers: Vec<[u8; 4]> = parameters
        .slices()
        .into_iter()
        .flatten()
        .map(|number| number.to_le_bytes())
        .collect();
    (0..4).flat_map(|place| numbers.iter().map(move |number| number[place])).collect()
}

/// Reads such bytes into parameters, if there are as many.
pub(crate) fn read(bytes: &[u8], parameters: &mut impl ParameterSet) -> Option<()> {
    let count = parameters.count();
    if bytes.len() != 4 * count {
        return None;
    }
    let places = parameters.slices_mut().into_iter().flatten();
    for (index, number) in places.enumerate() {
        *number =
            f32::from_le_bytes([0, 1, 2, 3].map(|byte| bytes[byte * count + index]));
    }
    Some(())
}
