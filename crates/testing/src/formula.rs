//! Networks of random weights: numbers that are made of their names, and that formula.py
//! makes as well.

/// Numbers from -1/2 to 1/2: FNV-1a of the name, and SplitMix64 from there on.
pub fn noise(name: &str) -> impl Iterator<Item = f32> + use<> {
    let mut state = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |seed, byte| {
        (seed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    std::iter::repeat_with(move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 40) as f32 / 16_777_216.0 - 0.5
    })
}

/// The numbers of a layer: gains are about 1, biases about 0, and weights the smaller the more
/// inputs there are.
pub fn numbers(name: &str, shape: &[usize]) -> Vec<f32> {
    let count = shape.iter().product();
    let (factor, mean) = if name.contains("norm") && name.ends_with("weight") {
        (1.0, 1.0)
    } else if shape.len() == 1 || name.starts_with("class") {
        (1.0, 0.0)
    } else {
        let inputs: usize = shape[1..].iter().product();
        let size = 2_f32.powi(inputs.ilog2() as i32 / 2);
        (4.0 / size, 0.0)
    };
    noise(name).take(count).map(|value| factor * value + mean).collect()
}
