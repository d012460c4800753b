//! Decodes a JPEG, as far as the decoder is known to do it right.

mod frame;
mod segments;

use image::metadata::Orientation;
use image::{GrayImage, RgbImage};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::{Fault, check_size, rgb};
use segments::Picture;

/// Decodes a JPEG, and finds which way is up.
pub fn decode(bytes: &[u8]) -> Result<(RgbImage, Orientation), Fault> {
    let picture = Picture::of(bytes)?;
    let (width, height) = (picture.frame.width.into(), picture.frame.height.into());
    check_size(width, height)?;
    let is_grey = picture.frame.components.len() == 1;
    // Strict, as otherwise what is missing becomes grey pixels.
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(usize::MAX)
        .set_max_height(usize::MAX)
        .jpeg_set_out_colorspace(if is_grey {
            ColorSpace::Luma
        } else {
            ColorSpace::RGB
        });
    let stream = ZCursor::new(&picture.stream);
    let pixels = JpegDecoder::new_with_options(stream, options).decode();
    let pixels = pixels
        .map_err(|_| Fault::Damaged("its pixels break off or are not those of a JPEG"))?;
    let pixels = match is_grey {
        true => GrayImage::from_raw(width, height, pixels).map(|grey| rgb(grey.into())),
        false => RgbImage::from_raw(width, height, pixels),
    };
    let orientation = picture.exif.and_then(Orientation::from_exif_chunk);
    let pixels = pixels.expect("a byte for each value");
    Ok((pixels, orientation.unwrap_or(Orientation::NoTransforms)))
}
