//! How much there is to compute: on which machine a network is usable depends on nothing
//! else as much.

use crate::config::UNetConfig;

// ANCHOR: cost
/// How many products one evaluation of one picture takes (equation L.7), those with zeros
/// at the border among them: of all convolutions and linear layers, and two for each pair
/// of pixels and each channel in attention. Everything else is left out; it grows with
/// the values only. A label is looked up, and takes none.
///
/// A training update takes about three times as many for each picture.
pub fn multiplications(config: &UNetConfig) -> u64 {
    let UNetConfig { widths, blocks, channels, attention: [down, up], .. } = config;
    let (time, last) = (config.time_values(), widths.len() - 1);
    let mut pixels = config.pixels();
    let mut sum = layer([widths[0], time], 1, 1) + layer([time, time], 1, 1);
    sum += layer([channels[0], widths[0]], 3, pixels);
    let mut before = widths[0];
    let mut skips = vec![before];
    for (i, (&width, &attends)) in widths.iter().zip(down).enumerate() {
        for _ in 0..*blocks {
            sum += block(config, [before, width], pixels, attends);
            before = width;
            skips.push(width);
        }
        if i < last {
            pixels /= 4;
            sum += layer([width, width], 3, pixels);
            skips.push(width);
        }
    }
    sum += block(config, [before, before], pixels, config.attention_in_the_middle);
    sum += block(config, [before, before], pixels, false);
    for (i, (&width, &attends)) in widths.iter().rev().zip(up).enumerate() {
        for _ in 0..=*blocks {
            let skip = skips.pop().expect("one for each block on the way up");
            sum += block(config, [before + skip, width], pixels, attends);
            before = width;
        }
        if i < last {
            pixels *= 4;
            sum += layer([width, width], 3, pixels);
        }
    }
    sum + layer([before, channels[1]], 3, pixels)
}

/// Those of a layer with a kernel of so many rows and columns, for so many pixels that
/// come out.
fn layer([inputs, outputs]: [usize; 2], side: usize, pixels: usize) -> u64 {
    [inputs, outputs, side, side, pixels].map(|factor| factor as u64).iter().product()
}
// ANCHOR_END: cost

/// Those of a block, and of attention behind it, if there is any.
fn block(
    config: &UNetConfig,
    [inputs, outputs]: [usize; 2],
    pixels: usize,
    attends: bool,
) -> u64 {
    let from_time = if config.norm.scale_shift { 2 * outputs } else { outputs };
    let shortcut =
        if inputs == outputs { 0 } else { layer([inputs, outputs], 1, pixels) };
    let attention = if attends { attention(outputs, pixels) } else { 0 };
    layer([inputs, outputs], 3, pixels)
        + layer([config.time_values(), from_time], 1, 1)
        + layer([outputs, outputs], 3, pixels)
        + shortcut
        + attention
}

/// Those of attention, however many heads it has: its four layers, how well each pixel
/// fits each other one, and what it takes from them.
fn attention(channels: usize, pixels: usize) -> u64 {
    4 * layer([channels, channels], 1, pixels) + 2 * layer([pixels, pixels], 1, channels)
}
