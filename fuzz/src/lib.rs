//! Random inputs for whatever reads what a user wrote.
//!
//! A target is a function of bytes that must neither panic nor go on for ever, whatever the bytes
//! are. It returns a number that says what came of them, so that inputs with a new outcome can be
//! told from others.

pub mod mutate;
mod requests;
mod text;

/// A function that is tried with random inputs.
pub struct Target {
    /// Its name, and that of the folder of its seeds.
    pub name: &'static str,
    /// Tries one input.
    pub run: fn(&[u8]) -> u64,
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target { name: "yaml", run: text::yaml },
    Target { name: "json", run: text::json },
    Target { name: "patch", run: text::patch },
    Target { name: "selector", run: text::selector },
    Target { name: "quantity", run: text::quantity },
    Target { name: "fieldpath", run: text::field_path },
    Target { name: "jsonpath", run: text::jsonpath },
    Target { name: "gotemplate", run: text::go_template },
    Target { name: "requests", run: requests::requests },
];

/// How much of an outcome counts: what comes later are parts of the input.
const OUTCOME_BYTES_MAX: usize = 200;

/// A number for an outcome. Digits and names in quotes make no difference.
pub(crate) fn outcome(text: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut is_quoted = false;
    for byte in text.bytes().take(OUTCOME_BYTES_MAX) {
        if matches!(byte, b'"' | b'\'') {
            is_quoted = !is_quoted;
        }
        if !is_quoted && !byte.is_ascii_digit() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    hash
}
