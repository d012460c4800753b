//! What is made from something and committed: figures, numbers, results that take long to
//! compute, the modules of the live figures.
//!
//! One list, [`LIST`], has for each what it was made of, as it was, and what came of it.
//! So whether something is stale can be told without making it, and by a program that
//! could not make it.

mod fingerprint;
mod inputs;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use rayon::prelude::*;

pub use fingerprint::Fingerprint;
use inputs::Prints;
pub use inputs::{below, locked, package};

/// The list, relative to the repository: `path,chore,inputs,content,of`, the fingerprints
/// of all inputs and of the file, and the inputs, separated by spaces.
pub const LIST: &str = "book/artifacts.csv";

/// The folder of the figures, relative to the repository.
pub const FIGURES: &str = "book/src/figures";

/// The numbers that the book's prose speaks of: `name,value`, each value with all its
/// digits.
pub const NUMBERS: &str = "book/numbers.csv";

/// How long the default run of each part takes: `package,seconds`.
pub const RUNNING_TIMES: &str = "book/running-times.csv";

/// Something that is made.
pub struct Artifact {
    /// Where it is, relative to the repository.
    pub path: String,
    /// What it is made of: files and folders relative to the repository, and what
    /// [`locked`] gives. Without any, it is stale only if somebody else writes it.
    pub inputs: Vec<String>,
    /// Makes its bytes, or says in a sentence why it can't.
    pub make: Make,
}

/// Which of a chore's artifacts are made.
#[derive(Clone, Copy, Debug)]
pub enum Which<'a> {
    /// Those that are stale.
    Stale,
    /// All of them.
    All,
    /// Those at these paths.
    These(&'a [String]),
}

/// How an artifact is made.
pub type Make = Box<dyn Fn() -> Result<Vec<u8>, String> + Send + Sync>;

/// Something that is not as it would be made now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stale {
    /// Where it is, relative to the repository.
    pub path: String,
    /// The chore that makes it, as in `cargo xtask CHORE`.
    pub chore: String,
    /// A sentence.
    pub fault: String,
}

/// The repository's folder: that of the program which cargo runs, since the one in which
/// it was built may have been renamed or copied.
pub fn repository() -> PathBuf {
    let built = || env!("CARGO_MANIFEST_DIR").into();
    let package: PathBuf =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(built, Into::into);
    let root = package.ancestors().nth(2);
    root.expect("each package is two folders below the repository").to_owned()
}

/// The list, by the artifacts' paths.
#[derive(Default)]
struct List(BTreeMap<String, Entry>);

struct Entry {
    chore: String,
    inputs: String,
    content: String,
    of: Vec<String>,
}

impl List {
    fn read(root: &Path) -> Self {
        let text = fs::read_to_string(root.join(LIST)).unwrap_or_default();
        let entry = |line: &str| {
            let mut cells = line.split(',').map(str::to_owned);
            let path = cells.next()?;
            let [chore, inputs, content, of] = std::array::from_fn(|_| cells.next());
            let of = of?.split_whitespace().map(str::to_owned).collect();
            Some((path, Entry { chore: chore?, inputs: inputs?, content: content?, of }))
        };
        List(text.lines().skip(1).filter_map(entry).collect())
    }

    fn write(&self, root: &Path) -> io::Result<()> {
        let mut text = "path,chore,inputs,content,of\n".to_owned();
        for (path, Entry { chore, inputs, content, of }) in &self.0 {
            text += &format!("{path},{chore},{inputs},{content},{}\n", of.join(" "));
        }
        store(&root.join(LIST), text.as_bytes()).map(drop)
    }

    /// What is wrong with an artifact, if something is.
    fn fault(&self, prints: &Prints, root: &Path, path: &str) -> Option<String> {
        let Some(Entry { chore, inputs, content, of }) = self.0.get(path) else {
            return Some(format!("'{path}' has never been made"));
        };
        let run = format!("run `cargo xtask {chore}`");
        let Ok(bytes) = fs::read(root.join(path)) else {
            return Some(format!("'{path}' is not there; {run}"));
        };
        if fingerprint_of(&bytes) != *content {
            return Some(format!("'{path}' is not as it was made; {run}"));
        }
        match prints.all(of) {
            Ok(now) if now == *inputs => None,
            _ => Some(format!("what '{path}' is made of has changed since; {run}")),
        }
    }
}

