//! Numbers that a network has learned, as a page takes them.

use part_f_the_way_back::PredictionType;
use part_h_learning_to_denoise::ParameterSet;

/// What such bytes begin with: what the network predicts, and four of its sizes, each in
/// 32 bits.
pub(crate) fn header(kind: PredictionType, sizes: [usize; 4]) -> Vec<u8> {
    let place = PredictionType::ALL.iter().position(|&known| known == kind);
    let numbers = [place.expect("all are there")].into_iter().chain(sizes);
    numbers.flat_map(|number| (number as u32).to_le_bytes()).collect()
}

/// Reads that, if it is there: what is predicted, the sizes, and the bytes behind them.
pub(crate) fn read_header(bytes: &[u8]) -> Option<(PredictionType, [usize; 4], &[u8])> {
    let (numbers, rest) = bytes.split_first_chunk::<20>()?;
    let number = |place: usize| u32::from_le_bytes(numbers.as_chunks().0[place]) as usize;
    Some((*PredictionType::ALL.get(number(0))?, [1, 2, 3, 4].map(number), rest))
}

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
