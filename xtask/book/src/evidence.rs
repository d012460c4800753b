//! What the statements of the book are checked against.

use std::fs;
use std::path::{Path, PathBuf};

use diffusion_cli::save::{self, SaveError};

use crate::descriptions;
use crate::fault::Fault;
use xtask_figures::figures::{self, Drawn};
use xtask_figures::parts::Numbers;
use xtask_figures::{cache, evidence, live, numbers};

/// The repository, and what its code draws and computes.
pub struct Evidence {
    /// The repository's folder.
    pub root: PathBuf,
    /// The bytes of each figure as drawn, by the name of its file.
    pub figures: Drawn,
    /// The numbers as computed, by name.
    pub numbers: Numbers,
    /// What is out of date although nothing was drawn or computed now: what takes long.
    pub stale: Vec<Fault>,
}

impl Evidence {
    /// Draws and computes everything that is not up to date, for the repository at
    /// `root`.
    pub fn gather(root: &Path) -> Self {
        let cache::Shown { figures, numbers } = cache::all(root);
        let stale = evidence::all_stale(root).into_iter();
        let stale = stale.map(|(file, sentence)| Fault::new(&file, 1, sentence));
        Evidence { root: root.to_owned(), figures, numbers, stale: stale.collect() }
    }

    /// Takes in what a build goes on without, so that who changes a lesson sees it
    /// without a WebAssembly toolchain: that the live figures are made of the lessons as
    /// they are.
    pub fn gather_live(&mut self) {
        let stale = live::all_stale(&self.root).into_iter();
        self.stale.extend(stale.map(|(file, sentence)| Fault::new(&file, 1, sentence)));
    }

    /// Writes the figures, the numbers and the head of all pages that are stale in the
    /// repository.
    pub fn store(&self) -> Result<(), SaveError> {
        if let Ok(head) = descriptions::head(&self.root) {
            save::if_stale(&self.root.join(descriptions::HEAD), head.as_bytes())?;
        }
        for (name, bytes) in &self.figures {
            save::if_stale(&self.folder_of_figures().join(name), bytes)?;
        }
        save::if_stale(
            &self.root.join(numbers::FILE),
            numbers::csv(&self.numbers).as_bytes(),
        )?;
        Ok(())
    }

    /// The folder of the figures on disk.
    pub fn folder_of_figures(&self) -> PathBuf {
        self.root.join(figures::FOLDER)
    }

    /// Whether the figure on disk is the one that is drawn.
    pub fn check_figure(&self, name: &str) -> Result<(), String> {
        let drawn = self.figures.get(name).ok_or_else(|| {
            format!("'{name}' is no figure that `cargo xtask figures` draws")
        })?;
        match fs::read(self.folder_of_figures().join(name)) {
            Ok(on_disk) if on_disk == *drawn => Ok(()),
            _ => Err(format!("the figure '{name}' is stale; run `cargo xtask figures`")),
        }
    }

    /// A fault for each stored number that is not the computed one.
    pub fn stale_numbers(&self) -> Vec<Fault> {
        let file = Path::new(numbers::FILE);
        let stored = fs::read_to_string(self.root.join(file)).unwrap_or_default();
        let expected = numbers::csv(&self.numbers);
        // Each line with its end, which counts, too.
        let mut stored = stored.split_inclusive('\n');
        let mut expected = expected.split_inclusive('\n');
        let mut faults = Vec::new();
        for line in 1.. {
            match (stored.next(), expected.next()) {
                (None, None) => break,
                (one, other) if one == other => {}
                (one, other) => {
                    let message = format!(
                        "'{}' is stale, and '{}' is computed; run `cargo xtask numbers`",
                        one.unwrap_or_default().trim_end(),
                        other.unwrap_or_default().trim_end()
                    );
                    faults.push(Fault::new(file, line, message));
                }
            }
        }
        faults
    }
}
