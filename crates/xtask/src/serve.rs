//! A server for the folder of the page, on this machine only.

use crate::command::{TaskError, say};
use crate::page;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::thread;

/// The port, unless somebody chooses another.
pub const PORT: u16 = 8_080;

/// Offers `dist` until it is stopped.
// A server of files waits for several browsers at once; the core's rule is not about it.
#[allow(clippy::disallowed_methods)]
pub fn run(port: u16) -> Result<(), TaskError> {
    let listener = TcpListener::bind(("127.0.0.1", port))
        .map_err(|why| TaskError::File(format!("127.0.0.1:{port}").into(), why))?;
    let address = listener.local_addr().map_or(port, |address| address.port());
    say(&format!("Kobako is at http://127.0.0.1:{address}/ (stop with Ctrl-C)"));
    for stream in listener.incoming().flatten() {
        // A browser that goes away in the middle is no failure of ours.
        thread::spawn(move || answer(stream).ok());
    }
    Ok(())
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    // The rest of the head says nothing that matters here, but has to be read.
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let path = request.split(' ').nth(1).unwrap_or("/");
    let path = path.split(['?', '#']).next().unwrap_or("/");
    let found = locate(path).and_then(|file| Some((fs::read(&file).ok()?, media_type(&file))));
    let (status, body, media_type) = match found {
        Some((body, media_type)) => ("200 OK", body, media_type),
        None => ("404 Not Found", b"Not found\n".to_vec(), "text/plain"),
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\n\
         Cache-Control: no-cache\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
        body.len()
    )?;
    stream.write_all(&body)
}

/// The file of a path; none for what lies outside of the folder.
fn locate(path: &str) -> Option<PathBuf> {
    let path = Path::new(path.trim_start_matches('/'));
    let is_inside = path.components().all(|part| matches!(part, Component::Normal(_)));
    let file = page::folder().join(path);
    let file = if file.is_dir() { file.join("index.html") } else { file };
    is_inside.then_some(file)
}

fn media_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    }
}
