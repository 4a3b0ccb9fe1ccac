//! Base64 with padding, as Go's standard encoding reads it.

/// The bytes of a text; line ends in it do not count. `Err` is the place that Go names.
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, usize> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let mut group = 0u32;
    let mut filled = 0;
    let is_line_end = |&(_, byte): &(usize, u8)| byte == b'\n' || byte == b'\r';
    let mut input = text.bytes().enumerate().filter(|item| !is_line_end(item));
    while let Some((at, byte)) = input.next() {
        if byte == b'=' {
            return padded(bytes, group, filled, at, &mut input, text.len());
        }
        group = group << 6 | digit(byte).ok_or(at)?;
        filled += 1;
        if filled == 4 {
            bytes.extend_from_slice(&group.to_be_bytes()[1..]);
            group = 0;
            filled = 0;
        }
    }
    match filled {
        0 => Ok(bytes),
        _ => Err(text.len() - filled),
    }
}

/// The end, from the first `=` on.
fn padded(
    mut bytes: Vec<u8>,
    group: u32,
    filled: usize,
    at: usize,
    rest: &mut impl Iterator<Item = (usize, u8)>,
    length: usize,
) -> Result<Vec<u8>, usize> {
    match filled {
        2 => {
            match rest.next() {
                None => return Err(length),
                Some((_, b'=')) => {}
                Some((next, _)) => return Err(next - 1),
            }
            bytes.push((group >> 4) as u8);
        }
        3 => bytes.extend_from_slice(&(group >> 2).to_be_bytes()[2..]),
        _ => return Err(at),
    }
    match rest.next() {
        None => Ok(bytes),
        Some((garbage, _)) => Err(garbage),
    }
}

fn digit(byte: u8) -> Option<u32> {
    let digit = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(digit.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, usize>) {
        assert_eq!(decode(text), expected.map(|text| text.as_bytes().to_vec()), "{text}");
    }

    #[test]
    fn as_go_decodes() {
        check("", Ok(""));
        check("aGVsbG8=", Ok("hello"));
        check("aGVs\nbG8=\n", Ok("hello"));
        check("aGVsbA==", Ok("hell"));
        check("aGVs", Ok("hel"));
        check("aGVsbG8", Err(4));
        check("!!!", Err(0));
        check("Sample", Err(4));
        check("aGVsbA=", Err(7));
        check("a===", Err(1));
        check("aGVs=", Err(4));
        check("aGVsbG8=x", Err(8));
    }
}
