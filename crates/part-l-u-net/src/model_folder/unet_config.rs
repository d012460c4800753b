//! The config of a network, as that of diffusers' `UNet2DModel`.

use serde_json::{Value, json};

use super::keys::{Keys, named, or, whole};
use super::{FolderError, VERSION};
use crate::config::{ClassEmbedding, NormConfig, TimeFeatures, UNetConfig};

/// The kinds of levels that there are.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Plain,
    /// With attention behind each block.
    Attention,
    /// With a block that leads to the next size.
    Resnet,
}

/// What diffusers calls them, on the way down and on the way up.
const DOWN: [(&str, Kind); 3] = [
    ("DownBlock2D", Kind::Plain),
    ("AttnDownBlock2D", Kind::Attention),
    ("ResnetDownsampleBlock2D", Kind::Resnet),
];
const UP: [(&str, Kind); 3] = [
    ("UpBlock2D", Kind::Plain),
    ("AttnUpBlock2D", Kind::Attention),
    ("ResnetUpsampleBlock2D", Kind::Resnet),
];

/// Levels of other networks, by a part of their name.
const OF_OTHERS: [(&str, &str); 5] = [
    ("Skip", "of NCSN++, where pictures of all sizes are skips"),
    ("SimpleCrossAttn", "of a network that sees a text"),
    ("KCrossAttn", "of k-diffusion, which Stable Diffusion's upscaler has"),
    ("CrossAttn", "of a network that sees a text, as Stable Diffusion's does"),
    ("Encoder", "of an autoencoder"),
];

/// Whether a block leads to the next size; for levels with attention.
const RESAMPLING: [(&str, bool); 2] = [("conv", false), ("resnet", true)];

/// The most channels, and the most pixels on a side.
const MOST: usize = 8192;

/// The most labels, or timesteps with numbers of their own.
const MOST_LABELS: usize = 1 << 20;

/// The config of a network that knows so many timesteps.
pub fn read(keys: &Keys, steps: usize) -> Result<UNetConfig, FolderError> {
    only(keys, "_class_name", &["UNet2DModel"])?;
    // diffusers has two names for it.
    only(keys, "act_fn", &["silu", "swish"])?;
    let middle = !keys.is_null("mid_block_type");
    if middle {
        only(keys, "mid_block_type", &["UNetMidBlock2D"])?;
    }

    let many = 1..=MOST;
    let width = |value: &Value| whole(value, &(1..=MOST));
    let widths = keys.list(
        "block_out_channels",
        vec![224, 448, 672, 896],
        "numbers of channels",
        width,
    )?;
    let mut default =
        vec![Kind::Plain, Kind::Attention, Kind::Attention, Kind::Attention];
    let down = way(keys, "down_block_types", default.clone(), &DOWN, widths.len())?;
    default.reverse();
    let up = way(keys, "up_block_types", default, &UP, widths.len())?;
    let attention = [&down, &up]
        .map(|way| way.iter().map(|&kind| kind == Kind::Attention).collect::<Vec<_>>());
    let by_blocks = |way: &[Kind], key| -> Result<Vec<bool>, FolderError> {
        let attended = match way.contains(&Kind::Attention) && !keys.is_null(key) {
            true => keys.name(key, false, &RESAMPLING)?,
            // Then nothing depends on it, or it is as if nothing was said.
            false => false,
        };
        let is_block = |&kind: &Kind| match kind {
            Kind::Plain => false,
            Kind::Attention => attended,
            Kind::Resnet => true,
        };
        Ok(way.iter().map(is_block).collect())
    };
    let block_resampling =
        [by_blocks(&down, "downsample_type")?, by_blocks(&up, "upsample_type")?];
    let scale_shift = keys.name(
        "resnet_time_scale_shift",
        false,
        &[("default", false), ("scale_shift", true)],
    )?;
    let norm = NormConfig {
        groups: keys.whole("norm_num_groups", 32, many.clone())?,
        epsilon: keys.number("norm_eps", 1e-5, 0.0..=1.0)? as f32,
        scale_shift,
    };
    let usual_groups = (!scale_shift).then_some(norm.groups);
    let middle_groups = keys.whole_or_null("attn_norm_num_groups", None, many.clone())?;
    let time_values = match keys.get("time_embedding_dim") {
        // Python takes it for none.
        Some(value) if whole(value, &(0..=0)).is_some() => None,
        _ => keys.whole_or_null("time_embedding_dim", None, 1..=4 * MOST)?,
    };
    let config = UNetConfig {
        size: size(keys)?,
        channels: [
            keys.whole("in_channels", 3, many.clone())?,
            keys.whole("out_channels", 3, many.clone())?,
        ],
        attention,
        block_resampling,
        middle,
        attention_in_the_middle: keys.flag("add_attention", true)?,
        middle_groups: middle_groups.or(usual_groups),
        head_size: keys.whole_or_null("attention_head_dim", Some(8), many)?,
        blocks: keys.whole("layers_per_block", 2, 1..=16)?,
        norm,
        middle_divisor: keys.number("mid_block_scale_factor", 1.0, 1e-6..=1e6)? as f32,
        pads_all_round: keys.whole("downsample_padding", 1, 0..=1)? == 1,
        skips: true,
        time_features: time_features(keys, steps)?,
        cosines_first: keys.flag("flip_sin_to_cos", true)?,
        frequency_shift: keys.number("freq_shift", 0.0, -1e6..=1e6)?,
        time_values,
        centers: keys.flag("center_input_sample", false)?,
        class_embedding: class_embedding(keys)?,
        classes: keys
            .whole_or_null("num_class_embeds", None, 1..=MOST_LABELS)?
            .unwrap_or(0),
        steps,
        widths,
    };
    check(keys, &config)?;
    Ok(config)
}

