//! Decodes a PNG, and checks what the decoder doesn't.

use std::io::Cursor;

use image::codecs::png::PngDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, Limits, RgbImage};

use super::{Fault, MAX_BYTES, check_size, rgb};

/// Decodes a PNG, and finds which way is up.
pub fn decode(bytes: &[u8]) -> Result<(RgbImage, Orientation), Fault> {
    // The decoder panics at such a palette: png 0.18.1, mended after it.
    if chunks(bytes).any(|(name, data)| name == b"PLTE" && data.len() % 3 != 0) {
        return Err(Fault::Damaged("its palette breaks off within a colour"));
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_BYTES);
    let decoder = PngDecoder::with_limits(Cursor::new(bytes), limits).map_err(fault)?;
    let (width, height) = decoder.dimensions();
    check_size(width, height)?;
    let pixels = rgb(DynamicImage::from_decoder(decoder).map_err(fault)?);
    // Anywhere in the file: the decoder looks for it before the pixels only.
    let exif = chunks(bytes).find(|(name, _)| *name == b"eXIf");
    let orientation = exif.and_then(|(_, exif)| Orientation::from_exif_chunk(exif));
    Ok((pixels, orientation.unwrap_or(Orientation::NoTransforms)))
}

/// The chunks up to the end of the file, or to one that is cut off: name and data.
fn chunks(bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = bytes.get(8..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (length, after) = rest.split_first_chunk()?;
        let (name, after) = after.split_at_checked(4)?;
        let (data, after) =
            after.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        rest = after.get(4..)?;
        Some((name, data))
    })
}

/// The decoder's own sentences name its types.
fn fault(error: ImageError) -> Fault {
    match error {
        ImageError::Limits(_) => Fault::TooLarge,
        ImageError::IoError(_) => Fault::Damaged("it ends too early"),
        _ => Fault::Damaged("its data are not those of a PNG"),
    }
}
