//! The text that is edited, with comments and without.

use api::{json, yaml};

/// The text without its comments, as far as it can be understood.
pub(super) fn without_comments(text: &str) -> String {
    match yaml::parse(text) {
        Ok(value) => json::to_string(&value),
        Err(_) => without_comment_lines(text),
    }
}

/// The text without the lines that are comments.
pub(super) fn without_comment_lines(text: &str) -> String {
    let is_comment = |line: &&str| {
        let line = line.trim();
        line.starts_with('#') && !line.starts_with("#!")
    };
    text.split_inclusive('\n').filter(|line| !is_comment(line)).collect()
}

/// Whether there is anything but comments.
pub(super) fn has_content(text: &str) -> bool {
    text.lines().map(str::trim).any(|line| !line.is_empty() && !line.starts_with('#'))
}
