//! `cargo xtask serve`: the book at an address, built anew whenever one of its sources changes.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, SystemTime};

use tiny_http::{Header, Response, Server};

use crate::{build, files};

/// How often the sources are looked at.
const INTERVAL: Duration = Duration::from_millis(500);

/// Serves the book at `address` until the program is stopped.
pub fn serve(root: &Path, address: &str) -> Result<(), String> {
    let server = Server::http(address).map_err(|error| {
        format!("cannot serve at '{address}': {error}; expected a free address, such as --port 3001")
    })?;
    let (built, pages) = mpsc::channel();
    let watched = root.to_owned();
    thread::spawn(move || rebuild_on_change(&watched, &built));
    println!("http://{address}/ (Ctrl-C stops it)");
    let mut folder: Option<PathBuf> = None;
    for request in server.incoming_requests() {
        folder = pages.try_iter().last().or(folder);
        let path = request.url().split(['?', '#']).next().unwrap_or_default().to_owned();
        let file = folder.as_ref().and_then(|folder| open(folder, &path).ok());
        // A reader who went away is no error.
        let _ = match file {
            Some((file, kind)) => {
                let header =
                    Header::from_bytes("Content-Type", kind).expect("a kind of file");
                request.respond(Response::from_file(file).with_header(header))
            }
            None => {
                request.respond(Response::from_string("not found").with_status_code(404))
            }
        };
    }
    Ok(())
}

fn rebuild_on_change(root: &Path, built: &mpsc::Sender<PathBuf>) {
    let mut last = BTreeMap::new();
    loop {
        let now = times(root);
        if now != last {
            last = now;
            match build::build(root, false, None) {
                Ok(folder) => {
                    println!("built");
                    if built.send(folder).is_err() {
                        return;
                    }
                }
                Err(error) => eprintln!("error: {error:#}"),
            }
        }
        thread::sleep(INTERVAL);
    }
}

/// When each source of the book was last changed.
fn times(root: &Path) -> BTreeMap<PathBuf, SystemTime> {
    let mut sources = vec![root.join("book/book.toml")];
    for folder in ["book/src", "book/theme", "crates"].map(|folder| root.join(folder)) {
        sources.extend(files::below(&folder).iter().map(|file| folder.join(file)));
    }
    let time =
        |file: PathBuf| Some((file.clone(), fs::metadata(file).ok()?.modified().ok()?));
    sources.into_iter().filter_map(time).collect()
}

/// The file that a path names below the folder, and what kind it is.
fn open(folder: &Path, path: &str) -> io::Result<(File, &'static str)> {
    let mut file = folder.to_owned();
    for name in
        path.split('/').filter(|name| !name.is_empty() && *name != "." && *name != "..")
    {
        file.push(name);
    }
    if file.is_dir() {
        file.push("index.html");
    }
    let kind = match file.extension().and_then(|ending| ending.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css",
        Some("js") => "text/javascript",
        Some("svg") => "image/svg+xml",
        Some("jpg") => "image/jpeg",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    };
    Ok((File::open(file)?, kind))
}
