//! HTTP/1.1, as far as servers of images speak it.

use crate::service::{HttpRequest, HttpResponse};

/// Reads a request that comes from this address; `None` if its head is not complete.
pub fn parse_request(bytes: &[u8], from: &str) -> Option<HttpRequest> {
    let text = String::from_utf8_lossy(bytes);
    let (head, _) = text.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let mut words = lines.next()?.split(' ');
    let mut headers = lines.filter_map(|line| line.split_once(": "));
    let user_agent = headers.find(|(name, _)| name.eq_ignore_ascii_case("User-Agent"));
    Some(HttpRequest {
        method: words.next()?.to_owned(),
        path: words.next()?.to_owned(),
        user_agent: user_agent.map_or("", |(_, value)| value).to_owned(),
        from: from.to_owned(),
    })
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
    let (code, length, ty) = (response.code, response.body.len(), response.content_type);
    let head = match response.server.as_str() {
        "" => format!(
            "HTTP/1.1 {code} {phrase}\r\nDate: {date}\r\nContent-Length: {length}\r\n\
             Content-Type: {ty}\r\n\r\n"
        ),
        server => format!(
            "HTTP/1.1 {code} {phrase}\r\nServer: {server}\r\nDate: {date}\r\nContent-Type: {ty}\r\n\
             Content-Length: {length}\r\nConnection: keep-alive\r\n\r\n"
        ),
    };
    let mut bytes = head.into_bytes();
    if request.method != "HEAD" {
        bytes.extend(&response.body);
    }
    bytes
}
