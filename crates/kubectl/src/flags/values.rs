//! The values of flags.

use super::parse::split;
use super::{Flag, FlagType, parse_duration};
use crate::errors::quote;

#[derive(Clone, Debug)]
enum Held {
    Text(String),
    Bool(bool),
    Number(i64),
    Texts(Vec<String>),
}

#[derive(Clone, Debug)]
struct Entry {
    flag: &'static Flag,
    held: Held,
    is_changed: bool,
}

/// The flags of a command and their values.
#[derive(Clone, Debug)]
pub struct Flags(Vec<Entry>);

impl Flags {
    pub(super) fn new(groups: &[&'static [Flag]]) -> Flags {
        let entry = |flag: &'static Flag| Entry { flag, held: default(flag), is_changed: false };
        Flags(groups.iter().flat_map(|group| group.iter()).map(entry).collect())
    }

    pub(super) fn declaration(&self, name: &str) -> Option<&'static Flag> {
        self.entry(name).map(|entry| entry.flag)
    }

    pub(super) fn declaration_of_letter(&self, letter: char) -> Option<&'static Flag> {
        self.0.iter().map(|entry| entry.flag).find(|flag| flag.short == Some(letter))
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.flag.name == name)
    }

    /// Gives a flag a value, or one more. The error is that of its type.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let Some(entry) = self.0.iter_mut().find(|entry| entry.flag.name == name) else {
            return Ok(());
        };
        let is_first = !entry.is_changed;
        match (&mut entry.held, entry.flag.ty) {
            (Held::Texts(texts), ty) => {
                let more = match ty {
                    FlagType::StringSlice => split(value)?,
                    FlagType::StringMap => pairs(value)?,
                    _ => vec![value.to_owned()],
                };
                // The first value takes the place of the default.
                if is_first {
                    texts.clear();
                }
                texts.extend(more);
            }
            (held, FlagType::Bool) => *held = Held::Bool(parse_bool(value)?),
            (held, FlagType::Duration) => *held = Held::Number(parse_duration(value)?),
            (held, FlagType::Int) => *held = Held::Number(parse_int(value, 64)?),
            (held, FlagType::Int32) => *held = Held::Number(parse_int(value, 32)?),
            (held, _) => *held = Held::Text(value.to_owned()),
        }
        entry.is_changed = true;
        Ok(())
    }

    /// Whether the flag was given.
    pub fn is_changed(&self, name: &str) -> bool {
        self.entry(name).is_some_and(|entry| entry.is_changed)
    }

    /// Whether the command has such a flag.
    pub fn has(&self, name: &str) -> bool {
        self.entry(name).is_some()
    }

    /// A text; empty for a flag that the command does not have.
    pub fn string(&self, name: &str) -> &str {
        match self.entry(name).map(|entry| &entry.held) {
            Some(Held::Text(text)) => text,
            _ => "",
        }
    }

    /// A truth value.
    pub fn bool(&self, name: &str) -> bool {
        matches!(self.entry(name).map(|entry| &entry.held), Some(Held::Bool(true)))
    }

    /// A number, or a duration in nanoseconds.
    pub fn int(&self, name: &str) -> i64 {
        match self.entry(name).map(|entry| &entry.held) {
            Some(Held::Number(number)) => *number,
            _ => 0,
        }
    }

    /// Texts.
    pub fn strings(&self, name: &str) -> &[String] {
        match self.entry(name).map(|entry| &entry.held) {
            Some(Held::Texts(texts)) => texts,
            _ => &[],
        }
    }

    /// The names of the flags that are needed and were not given.
    pub fn missing(&self) -> Vec<&'static str> {
        let is_missing = |entry: &&Entry| entry.flag.is_required && !entry.is_changed;
        self.0.iter().filter(is_missing).map(|entry| entry.flag.name).collect()
    }
}

fn default(flag: &Flag) -> Held {
    match flag.ty {
        FlagType::String => Held::Text(flag.default.to_owned()),
        FlagType::Bool => Held::Bool(flag.default == "true"),
        FlagType::Duration => Held::Number(parse_duration(flag.default).unwrap_or(0)),
        FlagType::Int | FlagType::Int32 => Held::Number(flag.default.parse().unwrap_or(0)),
        FlagType::StringSlice | FlagType::StringArray | FlagType::StringMap => {
            Held::Texts(split(flag.default).unwrap_or_default())
        }
    }
}

/// Go's `strconv.ParseBool`.
pub(super) fn parse_bool(text: &str) -> Result<bool, String> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(format!("strconv.ParseBool: parsing {}: invalid syntax", quote(text))),
    }
}

/// Go's `strconv.ParseInt` with base 0.
fn parse_int(text: &str, bits: u32) -> Result<i64, String> {
    let problem = |what: &str| format!("strconv.ParseInt: parsing {}: {what}", quote(text));
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = if let Some(digits) = lower.strip_prefix("0x") {
        (16, digits)
    } else if let Some(digits) = lower.strip_prefix("0b") {
        (2, digits)
    } else if let Some(digits) = lower.strip_prefix("0o") {
        (8, digits)
    } else if lower.len() > 1 && lower.starts_with('0') {
        (8, lower.get(1..).unwrap_or_default())
    } else {
        (10, lower.as_str())
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return Err(problem("invalid syntax"));
    }
    let limit = 1i128 << (bits - 1);
    let amount = i128::from_str_radix(digits, radix).unwrap_or(limit + 1);
    let number = if negative { -amount } else { amount };
    if number < -limit || number >= limit {
        return Err(problem("value out of range"));
    }
    i64::try_from(number).map_err(|_| problem("value out of range"))
}

/// `a=b,c=d` as pairs that are kept as texts.
fn pairs(value: &str) -> Result<Vec<String>, String> {
    let pairs: Vec<String> =
        value.split(',').filter(|pair| !pair.is_empty()).map(str::to_owned).collect();
    match pairs.iter().find(|pair| !pair.contains('=')) {
        None => Ok(pairs),
        Some(pair) => Err(format!("{pair} must be formatted as key=value")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_go_reads_them() {
        for (text, number) in [("5", 5), ("-1", -1), ("0x10", 16), ("010", 8), ("0", 0)] {
            assert_eq!(parse_int(text, 64), Ok(number), "{text}");
        }
        let out_of_range = "strconv.ParseInt: parsing \"99999999999\": value out of range";
        assert_eq!(parse_int("99999999999", 32), Err(out_of_range.to_owned()));
        assert!(parse_int("", 64).is_err() && parse_int("1 ", 64).is_err());
    }
}
