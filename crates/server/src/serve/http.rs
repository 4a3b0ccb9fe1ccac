//! HTTP/1.1 as it is on the wire: requests read, answers written.

use std::io::{self, BufRead, Read as _, Write};

/// How much of a body is read; the API server refuses less than that.
const BODY_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// How long the line of a request and all its headers may be.
const HEAD_BYTES_MAX: u64 = 1024 * 1024;
const HEADERS_MAX: usize = 200;

/// A request as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) method: String,
    /// Path and query.
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    /// Whether the client sends no further request over this connection.
    pub(super) is_last: bool,
    /// The certificate that the client has shown, in base64.
    pub(super) certificate: Option<String>,
}

impl Request {
    /// The first header of that name.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// All headers of that name.
    pub(super) fn all_headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.headers.iter().filter(move |(other, _)| other.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str())
    }

    /// Whether one of the words in the headers of that name, separated by commas, is `word`.
    pub(super) fn header_says(&self, name: &str, word: &str) -> bool {
        self.words(name).any(|other| other.eq_ignore_ascii_case(word))
    }

    /// The words in the headers of that name.
    pub(super) fn words<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.all_headers(name).flat_map(|value| value.split(',')).map(str::trim)
    }
}

/// An answer as it goes out, without the headers that say how long it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) code: u16,
    pub(super) headers: Vec<(String, String)>,
}

impl Head {
    pub(super) fn new(code: u16) -> Head {
        Head { code, headers: Vec::new() }
    }

    /// With one header more. Line breaks would begin another header.
    pub(super) fn with(mut self, name: &str, value: &str) -> Head {
        let value = value.replace(['\r', '\n'], " ");
        self.headers.push((name.to_owned(), value));
        self
    }

    fn write(&self, out: &mut dyn Write, framing: &str) -> io::Result<()> {
        write!(out, "HTTP/1.1 {} {}\r\n", self.code, reason(self.code))?;
        for (name, value) in &self.headers {
            write!(out, "{name}: {value}\r\n")?;
        }
        write!(out, "{framing}\r\n")
    }
}

/// The next request of a connection; nothing if there is none.
///
/// # Errors
/// If the connection fails or what comes is no request.
pub(super) fn read_request(
    reader: &mut impl BufRead,
    out: &mut dyn Write,
) -> io::Result<Option<Request>> {
    let Some(mut request) = read_head(reader)? else {
        return Ok(None);
    };
    if request.header_says("Expect", "100-continue") {
        out.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        out.flush()?;
    }
    if request.header_says("Transfer-Encoding", "chunked") {
        request.is_last |= !read_chunks(reader, &mut request.body)?;
    } else if let Some(length) = request.header("Content-Length") {
        let length: u64 = length.parse().map_err(|_| malformed())?;
        // What is cut off would be taken for the next request.
        request.is_last |= length > BODY_BYTES_MAX;
        let length = length.min(BODY_BYTES_MAX);
        let read = reader.by_ref().take(length).read_to_end(&mut request.body)?;
        if (read as u64) < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(Some(request))
}

fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "not a request")
}

