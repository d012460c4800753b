//! Do the pixels of a file become a state, and is every bad file refused?

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use diffusion_cli::load::{self, LoadError};
use diffusion_core::Picture;
use image::{DynamicImage, ImageEncoder, ImageFormat, Rgb, RgbImage};
use tempfile::{TempDir, tempdir};

use crate::pictures::png_header;

/// Eight bits, three channels, not interlaced.
const RGB: [u8; 5] = [8, 2, 0, 0, 0];

/// A file in a folder of its own, which goes when the test ends.
fn file(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn encoded(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    image.into().write_to(&mut Cursor::new(&mut bytes), format).unwrap();
    bytes
}

fn load(bytes: &[u8]) -> Result<Picture, LoadError> {
    let (_folder, path) = file("picture", bytes);
    load::picture(&path, None)
}

/// A picture with every byte in it.
fn all_bytes() -> RgbImage {
    RgbImage::from_fn(16, 16, |x, y| {
        Rgb([(16 * y + x) as u8, (255 - 16 * y - x) as u8, x as u8])
    })
}

#[test]
fn pixels_survive_the_way_in_and_out() {
    let pixels = all_bytes();
    let picture = Picture::from_pixels(&pixels);
    assert_eq!(picture.x.shape(), (3, 256));
    assert_eq!((picture.x.min(), picture.x.max()), (-1.0, 1.0));
    assert_eq!(picture.pixels_of(&picture.x), pixels);
    let (_folder, path) = file("picture.png", &encoded(pixels.clone(), ImageFormat::Png));
    assert_eq!(load::picture(&path, None).unwrap(), picture);
}

#[test]
fn every_kind_of_png_is_read_as_rgb() {
    let grey = image::GrayImage::from_fn(2, 1, |x, _| image::Luma([x as u8 * 200]));
    let kinds = [
        encoded(grey.clone(), ImageFormat::Png),
        encoded(DynamicImage::from(grey.clone()).into_luma_alpha8(), ImageFormat::Png),
        encoded(DynamicImage::from(grey.clone()).into_luma16(), ImageFormat::Png),
        encoded(DynamicImage::from(grey.clone()).into_rgb16(), ImageFormat::Png),
        encoded(DynamicImage::from(grey.clone()).into_rgba16(), ImageFormat::Png),
        encoded(DynamicImage::from(grey).into_rgba8(), ImageFormat::Png),
        palette_png(),
    ];
    for (kind, bytes) in kinds.iter().enumerate() {
        let picture = load(bytes).unwrap();
        let pixels = picture.pixels_of(&picture.x);
        assert_eq!(pixels.as_raw(), &[0, 0, 0, 200, 200, 200], "kind {kind}");
    }
}

/// Two pixels, one bit each, with a palette of black and a light grey.
fn palette_png() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 2, 1);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::One);
    encoder.set_palette(vec![0, 0, 0, 200, 200, 200]);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&[0b0100_0000]).unwrap();
    writer.finish().unwrap();
    bytes
}

#[test]
fn an_alpha_channel_is_dropped() {
    let transparent = image::RgbaImage::from_pixel(1, 1, image::Rgba([1, 2, 3, 0]));
    let picture = load(&encoded(transparent, ImageFormat::Png)).unwrap();
    assert_eq!(picture.pixels_of(&picture.x).as_raw(), &[1, 2, 3]);
}

/// `--help` says that pictures are taken as sRGB.
#[test]
fn a_colour_profile_is_dropped() {
    let pixels = all_bytes();
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    // Not a profile, so that nothing can be made of it.
    encoder.set_icc_profile(b"red is green".to_vec()).unwrap();
    pixels.write_with_encoder(encoder).unwrap();
    assert!(bytes.windows(4).any(|name| name == b"iCCP"));
    assert_eq!(load(&bytes).unwrap(), Picture::from_pixels(&pixels));
}

#[test]
fn a_photograph_is_turned_upright() {
    let wide = RgbImage::from_fn(32, 16, |x, _| Rgb([if x < 16 { 0 } else { 255 }; 3]));
    let jpeg = encoded(wide, ImageFormat::Jpeg);
    // EXIF with one entry: orientation (0x0112), a short, once, 6: turned by 90 degrees.
    let exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let length = (exif.len() as u16 + 2).to_be_bytes();
    let with_exif = [&jpeg[..2], &[0xFF, 0xE1], &length, exif, &jpeg[2..]].concat();
    let picture = load(&with_exif).unwrap();
    assert_eq!((picture.width, picture.height), (16, 32));
    assert!(picture.x.column(0).max() < 0.0 && picture.x.column(16 * 31).min() > 0.0);
}

#[test]
fn size_crops_to_the_middle() {
    // A white square with black ends to its left and right, which are to be cut off.
    let pixels = RgbImage::from_fn(40, 20, |x, _| {
        Rgb([if (10..30).contains(&x) { 255 } else { 0 }; 3])
    });
    let (_folder, path) = file("picture", &encoded(pixels, ImageFormat::Png));
    let picture = load::picture(&path, Some(10)).unwrap();
    assert_eq!((picture.width, picture.height, picture.x.shape()), (10, 10, (3, 100)));
    assert!(picture.x.columns(44, 2).min() > 0.99, "the middle is white");
    assert!(picture.x.min() > 0.5, "no black end is left");
}

