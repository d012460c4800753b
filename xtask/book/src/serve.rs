//! `cargo xtask serve`: the book at an address, built anew whenever one of its sources
//! changes.
//!
//! Each build is a process of its own, which cargo compiles first: figures and numbers
//! are made by the lessons' code, and this program has the code that there was when it
//! was started.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, SystemTime};

use oxhttp::Server;
use oxhttp::model::header::{CONTENT_TYPE, HOST};
use oxhttp::model::{Body, Request, Response, StatusCode};

use crate::files;

/// How often the sources are looked at.
const INTERVAL: Duration = Duration::from_millis(500);

/// Serves the book on this machine until the program is stopped.
pub fn serve(root: &Path, port: u16) -> Result<(), String> {
    let site = Site::open(port)?;
    println!("building the book");
    let mut is_announced = false;
    site.watch(root, |built| match built {
        Ok(()) if is_announced => println!("built anew"),
        Ok(()) => {
            is_announced = true;
            println!("http://{}/ (Ctrl-C stops it)", site.address);
        }
        Err(sentence) => eprintln!("error: {sentence}"),
    })
}

/// The book at an address.
struct Site {
    address: SocketAddr,
    /// The folder of the pages, once there are any.
    pages: Arc<Mutex<Option<PathBuf>>>,
}

impl Site {
    /// Answers requests from now on. Each connection has a thread of its own, however
    /// long it is kept open: a browser opens several at once, and none may wait for
    /// another's end.
    fn open(port: u16) -> Result<Self, String> {
        let pages = Arc::new(Mutex::default());
        let served = Arc::clone(&pages);
        let server = Server::new(move |request| answer(request, &served));
        let open = || {
            let address = free(port)?;
            server.bind(address).spawn()?;
            Ok(address)
        };
        let address = open().map_err(|error: io::Error| {
            format!(
                "cannot serve at port {port}: {error}; expected a free one, such as --port 3001"
            )
        })?;
        Ok(Site { address, pages })
    }

    /// Builds now, and whenever a source has changed, and tells each time. Ends only if
    /// the sources can't be read.
    fn watch(
        &self,
        root: &Path,
        mut tell: impl FnMut(Result<(), String>),
    ) -> Result<(), String> {
        let mut last = BTreeMap::new();
        loop {
            let now = times(root);
            if now.is_empty() {
                return Err(format!("there is no book in '{}'", root.display()));
            }
            if now != last {
                last = now;
                tell(build(root).map(|pages| {
                    *self.pages.lock().expect("no thread panics with it") = Some(pages);
                }));
            }
            thread::sleep(INTERVAL);
        }
    }
}

/// An address on this machine with this port, or with one that is free now.
fn free(port: u16) -> io::Result<SocketAddr> {
    match port {
        0 => TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr(),
        port => Ok((Ipv4Addr::LOCALHOST, port).into()),
    }
}

fn answer(request: &Request<Body>, pages: &Mutex<Option<PathBuf>>) -> Response<Body> {
    let pages = pages.lock().expect("no thread panics with it").clone();
    let pages = pages.filter(|_| is_ours(request));
    let read = |path: &str| read(pages.as_deref()?, path).ok();
    let found = read(request.uri().path()).map(|found| (found, StatusCode::OK));
    let found = found.or_else(|| Some((read("404.html")?, StatusCode::NOT_FOUND)));
    let response = Response::builder();
    let response = match found {
        Some(((bytes, kind), status)) => {
            response.status(status).header(CONTENT_TYPE, kind).body(bytes.into())
        }
        None => response.status(StatusCode::NOT_FOUND).body("not found".into()),
    };
    response.expect("a status and a kind of file make a head")
}

/// Whether a request is meant for this site. A page of another must not read the book by
/// a name that leads here.
fn is_ours(request: &Request<Body>) -> bool {
    request.headers().get(HOST).is_none_or(|host| {
        let name = host.to_str().unwrap_or_default();
        let name = name.rsplit_once(':').map_or(name, |(name, _)| name);
        ["127.0.0.1", "localhost"].contains(&name)
    })
}

/// Builds the book by a freshly compiled program, and returns the folder of its pages.
fn build(root: &Path) -> Result<PathBuf, String> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["run", "--quiet", "--package", "xtask-book", "--", "book"])
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    if !built.status.success() {
        return Err("the book is not built; what is served is the last one".to_owned());
    }
    // It prints the path of the first page.
    let printed = String::from_utf8_lossy(&built.stdout);
    let index = Path::new(printed.lines().last().unwrap_or_default());
    Ok(root.join(index).parent().unwrap_or(root).to_owned())
}