fn read_head(reader: &mut impl BufRead) -> io::Result<Option<Request>> {
    let mut reader = reader.take(HEAD_BYTES_MAX);
    let Some(line) = read_line(&mut reader)? else {
        return Ok(None);
    };
    let mut words = line.split(' ');
    let (Some(method), Some(target), Some(version)) = (words.next(), words.next(), words.next())
    else {
        return Err(malformed());
    };
    let mut request =
        Request { method: method.to_owned(), target: target.to_owned(), ..Request::default() };
    while let Some(line) = read_line(&mut reader)? {
        if line.is_empty() {
            let says_close = request.header_says("Connection", "close");
            request.is_last = version == "HTTP/1.0" || says_close;
            return Ok(Some(request));
        }
        let (name, value) = line.split_once(':').ok_or_else(malformed)?;
        if request.headers.len() == HEADERS_MAX {
            return Err(malformed());
        }
        request.headers.push((name.to_owned(), value.trim().to_owned()));
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}

/// A line without its end; nothing if the connection ends here.
fn read_line(reader: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    if reader.read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.pop() != Some(b'\n') {
        return Err(malformed());
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    String::from_utf8(line).map(Some).map_err(|_| malformed())
}

/// Reads a body that comes in chunks; false if it was cut off.
fn read_chunks(reader: &mut impl BufRead, body: &mut Vec<u8>) -> io::Result<bool> {
    loop {
        let line = read_line(&mut reader.by_ref().take(HEAD_BYTES_MAX))?.ok_or_else(malformed)?;
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = u64::from_str_radix(size, 16).map_err(|_| malformed())?;
        if size > BODY_BYTES_MAX.saturating_sub(body.len() as u64) {
            return Ok(false);
        }
        let before = body.len();
        reader.by_ref().take(size).read_to_end(body)?;
        if ((body.len() - before) as u64) < size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let end = read_line(&mut reader.by_ref().take(HEAD_BYTES_MAX))?;
        if size == 0 {
            return Ok(true);
        }
        if end.is_none_or(|line| !line.is_empty()) {
            return Err(malformed());
        }
    }
}

/// Writes an answer whose length is known. The answer to `HEAD` has no body.
pub(super) fn write_document(
    out: &mut dyn Write,
    head: &Head,
    body: &[u8],
    is_head: bool,
) -> io::Result<()> {
    let length = match head.code {
        204 => String::new(),
        _ => format!("Content-Length: {}\r\n", body.len()),
    };
    head.write(out, &length)?;
    if !is_head {
        out.write_all(body)?;
    }
    out.flush()
}

/// Writes an answer that goes on: its pieces as they come, then its end.
pub(super) fn write_stream(
    out: &mut dyn Write,
    head: &Head,
    pieces: impl IntoIterator<Item = Vec<u8>>,
) -> io::Result<()> {
    head.write(out, "Transfer-Encoding: chunked\r\nConnection: close\r\n")?;
    out.flush()?;
    for piece in pieces.into_iter().filter(|piece| !piece.is_empty()) {
        write!(out, "{:x}\r\n", piece.len())?;
        out.write_all(&piece)?;
        out.write_all(b"\r\n")?;
        out.flush()?;
    }
    out.write_all(b"0\r\n\r\n")?;
    out.flush()
}

/// Writes an answer after which the connection speaks another protocol.
pub(super) fn write_raw(
    out: &mut dyn Write,
    head: Option<&Head>,
    pieces: impl IntoIterator<Item = Vec<u8>>,
) -> io::Result<()> {
    if let Some(head) = head {
        head.write(out, "")?;
        out.flush()?;
    }
    for piece in pieces.into_iter().filter(|piece| !piece.is_empty()) {
        out.write_all(&piece)?;
        out.flush()?;
    }
    Ok(())
}

fn reason(code: u16) -> &'static str {
    match code {
        101 => "Switching Protocols",
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        409 => "Conflict",
        410 => "Gone",
        413 => "Request Entity Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Entity",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> io::Result<Option<Request>> {
        read_request(&mut text.as_bytes(), &mut io::sink())
    }

    #[test]
    fn requests_with_and_without_bodies() {
        let check = |text: &str, body: &str, is_last: bool| {
            let request = read(text).expect("a request").expect("one");
            assert_eq!((request.body.as_slice(), request.is_last), (body.as_bytes(), is_last));
        };
        check("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "", false);
        check("GET / HTTP/1.0\r\n\r\n", "", true);
        check("PUT / HTTP/1.1\r\ncontent-length: 2\r\nconnection: Close\r\n\r\nabc", "ab", true);
        let chunks = "2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n";
        check(
            &format!("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}"),
            "abc",
            false,
        );
    }

    #[test]
    fn what_is_no_request_is_refused() {
        for text in ["x\r\n\r\n", "GET / HTTP/1.1\r\nnothing\r\n\r\n", "GET / HTTP/1.1\r\n"] {
            assert!(read(text).is_err(), "{text:?}");
        }
        assert!(read("PUT / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc").is_err());
        assert_eq!(read("").expect("nothing is no failure"), None);
    }

    #[test]
    fn a_header_stays_one_line() {
        let mut written = Vec::new();
        let head = Head::new(200).with("Warning", "a\r\nb");
        write_document(&mut written, &head, b"hi", false).expect("memory takes everything");
        let text = String::from_utf8(written).expect("a text");
        assert_eq!(text, "HTTP/1.1 200 OK\r\nWarning: a  b\r\nContent-Length: 2\r\n\r\nhi");
    }
}
