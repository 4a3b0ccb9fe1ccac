//! Go's `printf`.

use super::datum::{Datum, type_name};
use super::format::{MapType, plain, push_quoted, quote, syntax};
use crate::Value;
use crate::json::general_float;

/// Fields wider than this are an error in Go, too.
const WIDEST: i64 = 1_000_000;

/// Formats `arguments`; what does not fit shows up in the text, as in Go.
pub(super) fn printf(format: &str, arguments: &[Datum]) -> String {
    let mut printer = Printer { out: String::new(), arguments, next: 0, reordered: false };
    printer.print(format);
    printer.out
}

/// The flags, the width and the precision of a verb.
#[derive(Clone, Copy, Default)]
struct Flags {
    minus: bool,
    plus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

struct Printer<'a> {
    out: String,
    arguments: &'a [Datum],
    /// The argument that is next.
    next: usize,
    /// Whether arguments were picked by number.
    reordered: bool,
}

impl Printer<'_> {
    fn print(&mut self, format: &str) {
        let mut rest = format;
        while let Some((before, after)) = rest.split_once('%') {
            self.out.push_str(before);
            rest = self.verb(after);
        }
        self.out.push_str(rest);
        if !self.reordered && self.next < self.arguments.len() {
            self.extra();
        }
    }

    fn extra(&mut self) {
        self.out.push_str("%!(EXTRA ");
        for (at, argument) in self.arguments[self.next..].iter().enumerate() {
            if at > 0 {
                self.out.push_str(", ");
            }
            match argument.value() {
                Value::Null => self.out.push_str("<nil>"),
                value => {
                    let name = argument.type_name();
                    self.out.push_str(&format!("{name}={}", plain(&value)));
                }
            }
        }
        self.out.push(')');
    }

    /// Formats what follows a `%` and returns the rest.
    fn verb<'t>(&mut self, text: &'t str) -> &'t str {
        let mut flags = Flags::default();
        let length = text.find(|c| !"+-# 0".contains(c)).unwrap_or(text.len());
        for flag in text[..length].chars() {
            match flag {
                '+' => flags.plus = true,
                '-' => flags.minus = true,
                '#' => flags.sharp = true,
                ' ' => flags.space = true,
                _ => flags.zero = true,
            }
        }
        let mut rest = &text[length..];
        let mut bad_index = false;
        rest = self.index(rest, &mut bad_index);
        rest = self.width(rest, &mut flags, &mut bad_index);
        rest = self.precision(rest, &mut flags, &mut bad_index);
        rest = self.index(rest, &mut bad_index);
        let Some(verb) = rest.chars().next() else {
            self.out.push_str("%!(NOVERB)");
            return rest;
        };
        rest = &rest[verb.len_utf8()..];
        if verb == '%' {
            self.out.push('%');
        } else if bad_index {
            self.out.push_str(&format!("%!{verb}(BADINDEX)"));
        } else if let Some(argument) = self.arguments.get(self.next) {
            self.next += 1;
            // With a minus, zeros would stand on the right.
            flags.zero &= !flags.minus;
            // For `%+v` the sign means something else, which documents do not have.
            flags.plus &= verb != 'v';
            let text = formatted(argument, verb, &flags);
            self.out.push_str(&text);
        } else {
            self.out.push_str(&format!("%!{verb}(MISSING)"));
        }
        rest
    }

    /// `[2]` picks an argument.
    fn index<'t>(&mut self, text: &'t str, bad: &mut bool) -> &'t str {
        let Some(inner) = text.strip_prefix('[') else {
            return text;
        };
        self.reordered = true;
        let Some((number, rest)) = inner.split_once(']') else {
            *bad = true;
            return inner;
        };
        match number.parse::<usize>() {
            Ok(number) if (1..=self.arguments.len()).contains(&number) => self.next = number - 1,
            _ => *bad = true,
        }
        rest
    }

    fn width<'t>(&mut self, text: &'t str, flags: &mut Flags, bad: &mut bool) -> &'t str {
        if let Some(rest) = text.strip_prefix('*') {
            match self.star() {
                Some(width) => {
                    flags.minus |= width < 0;
                    flags.width = Some(width.unsigned_abs() as usize);
                }
                None => self.out.push_str("%!(BADWIDTH)"),
            }
            return self.index(rest, bad);
        }
        let (number, rest) = digits(text);
        flags.width = number;
        rest
    }

    fn precision<'t>(&mut self, text: &'t str, flags: &mut Flags, bad: &mut bool) -> &'t str {
        let Some(rest) = text.strip_prefix('.') else {
            return text;
        };
        let rest = self.index(rest, bad);
        if let Some(rest) = rest.strip_prefix('*') {
            match self.star() {
                Some(precision) => flags.precision = usize::try_from(precision).ok(),
                None => self.out.push_str("%!(BADPREC)"),
            }
            return rest;
        }
        let (number, rest) = digits(rest);
        flags.precision = Some(number.unwrap_or(0));
        rest
    }

    /// The number that stands for a `*`.
    fn star(&mut self) -> Option<i64> {
        let argument = self.arguments.get(self.next)?;
        self.next += 1;
        match argument {
            Datum::Int(number) if number.abs() <= WIDEST => Some(*number),
            Datum::Value { value: Value::Int(number), .. } if number.abs() <= WIDEST => {
                Some(*number)
            }
            _ => None,
        }
    }
}

