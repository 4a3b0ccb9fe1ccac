//! The `s` command.

use super::{Case, Piece, Substitution};
use crate::regex::{Match, Regex};

/// How large the pattern space may grow.
pub(super) const LIMIT_BYTES: usize = 32 * 1024 * 1024;

/// Replaces the escapes that sed adds to regular expressions.
pub(super) fn regex_text(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(character) = chars.next() {
        if character != '\\' {
            result.push(character);
            continue;
        }
        match chars.next() {
            Some('n') => result.push('\n'),
            Some('t') => result.push('\t'),
            Some('r') => result.push('\r'),
            Some('f') => result.push('\u{c}'),
            Some('v') => result.push('\u{b}'),
            Some(other) => {
                result.push('\\');
                result.push(other);
            }
            None => result.push('\\'),
        }
    }
    result
}

/// Reads the right side of `s`.
pub(super) fn parse_replacement(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(character) = chars.next() {
        let piece = match character {
            '&' => Piece::Group(0),
            '\\' => match chars.next() {
                Some(digit @ '0'..='9') => Piece::Group(digit.to_digit(10).unwrap_or(0) as usize),
                Some('U') => Piece::Case(Case::Upper),
                Some('L') => Piece::Case(Case::Lower),
                Some('u') => Piece::Case(Case::UpperNext),
                Some('l') => Piece::Case(Case::LowerNext),
                Some('E') => Piece::Case(Case::End),
                escaped => {
                    match escaped {
                        Some('n') => plain.push('\n'),
                        Some('t') => plain.push('\t'),
                        Some('r') => plain.push('\r'),
                        Some(other) => plain.push(other),
                        None => plain.push('\\'),
                    }
                    continue;
                }
            },
            other => {
                plain.push(other);
                continue;
            }
        };
        if !plain.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut plain)));
        }
        pieces.push(piece);
    }
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    pieces
}

/// The highest group that a replacement uses.
pub(super) fn highest_group(pieces: &[Piece]) -> usize {
    let group = |piece: &Piece| if let Piece::Group(number) = piece { *number } else { 0 };
    pieces.iter().map(group).max().unwrap_or(0)
}

/// Text whose case is changed as it is added.
#[derive(Default)]
struct Cased {
    text: String,
    lasting: Option<Case>,
    next: Option<Case>,
}

impl Cased {
    fn set(&mut self, case: Case) {
        match case {
            Case::End => (self.lasting, self.next) = (None, None),
            Case::UpperNext | Case::LowerNext => self.next = Some(case),
            Case::Upper | Case::Lower => self.lasting = Some(case),
        }
    }

    fn push(&mut self, text: &str) {
        if self.lasting.is_none() && self.next.is_none() {
            self.text.push_str(text);
            return;
        }
        for character in text.chars() {
            match self.next.take().or(self.lasting) {
                Some(Case::Upper | Case::UpperNext) => self.text.extend(character.to_uppercase()),
                Some(Case::Lower | Case::LowerNext) => self.text.extend(character.to_lowercase()),
                _ => self.text.push(character),
            }
        }
    }
}

impl Substitution {
    /// The text after the substitution; `None`: nothing matched.
    pub(super) fn apply(&self, regex: &Regex, text: &str) -> Option<String> {
        let mut result = String::new();
        let (mut copied, mut at, mut count) = (0, 0, 0);
        let mut replaced = false;
        while let Some(found) = regex.find(text, at) {
            let (start, end) = (found.start(), found.end());
            count += 1;
            if count >= self.number {
                result.push_str(text.get(copied..start).unwrap_or_default());
                result.push_str(&self.replacement_for(&found, text));
                copied = end;
                replaced = true;
                if !self.global || result.len() > LIMIT_BYTES {
                    break;
                }
            }
            at = end;
            if start == end {
                // An empty match: go on behind the next character, which stays.
                let Some(character) = text.get(end..).and_then(|rest| rest.chars().next()) else {
                    break;
                };
                at = end + character.len_utf8();
                if count >= self.number {
                    result.push(character);
                    copied = at;
                }
            } else if text.get(end..).is_none_or(str::is_empty) {
                break;
            } else if let Some(next) = regex.find(text, at)
                && next.start() == at
                && next.end() == at
            {
                // An empty match right after another is none.
                let Some(character) = text.get(at..).and_then(|rest| rest.chars().next()) else {
                    break;
                };
                at += character.len_utf8();
                if count >= self.number {
                    result.push(character);
                    copied = at;
                }
            }
        }
        if !replaced {
            return None;
        }
        result.push_str(text.get(copied..).unwrap_or_default());
        Some(result)
    }

    fn replacement_for(&self, found: &Match, text: &str) -> String {
        let mut cased = Cased::default();
        for piece in &self.replacement {
            match piece {
                Piece::Text(text) => cased.push(text),
                Piece::Group(number) => cased.push(found.text(text, *number).unwrap_or_default()),
                Piece::Case(case) => cased.set(*case),
            }
        }
        cased.text
    }
}