#[test]
fn what_is_no_picture_is_refused() {
    let folder = tempdir().unwrap();
    let missing = load::picture(Path::new("no/such/file.png"), None);
    assert!(matches!(missing, Err(LoadError::Read { .. })));
    assert!(matches!(load::picture(folder.path(), None), Err(LoadError::Folder(_))));
    for bytes in [&b""[..], b"P", b"hello, I am no picture", b"<svg/>"] {
        assert!(matches!(load(bytes), Err(LoadError::NotAPicture(_))));
    }
}

#[test]
fn other_kinds_of_pictures_are_named() {
    for (expected, bytes) in [
        ("WEBP", &b"RIFF\x24\0\0\0WEBPVP8 "[..]),
        ("GIF", b"GIF89a\x01\0\x01\0"),
        ("GIF", b"GIF87a"),
        ("TIFF", b"II*\0\x08\0\0\0"),
        ("TIFF", b"MM\0*\0\0\0\x08"),
        ("BMP", b"BM\x3a\0\0\0\0\0\0\0\x36"),
        ("AVIF", b"\0\0\0\x20ftypavif"),
    ] {
        let (_folder, path) = file("picture", bytes);
        let error = load::picture(&path, None).unwrap_err().to_string();
        let named =
            format!("'{}' is a {expected} picture; expected a PNG", path.display());
        assert!(error.starts_with(&named), "{error}");
    }
}

/// Names may hold anything but a slash, and a terminal obeys some of it.
#[cfg(unix)]
#[test]
fn what_a_terminal_would_obey_is_escaped() {
    let name = "\u{1b}[31mred\r\n\t\u{7}\u{9b}\u{202e}\u{2066}\u{2028}ä b'\"\\";
    let (_folder, path) = file(name, b"no picture");
    let error = load::picture(&path, None).unwrap_err().to_string();
    let shown =
        r#"\u{1b}[31mred\u{d}\u{a}\u{9}\u{7}\u{9b}\u{202e}\u{2066}\u{2028}ä b'"\'"#;
    assert!(error.contains(shown), "{error}");
}

#[test]
fn truncated_files_are_refused_wherever_they_end() {
    // A PNG ends with the checksum of nothing. Without it, everything is still there.
    let png = encoded(all_bytes(), ImageFormat::Png);
    let jpeg = encoded(all_bytes(), ImageFormat::Jpeg);
    let progressive = include_bytes!("progressive.jpg").to_vec();
    for (bytes, needed) in
        [(&png, png.len() - 4), (&jpeg, jpeg.len()), (&progressive, progressive.len())]
    {
        load(bytes).unwrap();
        for end in 0..needed {
            assert!(
                load(&bytes[..end]).is_err(),
                "accepted {end} of {} bytes",
                bytes.len()
            );
        }
    }
}

#[test]
fn a_jpeg_may_be_followed_by_something_else() {
    let bytes = [encoded(all_bytes(), ImageFormat::Jpeg), b"a film".to_vec()].concat();
    load(&bytes).unwrap();
}

#[test]
fn a_flipped_bit_in_a_png_is_noticed() {
    let whole = encoded(all_bytes(), ImageFormat::Png);
    let data = whole.windows(4).position(|name| name == b"IDAT").unwrap() + 20;
    let mut bytes = whole;
    bytes[data] ^= 1;
    assert!(matches!(load(&bytes), Err(LoadError::Damaged { .. })));
}

#[test]
fn absurd_dimensions_are_refused_before_memory_is_taken() {
    for (width, height) in
        [(2_000_000_000, 2_000_000_000), (100_000, 100_000), (1 << 26, 2)]
    {
        let loaded = load(&png_header(width, height, RGB));
        assert!(matches!(loaded, Err(LoadError::FileTooLarge(_))), "{loaded:?}");
    }
    for (width, height) in [(0, 0), (0, 10), (10, 0)] {
        let loaded = load(&png_header(width, height, RGB));
        assert!(matches!(loaded, Err(LoadError::Damaged { .. })), "{loaded:?}");
    }
}

#[test]
fn a_state_has_fewer_pixels_than_a_file_may_have() {
    let large = encoded(image::GrayImage::new(8192, 4096), ImageFormat::Png);
    let (_folder, path) = file("large.png", &large);
    let loaded = load::picture(&path, None);
    assert!(matches!(loaded, Err(LoadError::TooLarge { width: 8192, height: 4096, .. })));
    assert_eq!(load::picture(&path, Some(8)).unwrap().x.shape(), (3, 64));
}

#[test]
fn a_file_is_read_up_to_a_limit() {
    let (folder, path) = file("ten.bytes", b"ten bytes.");
    assert_eq!(load::up_to(10, &path).unwrap().unwrap(), b"ten bytes.");
    assert_eq!(load::up_to(1 << 40, &path).unwrap().unwrap(), b"ten bytes.");
    assert!(load::up_to(9, &path).unwrap().is_none());
    assert!(load::up_to(0, &path).unwrap().is_none());
    assert!(load::up_to(10, &folder.path().join("missing")).is_err());
    assert!(load::up_to(10, folder.path()).is_err());
}