fn fingerprint_of(bytes: &[u8]) -> String {
    let mut print = Fingerprint::default();
    print.add(bytes);
    print.hex()
}

/// Whatever of the list is stale.
pub fn stale(root: &Path) -> Vec<Stale> {
    let (list, prints) = (List::read(root), Prints::of(root));
    let of = |(path, entry): (&String, &Entry)| {
        let fault = list.fault(&prints, root, path)?;
        Some(Stale { path: path.clone(), chore: entry.chore.clone(), fault })
    };
    list.0.iter().filter_map(of).collect()
}

/// The paths of all artifacts in a folder.
pub fn paths(root: &Path, folder: &str) -> BTreeSet<String> {
    let list = List::read(root).0.into_keys();
    list.filter(|path| Path::new(path).starts_with(folder)).collect()
}

/// The files in a folder that are none of these, in order: nothing makes them.
pub fn orphans(root: &Path, folder: &str, made: &BTreeSet<String>) -> Vec<String> {
    let entries = fs::read_dir(root.join(folder)).into_iter().flatten().flatten();
    let files: BTreeSet<String> = entries
        .map(|entry| format!("{folder}/{}", entry.file_name().display()))
        .collect();
    files.difference(made).cloned().collect()
}

/// Makes artifacts, several at once, and tells what it did. The `artifacts` are all that
/// the chore makes: another one that was made once is forgotten.
///
/// # Errors
///
/// If something can't be made or written. What was made before is at its place then.
pub fn make(
    root: &Path,
    chore: &str,
    artifacts: &[Artifact],
    which: Which,
) -> Result<(), String> {
    let mut list = List::read(root);
    list.0.retain(|path, entry| {
        entry.chore != chore || artifacts.iter().any(|artifact| artifact.path == *path)
    });
    let prints = Prints::of(root);
    let is_due = |artifact: &&Artifact| {
        let is_other =
            || list.0.get(&artifact.path).is_none_or(|entry| entry.of != artifact.inputs);
        match which {
            Which::All => true,
            Which::These(paths) => paths.contains(&artifact.path),
            Which::Stale => {
                is_other() || list.fault(&prints, root, &artifact.path).is_some()
            }
        }
    };
    let due: Vec<&Artifact> = artifacts.iter().filter(is_due).collect();
    let made: Vec<Result<Vec<u8>, String>> =
        due.par_iter().map(|artifact| (artifact.make)()).collect();
    let mut failed = None;
    for (artifact, made) in due.into_iter().zip(made) {
        let path = &artifact.path;
        let entry = made.and_then(|bytes| {
            let unwritten = |error| format!("cannot write '{path}': {error}");
            let is_new = store(&root.join(path), &bytes).map_err(unwritten)?;
            let state = if is_new { "written" } else { "unchanged" };
            println!("{path}: {} KB, {state}", bytes.len().div_ceil(1000));
            let inputs = prints.all(&artifact.inputs).map_err(|error| {
                format!("cannot read what '{path}' is made of: {error}")
            })?;
            let (content, of) = (fingerprint_of(&bytes), artifact.inputs.clone());
            Ok(Entry { chore: chore.to_owned(), inputs, content, of })
        });
        match entry {
            Ok(entry) => drop(list.0.insert(path.clone(), entry)),
            Err(sentence) => failed = Some(sentence),
        }
    }
    list.write(root).map_err(|error| format!("cannot write '{LIST}': {error}"))?;
    failed.map_or(Ok(()), Err)
}

/// Makes everything again, and compares: a sentence for each artifact that is not, byte
/// for byte, what is made now.
///
/// # Errors
///
/// If something can't be made.
pub fn check(root: &Path, artifacts: &[Artifact]) -> Result<Vec<String>, String> {
    let compare = |artifact: &Artifact| {
        let made = (artifact.make)()?;
        let path = &artifact.path;
        Ok(match fs::read(root.join(path)) {
            Ok(stored) if stored == made => None,
            Ok(_) => Some(format!("stale: {path}")),
            Err(_) => Some(format!("missing: {path}")),
        })
    };
    let compared: Result<Vec<_>, String> = artifacts.par_iter().map(compare).collect();
    Ok(compared?.into_iter().flatten().collect())
}