/// When each source of the book was last changed.
fn times(root: &Path) -> BTreeMap<PathBuf, SystemTime> {
    let mut sources = ["Cargo.toml", "Cargo.lock", "book/book.toml"]
        .map(|file| root.join(file))
        .to_vec();
    for folder in ["book/src", "book/theme", "crates", "data", "xtask"] {
        let folder = root.join(folder);
        sources.extend(files::below(&folder).iter().map(|file| folder.join(file)));
    }
    let time =
        |file: PathBuf| Some((file.clone(), fs::metadata(file).ok()?.modified().ok()?));
    sources.into_iter().filter_map(time).collect()
}

/// The bytes of the file that a path names below the folder, and what kind it is.
fn read(folder: &Path, path: &str) -> io::Result<(Vec<u8>, &'static str)> {
    let mut file = folder.to_owned();
    for name in path.split('/').filter(|name| !name.is_empty()) {
        // Neither a way up nor, on Windows, another drive.
        if name == "." || name == ".." || name.contains(['\\', ':']) {
            return Err(io::ErrorKind::NotFound.into());
        }
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
    Ok((fs::read(file)?, kind))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::time::Instant;

    use tempfile::{TempDir, tempdir};

    use super::*;

    /// A repository in which the book is one page, and says what its one lesson says.
    fn repository() -> TempDir {
        let root = tempdir().unwrap();
        let write = |file: &str, text: &str| {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let package = |name: &str, rest: &str| {
            format!(
                "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{rest}"
            )
        };
        write(
            "Cargo.toml",
            "[workspace]\nmembers = [\"crates/lesson\", \"xtask/book\"]\n",
        );
        write("crates/lesson/Cargo.toml", &package("lesson", ""));
        write("crates/lesson/src/lib.rs", "pub const SAYS: &str = \"one\";\n");
        let uses = "[dependencies]\nlesson = { path = \"../../crates/lesson\" }\n";
        write("xtask/book/Cargo.toml", &package("xtask-book", uses));
        write(
            "xtask/book/src/main.rs",
            "fn main() {\n    std::fs::create_dir_all(\"pages\").unwrap();\n    \
             std::fs::write(\"pages/index.html\", lesson::SAYS).unwrap();\n    \
             std::fs::write(\"pages/404.html\", \"no page\").unwrap();\n    \
             println!(\"pages/index.html\");\n}\n",
        );
        root
    }

    /// The answer to a request, head and body.
    fn get(address: SocketAddr, path: &str, host: &str) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Asks for a page, and leaves the connection open for more, as a browser does.
    fn ask(stream: &mut TcpStream) {
        write!(stream, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    }

    fn wait_for(address: SocketAddr, body: &str) {
        let start = Instant::now();
        while !get(address, "/", "localhost").ends_with(body) {
            assert!(start.elapsed() < Duration::from_secs(120), "no page says '{body}'");
            thread::sleep(INTERVAL / 5);
        }
    }

    #[test]
    fn a_lesson_that_changes_while_serving_is_compiled_anew() {
        let root = repository();
        let site = Arc::new(Site::open(0).unwrap());
        let watching = Arc::clone(&site);
        let watched = root.path().to_owned();
        thread::spawn(move || watching.watch(&watched, |_| ()));
        wait_for(site.address, "one");

        let lesson = root.path().join("crates/lesson/src/lib.rs");
        fs::write(&lesson, "pub const SAYS: &str = 2;\n").unwrap();
        thread::sleep(3 * INTERVAL);
        wait_for(site.address, "one");
        fs::write(&lesson, "pub const SAYS: &str = \"another\";\n").unwrap();
        wait_for(site.address, "another");

        // Nobody else has to wait for a client that asks and does not read.
        let mut silent = TcpStream::connect(site.address).unwrap();
        ask(&mut silent);
        wait_for(site.address, "another");
        let not_found = |answer: String| answer.starts_with("HTTP/1.1 404");
        assert!(get(site.address, "/a/b.html", "localhost").ends_with("no page"));
        assert!(not_found(get(site.address, "/a/b.html", "localhost")));
        assert!(not_found(get(site.address, "/", "elsewhere.example")));
        assert!(not_found(get(site.address, "/../Cargo.toml", "localhost")));
        assert!(not_found(get(site.address, "/..\\Cargo.toml", "localhost")));
        assert!(not_found(get(site.address, "/C:/Cargo.toml", "localhost")));
    }

    /// A browser opens several connections at once and keeps them: none waits for
    /// another's end.
    #[test]
    fn connections_that_are_kept_open_are_all_answered() {
        let pages = tempdir().unwrap();
        fs::write(pages.path().join("index.html"), "one").unwrap();
        let site = Site::open(0).unwrap();
        *site.pages.lock().unwrap() = Some(pages.path().to_owned());
        let connect = |_| TcpStream::connect(site.address).unwrap();
        let mut kept_open: Vec<TcpStream> = (0..30).map(connect).collect();
        kept_open.iter_mut().for_each(ask);
        for connection in &mut kept_open {
            connection.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            let mut answer = [0; 12];
            connection.read_exact(&mut answer).expect("it is answered");
            assert_eq!(&answer, b"HTTP/1.1 200");
        }
    }
}
