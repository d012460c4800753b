//! A picture of the reader's own: what is taken, and what is refused.

use std::fs;
use std::io::Cursor;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use diffusion_cli::load;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use tempfile::tempdir;

use super::alive;
use super::early::{let_through, open_without_lessons};
use crate::browser::chromium::Tab;
use crate::browser::missing::tab;

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

/// All figures of a page show the same picture, and name it: wherever and however early
/// it is chosen, and whatever is refused or taken back then.
#[test]
fn the_figures_of_a_page_share_a_picture_and_name_it() {
    let Some(mut tab) = tab() else { return };
    let png = BASE64_STANDARD.encode(encoded(colours(40), ImageFormat::Png));
    let choose = |tab: &mut Tab, file: &str| {
        tab.evaluate(&format!("choose('{file}'); 0"));
    };
    // For each figure of a picture: what its input names, its command and its picture.
    let told = |tab: &mut Tab| {
        tab.draw();
        tab.texts("told()")
    };
    open_without_lessons(&mut tab, "part-d");
    tab.evaluate(&format!(
        "{{
            const bytes = Uint8Array.from(atob('{png}'), letter => letter.charCodeAt(0));
            window.file = name => new File([name === 'bad.png' ? 'bad' : bytes], name);
            window.choose = name => {{
                const files = new DataTransfer();
                files.items.add(file(name));
                live.controls.file.files = files.files;
                live.controls.file.dispatchEvent(new Event('change', {{ bubbles: true }}));
            }};
            const kinds = ['part-d', 'walk-or-jump'];
            const figures = kinds.map(kind => document.querySelector(`live-figure[kind=${{kind}}]`));
            window.told = () => figures.map(({{ controls, pictures }}) => [
                controls.file.files[0]?.name,
                /image=(.*?) /.exec(controls.command.textContent)?.[1],
                /your picture|the mandrill/i.exec(pictures.ariaLabel)?.[0],
            ].join());
        }} 0"
    ));
    choose(&mut tab, "early.png");
    tab.evaluate("probe.approach('part-d')");
    let_through(&mut tab);
    tab.wait("window.liveParts.picture !== undefined");
    // The other one begins with it.
    tab.come_alive("walk-or-jump");
    let early = ["early.png,early.png,your picture"; 2];
    assert_eq!(told(&mut tab), early);

    choose(&mut tab, "bad.png");
    tab.wait("live.controls.message.textContent.startsWith(\"'bad.png' is not\")");
    assert_eq!(told(&mut tab), early);
    // Another figure of the page, which shows no picture, takes none away.
    tab.come_alive("two-peaks");
    tab.click("Reset");
    assert_eq!(told(&mut tab), early);
    // The last of several counts, whichever is read first.
    tab.come_alive("part-d");
    tab.evaluate(
        "{
            const decode = window.createImageBitmap.bind(window);
            const held = new Promise(done => (window.letThrough = done));
            window.createImageBitmap = async (file, ...rest) => {
                if (file.name === 'slow.png') await held;
                return decode(file, ...rest);
            };
        } 0",
    );
    tab.evaluate("window.slow = live.controls.take(file('slow.png')); 0");
    choose(&mut tab, "quick.png");
    tab.wait("window.liveParts.picture.file.name === 'quick.png'");
    tab.evaluate("letThrough(); slow");
    let quick = ["quick.png,quick.png,your picture"; 2];
    assert_eq!(told(&mut tab), quick);
    tab.click("Reset");
    assert_eq!(told(&mut tab), [",,the mandrill"; 2]);
    assert_eq!(tab.faults().into_iter().collect::<Vec<_>>(), [""; 0]);
}

/// Where other data are shown, a picture that is chosen is shown instead, by its name.
#[test]
fn part_f_shows_the_picture_that_is_chosen() {
    let Some(mut tab) = alive("part-f") else { return };
    tab.click("Spiral");
    tab.hand_over("own.png", &encoded(colours(40), ImageFormat::Png), "");
    let shown = |tab: &mut Tab| {
        tab.draw();
        let caption = tab.text("live.caption.textContent");
        let (_, data) = caption.split_once("with the data (").unwrap();
        let pressed = "live.querySelector('[aria-pressed=true]').textContent";
        let image = tab.command().contains("--image=own.png");
        (data.split_once(')').unwrap().0.to_owned(), tab.text(pressed), image)
    };
    let own = ("your picture".to_owned(), "Your picture".to_owned(), true);
    assert_eq!(shown(&mut tab), own);
    tab.click("Moons");
    tab.click("Your picture");
    assert_eq!(shown(&mut tab), own);
    tab.click("Reset");
    let mandrill = ("mandrill".to_owned(), "Mandrill".to_owned(), false);
    assert_eq!(shown(&mut tab), mandrill);
}
