//! What a JPEG file consists of (ITU-T T.81, annex B). Files have more in them than the
//! standard says, and less; libjpeg and browsers read them all the same.

use super::frame::Frame;
use crate::load::Fault;

const START_OF_IMAGE: u8 = 0xD8;
const END_OF_IMAGE: u8 = 0xD9;
const START_OF_SCAN: u8 = 0xDA;
const HUFFMAN_TABLES: u8 = 0xC4;
const QUANTIZATION_TABLES: u8 = 0xDB;
const RESTART_INTERVAL: u8 = 0xDD;
const ADOBE: u8 = 0xEE;

/// As many scans as the decoder takes.
const MOST_SCANS: usize = 100;

/// A JPEG with all that its pixels need, and no more.
pub struct Picture<'a> {
    pub frame: Frame,
    /// The first Exif segment, from its TIFF header on. The others are ignored, as by
    /// browsers and Pillow: they continue it, or belong to something else.
    pub exif: Option<&'a [u8]>,
    /// A file in itself: the frame, the tables and the scans.
    pub stream: Vec<u8>,
}

impl<'a> Picture<'a> {
    /// Walks through a file, up to the end of its picture. Cameras append others to it.
    pub fn of(bytes: &'a [u8]) -> Result<Self, Fault> {
        let (mut rest, mut stream) = (&bytes[2..], vec![0xFF, START_OF_IMAGE]);
        let (mut frame, mut exif, mut scans) = (None, None, Scans::default());
        let (mut has_jfif, mut transform) = (false, None);
        while let Some((marker, after)) = next_marker(rest) {
            rest = after;
            match marker {
                END_OF_IMAGE => break,
                START_OF_IMAGE if scans.count > 0 => break,
                // Markers without a segment, which have no business here.
                0x01 | 0xD0..=START_OF_IMAGE => continue,
                _ => {}
            }
            let Some((segment, after)) = segment(rest) else { break };
            rest = after;
            match marker {
                HUFFMAN_TABLES | QUANTIZATION_TABLES | RESTART_INTERVAL => {
                    push(&mut stream, marker, segment);
                }
                0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF | 0xDE | 0xF7 => {
                    if frame.is_some() {
                        return Err(Fault::Damaged("it has two frames"));
                    }
                    frame = Some(Frame::of(marker, segment)?);
                    push(&mut stream, marker, segment);
                }
                START_OF_SCAN => {
                    let frame =
                        frame.as_ref().ok_or(Fault::Damaged("it has no frame"))?;
                    if scans.count == 0 && frame.components.len() > 1 {
                        let transform = colours(frame, has_jfif, transform)?;
                        let adobe = [b"Adobe\0\x64\0\0\0\0", &[transform][..]].concat();
                        push(&mut stream, ADOBE, &adobe);
                    }
                    scans.add(frame, segment)?;
                    push(&mut stream, marker, segment);
                    let (scan, after) = rest.split_at(scan_length(rest));
                    stream.extend(scan);
                    rest = after;
                    if !frame.is_progressive {
                        break;
                    }
                }
                // Motion JPEGs say here that they have no Huffman tables.
                0xE0 => {
                    has_jfif |= segment.starts_with(b"JFIF\0");
                    push(&mut stream, marker, segment);
                }
                0xE1 => exif = exif.or(segment.strip_prefix(b"Exif\0\0")),
                ADOBE if segment.starts_with(b"Adobe") => transform = segment.get(11),
                _ => {}
            }
        }
        let too_early = Fault::Damaged("it ends too early");
        let Some(frame) = frame else { return Err(too_early) };
        if !scans.are_complete(&frame) {
            return Err(too_early);
        }
        end(&mut stream, &frame, scans.is_refinement);
        Ok(Self { frame, exif, stream })
    }
}

/// Ends a file in such a way that the decoder can't take a scan that was cut for a whole
/// one, as it does when it is followed by an end of image: it reads zeros then. No Huffman
/// code has only ones, so after a few of them it fails. The bits that refine coefficients
/// have no code, and there may be one for each pixel before there is a code again.
fn end(stream: &mut Vec<u8>, frame: &Frame, is_refinement: bool) {
    let pixels = usize::from(frame.width) * usize::from(frame.height);
    let ones = 16 + if is_refinement { pixels / 8 } else { 0 };
    stream.extend([0xFF, 0x00].repeat(ones));
    stream.extend([0xFF, END_OF_IMAGE]);
}