/// The kinds of all levels on a way.
fn way(
    keys: &Keys,
    key: &'static str,
    default: Vec<Kind>,
    known: &[(&str, Kind)],
    widths: usize,
) -> Result<Vec<Kind>, FolderError> {
    // The first published networks have their names with this in front.
    let name = |value: &Value| match value.as_str()?.strip_prefix("UNetRes") {
        Some(name) => named(&Value::from(name), known),
        None => named(value, known),
    };
    let names = keys.get(key).and_then(Value::as_array);
    for value in names.into_iter().flatten().filter(|value| name(value).is_none()) {
        let other = value.as_str().and_then(|name| {
            let k = ("K", "of k-diffusion, which Stable Diffusion's upscaler has");
            let others = OF_OTHERS.iter().find(|(part, _)| name.contains(part));
            others.or(name.starts_with('K').then_some(&k)).map(|(_, what)| *what)
        });
        if let (Some(name), Some(what)) = (value.as_str(), other) {
            let (file, name) = (keys.file, name.chars().take(40).collect());
            return Err(FolderError::OtherBlock { file, key, name, what });
        }
    }
    let way = keys.list(key, default, &format!("of {}", or(known)), name)?;
    match way.len() == widths {
        true => Ok(way),
        false => {
            let expected =
                format!("{widths} blocks, as many as block_out_channels has numbers");
            Err(keys.wrong(key, expected))
        }
    }
}

/// What the network sees of the time, if there are so many timesteps.
fn time_features(keys: &Keys, steps: usize) -> Result<TimeFeatures, FolderError> {
    let learned = TimeFeatures::Learned(0);
    let known = [
        ("positional", TimeFeatures::Positional),
        ("fourier", TimeFeatures::Fourier),
        ("learned", learned),
    ];
    let kind = keys.name("time_embedding_type", TimeFeatures::Positional, &known)?;
    if kind != learned {
        return Ok(kind);
    }
    let key = "num_train_timesteps";
    let range = steps.max(1)..=MOST_LABELS;
    match keys.get(key) {
        Some(Value::Number(_)) => Ok(TimeFeatures::Learned(keys.whole(key, 0, range)?)),
        _ => {
            let expected = format!(
                "a whole number from {steps} on, as time_embedding_type is \"learned\""
            );
            Err(keys.wrong(key, expected))
        }
    }
}

