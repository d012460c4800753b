//! A picture of the reader's own: what is taken, and what is refused.

use std::fs;
use std::io::Cursor;

use diffusion_cli::load;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use tempfile::tempdir;

use super::alive;

fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A picture of many colours.
fn colours(width: u32) -> RgbImage {
    RgbImage::from_fn(width, 30, |x, y| Rgb([x as u8, y as u8, 9]))
}

/// The page refuses what the command refuses, in the same words, whatever the browser
/// could show.
#[test]
fn the_page_and_the_command_take_the_same_kinds() {
    let Some(mut tab) = alive("part-a") else { return };
    let [png, jpeg] =
        [ImageFormat::Png, ImageFormat::Jpeg].map(|format| encoded(colours(40), format));
    // A whole GIF of one pixel and a whole BMP, which a browser shows.
    let gif = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\0\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
    let bmp = b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\x18\0\0\0\0\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x02\x03\0";
    let files: [&[u8]; 21] = [
        &png,
        &jpeg,
        gif,
        bmp,
        b"GIF87a",
        b"RIFF\x24\0\0\0WEBPVP8 ",
        b"RIFF\x24\0\0\0WAVE",
        b"II*\0\x08\0\0\0",
        b"MM\0*\0\0\0\x08",
        b"\xff\x0a\0\0",
        b"\0\0\0\x0cJXL \r\n\x87\n",
        b"\0\0\0\x0cjP  \r\n\x87\n",
        b"\0\0\0\x24ftypheic\0\0\0\0mif1",
        b"\0\0\0\x1cftypmif1",
        b"\0\0\0\x1cftypavif\0\0\0\0",
        b"\0\0\0\x1cftypisom\0\0\0\0",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"no picture",
        b"",
        &png[..png.len() / 2],
        b"\x89PNG\r\n\x1a\n",
    ];
    for bytes in files {
        let said = tab.hand_over("own.png", bytes, "");
        let begin = String::from_utf8_lossy(&bytes[..bytes.len().min(16)]).into_owned();
        match refusal(bytes) {
            None => assert!(!said.starts_with('\''), "{begin}: {said}"),
            Some(expected) => assert_eq!(said, expected, "{begin}"),
        }
    }
}

/// What the command says of a file that it refuses, without what exactly is wrong: each
/// decoder has its own words for that.
fn refusal(bytes: &[u8]) -> Option<String> {
    let folder = tempdir().unwrap();
    let path = folder.path().join("own.png");
    fs::write(&path, bytes).unwrap();
    let error = load::picture(&path, Some(96)).err()?.to_string();
    let refusal = error.replace(path.to_str().unwrap(), "own.png");
    let reason = refusal
        .find(" (")
        .map(|start| refusal[start..=refusal.find(')').unwrap()].to_owned());
    Some(refusal.replace(&reason.unwrap_or_default(), ""))
}

/// Wherever a file is cut off, and whatever is appended to it, the page refuses what the
/// command refuses; and a JPEG without its end, of which the command finds out whether all
/// pixels are there. The browser is made to take anything, as some do.
#[test]
fn the_page_and_the_command_refuse_the_same_halves() {
    let Some(mut tab) = alive("part-a") else { return };
    tab.evaluate("probe.decodeAnything()");
    for format in [ImageFormat::Png, ImageFormat::Jpeg] {
        let whole = encoded(colours(400), format);
        let many = (0..48).map(|cut| whole.len() * cut / 48);
        let last = whole.len() - 16..whole.len();
        let mut files: Vec<_> =
            many.chain(last).map(|cut| whole[..cut].to_vec()).collect();
        for more in [&[][..], &[0; 9], &[0xFF; 9], &whole, &whole[..whole.len() / 2]] {
            files.push([&whole, more].concat());
        }
        let mut taken = Vec::new();
        for bytes in files {
            let said = tab.hand_over("own.png", &bytes, "");
            let is_refused = said.starts_with('\'').then_some(said);
            if refusal(&bytes).is_some() {
                assert_eq!(
                    is_refused,
                    refusal(&bytes),
                    "{format:?}, {} bytes",
                    bytes.len()
                );
            }
            taken.extend(is_refused.is_none().then_some(bytes.len()));
        }
        println!("{format:?} of {} bytes: taken with {taken:?}", whole.len());
        assert!(taken.len() >= 5);
    }
}

/// Where the command decodes otherwise than the browser, the page says so.
#[test]
fn the_page_says_where_the_command_can_differ() {
    let Some(mut tab) = alive("part-a") else { return };
    let mut said = |bytes: &[u8]| tab.hand_over("own", bytes, "");
    assert_eq!(said(&encoded(colours(40), ImageFormat::Png)), "");
    let jpeg = encoded(colours(40), ImageFormat::Jpeg);
    assert!(said(&jpeg).contains("can differ by a shade"));
    assert!(said(&jpeg).contains("It refuses some that browsers show"));
    let large = RgbImage::from_pixel(1300, 1200, Rgb([1, 2, 3]));
    assert!(said(&encoded(large, ImageFormat::Png)).contains("can differ by a shade"));
    let clear =
        encoded(RgbaImage::from_pixel(9, 9, Rgba([1, 2, 3, 0])), ImageFormat::Png);
    assert!(said(&clear).contains("What is transparent is black here"));
}
