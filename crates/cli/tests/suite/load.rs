//! Do the pixels of a file become a state, and is every bad file refused?

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use diffusion_cli::load::{self, LoadError};
use diffusion_core::Picture;
use image::{DynamicImage, ImageEncoder, ImageFormat, Rgb, RgbImage};
use tempfile::{TempDir, tempdir};

use crate::pictures::{png_header, with_checksums};

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

/// EXIF with one entry: orientation (0x0112), a short, once.
fn exif(orientation: u8) -> Vec<u8> {
    let begin = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0";
    [&begin[..], &[orientation], &[0; 6]].concat()
}

/// A picture that is turned by 90 degrees, as 6 means, has its dark left at the top.
fn assert_is_turned(bytes: &[u8]) {
    let picture = load(bytes).unwrap();
    assert_eq!((picture.width, picture.height), (16, 32));
    assert!(picture.x.column(0).max() < 0.0 && picture.x.column(16 * 31).min() > 0.0);
}

fn dark_left() -> RgbImage {
    RgbImage::from_fn(32, 16, |x, _| Rgb([if x < 16 { 0 } else { 255 }; 3]))
}

/// By the first Exif segment, as browsers and Pillow do.
#[test]
fn a_photograph_is_turned_upright() {
    let jpeg = encoded(dark_left(), ImageFormat::Jpeg);
    let segment = |orientation| {
        let exif = exif(orientation);
        let length = (exif.len() as u16 + 8).to_be_bytes();
        [b"\xff\xe1", &length[..], b"Exif\0\0", &exif].concat()
    };
    assert_is_turned(&[&jpeg[..2], &segment(6), &jpeg[2..]].concat());
    assert_is_turned(&[&jpeg[..2], &segment(6), &segment(1), &jpeg[2..]].concat());
}

