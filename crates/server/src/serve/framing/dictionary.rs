//! The words that both sides of SPDY/3 know before the first header: part of the protocol.

/// Words, each after its length.
const WORDS: &[&str] = &[
    "options",
    "head",
    "post",
    "put",
    "delete",
    "trace",
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "accept-ranges",
    "age",
    "allow",
    "authorization",
    "cache-control",
    "connection",
    "content-base",
    "content-encoding",
    "content-language",
    "content-length",
    "content-location",
    "content-md5",
    "content-range",
    "content-type",
    "date",
    "etag",
    "expect",
    "expires",
    "from",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "last-modified",
    "location",
    "max-forwards",
    "pragma",
    "proxy-authenticate",
    "proxy-authorization",
    "range",
    "referer",
    "retry-after",
    "server",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "vary",
    "via",
    "warning",
    "www-authenticate",
    "method",
    "get",
    "status",
    "200 OK",
    "version",
    "HTTP/1.1",
    "url",
    "public",
    "set-cookie",
    "keep-alive",
    "origin",
];

/// Text without lengths, after the words.
const TEXT: &str = "\
100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505\
203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request\
401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented\
503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, \
Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,application/xml,\
application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdch\
charset=utf-8charset=iso-8859-1,utf-,*,enq=0.";

/// All of it, as a compressor takes it.
pub(super) fn dictionary() -> Vec<u8> {
    let words = WORDS.iter().flat_map(|word| {
        let length = (word.len() as u32).to_be_bytes();
        length.into_iter().chain(word.bytes())
    });
    words.chain(TEXT.bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Adler-32, by which the two sides find out whether they mean the same dictionary.
    fn checksum(bytes: &[u8]) -> u32 {
        let (mut sum, mut sum_of_sums) = (1_u32, 0_u32);
        for byte in bytes {
            sum = (sum + u32::from(*byte)) % 65_521;
            sum_of_sums = (sum_of_sums + sum) % 65_521;
        }
        sum_of_sums << 16 | sum
    }

    #[test]
    fn it_is_the_one_of_the_protocol() {
        let dictionary = dictionary();
        assert_eq!((dictionary.len(), checksum(&dictionary)), (1_423, 0xe3c6_a7c2));
    }
}
