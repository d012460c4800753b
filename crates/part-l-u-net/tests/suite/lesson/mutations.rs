//! Folders that are broken at random. The variable MUTATIONS says how many are tried.

use diffusion_core::{Generator, generator};
use part_l_u_net::UNetConfig;
use part_l_u_net::model_folder::{CONFIG, INDEX, SCHEDULER, WEIGHTS};
use rand::RngExt;

use super::config;
use super::folder::{files, folder, read};

/// Numbers that are likely to go wrong.
const NUMBERS: [&str; 14] = [
    "0",
    "1",
    "-1",
    "2",
    "7",
    "4096",
    "8192",
    "0.5",
    "1e-400",
    "1e308",
    "4294967296",
    "9223372036854775808",
    "18446744073709551615",
    "null",
];

/// Breaks one thing.
fn mutate(bytes: &mut Vec<u8>, rng: &mut Generator) {
    if bytes.is_empty() {
        return;
    }
    let at = rng.random_range(0..bytes.len());
    match rng.random_range(0..5) {
        0 => bytes[at] ^= 1 << rng.random_range(0..8),
        1 => bytes.insert(at, rng.random_range(0..=255)),
        2 => {
            let end = (at + rng.random_range(1..40)).min(bytes.len());
            bytes.drain(at..end);
        }
        3 => {
            let end = (at + rng.random_range(1..40)).min(bytes.len());
            let copied = bytes[at..end].to_vec();
            let to = rng.random_range(0..bytes.len());
            bytes.splice(to..to, copied);
        }
        _ => {
            let is_digit = |byte: &u8| byte.is_ascii_digit();
            let Some(begin) = bytes[at..].iter().position(is_digit) else { return };
            let begin = at + begin;
            let digits = bytes[begin..].iter().take_while(|byte| is_digit(byte)).count();
            let number = NUMBERS[rng.random_range(0..NUMBERS.len())];
            bytes.splice(begin..begin + digits, number.bytes());
        }
    }
}

#[test]
fn broken_folders_are_read_or_refused() {
    let count = std::env::var("MUTATIONS").map_or(20_000, |text| text.parse().unwrap());
    let config =
        UNetConfig { attention_in_the_middle: false, ..config(&[4], ["D", "D"]) };
    let whole = files(&folder(config));
    let weights = &whole[WEIGHTS];
    let length = u64::from_le_bytes(weights[..8].try_into().unwrap()) as usize;
    let (header, tensors) = weights[8..].split_at(length);
    let mut rng = generator(0);
    let [mut read_anyway, mut refused] = [0, 0];
    for i in 0..count {
        let name = [INDEX, CONFIG, SCHEDULER, WEIGHTS, WEIGHTS][i % 5];
        let is_weights = name == WEIGHTS;
        let mut bytes = if is_weights { header.to_vec() } else { whole[name].clone() };
        for _ in 0..rng.random_range(1..4) {
            mutate(&mut bytes, &mut rng);
        }
        if is_weights {
            // The length of the header is right or what it was.
            let length = if rng.random() { bytes.len() } else { length };
            bytes = [&(length as u64).to_le_bytes(), &bytes[..], tensors].concat();
        }
        let mut files = whole.clone();
        files.insert(name.to_owned(), bytes);
        match read(&files) {
            Ok(_) => read_anyway += 1,
            Err(error) => {
                let sentence = error.to_string();
                let is_told = whole.keys().any(|file| sentence.contains(&file[..]));
                assert!(is_told, "{i}: {sentence}");
                refused += 1;
            }
        }
    }
    println!("{read_anyway} were read, {refused} refused");
    assert!(read_anyway > count / 100 && refused > count / 10);
}
