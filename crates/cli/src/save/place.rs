//! Where a file is, whatever path names it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// As many symbolic links as Linux follows before it takes them for a circle.
const MAX_LINKS: usize = 40;

/// The one path of a file that is there, or is to be: absolute, without `..`, all
/// symbolic links followed.
pub fn place(path: &Path) -> PathBuf {
    follow(path, MAX_LINKS)
}

fn follow(path: &Path, links: usize) -> PathBuf {
    if let Ok(there) = path.canonicalize() {
        return there;
    }
    let folder = folder_of(path);
    // A link may lead to a file that is not there yet.
    if let Some(links) = links.checked_sub(1)
        && let Ok(target) = fs::read_link(path)
    {
        return follow(&folder.join(target), links);
    }
    match path.components().next_back() {
        Some(Component::Normal(name)) => follow(folder, links).join(name),
        Some(Component::ParentDir) => {
            let mut above = follow(folder, links);
            above.pop();
            above
        }
        _ => path.to_owned(),
    }
}

/// The folder of the file at `path`, as `path` names it.
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder.as_os_str() != OsStr::new("") => folder,
        _ => Path::new("."),
    }
}
