//! What can be wrong with a JSON text.

use std::fmt;

/// Why a text is not JSON. It prints as Go prints it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct Error {
    /// What is wrong.
    pub problem: Problem,
    /// How many bytes were read when it was found, the offending one included.
    pub offset: usize,
}

/// The kinds of [`Error`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A byte that cannot stand where it stands.
    InvalidCharacter {
        /// The byte.
        byte: u8,
        /// Where it stands: `looking for beginning of value`, `exceeded max depth`, ...
        place: &'static str,
    },
    /// The text stops too early.
    UnexpectedEnd,
    /// A number beyond the range of floats, as it was written.
    NumberOutOfRange(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::InvalidCharacter { byte, place } => {
                write!(f, "invalid character {} {place}", quoted(*byte))
            }
            Problem::UnexpectedEnd => f.write_str("unexpected end of JSON input"),
            Problem::NumberOutOfRange(number) => {
                write!(f, "json: cannot unmarshal number {number} into Go value of type float64")
            }
        }
    }
}

/// A byte as Go shows it: a character in single quotes, escaped where it would not be visible.
fn quoted(byte: u8) -> String {
    match byte {
        b'\'' => r"'\''".to_owned(),
        b'"' => "'\"'".to_owned(),
        b'\\' => r"'\\'".to_owned(),
        0x07 => r"'\a'".to_owned(),
        0x08 => r"'\b'".to_owned(),
        b'\t' => r"'\t'".to_owned(),
        b'\n' => r"'\n'".to_owned(),
        0x0b => r"'\v'".to_owned(),
        0x0c => r"'\f'".to_owned(),
        b'\r' => r"'\r'".to_owned(),
        0x00..0x20 | 0x7f => format!(r"'\x{byte:02x}'"),
        0x80..=0xa0 | 0xad => format!(r"'\u{byte:04x}'"),
        _ => format!("'{}'", char::from(byte)),
    }
}
