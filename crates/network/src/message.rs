//! URLs, and messages of HTTP/1.1.

/// A URL as far as curl needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    /// `http`, `https`
    pub scheme: String,
    /// The name or address.
    pub host: String,
    /// The port, if it says one.
    pub explicit_port: Option<u16>,
    /// Path and query, beginning with `/`.
    pub target: String,
}

impl Url {
    /// Reads a URL; `http` is meant where no scheme is given.
    pub fn parse(text: &str) -> Option<Url> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        let authority = authority.rsplit('@').next().unwrap_or_default();
        let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, rest)) => (host, rest.strip_prefix(':')),
            None => match authority.rsplit_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        let explicit_port = match port {
            None | Some("") => None,
            Some(port) => Some(port.parse().ok()?),
        };
        if host.is_empty() {
            return None;
        }
        let target = if target.starts_with('/') { target.to_owned() } else { format!("/{target}") };
        let scheme = scheme.to_ascii_lowercase();
        Some(Url { scheme, host: host.to_owned(), explicit_port, target })
    }

    /// The port that is connected to.
    pub fn port(&self) -> u16 {
        self.explicit_port.unwrap_or(if self.scheme == "https" { 443 } else { 80 })
    }

    /// What the header `Host` says.
    pub fn authority(&self) -> String {
        match self.explicit_port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }
}

/// An answer, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Response {
    /// The status line and the headers, with the empty line after them.
    pub(crate) head: String,
    pub(crate) code: u16,
    pub(crate) body: Vec<u8>,
}

impl Response {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        let (_, value) = lines.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(value.trim())
    }
}

/// Reads an answer as far as it has come; `None` if its head or body is not complete. The answer to
/// a request `HEAD` tells the length of a body that does not come.
pub(crate) fn parse_response(bytes: &[u8], method: &str, has_ended: bool) -> Option<Response> {
    const END: &[u8] = b"\r\n\r\n";
    let end = bytes.windows(END.len()).position(|window| window == END)? + END.len();
    let (head, body) = bytes.split_at(end);
    let head = String::from_utf8_lossy(head).into_owned();
    let code = head.split(' ').nth(1)?.trim().parse().ok()?;
    let mut response = Response { head, code, body: body.to_vec() };
    let length = response.header("content-length").and_then(|length| length.parse().ok());
    match length {
        _ if method == "HEAD" => response.body.clear(),
        Some(length) if body.len() >= length => response.body.truncate(length),
        _ if has_ended => {}
        _ => return None,
    }
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        let check = |text: &str, host: &str, port: u16, target: &str| {
            let url = Url::parse(text).expect("a URL");
            assert_eq!((url.host.as_str(), url.port(), url.target.as_str()), (host, port, target));
        };
        check("localhost:8080", "localhost", 8080, "/");
        check("http://web.default/a?b=c", "web.default", 80, "/a?b=c");
        check("https://user@host:1/x#y", "host", 1, "/x");
        check("[::1]:81?q", "::1", 81, "/?q");
        assert_eq!(Url::parse("http://:80/"), None);
        assert_eq!(Url::parse("host:99999"), None);
    }

    #[test]
    fn answers_come_in_pieces() {
        let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
        assert_eq!(parse_response(&whole[..whole.len() - 1], "GET", false), None);
        let response = parse_response(whole, "GET", false).expect("it is complete");
        assert_eq!((response.code, response.body.as_slice()), (200, &b"hi"[..]));
        let head = &whole[..whole.len() - 2];
        assert!(parse_response(head, "HEAD", false).is_some_and(|answer| answer.body.is_empty()));
    }
}
