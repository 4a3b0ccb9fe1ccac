//! Strings in a template's quotes.

/// The text between quotes without its escapes, as Go reads them; none if one is wrong.
pub(crate) fn unquote(text: &str, quote: char) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    // Escapes of bytes may make up a character together.
    let mut bytes = Vec::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            push(&mut out, &mut bytes, c);
            continue;
        }
        let escape = chars.next()?;
        match escape {
            'x' => bytes.push(u8::try_from(code(&mut chars, 2, 16)?).ok()?),
            '0'..='7' => {
                let rest = code(&mut chars, 2, 8)?;
                bytes.push(u8::try_from(escape.to_digit(8)? * 64 + rest).ok()?);
            }
            'u' => push(&mut out, &mut bytes, char::from_u32(code(&mut chars, 4, 16)?)?),
            'U' => push(&mut out, &mut bytes, char::from_u32(code(&mut chars, 8, 16)?)?),
            'a' => push(&mut out, &mut bytes, '\u{7}'),
            'b' => push(&mut out, &mut bytes, '\u{8}'),
            'f' => push(&mut out, &mut bytes, '\u{c}'),
            'n' => push(&mut out, &mut bytes, '\n'),
            'r' => push(&mut out, &mut bytes, '\r'),
            't' => push(&mut out, &mut bytes, '\t'),
            'v' => push(&mut out, &mut bytes, '\u{b}'),
            '\\' => push(&mut out, &mut bytes, '\\'),
            c if c == quote => push(&mut out, &mut bytes, c),
            _ => return None,
        }
    }
    flush(&mut out, &mut bytes);
    Some(out)
}

fn code(chars: &mut std::str::Chars, digits: usize, radix: u32) -> Option<u32> {
    (0..digits).try_fold(0u32, |code, _| {
        let digit = chars.next()?.to_digit(radix)?;
        code.checked_mul(radix)?.checked_add(digit)
    })
}

fn push(out: &mut String, bytes: &mut Vec<u8>, c: char) {
    flush(out, bytes);
    out.push(c);
}

fn flush(out: &mut String, bytes: &mut Vec<u8>) {
    if !bytes.is_empty() {
        out.push_str(&String::from_utf8_lossy(bytes));
        bytes.clear();
    }
}
