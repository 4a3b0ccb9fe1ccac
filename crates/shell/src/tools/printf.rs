//! `printf`

use super::options::misuse;
use crate::escapes::{Escape, Style, expand, read, rejoin};
use crate::interpreter::backslash_quote;
use sim::Time;
use std::iter::Peekable;
use std::str::Chars;

pub(crate) const TOOL: super::Tool = super::Tool {
    name: "printf",
    usage: "FORMAT [ARG]...",
    about: "Format and print ARG(s) according to FORMAT (a-la C)",
    run: |context| {
        Box::pin(async move {
            let words = context.operands();
            let Some((text, arguments)) = words.split_first() else {
                return misuse(
                    &context,
                    &TOOL,
                    if context.is_busybox() { "" } else { "missing operand" },
                );
            };
            let manner = if context.is_busybox() { Manner::Busybox } else { Manner::Modern };
            let formatted = format(text, arguments, context.now(), manner);
            for problem in &formatted.problems {
                context.fail(problem.text(context.is_busybox()));
            }
            context.put(formatted.text);
            i32::from(!formatted.problems.is_empty())
        })
    },
    ..super::TOOL
};

/// How wide a field may be: more is a mistake or an attack.
const LIMIT_WIDTH: usize = 1_000_000;
/// How large the whole text may be.
const LIMIT_BYTES: usize = 32 * 1024 * 1024;

/// Which `printf` it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// bash's and GNU's.
    Modern,
    Busybox,
    Dash,
}

/// What was wrong with an argument or the format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    NotANumber(String),
    PartlyANumber(String),
    BadDirective(String),
}

impl Problem {
    fn text(&self, busybox: bool) -> String {
        match (self, busybox) {
            (Problem::NotANumber(text) | Problem::PartlyANumber(text), true) => {
                format!("invalid number '{text}'")
            }
            (Problem::NotANumber(text), false) => format!("'{text}': expected a numeric value"),
            (Problem::PartlyANumber(text), false) => {
                format!("'{text}': value not completely converted")
            }
            (Problem::BadDirective(text), true) => format!("{text}: invalid format"),
            (Problem::BadDirective(text), false) => {
                format!("{text}: invalid conversion specification")
            }
        }
    }
}

/// What `printf` prints and what it complains about.
#[derive(Debug, Default)]
pub(crate) struct Formatted {
    pub(crate) text: String,
    pub(crate) problems: Vec<Problem>,
}

/// `%-08.3f`
#[derive(Debug, Default)]
struct Directive {
    left: bool,
    plus: bool,
    space: bool,
    alternative: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
}

struct Formatter<'a> {
    arguments: &'a [String],
    used: usize,
    result: Formatted,
    now: Time,
    stopped: bool,
    manner: Manner,
}

/// Formats arguments, using the format again as long as some are left.
pub(crate) fn format(text: &str, arguments: &[String], now: Time, manner: Manner) -> Formatted {
    let result = Formatted::default();
    let mut formatter = Formatter { arguments, used: 0, result, now, stopped: false, manner };
    loop {
        let before = formatter.used;
        formatter.once(text);
        let is_over = formatter.used >= arguments.len() || formatter.used == before;
        if is_over || formatter.stopped || formatter.result.text.len() > LIMIT_BYTES {
            break;
        }
    }
    let Formatted { text, problems } = formatter.result;
    Formatted { text: rejoin(text), problems }
}