/// The next marker, and what follows it. Whatever is before it is left out.
fn next_marker(mut bytes: &[u8]) -> Option<(u8, &[u8])> {
    loop {
        bytes = &bytes[bytes.iter().position(|&byte| byte == 0xFF)?..];
        let at = bytes.iter().position(|&byte| byte != 0xFF)?;
        let (marker, after) = (bytes[at], &bytes[at + 1..]);
        if marker != 0 {
            return Some((marker, after));
        }
        bytes = after;
    }
}

/// The segment at the beginning, without its length, and what follows it.
fn segment(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, after) = bytes.split_first_chunk()?;
    after.split_at_checked(usize::from(u16::from_be_bytes(*length)).checked_sub(2)?)
}

fn push(stream: &mut Vec<u8>, marker: u8, segment: &[u8]) {
    stream.extend([0xFF, marker]);
    stream.extend((segment.len() as u16 + 2).to_be_bytes());
    stream.extend(segment);
}

/// How many bytes of entropy-coded data come before the next marker. Within them, 0xFF is
/// followed by a stuffed zero or by one of the eight restart markers.
fn scan_length(scan: &[u8]) -> usize {
    scan.windows(2)
        .position(|pair| pair[0] == 0xFF && !matches!(pair[1], 0x00 | 0xD0..=0xD7 | 0xFF))
        .unwrap_or(scan.len())
}

/// What the colours are, in the terms of Adobe's segment, by the rules of libjpeg.
fn colours(frame: &Frame, has_jfif: bool, adobe: Option<&u8>) -> Result<u8, Fault> {
    let ids: Vec<u8> = frame.components.iter().map(|component| component.id).collect();
    let transform = match (ids.len(), adobe) {
        (3, _) if has_jfif => 1,
        (3, Some(0)) => 0,
        (3, None) if ids == b"RGB" => 0,
        (4, Some(0)) => 0,
        (4, Some(_)) => 2,
        // Without Adobe's segment, some take the four for inks and others for what they leave.
        (4, None) => {
            return Err(Fault::NotSupported("it does not say what its colours are"));
        }
        _ => 1,
    };
    // The decoder goes by these names whatever else the file says.
    match ids == b"RGB" && transform != 0 {
        true => Err(Fault::NotSupported(
            "it says twice, and differently, what its colours are",
        )),
        false => Ok(transform),
    }
}

/// Which parts of the coefficients there have been.
#[derive(Default)]
struct Scans {
    count: usize,
    /// Whether the last one refines what others have begun.
    is_refinement: bool,
    /// For each component and coefficient, how many of its bits are still to come, once
    /// some have.
    missing: Vec<[Option<u8>; 64]>,
}

impl Scans {
    /// Adds a scan by its header.
    fn add(&mut self, frame: &Frame, header: &[u8]) -> Result<(), Fault> {
        let damaged = Fault::Damaged("a scan header is not that of a JPEG");
        let Some((&count, header)) = header.split_first() else { return Err(damaged) };
        let Some((components, &[first, last, bits])) =
            header.split_at_checked(2 * usize::from(count))
        else {
            return Err(damaged);
        };
        self.count += 1;
        if self.count > MOST_SCANS {
            return Err(Fault::NotSupported("it has more than 100 scans"));
        }
        if !frame.is_progressive {
            // The decoder gets the colours wrong: zune-jpeg 0.5.15, mended after it.
            return match usize::from(count) == frame.components.len() {
                true => Ok(()),
                false => Err(Fault::NotSupported(
                    "it is not progressive, and has its components in several scans",
                )),
            };
        }
        if first > last || last > 63 {
            return Err(damaged);
        }
        self.is_refinement = bits >> 4 != 0;
        self.missing.resize(frame.components.len(), [None; 64]);
        for pair in components.chunks(2) {
            let named =
                frame.components.iter().position(|component| component.id == pair[0]);
            let Some(named) = named else { return Err(damaged) };
            self.missing[named][usize::from(first)..=usize::from(last)]
                .fill(Some(bits & 15));
        }
        Ok(())
    }

    /// Whether each coefficient has come to its last bit.
    fn are_complete(&self, frame: &Frame) -> bool {
        let is_whole =
            |component: &[Option<u8>; 64]| component.iter().all(|&bits| bits == Some(0));
        self.count > 0 && (!frame.is_progressive || self.missing.iter().all(is_whole))
    }
}