/// Writes a file unless it has these bytes already. Returns whether it was written.
///
/// # Errors
///
/// If that can't be done; then the file is as it was.
pub fn store(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    if fs::read(path).is_ok_and(|stored| stored == bytes) {
        return Ok(false);
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut named = tempfile::Builder::new();
    #[cfg(unix)]
    named.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = named.tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.persist(path)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A repository with an artifact that is made of a file and a folder, and how often
    /// it was made.
    struct Small {
        root: tempfile::TempDir,
        artifacts: Vec<Artifact>,
        made: Arc<AtomicUsize>,
    }

    impl Small {
        fn new() -> Self {
            let root = tempfile::tempdir().unwrap();
            let made = Arc::new(AtomicUsize::new(0));
            let (from, count) = (root.path().join("data.txt"), Arc::clone(&made));
            let make = move || {
                count.fetch_add(1, Ordering::Relaxed);
                Ok(fs::read(&from).unwrap().to_ascii_uppercase())
            };
            let artifacts = vec![Artifact {
                path: "figures/one.svg".to_owned(),
                inputs: vec!["data.txt".to_owned(), "src".to_owned()],
                make: Box::new(make),
            }];
            let small = Small { root, artifacts, made };
            small.put("data.txt", "a");
            small.put("src/lib.rs", "fn main() {}\n");
            small
        }

        fn put(&self, file: &str, text: &str) {
            let path = self.root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }

        fn make(&self) -> usize {
            make(self.root.path(), "figures", &self.artifacts, Which::Stale).unwrap();
            self.made.load(Ordering::Relaxed)
        }

        fn faults(&self) -> Vec<String> {
            stale(self.root.path()).into_iter().map(|stale| stale.fault).collect()
        }
    }

    #[test]
    fn it_is_made_when_its_inputs_or_its_content_change() {
        let small = Small::new();
        assert_eq!((small.make(), small.make()), (1, 1));
        assert_eq!(small.faults(), [""; 0]);
        let changed = "what 'figures/one.svg' is made of has changed since; run `cargo \
                       xtask figures`";
        for (file, text, fault) in [
            ("data.txt", "b", changed),
            ("src/lib.rs", "fn main() { }\n", changed),
            ("src/more.rs", "fn more() {}\n", changed),
            (
                "figures/one.svg",
                "b",
                "'figures/one.svg' is not as it was made; run `cargo xtask figures`",
            ),
        ] {
            let before = small.make();
            small.put(file, text);
            assert_eq!(small.faults(), [fault]);
            assert_eq!(small.make(), before + 1, "{file}");
            assert_eq!(small.faults(), [""; 0]);
        }
        // A comment changes nothing that is computed.
        small.put("src/lib.rs", "// Why.\n\nfn main() { }\n");
        assert_eq!(small.faults(), [""; 0]);
        fs::remove_file(small.root.path().join("figures/one.svg")).unwrap();
        assert!(small.faults()[0].contains("is not there"));
        small.make();
        let made = fs::read(small.root.path().join("figures/one.svg")).unwrap();
        assert_eq!(made, b"B");
    }

    #[test]
    fn what_no_chore_makes_any_more_is_forgotten() {
        let mut small = Small::new();
        small.make();
        assert_eq!(paths(small.root.path(), "figures").len(), 1);
        small.artifacts.clear();
        small.make();
        assert_eq!(paths(small.root.path(), "figures").len(), 0);
    }

    #[test]
    fn a_check_makes_everything_again() {
        let small = Small::new();
        let faults = || check(small.root.path(), &small.artifacts).unwrap();
        assert_eq!(faults(), ["missing: figures/one.svg"]);
        small.make();
        assert_eq!(faults(), [""; 0]);
        small.put("data.txt", "b");
        assert_eq!(faults(), ["stale: figures/one.svg"]);
    }
}