impl Formatter<'_> {
    fn once(&mut self, text: &str) {
        let style = match self.manner {
            Manner::Dash => Style::DASH_FORMAT,
            _ => Style::FORMAT,
        };
        let mut chars = text.chars().peekable();
        while let Some(character) = chars.next() {
            match character {
                '\\' => match read(&mut chars, style) {
                    Escape::Text(text) => self.result.text.push_str(&text),
                    Escape::None if chars.peek() == Some(&'c') => {
                        self.stopped = true;
                        return;
                    }
                    _ => self.result.text.push('\\'),
                },
                '%' if chars.peek() == Some(&'%') => {
                    chars.next();
                    self.result.text.push('%');
                }
                '%' => {
                    if !self.directive(&mut chars) {
                        self.stopped = true;
                    }
                }
                other => self.result.text.push(other),
            }
            if self.stopped {
                return;
            }
        }
    }

    fn next(&mut self) -> Option<&str> {
        let argument = self.arguments.get(self.used)?;
        self.used += 1;
        Some(argument)
    }

    fn directive(&mut self, chars: &mut Peekable<Chars>) -> bool {
        let mut source = String::from("%");
        let mut directive = Directive::default();
        while let Some(flag) = chars.peek().copied() {
            match flag {
                '-' => directive.left = true,
                '+' => directive.plus = true,
                ' ' => directive.space = true,
                '#' => directive.alternative = true,
                '0' => directive.zero = true,
                '\'' => {}
                _ => break,
            }
            source.push(flag);
            chars.next();
        }
        let width = self.size(chars, &mut source);
        directive.left |= width < 0;
        directive.width = width.unsigned_abs() as usize;
        if chars.peek() == Some(&'.') {
            chars.next();
            source.push('.');
            let precision = self.size(chars, &mut source);
            directive.precision = usize::try_from(precision).ok();
        }
        if chars.peek() == Some(&'(') {
            return self.time(chars, &directive);
        }
        while self.manner != Manner::Dash && chars.peek().is_some_and(|c| "hlLjzt".contains(*c)) {
            chars.next();
        }
        let Some(kind) = chars.next() else {
            self.result.problems.push(Problem::BadDirective(source));
            return false;
        };
        source.push(kind);
        match kind {
            's' | 'q' => {
                let text = self.next().unwrap_or_default().to_owned();
                let text = if kind == 'q' { backslash_quote(&text) } else { text };
                self.text(&directive, &text);
            }
            'b' => {
                let text = self.next().unwrap_or_default().to_owned();
                let style = if self.manner == Manner::Dash { Style::DASH } else { Style::BOTH };
                let (text, goes_on) = expand(&text, style);
                self.text(&directive, &text);
                self.stopped = !goes_on;
            }
            'c' => {
                let text: String = self.next().unwrap_or_default().chars().take(1).collect();
                // C's `%c` of an empty text is the byte that ends it.
                self.text(&directive, if text.is_empty() { "\0" } else { &text });
            }
            'd' | 'i' => {
                let value = self.integer();
                let sign = sign_of(value < 0, &directive);
                self.number(&directive, sign, "", value.unsigned_abs().to_string());
            }
            'u' | 'o' | 'x' | 'X' => {
                let value = self.integer() as u64;
                let (prefix, digits) = match kind {
                    'u' => ("", value.to_string()),
                    'o' => (if directive.alternative { "0" } else { "" }, format!("{value:o}")),
                    'x' => (if directive.alternative { "0x" } else { "" }, format!("{value:x}")),
                    _ => (if directive.alternative { "0X" } else { "" }, format!("{value:X}")),
                };
                let prefix = if value == 0 { "" } else { prefix };
                self.number(&directive, "", prefix, digits);
            }
            'e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'a' | 'A' => {
                let value = self.float();
                let digits = super::float::format(
                    value.abs(),
                    kind,
                    &FloatShape {
                        precision: directive.precision,
                        alternative: directive.alternative,
                    },
                );
                let sign = sign_of(value.is_sign_negative(), &directive);
                let directive = Directive { precision: None, ..directive };
                self.number(&directive, sign, "", digits);
            }
            _ => {
                if self.manner == Manner::Busybox {
                    source.extend(chars.by_ref());
                }
                self.result.problems.push(Problem::BadDirective(source));
                return false;
            }
        }
        true
    }

    /// A width or precision: digits, or `*` for an argument.
    fn size(&mut self, chars: &mut Peekable<Chars>, source: &mut String) -> i64 {
        if chars.peek() == Some(&'*') {
            chars.next();
            source.push('*');
            return self.integer().clamp(-(LIMIT_WIDTH as i64), LIMIT_WIDTH as i64);
        }
        let mut size = 0_i64;
        while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
            source.extend(chars.next());
            size = (size * 10 + i64::from(digit)).min(LIMIT_WIDTH as i64);
        }
        size
    }

    /// bash's `%(format)T`; the argument is seconds, -1 or none for now.
    fn time(&mut self, chars: &mut Peekable<Chars>, directive: &Directive) -> bool {
        chars.next();
        let mut format = String::new();
        loop {
            match chars.next() {
                Some(')') => break,
                Some(character) => format.push(character),
                None => return false,
            }
        }
        if chars.next() != Some('T') {
            self.result.problems.push(Problem::BadDirective("%(".to_owned()));
            return false;
        }
        let seconds = self.next().and_then(|text| text.parse::<i64>().ok());
        let time = match seconds.and_then(|seconds| u64::try_from(seconds).ok()) {
            Some(seconds) => Time::from_seconds(seconds),
            None => self.now,
        };
        let text = super::calendar::strftime(&format, time, &super::calendar::Zone::UTC);
        self.text(directive, &text);
        true
    }

    fn integer(&mut self) -> i64 {
        let Some(argument) = self.next().map(str::to_owned) else {
            if self.manner == Manner::Busybox {
                self.result.problems.push(Problem::NotANumber(String::new()));
            }
            return 0;
        };
        let mut chars = argument.chars();
        if let Some('\'' | '"') = chars.next() {
            return chars.next().map_or(0, |character| i64::from(u32::from(character)));
        }
        let (value, rest) = parse_integer(&argument);
        match (value, rest.is_empty()) {
            (Some(value), true) => value,
            (Some(value), false) => {
                self.result.problems.push(Problem::PartlyANumber(argument.clone()));
                if self.manner == Manner::Busybox { 0 } else { value }
            }
            (None, _) if argument.is_empty() => 0,
            (None, _) => {
                self.result.problems.push(Problem::NotANumber(argument.clone()));
                0
            }
        }
    }

    fn float(&mut self) -> f64 {
        let Some(argument) = self.next().map(str::to_owned) else {
            return 0.0;
        };
        if argument.is_empty() {
            return 0.0;
        }
        match argument.trim_start().parse() {
            Ok(value) => value,
            Err(_) => {
                let (value, _) = parse_integer(&argument);
                if value.is_none() || !argument.starts_with("0x") {
                    self.result.problems.push(Problem::NotANumber(argument));
                }
                value.unwrap_or(0) as f64
            }
        }
    }

    fn text(&mut self, directive: &Directive, text: &str) {
        let most = directive.precision.unwrap_or(usize::MAX);
        let text: String = text.chars().take(most).collect();
        let missing = directive.width.saturating_sub(text.chars().count());
        let padding = " ".repeat(missing);
        if directive.left {
            self.result.text.push_str(&text);
            self.result.text.push_str(&padding);
        } else {
            self.result.text.push_str(&padding);
            self.result.text.push_str(&text);
        }
    }

    fn number(&mut self, directive: &Directive, sign: &str, prefix: &str, digits: String) {
        let mut digits = digits;
        if let Some(precision) = directive.precision {
            let missing = precision.min(LIMIT_WIDTH).saturating_sub(digits.len());
            digits = "0".repeat(missing) + &digits;
        } else if directive.zero && !directive.left {
            let taken = sign.len() + prefix.len() + digits.len();
            digits = "0".repeat(directive.width.saturating_sub(taken)) + &digits;
        }
        let directive = Directive {
            precision: None,
            left: directive.left,
            width: directive.width,
            ..Directive::default()
        };
        self.text(&directive, &format!("{sign}{prefix}{digits}"));
    }
}

