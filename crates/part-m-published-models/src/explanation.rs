//! What a network is and what it costs, from its config alone.

use part_l_u_net::{UNetConfig, cost};

/// One size of pictures in a network, on both ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelExplanation {
    /// The rows and the columns.
    pub size: [usize; 2],
    /// The channels.
    pub channels: usize,
    /// How many blocks there are on the way down, and on the way up.
    pub blocks: [usize; 2],
    /// How many heads attention has on each way, where there is any.
    pub heads: [Option<usize>; 2],
}

/// A network, before any of its weights are there.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// Its levels, the largest pictures first.
    pub levels: Vec<LevelExplanation>,
    /// The heads of attention in the middle, if there is any.
    pub heads_in_the_middle: Option<usize>,
    /// How many parameters there are.
    pub parameters: u64,
    /// How many multiplications an evaluation of one picture takes.
    pub multiplications: u64,
    /// About how many values of one picture are in memory at once.
    pub values: u64,
}

impl Explanation {
    /// That of a config.
    pub fn of(config: &UNetConfig) -> Self {
        let [down, up] = &config.attention;
        let last = config.widths.len() - 1;
        let levels = config.widths.iter().enumerate();
        let levels = levels.map(|(i, &channels)| {
            let heads = |attends: bool| attends.then(|| config.heads(channels));
            LevelExplanation {
                size: config.size.map(|length| length >> i),
                channels,
                blocks: [config.blocks, config.blocks + 1],
                heads: [heads(down[i]), heads(up[last - i])],
            }
        });
        let levels: Vec<LevelExplanation> = levels.collect();
        let attends = config.middle && config.attention_in_the_middle;
        Explanation {
            heads_in_the_middle: attends.then(|| config.heads(config.widths[last])),
            parameters: cost::parameters(config),
            multiplications: cost::multiplications(config),
            values: values(config),
            levels,
        }
    }
}

/// The skips of all levels wait for the way up. While they do, the block with the most
/// values has what comes in and what goes out, each about six times: as it is,
/// normalized, behind the nonlinearity, and for the layers. Attention has a fraction for
/// each pair of pixels.
fn values(config: &UNetConfig) -> u64 {
    let UNetConfig { widths, attention: [down, up], .. } = config;
    let last = widths.len() - 1;
    let (mut skips, mut most) = (0, 0);
    for (i, &width) in widths.iter().enumerate() {
        let pixels = config.pixels() >> (2 * i);
        skips += (config.blocks + 1) * width * pixels;
        let inputs = width + widths[last.min(i + 1)];
        most = most.max(6 * (inputs + width) * pixels);
        if down[i] || up[last - i] {
            most = most.max(config.heads(width) * pixels * pixels);
        }
    }
    (skips + most) as u64
}
