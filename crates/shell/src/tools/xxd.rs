//! `xxd`, `hexdump`, `hd`

use super::{Options, Tool, count, input::or_stdin};
use crate::context::Context;

pub(crate) const XXD: Tool = Tool {
    name: "xxd",
    usage: "[-pri] [-g N] [-c N] [-l LEN] [-s OFS] [-o OFS] [FILE]",
    about: "Hex dump FILE (or stdin)",
    options: "p,ps,plain r,revert g: c: l: s: o: u i",
    run: |context| Box::pin(xxd(context)),
    ..super::TOOL
};

pub(crate) const HEXDUMP: Tool = Tool {
    name: "hexdump",
    aliases: &["hd"],
    usage: "[-bcdoxCv] [-e FMT] [-f FMT_FILE] [-n LEN] [-s OFS] [FILE]...",
    about: "Display FILEs (or stdin) in a user specified format",
    options: "b c d o x C v n: s: e: f:",
    run: |context| Box::pin(hexdump(context)),
    ..super::TOOL
};

fn printable(byte: u8) -> char {
    if (b' '..=b'~').contains(&byte) { char::from(byte) } else { '.' }
}

async fn xxd(context: Context) -> i32 {
    let options = match Options::parse(&context, &XXD) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let path = options.operands.first().map_or("-", String::as_str);
    let read = match context.open_input(path) {
        Ok(stream) => context.read_to_end(&stream).await,
        Err(error) => Err(error),
    };
    let bytes = match read {
        Ok(bytes) => bytes,
        Err(error) => {
            context.fail(format!("{path}: {error}"));
            return if context.is_busybox() { 1 } else { 2 };
        }
    };
    if options.has("r") {
        context.put(reverted(&crate::text::decode(&bytes), options.has("p")));
        return 0;
    }
    let number = |key: &str| options.value(key).and_then(|text| text.parse::<usize>().ok());
    let skip = number("s").unwrap_or(0).min(bytes.len());
    let bytes = bytes.get(skip..).unwrap_or_default();
    let bytes = bytes.get(..number("l").unwrap_or(usize::MAX).min(bytes.len())).unwrap_or_default();
    let hex = |byte: &u8| match options.has("u") {
        true => format!("{byte:02X}"),
        false => format!("{byte:02x}"),
    };
    if options.has("p") {
        for line in bytes.chunks(number("c").unwrap_or(30).max(1)) {
            context.put(line.iter().map(hex).collect::<String>() + "\n");
        }
        return 0;
    }
    let columns = number("c").unwrap_or(16).clamp(1, 256);
    let group = number("g").unwrap_or(2);
    let group = if group == 0 { columns } else { group };
    let width = columns * 2 + columns.div_ceil(group) - 1;
    for (row, line) in bytes.chunks(columns).enumerate() {
        let groups = line.chunks(group).map(|group| group.iter().map(hex).collect::<String>());
        let shown = groups.collect::<Vec<_>>().join(" ");
        let text: String = line.iter().map(|byte| printable(*byte)).collect();
        context.put(format!("{:08x}: {shown:width$}  {text}\n", skip + row * columns));
    }
    0
}

/// The bytes that a dump shows.
fn reverted(dump: &str, plain: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    for line in dump.lines() {
        let digits = match (plain, line.split_once(": ")) {
            (false, Some((_, rest))) => rest.split("  ").next().unwrap_or_default(),
            _ => line,
        };
        let digits: Vec<u32> = digits.chars().filter_map(|c| c.to_digit(16)).collect();
        for pair in digits.chunks_exact(2) {
            bytes.push(pair.iter().fold(0, |value, digit| value * 16 + digit) as u8);
        }
    }
    bytes
}

async fn hexdump(context: Context) -> i32 {
    let options = match Options::parse(&context, &HEXDUMP) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let canonical = options.has("C") || context.name().ends_with("hd");
    let mut bytes = Vec::new();
    let mut status = 0;
    for path in or_stdin(&options.operands) {
        match context.read_operand(&path).await {
            Some(more) => bytes.extend(more),
            None => status = 1,
        }
    }
    let size = |key: &str| options.value(key).and_then(count::parse).map(|size| size as usize);
    let skip = size("s").unwrap_or(0).min(bytes.len());
    let bytes = bytes.get(skip..).unwrap_or_default();
    let bytes = bytes.get(..size("n").unwrap_or(usize::MAX).min(bytes.len())).unwrap_or_default();
    let address = |at: usize| match canonical {
        true => format!("{at:08x}"),
        false => format!("{at:07x}"),
    };
    let (mut before, mut starred): (Option<&[u8]>, bool) = (None, false);
    for (row, line) in bytes.chunks(16).enumerate() {
        if before == Some(line) && !options.has("v") {
            if !starred {
                context.put("*\n");
            }
            starred = true;
            continue;
        }
        (before, starred) = (Some(line), false);
        let head = address(skip + row * 16);
        context.put(match canonical {
            true => format!("{head}  {}\n", canonical_line(line)),
            false => format!("{head}{}\n", units(line, &options)),
        });
    }
    if !bytes.is_empty() {
        context.put(address(skip + bytes.len()) + "\n");
    }
    status
}

fn canonical_line(line: &[u8]) -> String {
    let half = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x} ")).collect::<String>();
    let (left, right) = line.split_at(line.len().min(8));
    let text: String = line.iter().map(|byte| printable(*byte)).collect();
    format!("{:24} {:24} |{text}|", half(left), half(right))
}

fn units(line: &[u8], options: &Options) -> String {
    let kind = options.last_of(&["b", "c", "d", "o", "x"]);
    if let Some("b" | "c") = kind {
        let shown = |byte: &u8| match kind {
            Some("b") => format!(" {byte:03o}"),
            _ => format!(" {:>3}", char_text(*byte)),
        };
        return line.iter().map(shown).collect();
    }
    let mut text = String::new();
    for unit in line.chunks(2) {
        let value = unit.iter().rev().fold(0_u32, |value, byte| value << 8 | u32::from(*byte));
        text.push_str(&match kind {
            Some("d") => format!("   {value:05}"),
            Some("o") => format!("  {value:06o}"),
            Some("x") => format!("    {value:04x}"),
            _ => format!(" {value:04x}"),
        });
    }
    // The original pads its last line.
    let missing = (16 - line.len()) / 2;
    let width = if kind.is_some() { 8 } else { 5 };
    text + &" ".repeat(missing * width)
}

fn char_text(byte: u8) -> String {
    match byte {
        0 => "\\0".to_owned(),
        b'\n' => "\\n".to_owned(),
        b'\t' => "\\t".to_owned(),
        b'\r' => "\\r".to_owned(),
        b' '..=b'~' => char::from(byte).to_string(),
        other => format!("{other:03o}"),
    }
}
