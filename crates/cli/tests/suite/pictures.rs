//! Picture files of every kind that is read, made byte by byte.

use image::{DynamicImage, GrayImage, ImageFormat, RgbImage};
use png::{BitDepth, ColorType};

/// The kinds of PNG, and two of JPEG.
pub const KINDS: [Kind; 17] = [
    Kind::Png(ColorType::Grayscale, BitDepth::One),
    Kind::Png(ColorType::Grayscale, BitDepth::Two),
    Kind::Png(ColorType::Grayscale, BitDepth::Four),
    Kind::Png(ColorType::Grayscale, BitDepth::Eight),
    Kind::Png(ColorType::Grayscale, BitDepth::Sixteen),
    Kind::Png(ColorType::Indexed, BitDepth::One),
    Kind::Png(ColorType::Indexed, BitDepth::Two),
    Kind::Png(ColorType::Indexed, BitDepth::Four),
    Kind::Png(ColorType::Indexed, BitDepth::Eight),
    Kind::Png(ColorType::GrayscaleAlpha, BitDepth::Eight),
    Kind::Png(ColorType::GrayscaleAlpha, BitDepth::Sixteen),
    Kind::Png(ColorType::Rgb, BitDepth::Eight),
    Kind::Png(ColorType::Rgb, BitDepth::Sixteen),
    Kind::Png(ColorType::Rgba, BitDepth::Eight),
    Kind::Png(ColorType::Rgba, BitDepth::Sixteen),
    Kind::Jpeg(ColorType::Grayscale),
    Kind::Jpeg(ColorType::Rgb),
];

/// A kind of picture file.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// With so many bits a channel.
    Png(ColorType, BitDepth),
    /// Grey, or in colour.
    Jpeg(ColorType),
}

/// A picture file whose pixels are made from these bytes, over and over.
pub fn encoded(kind: Kind, width: u32, height: u32, bytes: &[u8]) -> Vec<u8> {
    let data = |length: usize| bytes.iter().copied().cycle().take(length).collect();
    let pixels = (width * height) as usize;
    match kind {
        Kind::Png(colour, depth) => {
            let bits = width as usize * colour.samples() * depth as usize;
            encoded_png(
                colour,
                depth,
                width,
                height,
                data(bits.div_ceil(8) * height as usize),
            )
        }
        Kind::Jpeg(ColorType::Grayscale) => {
            in_format(GrayImage::from_raw(width, height, data(pixels)), ImageFormat::Jpeg)
        }
        Kind::Jpeg(_) => in_format(
            RgbImage::from_raw(width, height, data(3 * pixels)),
            ImageFormat::Jpeg,
        ),
    }
}

fn in_format(image: Option<impl Into<DynamicImage>>, format: ImageFormat) -> Vec<u8> {
    let image: DynamicImage = image.expect("as many bytes as pixels").into();
    let mut file = std::io::Cursor::new(Vec::new());
    image.write_to(&mut file, format).expect("a vector takes all");
    file.into_inner()
}

fn encoded_png(
    colour: ColorType,
    depth: BitDepth,
    width: u32,
    height: u32,
    data: Vec<u8>,
) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(colour);
    encoder.set_depth(depth);
    if colour == ColorType::Indexed {
        let colours = 0..1_usize << depth as usize;
        encoder
            .set_palette(colours.flat_map(|index| [index as u8; 3]).collect::<Vec<_>>());
    }
    let mut writer = encoder.write_header().expect("the kind is one there is");
    writer.write_image_data(&data).expect("as much data as the header says");
    writer.finish().expect("a vector takes all");
    file
}

/// The beginning of a PNG: its header, with any values in it, and an empty chunk of data.
pub fn png_header(width: u32, height: u32, kind: [u8; 5]) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    file.extend([width.to_be_bytes(), height.to_be_bytes()].as_flattened());
    file.extend(kind);
    file.extend(b"sum!\0\0\0\0IDATsum!");
    with_checksums(file)
}

/// The PNG with checksums that are right, as far as it is made of chunks.
pub fn with_checksums(mut file: Vec<u8>) -> Vec<u8> {
    let mut at = 8;
    while let Some(length) = file.get(at..at + 4) {
        let length = u32::from_be_bytes(length.try_into().expect("four bytes")) as usize;
        let end = at + 8 + length;
        if end + 4 > file.len() {
            break;
        }
        let sum = crc32(&file[at + 4..end]).to_be_bytes();
        file[end..end + 4].copy_from_slice(&sum);
        at = end + 4;
    }
    file
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, &byte| {
        (0..8)
            .fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1)))
    })
}
