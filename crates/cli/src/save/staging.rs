//! A hidden folder in which files are written, for as long as it takes.
//!
//! It belongs to a process that holds the lock on a file in it. The lock ends with the
//! process, however that ends. So the next process that writes to the same place can tell
//! what is in use from what was left behind, and clears that.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

const PREFIX: &str = ".diffusion-cli.";
const SUFFIX: &str = ".part";
const LOCK: &str = "lock";

/// How often another process may be in the way before that is an error.
const ATTEMPTS: usize = 10;

/// A folder of this process's own. Who has one removes it.
pub struct Staging {
    pub folder: PathBuf,
    _lock: File,
}

impl Staging {
    /// A new one in `home`, which is created if need be. The folders that this takes are
    /// added to `created`, each after those it is in.
    pub fn new(home: &Path, created: &mut Vec<PathBuf>) -> io::Result<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        clear_abandoned(home);
        let mut attempts = 0..ATTEMPTS;
        loop {
            create(home, created)?;
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let folder = home.join(format!("{PREFIX}{}.{count}{SUFFIX}", process::id()));
            match claim(&folder) {
                Ok(lock) => return Ok(Staging { folder, _lock: lock }),
                Err(error) if was_in_the_way(&error) && attempts.next().is_some() => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// Whether another process has removed `home`, or taken a new folder for one left behind;
/// or, as processes of two containers may, has the same number.
fn was_in_the_way(error: &io::Error) -> bool {
    use io::ErrorKind::{AlreadyExists, NotFound, WouldBlock};
    matches!(error.kind(), NotFound | WouldBlock | AlreadyExists)
}

/// Creates a staging folder with its lock, and holds that.
fn claim(folder: &Path) -> io::Result<File> {
    let mut private = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut private, 0o700);
    private.create(folder)?;
    let locked = || {
        let path = folder.join(LOCK);
        let lock = File::create_new(&path)?;
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::WouldBlock.into()),
            // Some file systems know no locks. There, nobody clears anything.
            Err(TryLockError::Error(_)) | Ok(()) => {}
        }
        // Another process may have held the lock before, and removed it.
        path.metadata()?;
        Ok(lock)
    };
    locked().inspect_err(|_| drop(fs::remove_dir_all(folder)))
}

/// Creates a folder and those it is in.
fn create(folder: &Path, created: &mut Vec<PathBuf>) -> io::Result<()> {
    let missing = folder.ancestors().take_while(|folder| !folder.exists());
    let missing: Vec<PathBuf> = missing.map(Path::to_owned).collect();
    fs::create_dir_all(folder)?;
    created.extend(missing.into_iter().rev());
    Ok(())
}

/// Removes the staging folders of processes that have ended without.
fn clear_abandoned(home: &Path) {
    let entries = home.read_dir().into_iter().flatten().flatten();
    for folder in entries.filter(is_staging).map(|entry| entry.path()) {
        // On some file systems only a file that is open for writing can be locked.
        match File::options().read(true).write(true).open(folder.join(LOCK)) {
            Ok(lock) if lock.try_lock().is_ok() => {
                let _ = fs::remove_dir_all(&folder);
            }
            // Not locked yet, or left before it was. Only an empty folder is removed so.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let _ = fs::remove_dir(&folder);
            }
            _ => {}
        }
    }
}

fn is_staging(entry: &fs::DirEntry) -> bool {
    let name = entry.file_name();
    let name = name.to_string_lossy();
    name.starts_with(PREFIX)
        && name.ends_with(SUFFIX)
        && entry.file_type().is_ok_and(|kind| kind.is_dir())
}
