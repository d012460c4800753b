//! What the book shows of the parts, drawn and computed again only when its sources have
//! changed.
//!
//! Each part's figures and numbers are kept in `target/evidence/`, in a folder named
//! after the part and a fingerprint of what they are made of. Deleting it costs nothing
//! but time.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use diffusion_cli::save;
use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;

use crate::figures::{Drawn, draw_one};
use crate::fingerprint::{self, Fingerprint};
use crate::parts::{self, Numbers, PARTS, Part};
use crate::{evidence, files, numbers};

/// What the book shows.
#[derive(Default)]
pub struct Shown {
    /// The bytes of each figure, by the name of its file.
    pub figures: Drawn,
    /// The numbers of the prose.
    pub numbers: Numbers,
}

/// Everything that the book shows, for the repository at `root`.
pub fn all(root: &Path) -> Shown {
    let progress = progress_bar();
    let of_parts: Vec<Shown> =
        PARTS.par_iter().map(|part| of_part(root, part, &progress)).collect();
    progress.finish_and_clear();
    let mut all = Shown { numbers: evidence::numbers(root), ..Shown::default() };
    for mut shown in of_parts {
        all.figures.append(&mut shown.figures);
        all.numbers.append(&mut shown.numbers);
    }
    all
}

fn of_part(root: &Path, part: &Part, progress: &ProgressBar) -> Shown {
    let folder = folder(root, part);
    if let Some(shown) = folder.as_deref().and_then(|folder| read(folder, part)) {
        progress.inc(part.figures.len() as u64);
        return shown;
    }
    let (figures, numbers) = rayon::join(
        || {
            let draw = |figure| {
                let bytes = draw_one(figure);
                progress.inc(1);
                (figure.name.to_owned(), bytes)
            };
            part.figures.par_iter().map(draw).collect()
        },
        part.numbers,
    );
    let shown = Shown { figures, numbers };
    if let Some(folder) = folder {
        // What cannot be kept is drawn again.
        let _ = keep(&folder, part, &shown);
    }
    shown
}

/// The folder in which a part's evidence is kept, if this program was built of the
/// sources as they are now.
fn folder(root: &Path, part: &Part) -> Option<PathBuf> {
    let (sources, key) = sources(root, part).ok()?;
    let modified = |file: &Path| fs::metadata(file).and_then(|file| file.modified());
    let built: SystemTime = modified(&env::current_exe().ok()?).ok()?;
    let is_older = |file: &PathBuf| modified(&root.join(file)).is_ok_and(|at| at < built);
    let is_built_of_them = sources.iter().all(is_older);
    let target = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    let name = format!("{}-{}", part.package, key.hex());
    is_built_of_them.then(|| root.join(target).join("evidence").join(name))
}

/// The Rust sources that a part's evidence is made by, and a fingerprint of them and of
/// all else that goes into it.
fn sources(root: &Path, part: &Part) -> io::Result<(Vec<PathBuf>, Fingerprint)> {
    let packages = fingerprint::packages_of(root, part.package)?;
    let mut sources = Vec::new();
    for folder in &packages {
        sources.extend(fingerprint::sources_of(root, folder));
    }
    // How all figures are drawn, and what this part's own files and those of the parts
    // that it stands on draw.
    let ours = fingerprint::sources_of(root, Path::new("xtask/figures")).into_iter();
    let (of_parts, shared): (Vec<PathBuf>, Vec<PathBuf>) =
        ours.partition(|file| file.starts_with("xtask/figures/src/parts"));
    sources.extend(shared);
    let is_below = |other: &&Part| packages.iter().any(|at| at.ends_with(other.package));
    for part in PARTS.iter().filter(is_below) {
        // Beside its file, a part may have a folder of the same name.
        let (own, folder) =
            (Path::new(part.file), Path::new(part.file).with_extension(""));
        let of_part = |file: &&PathBuf| *file == own || file.starts_with(&folder);
        sources.extend(of_parts.iter().filter(of_part).cloned());
    }

    let mut key = Fingerprint::default();
    let mut others = vec![PathBuf::from("Cargo.toml"), PathBuf::from("Cargo.lock")];
    others.extend(packages.iter().map(|folder| folder.join("Cargo.toml")));
    let data = files::below(&root.join("data")).into_iter();
    others.extend(data.map(|file| Path::new("data").join(file)));
    for file in sources.iter().chain(&others) {
        key.add_file(root, file)?;
    }
    Ok((sources, key))
}

fn read(folder: &Path, part: &Part) -> Option<Shown> {
    let figure = |figure: &parts::Figure| {
        Some((figure.name.to_owned(), fs::read(folder.join(figure.name)).ok()?))
    };
    let figures = part.figures.iter().map(figure).collect::<Option<Drawn>>()?;
    let csv = fs::read_to_string(folder.join("numbers.csv")).ok()?;
    Some(Shown { figures, numbers: numbers::parse(&csv)? })
}

/// Keeps a part's evidence, and forgets what was kept of its older sources.
fn keep(folder: &Path, part: &Part, shown: &Shown) -> Result<(), save::SaveError> {
    for (name, bytes) in &shown.figures {
        save::whole_file(&folder.join(name), |file| file.write_all(bytes))?;
    }
    let csv = numbers::csv(&shown.numbers);
    save::whole_file(&folder.join("numbers.csv"), |file| file.write_all(csv.as_bytes()))?;
    let all = folder.parent().unwrap_or(folder);
    for entry in fs::read_dir(all).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(&format!("{}-", part.package)) && entry.path() != folder {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    Ok(())
}

/// A progress bar on stderr, which hides itself when stderr is no terminal.
fn progress_bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} figures")
        .expect("the template is well-formed");
    ProgressBar::new(parts::figures().count() as u64).with_style(style)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever a part draws with is among its sources, and a later part's file is not.
    #[test]
    fn a_part_is_drawn_anew_when_one_of_its_files_changes() {
        let root = crate::repository();
        let drawn: Vec<Vec<PathBuf>> =
            PARTS.iter().map(|part| sources(&root, part).unwrap().0).collect();
        let ours = Path::new("xtask/figures");
        let of_parts = fingerprint::sources_of(&root, ours).into_iter();
        for file in of_parts.filter(|file| file.starts_with(ours.join("src/parts"))) {
            let own = PARTS.iter().position(|part| {
                file.starts_with(Path::new(part.file).with_extension(""))
                    || file == Path::new(part.file)
            });
            let own = own.unwrap_or_else(|| panic!("{} is of no part", file.display()));
            assert!(drawn[own].contains(&file), "{}", file.display());
            assert!(own == 0 || !drawn[own - 1].contains(&file), "{}", file.display());
        }
    }
}