/// How a floating-point number is to be written.
pub(crate) struct FloatShape {
    pub(crate) precision: Option<usize>,
    /// `#`: with a point even if nothing follows it.
    pub(crate) alternative: bool,
}

fn sign_of(is_negative: bool, directive: &Directive) -> &'static str {
    match (is_negative, directive.plus, directive.space) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (_, _, true) => " ",
        _ => "",
    }
}

/// The integer at the start of a text, as `strtol` with base 0 reads it, and what follows.
pub(crate) fn parse_integer(text: &str) -> (Option<i64>, &str) {
    let trimmed = text.trim_start();
    let (negative, unsigned) = match trimmed.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
    };
    let hexadecimal = unsigned.strip_prefix("0x").or(unsigned.strip_prefix("0X"));
    let (digits, radix) = match hexadecimal {
        Some(digits) if digits.starts_with(|c: char| c.is_ascii_hexdigit()) => (digits, 16),
        _ if unsigned.starts_with('0') => (unsigned, 8),
        _ => (unsigned, 10),
    };
    let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    let (number, rest) = digits.split_at(end);
    if number.is_empty() {
        return (None, text);
    }
    let value = match u64::from_str_radix(number, radix) {
        Ok(value) if negative => (value as i64).wrapping_neg(),
        Ok(value) => value as i64,
        Err(_) if negative => i64::MIN,
        Err(_) => i64::MAX,
    };
    (Some(value), rest)
}
