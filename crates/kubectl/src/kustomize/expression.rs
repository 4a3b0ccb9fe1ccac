//! The regular expressions in the targets of patches.
//!
//! Names are short and their patterns simple: letters, `.`, classes, `*`, `+`, `?` and
//! alternatives. Groups are missing.

/// One piece of a pattern, and how often it may come.
struct Piece {
    atom: Atom,
    min: usize,
    max: usize,
}

enum Atom {
    Any,
    Letter(char),
    Class { negated: bool, ranges: Vec<(char, char)> },
}

/// Whether the whole text fits the pattern. A pattern that cannot be read fits nothing.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    pattern.split('|').any(|alternative| {
        let alternative = alternative.strip_prefix('^').unwrap_or(alternative);
        let alternative = alternative.strip_suffix('$').unwrap_or(alternative);
        parse(alternative).is_some_and(|pieces| fits(&pieces, &letters))
    })
}

fn parse(pattern: &str) -> Option<Vec<Piece>> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        let atom = match letter {
            '.' => Atom::Any,
            '\\' => Atom::Letter(letters.next()?),
            '[' => class(&mut letters)?,
            '(' | ')' => return None,
            '*' | '+' | '?' => {
                let last = pieces.last_mut()?;
                (last.min, last.max) = match letter {
                    '*' => (0, usize::MAX),
                    '+' => (1, usize::MAX),
                    _ => (0, 1),
                };
                continue;
            }
            letter => Atom::Letter(letter),
        };
        pieces.push(Piece { atom, min: 1, max: 1 });
    }
    Some(pieces)
}

fn class(letters: &mut std::str::Chars<'_>) -> Option<Atom> {
    let text = letters.as_str();
    let (inside, rest) = text.split_once(']')?;
    *letters = rest.chars();
    let (negated, inside) = match inside.strip_prefix('^') {
        Some(inside) => (true, inside),
        None => (false, inside),
    };
    let inside: Vec<char> = inside.chars().collect();
    let (mut ranges, mut at) = (Vec::new(), 0);
    while let Some(low) = inside.get(at) {
        match (inside.get(at + 1), inside.get(at + 2)) {
            (Some('-'), Some(high)) => {
                ranges.push((*low, *high));
                at += 3;
            }
            _ => {
                ranges.push((*low, *low));
                at += 1;
            }
        }
    }
    Some(Atom::Class { negated, ranges })
}

impl Atom {
    fn accepts(&self, letter: char) -> bool {
        match self {
            Atom::Any => true,
            Atom::Letter(wanted) => *wanted == letter,
            Atom::Class { negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&letter)) != *negated
            }
        }
    }
}

/// Keeps all places that can be reached, so that no pattern takes long.
fn fits(pieces: &[Piece], text: &[char]) -> bool {
    let mut reached = vec![false; text.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    for piece in pieces {
        let mut next = vec![false; text.len() + 1];
        for start in (0..reached.len()).filter(|at| reached[*at]) {
            let mut end = start;
            let mut count = 0;
            loop {
                if count >= piece.min {
                    next[end] = true;
                }
                let more = text.get(end).is_some_and(|letter| piece.atom.accepts(*letter));
                if !more || count >= piece.max {
                    break;
                }
                end += 1;
                count += 1;
            }
        }
        reached = next;
    }
    reached.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_whole_names() {
        let check = |pattern: &str, text: &str, expected: bool| {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        };
        check("web", "web", true);
        check("web", "web2", false);
        check("web.*", "web-2", true);
        check(".*", "", true);
        check("a|b", "b", true);
        check("[a-c]+x?", "abcx", true);
        check("[^a]", "a", false);
        check("(a", "a", false);
    }
}
