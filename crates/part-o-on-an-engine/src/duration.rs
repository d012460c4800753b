//! How long a training takes, before one has paid for it.

// ANCHOR: duration
/// The seconds that it takes to learn from so many pictures, each counted as often as it
/// is seen, with a network of so many multiplications a picture (equation O.1).
///
/// A card makes so many operations a second at its `peak`, as its maker says, and a part of
/// them, the `utilization`, in a training.
pub fn seconds(multiplications: f64, pictures: f64, peak: f64, utilization: f64) -> f64 {
    // A multiplication is added up: two operations. Backward, there are two derivatives
    // for each: that of what went in, and that of the weight.
    let operations = 2.0 * 3.0 * multiplications * pictures;
    operations / (peak * utilization)
}
// ANCHOR_END: duration

/// A card, as its maker describes it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Card {
    /// Its name.
    pub name: &'static str,
    /// Operations a second at the most, with numbers of 16 bits that are added up in 32, and
    /// without counting zeros that are left out.
    pub peak: f64,
    /// Its memory, in bytes.
    pub memory: f64,
    /// Bytes a second from there, at the most.
    pub bandwidth: f64,
}

const fn card(name: &'static str, tera: f64, giga: f64, terabytes: f64) -> Card {
    Card { name, peak: tera * 1e12, memory: giga * 1e9, bandwidth: terabytes * 1e12 }
}

/// Some that people have, or rent, from data sheets and white papers of NVIDIA and AMD.
pub const CARDS: [Card; 7] = [
    card("GeForce RTX 3090", 71.0, 24.0, 0.936),
    card("GeForce RTX 4090", 165.2, 24.0, 1.008),
    card("L40S", 362.0, 48.0, 0.864),
    card("A100 SXM", 312.0, 80.0, 2.039),
    card("H100 SXM", 989.4, 80.0, 3.35),
    card("H200 SXM", 989.4, 141.0, 4.8),
    card("Instinct MI300X", 1307.4, 192.0, 5.3),
];
