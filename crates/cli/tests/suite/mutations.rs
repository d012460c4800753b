//! Is every picture loaded, and every file that is none refused in a sentence?
//! `CASES=100000` tries more of them.

use std::fs;

use diffusion_cli::load;
use proptest::prelude::*;
use proptest::sample::Index;
use tempfile::tempdir;

use crate::pictures::{KINDS, encoded, png_header, with_checksums};

/// How many cases a test tries: `CASES` if that is set, else so many.
fn config(cases: u32) -> ProptestConfig {
    let asked = std::env::var("CASES").ok();
    let asked = asked.map(|cases| cases.parse().expect("CASES is a number"));
    ProptestConfig {
        cases: asked.unwrap_or(cases),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Loads a file with these bytes, and holds the state or the sentence to what is
/// promised. Returns the size of the picture.
fn load(bytes: &[u8], size: Option<u32>) -> Result<(u32, u32), String> {
    let folder = tempdir().unwrap();
    let path = folder.path().join("picture");
    fs::write(&path, bytes).unwrap();
    let loaded = load::picture(&path, size);
    match loaded {
        Ok(picture) => {
            let (width, height) = (picture.width, picture.height);
            assert_eq!(picture.x.shape(), (3, (width * height) as usize));
            assert!(picture.x.iter().all(|value| (-1.0..=1.0).contains(value)));
            if let Some(size) = size {
                assert_eq!((width, height), (size, size));
            }
            Ok((width, height))
        }
        Err(error) => {
            let sentence = error.to_string();
            assert!(sentence.contains(&*path.to_string_lossy()), "{sentence}");
            assert!(sentence.contains("; expected "), "{sentence}");
            assert!(!sentence.contains(char::is_control), "{sentence}");
            Err(sentence)
        }
    }
}

/// A picture of any kind.
fn picture() -> impl Strategy<Value = (Vec<u8>, (u32, u32))> {
    let sides = prop_oneof![
        8 => (1..40_u32, 1..40_u32),
        1 => (1..3_u32, 1000..5000_u32),
        1 => (1000..5000_u32, 1..3_u32),
    ];
    let bytes = prop::collection::vec(any::<u8>(), 1..300);
    (prop::sample::select(&KINDS[..]), sides, bytes).prop_map(
        |(kind, (width, height), bytes)| {
            (encoded(kind, width, height, &bytes), (width, height))
        },
    )
}

/// What can happen to a file.
#[derive(Clone, Debug)]
enum Mutation {
    Set(Index, u8),
    Flip(Index, u8),
    SetFour(Index, u32),
    Cut(Index, Index),
    Repeat(Index, Index),
    End(Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    use Mutation::*;
    let extreme = prop_oneof![
        prop::sample::select(vec![0, 1, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, u32::MAX]),
        any::<u32>(),
    ];
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Set(at, byte)),
        (any::<Index>(), 0..8_u8).prop_map(|(at, bit)| Flip(at, bit)),
        (any::<Index>(), extreme).prop_map(|(at, value)| SetFour(at, value)),
        (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Cut(from, to)),
        (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Repeat(from, to)),
        any::<Index>().prop_map(End),
    ]
}

fn mutate(bytes: &mut Vec<u8>, mutation: &Mutation) {
    if bytes.is_empty() {
        return;
    }
    // At most 32 bytes at once, since most of a file is its pixels.
    let range = |from: &Index, to: &Index| {
        let from = from.index(bytes.len());
        from..(from + 1 + to.index(32)).min(bytes.len())
    };
    match mutation {
        Mutation::Set(at, byte) => *at.get_mut(bytes) = *byte,
        Mutation::Flip(at, bit) => *at.get_mut(bytes) ^= 1 << bit,
        Mutation::SetFour(at, value) => {
            let at = at.index(bytes.len());
            let four = value.to_be_bytes();
            bytes.iter_mut().skip(at).zip(four).for_each(|(byte, value)| *byte = value);
        }
        Mutation::Cut(from, to) => drop(bytes.drain(range(from, to))),
        Mutation::Repeat(from, to) => {
            let range = range(from, to);
            let repeated = bytes[range.clone()].to_vec();
            bytes.splice(range.end..range.end, repeated);
        }
        Mutation::End(at) => bytes.truncate(at.index(bytes.len())),
    }
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn every_picture_is_loaded(
        (bytes, sides) in picture(),
        size in prop::option::of(1..60_u32),
    ) {
        let expected = size.map_or(sides, |size| (size, size));
        prop_assert_eq!(load(&bytes, size), Ok(expected));
    }

    #[test]
    fn every_mutation_is_loaded_or_refused(
        (bytes, _) in picture(),
        mutations in prop::collection::vec(mutation(), 1..6),
        has_checksums in any::<bool>(),
    ) {
        let mut bytes = bytes;
        mutations.iter().for_each(|mutation| mutate(&mut bytes, mutation));
        // With wrong ones, nothing behind them is looked at.
        if has_checksums {
            bytes = with_checksums(bytes);
        }
        let _ = load(&bytes, Some(5));
    }

    #[test]
    fn every_mutation_of_a_progressive_jpeg_is_loaded_or_refused(
        mutations in prop::collection::vec(mutation(), 1..6),
    ) {
        let mut bytes = include_bytes!("progressive.jpg").to_vec();
        mutations.iter().for_each(|mutation| mutate(&mut bytes, mutation));
        let _ = load(&bytes, Some(5));
    }

    #[test]
    fn every_header_without_pixels_is_refused(
        width in any::<u32>(),
        height in any::<u32>(),
        small in any::<[bool; 2]>(),
        kind in any::<[u8; 5]>(),
        valid in prop::option::of((0..5_usize, 0..7_u8, 0..2_u8)),
    ) {
        let [width, height] = [(width, small[0]), (height, small[1])]
            .map(|(side, is_small)| if is_small { side % 5000 } else { side });
        let kind = valid.map_or(kind, |(depth, colour, interlaced)| {
            [1 << depth, colour, 0, 0, interlaced]
        });
        prop_assert!(load(&png_header(width, height, kind), None).is_err());
    }
}