/// What becomes of labels.
fn class_embedding(keys: &Keys) -> Result<ClassEmbedding, FolderError> {
    let key = "class_embed_type";
    let known =
        [("timestep", ClassEmbedding::Timestep), ("identity", ClassEmbedding::Given)];
    match keys.get(key) {
        None | Some(Value::Null) => Ok(ClassEmbedding::Learned),
        Some(value) => named(value, &known)
            .ok_or_else(|| keys.wrong(key, format!("null or {}", or(&known)))),
    }
}

/// A text that can be one of these only.
fn only(keys: &Keys, key: &'static str, known: &[&str]) -> Result<(), FolderError> {
    let known: Vec<(&str, ())> = known.iter().map(|&name| (name, ())).collect();
    keys.name(key, (), &known)
}

/// The rows and the columns: one number for both, or a list.
fn size(keys: &Keys) -> Result<[usize; 2], FolderError> {
    let key = "sample_size";
    let side = |value: &Value| whole(value, &(1..=MOST));
    let size = match keys.get(key) {
        Some(Value::Array(list)) => match &list[..] {
            [rows, columns] => side(rows).zip(side(columns)),
            _ => None,
        },
        Some(value) => side(value).map(|side| (side, side)),
        None => None,
    };
    let (rows, columns) = size.ok_or_else(|| {
        keys.wrong(key, format!("a number of pixels from 1 to {MOST}, or two"))
    })?;
    Ok([rows, columns])
}

/// Whether there can be a network of these sizes.
fn check(keys: &Keys, config: &UNetConfig) -> Result<(), FolderError> {
    let UNetConfig { size: [rows, columns], widths, norm, .. } = config;
    let file = keys.file;
    let (first, last) = (widths[0], widths[widths.len() - 1]);
    if !first.is_multiple_of(2) {
        return Err(keys.wrong("block_out_channels", "an even number at first"));
    }
    if config.frequency_shift == first as f64 / 2.0 {
        return Err(
            keys.wrong("freq_shift", "no half of the first of block_out_channels")
        );
    }
    if !config.can_have(config.size) {
        let (rows, columns, widths) = (*rows, *columns, widths.len());
        return Err(FolderError::Size { file, rows, columns, widths });
    }
    let groups = |key, groups, channels: usize| match channels.is_multiple_of(groups) {
        true => Ok(()),
        false => Err(FolderError::Groups { file, key, groups, channels }),
    };
    for &width in widths {
        groups("norm_num_groups", norm.groups, width)?;
    }
    let attends = config.middle && config.attention_in_the_middle;
    if let (true, Some(number)) = (attends, config.middle_groups) {
        groups("attn_norm_num_groups", number, last)?;
    }
    let [down, up] = &config.attention;
    let attended = widths.iter().zip(down).chain(widths.iter().rev().zip(up));
    let attended = attended.filter(|(_, is_there)| **is_there).map(|(&width, _)| width);
    let middle = attends.then_some(last);
    for channels in attended.chain(middle) {
        let size = config.head_size.unwrap_or(channels);
        if !channels.is_multiple_of(size) {
            return Err(FolderError::Heads { file, size, channels });
        }
    }
    Ok(())
}

