//! `base64`

use super::{Options, Tool};
use crate::context::Context;

pub(crate) const TOOL: Tool = Tool {
    name: "base64",
    usage: "[-d] [-w COL] [FILE]",
    about: "Base64 encode or decode FILE to standard output",
    options: "d,decode w,wrap: !i,ignore-garbage",
    run: |context| Box::pin(run(context)),
    ..super::TOOL
};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

async fn run(context: Context) -> i32 {
    let options = match Options::parse(&context, &TOOL) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let path = options.operands.first().map_or("-", String::as_str);
    let read = match context.open_input(path) {
        Ok(stream) => context.read_to_end(&stream).await,
        Err(error) => {
            context.fail(format!("{path}: {error}"));
            return 1;
        }
    };
    let bytes = match read {
        Ok(bytes) => bytes,
        Err(error) => {
            context.fail(format!("read error: {error}"));
            return 1;
        }
    };
    if options.has("d") {
        let (decoded, complete) = decode(&bytes, options.has("i"));
        context.put(decoded);
        if !complete {
            context.fail(if context.is_busybox() { "truncated input" } else { "invalid input" });
            return 1;
        }
        return 0;
    }
    let wrap = options.value("w").map_or(Some(76), |text| text.parse().ok());
    let Some(wrap) = wrap else {
        let text = options.value("w").unwrap_or_default();
        match context.is_busybox() {
            true => context.fail(format!("invalid number '{text}'")),
            false => context.fail(format!("invalid wrap size: {}", context.quoted(text))),
        }
        return 1;
    };
    let encoded = encode(&bytes);
    if wrap == 0 {
        context.put(encoded);
        if context.is_busybox() && !bytes.is_empty() {
            // busybox ends the line even so.
            context.put("\n");
        }
        return 0;
    }
    for line in encoded.as_bytes().chunks(wrap) {
        context.put(line);
        context.put("\n");
    }
    0
}

/// Encodes with padding.
fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let index = (group >> (18 - 6 * place) & 63) as usize;
            let letter = ALPHABET.get(index).copied().unwrap_or(b'=');
            text.push(if place <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

/// Decodes as far as it goes; `false`: something was wrong.
fn decode(text: &[u8], ignore_garbage: bool) -> (Vec<u8>, bool) {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut group, mut count, mut padding) = (0_u32, 0, 0);
    for byte in text {
        if *byte == b'\n' {
            continue;
        }
        if *byte == b'=' && count >= 2 && count + padding < 4 {
            padding += 1;
            if count + padding == 4 {
                push_group(&mut bytes, group << (6 * padding), count);
                (group, count, padding) = (0, 0, 0);
            }
            continue;
        }
        match ALPHABET.iter().position(|letter| letter == byte) {
            Some(value) if padding == 0 => {
                group = group << 6 | value as u32;
                count += 1;
            }
            _ if ignore_garbage => continue,
            _ => {
                push_group(&mut bytes, group << (6 * (4 - count)), count);
                return (bytes, false);
            }
        }
        if count == 4 {
            push_group(&mut bytes, group, 4);
            (group, count) = (0, 0);
        }
    }
    if count > 0 {
        push_group(&mut bytes, group << (6 * (4 - count)), count);
    }
    (bytes, count == 0)
}

fn push_group(bytes: &mut Vec<u8>, group: u32, letters: u32) {
    let whole = [(group >> 16) as u8, (group >> 8) as u8, group as u8];
    let count = letters.saturating_sub(1) as usize;
    bytes.extend(whole.iter().take(count));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for text in ["", "a", "ab", "abc", "abcd", "hello\n"] {
            assert_eq!(decode(encode(text.as_bytes()).as_bytes(), false), (text.into(), true));
        }
        assert_eq!(encode(b"ab"), "YWI=");
        assert_eq!(decode(b"YWI", false), (b"ab".to_vec(), false));
        assert_eq!(decode(b"YW*I=", false), (b"a".to_vec(), false));
    }
}
