//! `od`

use super::{Options, Tool, count, input::or_stdin};
use crate::context::Context;

pub(crate) const TOOL: Tool = Tool {
    name: "od",
    usage: "[-abcdfhilovxs] [-t TYPE] [-A RADIX] [-N SIZE] [-j SKIP] [-S MINSTR] [-w WIDTH] [FILE]...",
    about: "Print FILEs (or stdin) unambiguously, as octal bytes by default",
    options: "A,address-radix: t,format: N,read-bytes: j,skip-bytes: v,output-duplicates w,width:: a b c d f h i l o s x",
    run: |context| Box::pin(run(context)),
    ..super::TOOL
};

/// How bytes are shown: kind and size in bytes.
#[derive(Clone, Copy)]
struct Format {
    kind: char,
    size: usize,
}

async fn run(context: Context) -> i32 {
    let options = match Options::parse(&context, &TOOL) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut formats = Vec::new();
    for (key, value) in options.iter() {
        match (key, value) {
            ("t", Some(text)) => formats.extend(parse_formats(text)),
            ("a", _) => formats.push(Format { kind: 'a', size: 1 }),
            ("b", _) => formats.push(Format { kind: 'o', size: 1 }),
            ("c", _) => formats.push(Format { kind: 'c', size: 1 }),
            ("d", _) => formats.push(Format { kind: 'u', size: 2 }),
            ("i", _) => formats.push(Format { kind: 'd', size: 4 }),
            ("l", _) => formats.push(Format { kind: 'd', size: 8 }),
            ("s", _) => formats.push(Format { kind: 'd', size: 2 }),
            ("o", _) => formats.push(Format { kind: 'o', size: 2 }),
            ("x" | "h", _) => formats.push(Format { kind: 'x', size: 2 }),
            _ => {}
        }
    }
    if formats.is_empty() {
        formats.push(Format { kind: 'o', size: 2 });
    }
    let mut bytes = Vec::new();
    let mut status = 0;
    for path in or_stdin(&options.operands) {
        match context.read_operand(&path).await {
            Some(more) => bytes.extend(more),
            None => status = 1,
        }
    }
    let skip = options.value("j").and_then(count::parse).unwrap_or(0) as usize;
    let most = options.value("N").and_then(count::parse).map_or(usize::MAX, |most| most as usize);
    let bytes = bytes.get(skip.min(bytes.len())..).unwrap_or_default();
    let bytes = bytes.get(..most.min(bytes.len())).unwrap_or_default();
    let width = options.value("w").and_then(|text| text.parse().ok()).unwrap_or(16);
    let width = usize::clamp(width, 1, 4096);
    let radix = options.value("A").and_then(|text| text.chars().next()).unwrap_or('o');
    let address = |at: usize| match radix {
        'n' => String::new(),
        'd' => format!("{at:07}"),
        'x' => format!("{at:06x}"),
        _ => format!("{at:07o}"),
    };
    let (mut before, mut starred): (Option<&[u8]>, bool) = (None, false);
    for (number, chunk) in bytes.chunks(width).enumerate() {
        if before == Some(chunk) && !options.has("v") && chunk.len() == width {
            if !starred {
                context.put("*\n");
            }
            starred = true;
            continue;
        }
        (before, starred) = (Some(chunk), false);
        for (which, format) in formats.iter().enumerate() {
            let head = match which {
                0 => address(skip + number * width),
                _ => " ".repeat(address(0).len()),
            };
            context.put(format!("{head}{}\n", line(chunk, *format, cell(&formats))));
        }
        if context.flush_some().await.is_err() {
            return 1;
        }
    }
    if radix != 'n' {
        context.put(address(skip + bytes.len()) + "\n");
    }
    status
}

/// Formats like `x1`, `c`, `x1z`, `d4`.
fn parse_formats(text: &str) -> Vec<Format> {
    let mut formats = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(kind) = chars.next() {
        if kind == 'z' {
            continue;
        }
        let mut digits = String::new();
        while let Some(digit) = chars.peek().copied().filter(char::is_ascii_digit) {
            digits.push(digit);
            chars.next();
        }
        let named = match chars.peek() {
            Some('C') => Some(1),
            Some('S') => Some(2),
            Some('I') => Some(4),
            Some('L') => Some(8),
            _ => None,
        };
        if named.is_some() {
            chars.next();
        }
        let default = if matches!(kind, 'a' | 'c') { 1 } else { 4 };
        let size = named.or(digits.parse().ok()).unwrap_or(default);
        if "acdoux".contains(kind) && matches!(size, 1 | 2 | 4 | 8) {
            formats.push(Format { kind, size });
        }
    }
    formats
}

/// Columns per byte value of one unit.
fn digits(format: Format) -> usize {
    match (format.kind, format.size) {
        ('a' | 'c', _) => 3,
        ('x', size) => size * 2,
        ('o', 1) => 3,
        ('o', 2) => 6,
        ('o', 4) => 11,
        ('o', _) => 22,
        ('d', 1) => 4,
        ('d', 2) => 6,
        ('d', 4) => 11,
        ('d', _) => 20,
        (_, 1) => 3,
        (_, 2) => 5,
        (_, 4) => 10,
        _ => 20,
    }
}

/// Several formats line up: the width that a byte takes in the widest of them.
fn cell(formats: &[Format]) -> usize {
    let per_byte = |format: &Format| (digits(*format) + 1).div_ceil(format.size);
    formats.iter().map(per_byte).max().unwrap_or(1)
}

fn line(chunk: &[u8], format: Format, per_byte: usize) -> String {
    let mut text = String::new();
    let width = if per_byte * format.size > digits(format) + 1 {
        per_byte * format.size
    } else {
        digits(format) + 1
    };
    for unit in chunk.chunks(format.size) {
        let value = unit.iter().rev().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
        let shown = match format.kind {
            'c' => shown_char(value as u8),
            'a' => named_char(value as u8),
            'x' => format!("{value:0width$x}", width = format.size * 2),
            'o' => format!("{value:0width$o}", width = digits(format)),
            'd' => {
                let shift = 64 - 8 * format.size as u32;
                ((value << shift) as i64 >> shift).to_string()
            }
            _ => value.to_string(),
        };
        text.push_str(&format!("{shown:>width$}"));
    }
    text
}

fn shown_char(byte: u8) -> String {
    match byte {
        0 => "\\0".to_owned(),
        7 => "\\a".to_owned(),
        8 => "\\b".to_owned(),
        9 => "\\t".to_owned(),
        10 => "\\n".to_owned(),
        11 => "\\v".to_owned(),
        12 => "\\f".to_owned(),
        13 => "\\r".to_owned(),
        b' '..=b'~' => char::from(byte).to_string(),
        other => format!("{other:03o}"),
    }
}

fn named_char(byte: u8) -> String {
    const NAMES: [&str; 33] = [
        "nul", "soh", "stx", "etx", "eot", "enq", "ack", "bel", "bs", "ht", "nl", "vt", "ff", "cr",
        "so", "si", "dle", "dc1", "dc2", "dc3", "dc4", "nak", "syn", "etb", "can", "em", "sub",
        "esc", "fs", "gs", "rs", "us", "sp",
    ];
    let low = byte & 0x7f;
    match NAMES.get(usize::from(low)) {
        Some(name) => (*name).to_owned(),
        None if low == 0x7f => "del".to_owned(),
        None => char::from(low).to_string(),
    }
}
