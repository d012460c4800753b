//! Transformers on patches.

use super::Cost;

/// Values of the time's sines and cosines.
const TIME: u64 = 256;

/// A network of blocks that are all alike, on tokens.
pub struct Transformer {
    /// Channels of a token.
    width: u64,
    /// Tokens of a latent, and the values of a patch that each is made of.
    patches: (u64, u64),
    /// Values that each comes back as.
    outputs: u64,
    kind: Kind,
}

/// How the text or the label comes in.
enum Kind {
    /// A label of so many is added to the time.
    Label { labels: u64, blocks: u64 },
    /// The tokens of the text are in the same attention, with layers of their own.
    Text {
        text: Text,
        blocks: u64,
        /// Blocks in which text and picture share all layers.
        shared_blocks: u64,
        /// Whether a guidance scale is told, as the time is.
        is_told_guidance: bool,
        /// Channels of a head, if queries and keys are normalized in each.
        normalized: Option<u64>,
    },
}

/// The text that a network is shown.
struct Text {
    tokens: u64,
    /// Channels of a token.
    width: u64,
    /// Values of what the text is as a whole, which goes where the time goes.
    whole: u64,
}

/// DiT-XL/2, at 256 × 256 pixels.
pub const DIT_XL_2: Transformer = Transformer {
    width: 1152,
    patches: (256, 16),
    outputs: 32,
    kind: Kind::Label { labels: 1001, blocks: 28 },
};

/// The same, at 512 × 512 pixels.
pub const DIT_XL_2_AT_512: Transformer = Transformer { patches: (1024, 16), ..DIT_XL_2 };

/// Stable Diffusion 3 Medium, at 1024 × 1024 pixels.
pub const STABLE_DIFFUSION_3: Transformer = Transformer {
    width: 1536,
    patches: (4096, 64),
    outputs: 64,
    kind: Kind::Text {
        text: Text { tokens: 77 + 256, width: 4096, whole: 2048 },
        blocks: 24,
        shared_blocks: 0,
        is_told_guidance: false,
        normalized: None,
    },
};

/// FLUX.1-dev, at 1024 × 1024 pixels.
pub const FLUX_1_DEV: Transformer = Transformer {
    width: 3072,
    patches: (4096, 64),
    outputs: 64,
    kind: Kind::Text {
        text: Text { tokens: 512, width: 4096, whole: 768 },
        blocks: 19,
        shared_blocks: 38,
        is_told_guidance: true,
        normalized: Some(128),
    },
};

impl Transformer {
    /// What it costs.
    pub fn cost(&self) -> Cost {
        let Transformer { width, patches: (tokens, values), outputs, .. } = *self;
        let mut cost = Cost::default();
        cost.linear([values, width], tokens);
        cost.two_linear([TIME, width, width], 1);
        match &self.kind {
            Kind::Label { labels, blocks } => {
                cost.weights += labels * width;
                for _ in 0..*blocks {
                    cost.linear([width, 6 * width], 1);
                    cost.tokens(width, tokens);
                    cost.attention(tokens, tokens, width);
                }
            }
            Kind::Text { text, blocks, shared_blocks, is_told_guidance, normalized } => {
                let all = tokens + text.tokens;
                let norms = 2 * normalized.unwrap_or(0);
                cost.linear([text.width, width], text.tokens);
                cost.two_linear([text.whole, width, width], 1);
                if *is_told_guidance {
                    cost.two_linear([TIME, width, width], 1);
                }
                for block in 1..=*blocks {
                    cost.attention(all, all, width);
                    cost.linear([width, 6 * width], 1);
                    cost.tokens(width, tokens);
                    // Where nothing comes after it, the text only gives keys and values.
                    if block == blocks + shared_blocks {
                        cost.linear([width, 2 * width], 1);
                        cost.linear([width, 3 * width], text.tokens);
                    } else {
                        cost.linear([width, 6 * width], 1);
                        cost.tokens(width, text.tokens);
                    }
                    cost.weights += 2 * norms;
                }
                for _ in 0..*shared_blocks {
                    cost.attention(all, all, width);
                    cost.linear([width, 3 * width], 1);
                    cost.linear([width, 3 * width + 4 * width], all);
                    cost.linear([width + 4 * width, width], all);
                    cost.weights += norms;
                }
            }
        }
        cost.linear([width, 2 * width], 1);
        cost.linear([width, outputs], tokens);
        cost
    }
}

impl Cost {
    /// The layers of a block that each token goes through by itself: for queries, keys,
    /// values and what comes of them, and then two with four times the channels between
    /// them.
    pub(super) fn tokens(&mut self, width: u64, tokens: u64) {
        for _ in 0..4 {
            self.linear([width, width], tokens);
        }
        self.two_linear([width, 4 * width, width], tokens);
    }
}
