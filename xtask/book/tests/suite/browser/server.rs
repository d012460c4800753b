//! A small server of pages, as they are on the web.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::thread;

/// Serves a folder until the tests are over, and returns its address. For a page that
/// isn't there, it shows the nearest `404.html` above it.
pub fn serve(folder: &Path) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("it has one");
    let folder = folder.to_owned();
    thread::spawn(move || {
        thread::scope(|scope| {
            for stream in listener.incoming().flatten() {
                // A browser may go away in the middle of an answer.
                scope.spawn(|| answer(stream, &folder).ok());
            }
        });
    });
    format!("http://{address}")
}

/// Answers one request, and closes the connection.
fn answer(mut stream: TcpStream, folder: &Path) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().unwrap_or(Ok(String::new()))?;
    lines.find(|line| line.as_ref().map_or(true, String::is_empty));
    let path =
        request.split([' ', '?']).nth(1).unwrap_or_default().trim_start_matches('/');
    let (status, file) = match fs::read(folder.join(path)) {
        Ok(file) => ("200 OK", file),
        Err(_) => {
            let mut above =
                Path::new(path).ancestors().map(|at| folder.join(at).join("404.html"));
            (
                "404 Not Found",
                above.find_map(|page| fs::read(page).ok()).unwrap_or_default(),
            )
        }
    };
    let kind = match (status, path.rsplit('.').next()) {
        ("404 Not Found", _) | (_, Some("html")) => "text/html",
        (_, Some("css")) => "text/css",
        (_, Some("js")) => "text/javascript",
        (_, Some("svg")) => "image/svg+xml",
        _ => "application/octet-stream",
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        file.len()
    )?;
    stream.write_all(&file)
}