/// The keys of a config.
pub fn written(config: &UNetConfig) -> Result<Value, FolderError> {
    let UNetConfig { size: [rows, columns], norm, .. } = config;
    if !config.skips || norm.groups == 0 {
        return Err(FolderError::NotOfDiffusers("no skips, or no normalization"));
    }
    let usual_groups = (!norm.scale_shift).then_some(norm.groups);
    let middle_groups = match config.middle_groups {
        _ if !config.middle || !config.attention_in_the_middle => None,
        groups if groups == usual_groups => None,
        None => {
            let what =
                "attention in the middle without a normalization, and time that is added";
            return Err(FolderError::NotOfDiffusers(what));
        }
        groups => groups,
    };
    let [(down, downsample_type), (up, upsample_type)] =
        [written_way(config, 0, DOWN)?, written_way(config, 1, UP)?];
    let (time_embedding_type, timesteps) = match config.time_features {
        TimeFeatures::Positional => ("positional", None),
        TimeFeatures::Fourier => ("fourier", None),
        TimeFeatures::Learned(timesteps) => ("learned", Some(timesteps)),
    };
    let class_embed_type = match config.class_embedding {
        ClassEmbedding::Learned => None,
        ClassEmbedding::Timestep => Some("timestep"),
        ClassEmbedding::Given => Some("identity"),
    };
    Ok(json!({
        "_class_name": "UNet2DModel",
        "_diffusers_version": VERSION,
        "act_fn": "silu",
        "add_attention": config.attention_in_the_middle,
        "attention_head_dim": config.head_size,
        "attn_norm_num_groups": middle_groups,
        "block_out_channels": config.widths,
        "center_input_sample": config.centers,
        "class_embed_type": class_embed_type,
        "down_block_types": down,
        "downsample_padding": u8::from(config.pads_all_round),
        "downsample_type": downsample_type,
        "dropout": 0.0,
        "flip_sin_to_cos": config.cosines_first,
        "freq_shift": number(config.frequency_shift),
        "in_channels": config.channels[0],
        "layers_per_block": config.blocks,
        "mid_block_scale_factor": shortest(config.middle_divisor),
        "mid_block_type": config.middle.then_some("UNetMidBlock2D"),
        "norm_eps": shortest(norm.epsilon),
        "norm_num_groups": norm.groups,
        "num_class_embeds": (config.classes > 0).then_some(config.classes),
        "num_train_timesteps": timesteps,
        "out_channels": config.channels[1],
        "resnet_time_scale_shift": if norm.scale_shift { "scale_shift" } else { "default" },
        "sample_size": if rows == columns { json!(rows) } else { json!([rows, columns]) },
        "time_embedding_dim": config.time_values,
        "time_embedding_type": time_embedding_type,
        "up_block_types": up,
        "upsample_type": upsample_type,
    }))
}

/// The names of the levels on a way, and what those with attention have to the next size.
fn written_way(
    config: &UNetConfig,
    way: usize,
    names: [(&'static str, Kind); 3],
) -> Result<(Vec<&'static str>, &'static str), FolderError> {
    let levels = config.attention[way].iter().zip(&config.block_resampling[way]);
    let [(plain, _), (attention, _), (resnet, _)] = names;
    let name = |(&attends, &by_block): (&bool, &bool)| match (attends, by_block) {
        (true, _) => attention,
        (false, false) => plain,
        (false, true) => resnet,
    };
    let mut attended = levels.clone().filter(|(attends, _)| **attends);
    let by_blocks = attended.next().is_some_and(|(_, by_block)| *by_block);
    if attended.any(|(_, &by_block)| by_block != by_blocks) {
        let what = "levels with attention that lead to the next size in two ways";
        return Err(FolderError::NotOfDiffusers(what));
    }
    Ok((levels.map(name).collect(), if by_blocks { "resnet" } else { "conv" }))
}

/// A number in 32 bits with no more digits than it has.
fn shortest(value: f32) -> Value {
    number(value.to_string().parse().expect("it is a number"))
}

/// Without a point where it has none.
fn number(value: f64) -> Value {
    match value.fract() == 0.0 && value.abs() < 1e9 {
        true => json!(value as i64),
        false => json!(value),
    }
}
