//! Writing values so that a shell reads them back.

use super::dialect::Dialect;

/// Between single quotes, whatever it is.
pub(crate) fn quote_always(text: &str, dialect: Dialect) -> String {
    if !dialect.is_bash() && text.contains('\'') {
        return quote_by_quotes(text);
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// As it is if that is safe, else quoted: how `set -x` and `set` print words.
pub(crate) fn quote_if_needed(text: &str, dialect: Dialect) -> String {
    if dialect == Dialect::Ash {
        return ash_quote(text);
    }
    if text.is_empty() {
        return "''".to_owned();
    }
    if text.chars().any(char::is_control) {
        return ansi_quote(text);
    }
    let special = |c: char| " \t\n'\"\\|&;()<>!{}*[]?^$`".contains(c);
    if text.chars().any(special) || text.starts_with(['~', '#']) {
        return quote_always(text, dialect);
    }
    text.to_owned()
}

/// busybox quotes everything but a few characters, keywords, and quotes by other quotes.
fn ash_quote(text: &str) -> String {
    const KEYWORDS: [&str; 17] = [
        "!", "case", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in",
        "then", "until", "while", "{", "}",
    ];
    let safe = |c: char| c.is_ascii_alphanumeric() || "_-./:,%@+]".contains(c) || !c.is_ascii();
    if text.chars().all(safe) && !KEYWORDS.contains(&text) {
        return text.to_owned();
    }
    quote_by_quotes(text)
}

/// Single quotes go between double ones.
fn quote_by_quotes(text: &str) -> String {
    let mut quoted = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let plain = rest.find('\'').unwrap_or(rest.len());
        let (before, after) = rest.split_at(plain);
        if !before.is_empty() {
            quoted.push_str(&format!("'{before}'"));
        }
        let quotes = after.len() - after.trim_start_matches('\'').len();
        if quotes > 0 {
            quoted.push_str(&format!("\"{}\"", "'".repeat(quotes)));
        }
        rest = after.trim_start_matches('\'');
    }
    quoted
}

/// `$'..'`: how bash writes control characters.
pub(crate) fn ansi_quote(text: &str) -> String {
    let mut quoted = String::from("$'");
    for character in text.chars() {
        match character {
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{b}' => quoted.push_str("\\v"),
            '\u{c}' => quoted.push_str("\\f"),
            '\u{1b}' => quoted.push_str("\\E"),
            '\'' => quoted.push_str("\\'"),
            '\\' => quoted.push_str("\\\\"),
            control if control.is_control() => {
                quoted.push_str(&format!("\\{:03o}", u32::from(control)));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('\'');
    quoted
}

/// With backslashes, as `printf %q` does.
pub(crate) fn backslash_quote(text: &str) -> String {
    if text.is_empty() {
        return "''".to_owned();
    }
    if text.chars().any(char::is_control) {
        return ansi_quote(text);
    }
    let mut quoted = String::new();
    for (at, character) in text.char_indices() {
        let special = " '\"\\|&;()<>!{}*[]?^$`,".contains(character)
            || (at == 0 && matches!(character, '~' | '#'));
        if special {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted
}
