//! HTTP/1.1, as far as servers of images speak it.

use crate::service::{HttpRequest, HttpResponse};

/// Reads a request; `None` if its head is not complete.
pub fn parse_request(bytes: &[u8]) -> Option<HttpRequest> {
    let text = String::from_utf8_lossy(bytes);
    let (head, _) = text.split_once("\r\n\r\n")?;
    let mut words = head.lines().next()?.split(' ');
    Some(HttpRequest { method: words.next()?.to_owned(), path: words.next()?.to_owned() })
}

/// An answer as it is sent; `date` as HTTP writes it.
pub fn format_response(request: &HttpRequest, response: &HttpResponse, date: &str) -> Vec<u8> {
    let phrase = match response.code {
        200 => "OK",
        301 => "Moved Permanently",
        302 => "Found",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "",
    };
    let head = format!(
        "HTTP/1.1 {} {phrase}\r\nDate: {date}\r\nContent-Length: {}\r\nContent-Type: {}\r\n\r\n",
        response.code,
        response.body.len(),
        response.content_type,
    );
    let mut bytes = head.into_bytes();
    if request.method != "HEAD" {
        bytes.extend(&response.body);
    }
    bytes
}
