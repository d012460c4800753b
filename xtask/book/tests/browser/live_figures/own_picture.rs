//! A picture of the reader's own: what is taken, what is refused, and how long it takes.

use std::fs;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use diffusion_cli::load;
use image::{ImageFormat, Rgb, RgbImage};
use tempfile::tempdir;

use super::{alive, text};
use crate::chromium::Chromium;
use crate::{chromium, pages};

/// The longest that the page does nothing else, in milliseconds.
const MAX_WORK: f64 = 300.0;

/// What the page says of a file, or nothing.
fn message(chromium: &mut Chromium, name: &str, bytes: &[u8]) -> String {
    let data = BASE64_STANDARD.encode(bytes);
    chromium.evaluate(&format!(
        "live.controls.take(new File([Uint8Array.from(atob('{data}'), letter => letter.charCodeAt(0))], \
         '{name}'))"
    ));
    text(chromium, "live.controls.message.textContent")
}

fn encoded(width: u32, format: ImageFormat) -> Vec<u8> {
    let pixels = RgbImage::from_fn(width, 30, |x, y| Rgb([x as u8, y as u8, 9]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    pixels.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// The page refuses what the command refuses, in the same words, whatever the browser
/// could show.
#[test]
fn the_page_and_the_command_take_the_same_kinds() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "part-a", "light", 1280);
    let (png, jpeg) = (encoded(40, ImageFormat::Png), encoded(40, ImageFormat::Jpeg));
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
        let said = message(&mut chromium, "own.png", bytes);
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

/// Wherever a file is cut off, both refuse what is left of it, or neither does; and
/// whatever is appended to it. The browser is made to take anything, as some do.
#[test]
fn the_page_and_the_command_refuse_the_same_halves() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "part-a", "light", 1280);
    chromium.evaluate(
        "window.createImageBitmap = (decode => (file, options) => \
         decode(file, options).catch(() => decode(new ImageData(40, 30))))(createImageBitmap); 0",
    );
    for format in [ImageFormat::Png, ImageFormat::Jpeg] {
        let whole = encoded(400, format);
        let many = (0..48).map(|cut| whole.len() * cut / 48);
        let last = whole.len() - 16..whole.len();
        let mut files: Vec<_> =
            many.chain(last).map(|cut| whole[..cut].to_vec()).collect();
        for more in [&[][..], &[0; 9], &[0xFF; 9], &whole, &whole[..whole.len() / 2]] {
            files.push([&whole, more].concat());
        }
        let mut taken = Vec::new();
        for bytes in files {
            let said = message(&mut chromium, "own.png", &bytes);
            let is_refused = said.starts_with('\'').then_some(said);
            assert_eq!(is_refused, refusal(&bytes), "{format:?}, {} bytes", bytes.len());
            taken.extend(is_refused.is_none().then_some(bytes.len()));
        }
        println!("{format:?} of {} bytes: taken with {taken:?}", whole.len());
        assert!(taken.len() >= 5);
    }
}

/// Where the command decodes otherwise than the browser, the page says so.
#[test]
fn the_page_says_where_the_command_can_differ() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "part-a", "light", 1280);
    let mut said = |bytes: &[u8]| message(&mut chromium, "own", bytes);
    assert_eq!(said(&encoded(40, ImageFormat::Png)), "");
    assert!(said(&encoded(40, ImageFormat::Jpeg)).contains("can differ by a shade"));
    let large = RgbImage::from_pixel(1300, 1200, Rgb([1, 2, 3]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    large.write_to(&mut bytes, ImageFormat::Png).unwrap();
    assert!(said(bytes.get_ref()).contains("can differ by a shade"));
    let clear = image::RgbaImage::from_pixel(9, 9, image::Rgba([1, 2, 3, 0]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    clear.write_to(&mut bytes, ImageFormat::Png).unwrap();
    assert!(said(bytes.get_ref()).contains("What is transparent is black here"));
}

/// Decoding goes on beside the page. What the page does itself keeps nobody waiting,
/// whatever the shape of the picture.
#[test]
fn no_picture_keeps_the_page_busy() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "part-a", "light", 1280);
    for (width, height, kind) in
        [(5000, 12, "png"), (12, 5000, "png"), (4032, 3024, "jpeg"), (4032, 3024, "png")]
    {
        let milliseconds = chromium.evaluate(&format!(
            "(async () => {{ const canvas = new OffscreenCanvas({width}, {height}); \
             const context = canvas.getContext('2d'); \
             const noise = context.createImageData({width}, Math.min({height}, 256)); \
             noise.data.forEach((_, at) => noise.data[at] = at % 4 == 3 ? 255 : Math.imul(at, 2654435761) >>> 24); \
             for (let y = 0; y < {height}; y += 256) context.putImageData(noise, 0, y); \
             const blob = await canvas.convertToBlob({{ type: 'image/{kind}' }}); \
             const file = new File([blob], 'odd.{kind}'); \
             let [longest, last, goes] = [0, performance.now(), true]; const clock = new MessageChannel(); \
             clock.port1.onmessage = () => {{ const now = performance.now(); longest = Math.max(longest, now - last); \
             last = now; if (goes) clock.port2.postMessage(0) }}; clock.port2.postMessage(0); \
             let best = Infinity; for (let round = 0; round < 5; round += 1) {{ longest = 0; \
             await live.controls.take(file); await new Promise(done => setTimeout(done, 50)); \
             best = Math.min(best, longest) }} goes = false; \
             if (!live.controls.command.textContent.includes('odd.{kind}')) throw live.controls.message.textContent; \
             return best }})()"
        ));
        let allowed = MAX_WORK * chromium.slowness();
        println!(
            "{width} × {height} {kind}: {milliseconds:.1} ms at once, {allowed:.0} allowed"
        );
        assert!(milliseconds.as_f64().unwrap() < allowed, "{width} × {height}");
    }
}
