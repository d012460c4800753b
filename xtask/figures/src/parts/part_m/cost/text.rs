//! What reads the text: encoders whose outputs a network attends to.

use super::Cost;

/// The text encoder of CLIP, of so many channels and layers, and with a last layer for
/// what the text is as a whole, or without. For one text of 77 tokens.
pub fn clip(width: u64, layers: u64, is_projected: bool) -> Cost {
    const VOCABULARY: u64 = 49_408;
    const TOKENS: u64 = 77;
    let mut cost = Cost::default();
    cost.weights += (VOCABULARY + TOKENS) * width;
    for _ in 0..layers {
        cost.norm(width);
        cost.norm(width);
        cost.tokens(width, TOKENS);
        cost.attention(TOKENS, TOKENS, width);
    }
    cost.norm(width);
    if is_projected {
        cost.linear_without_bias([width, width], 1);
    }
    cost
}

/// The encoder of T5-XXL (version 1.1), for one text of so many tokens.
pub fn t5_xxl(tokens: u64) -> Cost {
    const VOCABULARY: u64 = 32_128;
    const WIDTH: u64 = 4096;
    const BETWEEN: u64 = 10_240;
    const LAYERS: u64 = 24;
    /// How far apart two tokens may be, in each of 64 heads.
    const DISTANCES: u64 = 32 * 64;
    let mut cost = Cost::default();
    cost.weights += VOCABULARY * WIDTH + DISTANCES;
    for _ in 0..LAYERS {
        for _ in 0..4 {
            cost.linear_without_bias([WIDTH, WIDTH], tokens);
        }
        cost.attention(tokens, tokens, WIDTH);
        for _ in 0..3 {
            cost.linear_without_bias([WIDTH, BETWEEN], tokens);
        }
        cost.weights += 2 * WIDTH;
    }
    cost.weights += WIDTH;
    cost
}
