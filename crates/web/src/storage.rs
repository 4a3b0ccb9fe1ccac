//! What the browser keeps for us: the session, unsaved texts, settings.
//!
//! Storage can be missing or full; then nothing is kept and nothing else happens.

use std::collections::BTreeMap;

const PREFIX: &str = "kobako.";
/// The session, encoded.
pub const SESSION: &str = "session";
/// Texts of the editor that were not saved yet.
pub const DRAFTS: &str = "drafts";
/// The line that was being typed.
pub const LINE: &str = "line";
/// The theme that was chosen.
pub const THEME: &str = "theme";
/// The language that was chosen.
pub const LANGUAGE: &str = "language";

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok()?
}

/// What is kept under a name.
pub fn get(name: &str) -> Option<String> {
    storage()?.get_item(&format!("{PREFIX}{name}")).ok()?
}

/// Keeps a text under a name.
pub fn set(name: &str, text: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(&format!("{PREFIX}{name}"), text);
    }
}

/// Forgets what is kept under a name.
pub fn remove(name: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(&format!("{PREFIX}{name}"));
    }
}

/// Keeps texts by their paths.
pub fn set_drafts(drafts: &BTreeMap<String, String>) {
    set(DRAFTS, &to_base64(&postcard::to_allocvec(drafts).unwrap_or_default()));
}

/// The texts that were kept.
pub fn drafts() -> BTreeMap<String, String> {
    let bytes = get(DRAFTS).and_then(|text| from_base64(&text));
    bytes.and_then(|bytes| postcard::from_bytes(&bytes).ok()).unwrap_or_default()
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Bytes as text that fits into storage, an address or a report.
pub fn to_base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 4 / 3 + 2);
    for chunk in bytes.chunks(3) {
        let number = chunk.iter().fold(0u32, |sum, byte| sum << 8 | u32::from(*byte));
        let number = number << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            text.push(DIGITS[(number >> (18 - 6 * place)) as usize & 63] as char);
        }
    }
    text
}

/// The bytes that [`to_base64`] made a text of.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    for chunk in text.trim().as_bytes().chunks(4) {
        let mut number = 0;
        for place in 0..4 {
            let digit = match chunk.get(place) {
                Some(byte) => DIGITS.iter().position(|digit| digit == byte)? as u32,
                None => 0,
            };
            number = number << 6 | digit;
        }
        let [_, parts @ ..] = number.to_be_bytes();
        bytes.extend(&parts[..chunk.len().saturating_sub(1)]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back() {
        for length in 0..20 {
            let bytes: Vec<u8> = (0..length).map(|i: u8| i.wrapping_mul(83)).collect();
            assert_eq!(from_base64(&to_base64(&bytes)), Some(bytes));
        }
        assert_eq!(from_base64("a!"), None);
    }
}
