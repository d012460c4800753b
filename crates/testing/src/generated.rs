//! Runs with arguments that are generated: whatever they are, a command does what it is
//! told, or tells in a sentence why it does not.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;

use image::RgbImage;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::transcript::Terminal;

/// Numbers that are taken here and there, at first, or nowhere. None lets a run take
/// long.
#[rustfmt::skip] // not one a line
const NUMBERS: [&str; 25] = [
    "1", "2", "3", "7", "24", "0.5", "0.02", "1e-4", "0", "-1", "-0", "0.0", "1e39",
    "1e-320", "nan", "inf", "-inf", "10001", "4097", "18446744073709551615",
    "18446744073709551616", " 1", "0x10", "1_000", "½",
];

/// Paths that can be read or written, or not.
#[rustfmt::skip] // not one a line
const PATHS: [&str; 27] = [
    "picture.png", "picture.jpg", "half.png", "text.png", "folder.png", "missing.png",
    "frames", "frames/frame-001.png", "./frames/../frames/frame-002.png", "new",
    "new/frame-003.png", "new/folders/strip.png", "strip.png", "strip.JPEG",
    "strip.gif", "strip", "picture.png/in.png", "folder.png/strip.jpg", ".", ".png",
    "ä ö.png", "two\nlines.png", "\u{1b}[31mred.png", "\u{202e}gnp.png", "-", "--",
    "--csv",
];

/// What is no option, or ends the run at once.
const UNKNOWN: [&str; 8] = ["--sede", "-s", "--", "-", "", "--csv=1", "-V", "--help"];

/// How many cases a test tries: `CASES` if that is set, else so many. They are the same
/// ones each time, unless `PROPTEST_RNG_SEED` is set to another number than that of the
/// repository.
pub fn config(cases: u32) -> Config {
    let asked = std::env::var("CASES").ok();
    let asked = asked.map(|cases| cases.parse().expect("CASES is a number"));
    Config {
        cases: asked.unwrap_or(cases),
        failure_persistence: None,
        ..Config::default()
    }
}

/// Tries generated arguments, of the options that `--help` lists.
pub fn check_arguments(program: &'static str) {
    let help = Terminal::new(program).run("--help").stdout;
    let options = options(&String::from_utf8(help).expect("help is text"));
    let expected = ["--csv", "--frames-dir", "--image", "--output", "--steps"];
    let names: Vec<String> = options.iter().map(|(name, _)| name.clone()).collect();
    assert!(expected.iter().all(|&name| names.iter().any(|n| n == name)), "{names:?}");
    let known = prop::sample::select(options).prop_flat_map(|(name, value)| {
        let value = match value {
            Value::Path => {
                prop_oneof![8 => path(), 1 => number(), 1 => Just(None)].boxed()
            }
            Value::Number => {
                prop_oneof![8 => number(), 1 => path(), 1 => Just(None)].boxed()
            }
            Value::None => prop_oneof![8 => Just(None), 1 => number()].boxed(),
        };
        (Just(name), value, any::<bool>())
    });
    let unknown = prop::sample::select(&UNKNOWN[..]);
    let unknown = (unknown.prop_map(str::to_owned), Just(None), Just(false));
    let argument = prop_oneof![30 => known, 1 => unknown].prop_map(|parts| match parts {
        (name, Some(value), true) => vec![format!("{name}={value}")],
        (name, Some(value), false) => vec![name, value.to_owned()],
        (name, None, _) => vec![name],
    });
    let arguments =
        prop::collection::vec(argument, 0..5).prop_map(|parts| parts.concat());
    TestRunner::new(config(150))
        .run(&arguments, |arguments| {
            check_run(program, &names, arguments);
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

/// What `--help` says that an option takes.
#[derive(Clone, Copy, Debug)]
enum Value {
    Path,
    Number,
    None,
}

/// The options that a run has.
fn options(help: &str) -> Vec<(String, Value)> {
    let option = |line: &str| {
        let mut words = line.split_whitespace();
        let name = words.find(|word| word.starts_with("--"))?;
        let value = match words.next() {
            Some("<PATH>" | "<DIR>") => Value::Path,
            Some(word) if word.starts_with('<') => Value::Number,
            _ => Value::None,
        };
        Some((name.to_owned(), value))
    };
    let ends_at_once = ["--help", "--version"];
    let options = help.lines().filter_map(option);
    options.filter(|(name, _)| !ends_at_once.contains(&name.as_str())).collect()
}

fn number() -> impl Strategy<Value = Option<&'static str>> {
    let any = prop::sample::select(&NUMBERS[..]);
    prop_oneof![4 => prop::sample::select(&NUMBERS[..5]), 1 => any].prop_map(Some)
}

fn path() -> impl Strategy<Value = Option<&'static str>> {
    prop::sample::select(&PATHS[..]).prop_map(Some)
}

/// Runs in a folder with a few files, and holds what happens to what is promised.
fn check_run(program: &'static str, options: &[String], mut arguments: Vec<String>) {
    // A small picture, few points and nearly nothing learned, since there are many runs.
    let small =
        [("--size", "8"), ("--points", "50"), ("--samples", "20"), ("--updates", "2")];
    for (name, value) in small {
        let is_known = options.iter().any(|option| option == name);
        if is_known && !arguments.iter().any(|argument| argument.starts_with(name)) {
            arguments.splice(0..0, [name.to_owned(), value.to_owned()]);
        }
    }
    let terminal = Terminal::new(program);
    prepare(&terminal);
    let before = files(&terminal);
    let output =
        terminal.command("").args(&arguments).output().expect("the program starts");
    let (stdout, stderr) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );

    let is_obeyed =
        |letter: char| letter.is_control() && letter != '\n' || letter == '\u{202e}';
    assert!(
        !stdout.contains(is_obeyed) && !stderr.contains(is_obeyed),
        "{stdout}{stderr}"
    );
    let errors = stderr.lines().filter(|line| line.starts_with("error: ")).count();
    match output.status.code() {
        Some(0) => assert_eq!(stderr, "", "no word on stderr"),
        Some(1) => assert_eq!((errors, stderr.lines().count()), (1, 1), "{stderr}"),
        Some(2) => {
            assert_eq!(errors, 1, "{stderr}");
            assert!(
                stderr.ends_with("For more information, try '--help'.\n"),
                "{stderr}"
            );
        }
        _ => panic!("{}: {stderr}", output.status),
    }
    if output.status.success() {
        assert!(!stdout.is_empty());
        let left = terminal.contents();
        assert!(!left.iter().any(|path| path.contains(".part")), "{left:?}");
    } else {
        assert_eq!(stdout, "", "no table of a run that failed");
        assert!(
            files(&terminal) == before,
            "something is written: {:?}",
            terminal.contents()
        );
    }
}

fn prepare(terminal: &Terminal) {
    let at = |name: &str| terminal.folder().join(name);
    fs::create_dir(at("folder.png")).unwrap();
    fs::create_dir(at("frames")).unwrap();
    for name in ["picture.png", "picture.jpg", "frames/frame-001.png"] {
        RgbImage::new(5, 3).save(at(name)).unwrap();
    }
    fs::write(at("half.png"), &fs::read(at("picture.png")).unwrap()[..50]).unwrap();
    fs::write(at("text.png"), "I am no picture.").unwrap();
}

/// What is in the folder: the bytes of each file, nothing for each folder.
fn files(terminal: &Terminal) -> BTreeMap<OsString, Option<Vec<u8>>> {
    let contents = terminal.contents().into_iter();
    contents
        .map(|path| (path.clone().into(), fs::read(terminal.folder().join(path)).ok()))
        .collect()
}
