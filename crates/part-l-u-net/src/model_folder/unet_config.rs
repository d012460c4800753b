//! The config of a network, as that of diffusers' `UNet2DModel`.

use serde_json::{Value, json};

use super::keys::{Keys, named, or, whole};
use super::{FolderError, VERSION};
use crate::config::{NormConfig, UNetConfig};

/// The blocks of a way that are known here: whether they have attention.
const DOWN: [(&str, bool); 2] = [("DownBlock2D", false), ("AttnDownBlock2D", true)];
const UP: [(&str, bool); 2] = [("UpBlock2D", false), ("AttnUpBlock2D", true)];

/// The most channels, and the most pixels on a side.
const MOST: usize = 8192;

/// The config of a network that knows so many timesteps.
pub fn read(keys: &Keys, steps: usize) -> Result<UNetConfig, FolderError> {
    only(keys, "_class_name", &["UNet2DModel"])?;
    only(keys, "time_embedding_type", &["positional"])?;
    only(keys, "mid_block_type", &["UNetMidBlock2D"])?;
    // diffusers has two names for it.
    only(keys, "act_fn", &["silu", "swish"])?;
    for key in ["downsample_type", "upsample_type"] {
        if !keys.is_null(key) {
            only(keys, key, &["conv"])?;
        }
    }
    if keys.get("class_embed_type").is_some_and(|value| !value.is_null()) {
        return Err(keys.wrong("class_embed_type", "null"));
    }

    let many = 1..=MOST;
    let width = |value: &Value| whole(value, &(1..=MOST));
    let widths = keys.list(
        "block_out_channels",
        vec![224, 448, 672, 896],
        "numbers of channels",
        width,
    )?;
    let way = |key, default: [bool; 4], known: &[(&str, bool)]| {
        let expected = format!("of {}", or(known));
        let way = keys.list(key, default.to_vec(), &expected, |it| named(it, known))?;
        match way.len() == widths.len() {
            true => Ok(way),
            false => {
                let expected = format!(
                    "{} blocks, as many as block_out_channels has numbers",
                    widths.len()
                );
                Err(keys.wrong(key, expected))
            }
        }
    };
    let down = way("down_block_types", [false, true, true, true], &DOWN)?;
    let up = way("up_block_types", [true, true, true, false], &UP)?;
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
        attention: [down, up],
        attention_in_the_middle: keys.flag("add_attention", true)?,
        middle_groups: middle_groups.or(usual_groups),
        head_size: keys.whole_or_null("attention_head_dim", Some(8), many)?,
        blocks: keys.whole("layers_per_block", 2, 1..=16)?,
        norm,
        middle_divisor: keys.number("mid_block_scale_factor", 1.0, 1e-6..=1e6)? as f32,
        pads_all_round: keys.whole("downsample_padding", 1, 0..=1)? == 1,
        skips: true,
        cosines_first: keys.flag("flip_sin_to_cos", true)?,
        frequency_shift: keys.number("freq_shift", 0.0, -1e6..=1e6)?,
        time_values,
        centers: keys.flag("center_input_sample", false)?,
        classes: keys.whole_or_null("num_class_embeds", None, 1..=1 << 20)?.unwrap_or(0),
        steps,
        widths,
    };
    check(keys, &config)?;
    Ok(config)
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
    let halved = 1 << (widths.len() - 1);
    if !rows.is_multiple_of(halved) || !columns.is_multiple_of(halved) {
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
    if let (true, Some(number)) = (config.attention_in_the_middle, config.middle_groups) {
        groups("attn_norm_num_groups", number, last)?;
    }
    let [down, up] = &config.attention;
    let attended = widths.iter().zip(down).chain(widths.iter().rev().zip(up));
    let attended = attended.filter(|(_, is_there)| **is_there).map(|(&width, _)| width);
    let middle = config.attention_in_the_middle.then_some(last);
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
        _ if !config.attention_in_the_middle => None,
        groups if groups == usual_groups => None,
        None => {
            let what =
                "attention in the middle without a normalization, and time that is added";
            return Err(FolderError::NotOfDiffusers(what));
        }
        groups => groups,
    };
    let names = |way: &[bool], [(without, _), (with, _)]: [(&'static str, bool); 2]| {
        let name = |&attends: &bool| if attends { with } else { without };
        way.iter().map(name).collect::<Vec<_>>()
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
        "class_embed_type": null,
        "down_block_types": names(&config.attention[0], DOWN),
        "downsample_padding": u8::from(config.pads_all_round),
        "downsample_type": "conv",
        "dropout": 0.0,
        "flip_sin_to_cos": config.cosines_first,
        "freq_shift": number(config.frequency_shift),
        "in_channels": config.channels[0],
        "layers_per_block": config.blocks,
        "mid_block_scale_factor": shortest(config.middle_divisor),
        "mid_block_type": "UNetMidBlock2D",
        "norm_eps": shortest(norm.epsilon),
        "norm_num_groups": norm.groups,
        "num_class_embeds": (config.classes > 0).then_some(config.classes),
        "num_train_timesteps": null,
        "out_channels": config.channels[1],
        "resnet_time_scale_shift": if norm.scale_shift { "scale_shift" } else { "default" },
        "sample_size": if rows == columns { json!(rows) } else { json!([rows, columns]) },
        "time_embedding_dim": config.time_values,
        "time_embedding_type": "positional",
        "up_block_types": names(&config.attention[1], UP),
        "upsample_type": "conv",
    }))
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