#[test]
fn a_png_says_before_or_after_its_pixels_which_way_is_up() {
    let png = encoded(dark_left(), ImageFormat::Png);
    let chunk =
        [&(exif(6).len() as u32).to_be_bytes(), &b"eXIf"[..], &exif(6), b"sum!"].concat();
    let header_ends = 33;
    for at in [header_ends, png.len() - 12] {
        assert_is_turned(&with_checksums([&png[..at], &chunk, &png[at..]].concat()));
    }
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
        ("a WEBP", &b"RIFF\x24\0\0\0WEBPVP8 "[..]),
        ("a GIF", b"GIF89a\x01\0\x01\0"),
        ("a GIF", b"GIF87a"),
        ("a TIFF", b"II*\0\x08\0\0\0"),
        ("a TIFF", b"MM\0*\0\0\0\x08"),
        ("a BMP", b"BM\x3a\0\0\0\0\0\0\0\x36"),
        ("an AVIF", b"\0\0\0\x20ftypavif"),
    ] {
        let (_folder, path) = file("picture", bytes);
        let error = load::picture(&path, None).unwrap_err().to_string();
        let named = format!("'{}' is {expected} picture; expected a PNG", path.display());
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

/// The decoders take a missing end for a grey or a blurred one, also if an end of image
/// has been put there.
#[test]
fn a_truncated_file_is_refused_unless_all_its_pixels_are_there() {
    for whole in [
        encoded(all_bytes(), ImageFormat::Png),
        encoded(all_bytes(), ImageFormat::Jpeg),
        include_bytes!("progressive.jpg").to_vec(),
    ] {
        let picture = load(&whole).unwrap();
        assert!(load(&whole[..whole.len() - 20]).is_err());
        for end in 0..whole.len() {
            for bytes in [whole[..end].to_vec(), [&whole[..end], b"\xff\xd9"].concat()] {
                let is_right = load(&bytes).map_or(true, |read| read == picture);
                assert!(is_right, "{end} of {} bytes", whole.len());
            }
        }
    }
}

/// As libjpeg and browsers do.
#[test]
fn a_jpeg_is_read_whatever_is_around_its_segments() {
    let progressive = include_bytes!("progressive.jpg").to_vec();
    for jpeg in [encoded(all_bytes(), ImageFormat::Jpeg), progressive] {
        let picture = load(&jpeg).unwrap();
        let end = jpeg.len() - 2;
        let tables = jpeg.windows(2).position(|pair| pair == b"\xff\xdb").unwrap();
        for (what, bytes) in [
            ("a film after it", [&jpeg[..], b"a film"].concat()),
            ("another after it", [&jpeg[..], &jpeg[..]].concat()),
            ("no end, but more", [&jpeg[..end], &[0; 9]].concat()),
            ("no end, but another", [&jpeg[..end], &jpeg[..]].concat()),
            (
                "bytes before a marker",
                [&jpeg[..tables], &[0; 7], &jpeg[tables..]].concat(),
            ),
            ("fill bytes", [&jpeg[..tables], &[0xFF; 3], &jpeg[tables..]].concat()),
        ] {
            assert_eq!(load(&bytes).ok(), Some(picture.clone()), "{what}");
        }
    }
}

/// The JPEG with the bytes from `at` after its marker replaced.
fn patched(jpeg: &[u8], marker: u8, at: usize, bytes: &[u8]) -> Vec<u8> {
    let marker = jpeg.windows(2).position(|pair| pair == [0xFF, marker]).unwrap();
    let mut jpeg = jpeg.to_vec();
    jpeg[marker + at..][..bytes.len()].copy_from_slice(bytes);
    jpeg
}

/// Of some of these, the decoder makes other colours without a word.
#[test]
fn kinds_of_jpeg_that_are_not_supported_are_named() {
    let jpeg = encoded(all_bytes(), ImageFormat::Jpeg);
    let progressive = include_bytes!("progressive.jpg");
    let scan = progressive.windows(2).position(|pair| pair == b"\xff\xda").unwrap();
    let frame = |at, bytes: &[u8]| patched(&jpeg, 0xC0, at, bytes);
    for (reason, bytes) in [
        ("it is lossless", frame(1, b"\xc3")),
        ("it is coded arithmetically", frame(1, b"\xc9")),
        ("it is coded arithmetically", frame(1, b"\xca")),
        ("it is lossless, coded arithmetically", frame(1, b"\xcb")),
        ("it is hierarchical", frame(1, b"\xc5")),
        ("it is a JPEG-LS", frame(1, b"\xf7")),
        ("its samples do not have 8 bits", frame(4, &[12])),
        ("its height comes after its pixels", frame(5, &[0, 0])),
        ("its components are sampled in a rare way", frame(11, &[0x31])),
        ("its components are sampled in a rare way", frame(14, &[0x22])),
        ("it has neither one, three nor four components", {
            [&frame(2, &[0, 14, 8, 0, 16, 0, 16, 2])[..], &[]].concat()
        }),
        (
            "it is not progressive, and has its components in several scans",
            patched(&jpeg, 0xDA, 2, &[0, 8, 1, 1, 0, 0, 63, 0]),
        ),
        (
            "it says twice, and differently, what its colours are",
            [(10, b'R'), (13, b'G'), (16, b'B')]
                .into_iter()
                .fold(jpeg.clone(), |jpeg, (at, id)| patched(&jpeg, 0xC0, at, &[id])),
        ),
        (
            "it has more than 100 scans",
            [
                &progressive[..scan],
                &b"\xff\xda\0\x08\x01\x01\0\0\0\0".repeat(101),
                &progressive[scan..],
            ]
            .concat(),
        ),
    ] {
        let loaded = load(&bytes);
        let Err(LoadError::NotSupported { reason: given, .. }) = loaded else {
            panic!("{reason}: {loaded:?}")
        };
        assert_eq!(given, reason);
    }
}

/// What is known to be read as libjpeg reads it.
#[test]
fn colours_of_a_jpeg_are_those_of_libjpeg() {
    let jpeg = encoded(all_bytes(), ImageFormat::Jpeg);
    let adobe = |transform| {
        let segment = [b"\xff\xee\0\x0eAdobe\0d\0\0\0\0", &[transform][..]].concat();
        [&jpeg[..2], &segment, &jpeg[2..]].concat()
    };
    let picture = load(&jpeg).unwrap();
    // JFIF, which this file has, is YCbCr whatever Adobe's segment says.
    assert_eq!(load(&adobe(0)).unwrap(), picture);
    let without_jfif = |jpeg: Vec<u8>| patched(&jpeg, 0xE0, 4, b"none\0");
    assert_eq!(load(&without_jfif(adobe(1))).unwrap(), picture);
    assert_eq!(load(&without_jfif(jpeg.clone())).unwrap(), picture);
    assert_ne!(load(&without_jfif(adobe(0))).unwrap(), picture);
}

#[test]
fn a_palette_that_breaks_off_is_refused() {
    let png = palette_png();
    let at = png.windows(4).position(|name| name == b"PLTE").unwrap();
    for length in [1, 2, 4, 5, 7, 8] {
        let palette =
            [&[0, 0, 0, length][..], b"PLTE", &vec![9; length.into()], b"sum!"].concat();
        let bytes = with_checksums([&png[..at - 4], &palette, &png[at + 14..]].concat());
        let loaded = load(&bytes);
        assert!(matches!(loaded, Err(LoadError::Damaged { .. })), "{length}: {loaded:?}");
    }
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
