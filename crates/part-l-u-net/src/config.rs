//! The sizes of a U-Net, and how it is put together: what a `UNet2DModel` of diffusers
//! has in its `config.json`. Where diffusers has another name, it stands beside.

/// The sizes of a U-Net.
#[derive(Clone, Debug, PartialEq)]
pub struct UNetConfig {
    /// The rows and the columns of a picture (`sample_size`). Each is halved once less
    /// often than there are widths.
    pub size: [usize; 2],
    /// The channels of a picture that goes in, and of what comes out (`in_channels`,
    /// `out_channels`).
    pub channels: [usize; 2],
    /// The channels at each level, that of the largest pictures first
    /// (`block_out_channels`).
    pub widths: Vec<usize>,
    /// At which levels there is attention on the way down, and on the way up, each in the
    /// order of its way (`down_block_types`, `up_block_types`).
    pub attention: [Vec<bool>; 2],
    /// At which levels a ResNet block leads to the next size, and not a convolution, each in
    /// the order of its way: those of `ResnetDownsampleBlock2D` and its twin on the way up,
    /// and those with attention if `downsample_type`, or `upsample_type`, says so.
    pub block_resampling: [Vec<bool>; 2],
    /// Whether there is a middle (`mid_block_type`).
    pub middle: bool,
    /// Whether there is attention in the middle (`add_attention`).
    pub attention_in_the_middle: bool,
    /// How many groups of channels are normalized before attention in the middle; none if
    /// nothing is. For diffusers, that is `attn_norm_num_groups`, and without it as many
    /// as elsewhere, or none if the time scales and shifts.
    pub middle_groups: Option<usize>,
    /// How many channels a head of attention has; none for one head
    /// (`attention_head_dim`: a size, and not a number of heads).
    pub head_size: Option<usize>,
    /// How many blocks there are at each level on the way down (`layers_per_block`). On
    /// the way up, there is one more.
    pub blocks: usize,
    /// Whether blocks on the way up see what there was on the way down. Without, there
    /// are zeros in its place: only to see what it is worth.
    pub skips: bool,
    /// Of all normalizations.
    pub norm: NormConfig,
    /// What the sums of the middle are divided by (`mid_block_scale_factor`).
    pub middle_divisor: f32,
    /// Whether a picture that is made smaller is padded on all sides, and not on the
    /// right and below only (`downsample_padding`, 1 or 0).
    pub pads_all_round: bool,
    /// What a network sees of the time (`time_embedding_type`).
    pub time_features: TimeFeatures,
    /// See [`features`](crate::time_embedding::features) (`flip_sin_to_cos`).
    pub cosines_first: bool,
    /// See [`features`](crate::time_embedding::features) (`freq_shift`).
    pub frequency_shift: f64,
    /// How many values an embedding of the time has (`time_embedding_dim`); none for four
    /// times the first width.
    pub time_values: Option<usize>,
    /// Whether `x` is doubled and lowered by one, as for values from 0 to 1
    /// (`center_input_sample`).
    pub centers: bool,
    /// How a label becomes an embedding (`class_embed_type`).
    pub class_embedding: ClassEmbedding,
    /// How many labels there are, that for *no label* among them (`num_class_embeds`); 0
    /// if there are none. Unless they are learned, nothing depends on it.
    pub classes: usize,
    /// How many timesteps it knows (the scheduler's `num_train_timesteps`).
    pub steps: usize,
}

/// What a network sees of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeFeatures {
    /// Sines and cosines of the time, with [given](crate::time_embedding::features)
    /// frequencies.
    Positional,
    /// Sines and cosines of its logarithm, with random frequencies that are stored and not
    /// learned. Then the outputs are divided by the time. It has to be above 0.
    Fourier,
    /// Numbers that are learned, for each of so many timesteps.
    Learned(usize),
}

/// How a label becomes an embedding, which is added to that of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClassEmbedding {
    /// There is one for each, which is learned (`null`). The last is that for *no label*.
    Learned,
    /// Its number is taken as a time is, with layers of its own (`timestep`). *No label* is
    /// 0.
    Timestep,
    /// They are given and not learned (`identity`); see
    /// [`UNet::with_label_embeddings`](crate::UNet::with_label_embeddings). For *no label*,
    /// nothing is added.
    Given,
}

/// How values are normalized, and how blocks get the time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormConfig {
    /// How many groups of channels there are (`norm_num_groups`). With 0, nothing is
    /// normalized: only to see what that is worth.
    pub groups: usize,
    /// What keeps the root above 0 (`norm_eps`).
    pub epsilon: f32,
    /// Whether the time scales and shifts, and isn't only added
    /// (`resnet_time_scale_shift`).
    pub scale_shift: bool,
}

impl UNetConfig {
    /// A small one, for pictures of so many channels and of so many pixels on a side: a
    /// block at each size, attention in the middle with 8 channels to a head, and 8 groups of
    /// channels. It knows so many labels, and 1000 timesteps.
    pub fn small(
        channels: usize,
        side: usize,
        widths: Vec<usize>,
        labels: usize,
    ) -> Self {
        UNetConfig {
            size: [side; 2],
            channels: [channels; 2],
            attention: [vec![false; widths.len()], vec![false; widths.len()]],
            block_resampling: [vec![false; widths.len()], vec![false; widths.len()]],
            widths,
            middle: true,
            attention_in_the_middle: true,
            middle_groups: Some(8),
            head_size: Some(8),
            blocks: 1,
            skips: true,
            norm: NormConfig { groups: 8, epsilon: 1e-5, scale_shift: false },
            middle_divisor: 1.0,
            pads_all_round: true,
            time_features: TimeFeatures::Positional,
            cosines_first: true,
            frequency_shift: 0.0,
            time_values: None,
            centers: false,
            class_embedding: ClassEmbedding::Learned,
            // And that for none.
            classes: if labels > 0 { labels + 1 } else { 0 },
            steps: 1000,
        }
    }

    /// Whether pictures can have so many rows and columns: both can be halved once less
    /// often than there are widths.
    pub fn can_have(&self, size: [usize; 2]) -> bool {
        let halved = 1 << (self.widths.len() - 1);
        size.iter().all(|&length| length > 0 && length.is_multiple_of(halved))
    }

    /// How many pixels a picture has, P.
    pub fn pixels(&self) -> usize {
        self.size[0] * self.size[1]
    }

    /// How many values an embedding of the time has, T.
    pub fn time_values(&self) -> usize {
        self.time_values.unwrap_or(4 * self.widths[0])
    }

    /// How many heads attention over so many channels has.
    ///
    /// # Panics
    ///
    /// If a head would have other channels than it is to have.
    pub fn heads(&self, channels: usize) -> usize {
        let size = self.head_size.unwrap_or(channels);
        assert!(channels.is_multiple_of(size), "{channels} channels, {size} in a head");
        channels / size
    }
}
