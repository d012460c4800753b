//! Is what the live figures load up to date, and is nothing missing?

use std::collections::BTreeSet;
use std::fs;

use diffusion_cli::load;
use diffusion_live::FIGURES;
use diffusion_testing::missing::not_tested;
use tempfile::tempdir;
use xtask_artifacts::{LIST, check, paths, repository, stale};
use xtask_evidence::live::{MODULES, SIDES, data, inflated, mandrill};

fn script(file: &str) -> String {
    fs::read_to_string(repository().join(file)).expect(file)
}

#[test]
fn what_is_committed_is_made_of_the_sources_as_they_are() {
    let stale: Vec<String> =
        stale(&repository()).into_iter().map(|stale| stale.fault).collect();
    assert_eq!(stale, [""; 0]);
    let made = paths(&repository(), "");
    assert!(MODULES.iter().all(|(_, file)| made.contains(*file)), "{made:?}");
    assert_eq!(check(&repository(), &data()).unwrap(), [""; 0]);
}

/// Whatever is done to a module is found, though nobody builds it again.
#[test]
fn a_tampered_module_is_found() {
    let copy = tempdir().unwrap();
    let (_, file) = MODULES[0];
    for file in [LIST, file] {
        let to = copy.path().join(file);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(repository().join(file), to).unwrap();
    }
    let text = script(file);
    let (before, module) = text.split_once("module: \"").unwrap();
    for changed in [
        text[..text.len() / 2].to_owned(),
        text.clone() + "fetch(\"https://example.org/\");\n",
        format!("{before}module: \"AAAA{}", &module[4..]),
    ] {
        fs::write(copy.path().join(file), changed).unwrap();
        let stale = stale(copy.path()).into_iter().find(|stale| stale.path == file);
        let expected = format!("'{file}' is not as it was made; run `cargo xtask live`");
        assert_eq!(stale.unwrap().fault, expected);
    }
}

/// Each kind of figure has a line in the list and a script, and the other way round.
#[test]
fn every_figure_has_a_script() {
    let folder = fs::read_dir(repository().join("book/src/live")).unwrap().flatten();
    let mut kinds = BTreeSet::new();
    for file in folder {
        let text = fs::read_to_string(file.path()).unwrap();
        let kind = text.split("window.liveKinds").skip(1).find_map(|rest| {
            let (name, _) = rest.split_once(" = {")?;
            Some(name.trim_matches(['.', '[', ']', '"']).to_owned())
        });
        kinds.extend(kind.filter(|name| file.file_name() == *format!("{name}.js")));
    }
    let names = FIGURES.iter().map(|(name, _)| (*name).to_owned());
    let without_script =
        |name: &String| ["matrix-product", "convolution"].contains(&name.as_str());
    assert_eq!(kinds, names.filter(|name| !without_script(name)).collect());
}

#[test]
fn the_mandrill_of_the_page_is_that_of_the_commands() {
    for side in SIDES {
        let picture = load::picture(&load::mandrill(), Some(side)).unwrap();
        let script = script(&mandrill(side));
        let data = script.split('"').nth(1).unwrap();
        let pixels = inflated(data).unwrap();
        assert!(pixels == picture.pixels_of(&picture.x).into_raw(), "{side}");
    }
}

/// A native program that is made of the same crates has no bare names in it that could be
/// in the way of another library's.
#[cfg(target_os = "linux")]
#[test]
fn native_programs_export_no_bare_names() {
    let this_program = std::env::current_exe().unwrap();
    let Ok(symbols) = std::process::Command::new("nm").arg(this_program).output() else {
        return not_tested("names in programs: install nm, of the binutils", "nm");
    };
    let symbols = String::from_utf8(symbols.stdout).unwrap();
    assert!(symbols.contains("diffusion_live"), "nm names what is in a program");
    for name in ["call", "given", "said", "numbers", "pixels", "text"] {
        let is_bare = |line: &str| line.split(' ').next_back() == Some(name);
        assert!(!symbols.lines().any(is_bare), "{name}");
    }
}