/// A number at the beginning, and the rest.
fn digits(text: &str) -> (Option<usize>, &str) {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let number = text[..length].parse().ok();
    (number.filter(|&number: &usize| number as i64 <= WIDEST), &text[length..])
}

/// One argument.
fn formatted(argument: &Datum, verb: char, flags: &Flags) -> String {
    match argument {
        Datum::Missing => nil(verb, flags),
        argument if verb == 'T' => padded(argument.type_name(), flags),
        Datum::Int(number) => whole(*number, "int", verb, flags),
        Datum::Byte(byte) => whole(i64::from(*byte), "uint8", verb, flags),
        Datum::Value { value, .. } => of_value(value, verb, flags),
    }
}

fn nil(verb: char, flags: &Flags) -> String {
    match verb {
        'v' | 'T' => padded("<nil>", flags),
        verb => format!("%!{verb}(<nil>)"),
    }
}

fn of_value(value: &Value, verb: char, flags: &Flags) -> String {
    match value {
        Value::Null => nil(verb, flags),
        Value::Bool(flag) => match verb {
            't' | 'v' => padded(if *flag { "true" } else { "false" }, flags),
            verb => bad_verb(value, verb),
        },
        Value::Int(number) => whole(*number, "int64", verb, flags),
        Value::Float(number) => float(*number, verb, flags),
        Value::Str(text) => string(text, verb, flags),
        Value::List(_) | Value::Map(_) if verb == 'v' && flags.sharp => {
            syntax(value, MapType::String)
        }
        Value::List(list) => {
            let items: Vec<String> = list.iter().map(|item| inner(item, verb, flags)).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Map(map) => {
            let entry = |(key, value): (&crate::Key, &Value)| {
                let key = string(key.as_str(), verb, flags);
                format!("{key}:{}", inner(value, verb, flags))
            };
            let entries: Vec<String> = map.iter().map(entry).collect();
            format!("map[{}]", entries.join(" "))
        }
    }
}

/// An item or an entry of something that is printed.
fn inner(value: &Value, verb: char, flags: &Flags) -> String {
    match value {
        Value::Null => padded("<nil>", flags),
        value => of_value(value, verb, flags),
    }
}

fn bad_verb(value: &Value, verb: char) -> String {
    format!("%!{verb}({}={})", type_name(value), plain(value))
}

/// Fills up to the width with spaces, or with zeros in front.
fn padded(text: &str, flags: &Flags) -> String {
    let missing = flags.width.unwrap_or(0).saturating_sub(text.chars().count());
    if missing == 0 {
        return text.to_owned();
    }
    if flags.minus {
        return format!("{text}{}", " ".repeat(missing));
    }
    let filler = if flags.zero { "0" } else { " " };
    format!("{}{text}", filler.repeat(missing))
}

fn string(text: &str, verb: char, flags: &Flags) -> String {
    let shortened: String = match flags.precision {
        Some(precision) => text.chars().take(precision).collect(),
        None => text.to_owned(),
    };
    match verb {
        'v' if flags.sharp => padded(&quote(text), flags),
        'v' | 's' => padded(&shortened, flags),
        'q' if flags.sharp && !shortened.contains(['`', '\u{7f}']) && !has_control(&shortened) => {
            padded(&format!("`{shortened}`"), flags)
        }
        'q' if flags.plus => padded(&ascii_quote(&shortened), flags),
        'q' => padded(&quote(&shortened), flags),
        'x' | 'X' => {
            let bytes = text.bytes().take(flags.precision.unwrap_or(usize::MAX));
            let separator = if flags.space { " " } else { "" };
            let bytes: Vec<String> = bytes.map(|byte| format!("{byte:02x}")).collect();
            let hex = bytes.join(separator);
            padded(&if verb == 'X' { hex.to_uppercase() } else { hex }, flags)
        }
        verb => format!("%!{verb}(string={text})"),
    }
}

fn has_control(text: &str) -> bool {
    text.chars().any(|c| c.is_control() && c != '\t')
}

/// A quoted string in which nothing but ASCII stands.
fn ascii_quote(text: &str) -> String {
    let mut out = String::new();
    for c in quote(text).chars() {
        match u32::from(c) {
            0..0x80 => out.push(c),
            code @ 0x80..0x10000 => out.push_str(&format!("\\u{code:04x}")),
            code => out.push_str(&format!("\\U{code:08x}")),
        }
    }
    out
}

fn whole(number: i64, type_name: &str, verb: char, flags: &Flags) -> String {
    let size = number.unsigned_abs();
    let (digits, prefix) = match verb {
        'd' | 'v' => (size.to_string(), ""),
        'b' => (format!("{size:b}"), "0b"),
        'o' => (format!("{size:o}"), "0"),
        'O' => (format!("0o{size:o}"), ""),
        'x' => (format!("{size:x}"), "0x"),
        'X' => (format!("{size:X}"), "0X"),
        'c' => return padded(&character(number).to_string(), flags),
        'q' => return padded(&quoted_character(number), flags),
        'U' => return padded(&format!("U+{number:04X}"), flags),
        verb => return format!("%!{verb}({type_name}={number})"),
    };
    let sign = match (number < 0, flags.plus, flags.space) {
        (true, ..) => "-",
        (false, true, _) => "+",
        (false, false, true) => " ",
        _ => "",
    };
    let prefix = if flags.sharp && verb != 'v' { prefix } else { "" };
    let digits_wanted = match (flags.precision, flags.width) {
        (Some(precision), _) => precision,
        // Zeros fill the width behind the sign.
        (None, Some(width)) if flags.zero => width.saturating_sub(sign.len()),
        _ => 0,
    };
    let zeros = "0".repeat(digits_wanted.saturating_sub(digits.len()));
    let flags = Flags { zero: false, ..*flags };
    padded(&format!("{sign}{prefix}{zeros}{digits}"), &flags)
}

fn character(number: i64) -> char {
    let code = u32::try_from(number).ok();
    code.and_then(char::from_u32).unwrap_or('\u{fffd}')
}

fn quoted_character(number: i64) -> String {
    match character(number) {
        '\'' => r"'\''".to_owned(),
        '"' => "'\"'".to_owned(),
        c => {
            let mut quoted = String::new();
            push_quoted(&mut quoted, c.encode_utf8(&mut [0; 4]));
            format!("'{}'", &quoted[1..quoted.len() - 1])
        }
    }
}

fn float(number: f64, verb: char, flags: &Flags) -> String {
    let unsigned = match verb {
        'v' => general(number.abs(), flags.precision),
        'g' | 'G' => general(number.abs(), flags.precision),
        'e' | 'E' => scientific(number.abs(), flags.precision.unwrap_or(6)),
        'f' | 'F' => format!("{:.*}", flags.precision.unwrap_or(6), number.abs()),
        verb => return format!("%!{verb}(float64={})", general_float(number)),
    };
    let unsigned = match verb {
        'E' | 'G' => unsigned.to_uppercase(),
        _ => unsigned,
    };
    let sign = match (number.is_sign_negative(), flags.plus, flags.space) {
        (true, ..) => "-",
        (false, true, _) => "+",
        (false, false, true) => " ",
        _ => "",
    };
    let zeros = match flags.width {
        Some(width) if flags.zero => width.saturating_sub(sign.len() + unsigned.len()),
        _ => 0,
    };
    let flags = Flags { zero: false, ..*flags };
    padded(&format!("{sign}{}{unsigned}", "0".repeat(zeros)), &flags)
}

/// `1.5e+03`
fn scientific(number: f64, precision: usize) -> String {
    let text = format!("{number:.precision$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

/// `%g`: so many digits as needed, or so many as wanted without zeros at the end.
fn general(number: f64, precision: Option<usize>) -> String {
    let Some(precision) = precision else {
        return general_float(number);
    };
    let precision = precision.max(1);
    let text = scientific(number, precision - 1);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "+00"));
    let place: i32 = exponent.parse().unwrap_or(0);
    let strip = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    if place < -4 || place >= precision as i32 {
        format!("{}e{exponent}", strip(mantissa))
    } else {
        let places = (precision as i32 - 1 - place).max(0) as usize;
        strip(&format!("{number:.places$}"))
    }
}
