//! Shell patterns: `*`, `?`, `[a-z]` and bash's `@(a|b)`.
//!
//! A pattern is matched by following all ways at once, so that no pattern takes time that grows
//! exponentially.

/// A compiled pattern. A backslash in its text quotes the next character.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    pieces: Vec<Piece>,
    ignore_case: bool,
}

#[derive(Clone, Debug)]
enum Piece {
    Character(char),
    Any,
    Star,
    Set(Set),
    Group(Repeat, Vec<Vec<Piece>>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Repeat {
    Optional,
    Star,
    Plus,
    Once,
    Not,
}

/// `[..]`
#[derive(Clone, Debug, Default)]
pub(crate) struct Set {
    negated: bool,
    ranges: Vec<(char, char)>,
    classes: Vec<Class>,
}

/// `[:alpha:]` and its kin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Alnum,
    Alpha,
    Blank,
    Cntrl,
    Digit,
    Graph,
    Lower,
    Print,
    Punct,
    Space,
    Upper,
    Xdigit,
}

impl Class {
    pub(crate) fn parse(name: &str) -> Option<Class> {
        Some(match name {
            "alnum" => Class::Alnum,
            "alpha" => Class::Alpha,
            "blank" => Class::Blank,
            "cntrl" => Class::Cntrl,
            "digit" => Class::Digit,
            "graph" => Class::Graph,
            "lower" => Class::Lower,
            "print" => Class::Print,
            "punct" => Class::Punct,
            "space" => Class::Space,
            "upper" => Class::Upper,
            "xdigit" => Class::Xdigit,
            _ => return None,
        })
    }

    pub(crate) fn contains(self, c: char) -> bool {
        match self {
            Class::Alnum => c.is_alphanumeric(),
            Class::Alpha => c.is_alphabetic(),
            Class::Blank => matches!(c, ' ' | '\t'),
            Class::Cntrl => c.is_control(),
            Class::Digit => c.is_ascii_digit(),
            Class::Graph => !c.is_control() && !c.is_whitespace(),
            Class::Lower => c.is_lowercase(),
            Class::Print => !c.is_control(),
            Class::Punct => {
                c.is_ascii_punctuation()
                    || !(c.is_ascii() || c.is_alphanumeric() || c.is_whitespace() || c.is_control())
            }
            Class::Space => matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}'),
            Class::Upper => c.is_uppercase(),
            Class::Xdigit => c.is_ascii_hexdigit(),
        }
    }
}

impl Set {
    /// Reads a set whose `[` has been passed; the place after its `]`. `None` if it never ends.
    /// `escapes`: a backslash quotes, as in shell patterns but not in regular expressions.
    pub(crate) fn parse(chars: &[char], start: usize, escapes: bool) -> Option<(Set, usize)> {
        let mut set = Set::default();
        let mut at = start;
        if matches!(chars.get(at), Some('^')) || (escapes && matches!(chars.get(at), Some('!'))) {
            set.negated = true;
            at += 1;
        }
        let first = at;
        loop {
            let character = *chars.get(at)?;
            if character == ']' && at > first {
                return Some((set, at + 1));
            }
            if character == '['
                && matches!(chars.get(at + 1), Some(':'))
                && let Some((class, after)) = named(chars, at + 2, ':')
            {
                set.classes.push(Class::parse(&class)?);
                at = after;
                continue;
            }
            let (low, after) = Set::member(chars, at, escapes)?;
            at = after;
            if matches!(chars.get(at), Some('-')) && !matches!(chars.get(at + 1), Some(']') | None)
            {
                let (high, after) = Set::member(chars, at + 1, escapes)?;
                set.ranges.push((low, high));
                at = after;
            } else {
                set.ranges.push((low, low));
            }
        }
    }

    fn member(chars: &[char], at: usize, escapes: bool) -> Option<(char, usize)> {
        let character = *chars.get(at)?;
        if character == '\\' && escapes {
            return Some((*chars.get(at + 1)?, at + 2));
        }
        if character == '['
            && let Some(kind @ ('=' | '.')) = chars.get(at + 1).copied()
            && let Some((name, after)) = named(chars, at + 2, kind)
        {
            return Some((name.chars().next()?, after));
        }
        Some((character, at + 1))
    }

    pub(crate) fn contains(&self, character: char, ignore_case: bool) -> bool {
        let holds = |c: char| {
            self.ranges.iter().any(|(low, high)| (*low..=*high).contains(&c))
                || self.classes.iter().any(|class| class.contains(c))
        };
        let found = holds(character) || (ignore_case && other_case(character).is_some_and(holds));
        found != self.negated
    }
}

/// Whether a set behind `start` names a class that does not exist.
pub(crate) fn has_unknown_class(chars: &[char], start: usize) -> bool {
    (start..chars.len()).any(|at| {
        matches!(chars.get(at..at + 2), Some(['[', ':']))
            && named(chars, at + 2, ':').is_some_and(|(name, _)| Class::parse(&name).is_none())
    })
}

/// The name between `[:` and `:]`, and the place after it.
fn named(chars: &[char], start: usize, kind: char) -> Option<(String, usize)> {
    let mut at = start;
    while let Some(character) = chars.get(at) {
        if *character == kind && matches!(chars.get(at + 1), Some(']')) {
            return Some((chars.get(start..at)?.iter().collect(), at + 2));
        }
        at += 1;
    }
    None
}

/// The same letter in the other case.
pub(crate) fn other_case(character: char) -> Option<char> {
    let one = |mut chars: Box<dyn Iterator<Item = char>>| {
        let first = chars.next();
        first.filter(|_| chars.next().is_none())
    };
    if character.is_lowercase() {
        one(Box::new(character.to_uppercase()))
    } else if character.is_uppercase() {
        one(Box::new(character.to_lowercase()))
    } else {
        None
    }
}

pub(crate) fn same_character(a: char, b: char, ignore_case: bool) -> bool {
    a == b || (ignore_case && other_case(a) == Some(b))
}

/// How deep groups may be nested.
const LIMIT_DEPTH: u32 = 20;

impl Pattern {
    /// Compiles a pattern; `extended`: with `@(..)` and its kin.
    pub(crate) fn new(text: &str, extended: bool, ignore_case: bool) -> Pattern {
        let chars: Vec<char> = text.chars().collect();
        let (pieces, _) = parse(&chars, 0, extended, 0);
        Pattern { pieces, ignore_case }
    }

    /// Whether the whole text matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let chars: Vec<char> = text.chars().collect();
        self.ends(&self.pieces, &chars, 0).last() == Some(&chars.len())
    }

    /// Whether it has anything but characters that stand for themselves.
    pub(crate) fn is_special(&self) -> bool {
        self.pieces.iter().any(|piece| !matches!(piece, Piece::Character(_)))
    }

    /// Whether it begins with this very character.
    pub(crate) fn begins_with(&self, character: char) -> bool {
        matches!(self.pieces.first(), Some(Piece::Character(first)) if *first == character)
    }

    /// The text that it stands for if nothing in it is special.
    pub(crate) fn plain_text(&self) -> String {
        let character = |piece: &Piece| match piece {
            Piece::Character(character) => Some(*character),
            _ => None,
        };
        self.pieces.iter().filter_map(character).collect()
    }

    /// How many characters at the start match: the fewest or the most.
    pub(crate) fn prefix(&self, text: &[char], longest: bool) -> Option<usize> {
        let ends = self.ends(&self.pieces, text, 0);
        if longest { ends.last().copied() } else { ends.first().copied() }
    }

    /// How many characters at the end match: the fewest or the most.
    pub(crate) fn suffix(&self, text: &[char], longest: bool) -> Option<usize> {
        let turned = Pattern { pieces: reversed(&self.pieces), ignore_case: self.ignore_case };
        let text: Vec<char> = text.iter().rev().copied().collect();
        turned.prefix(&text, longest)
    }

    /// Where the longest match that begins at `start` ends.
    pub(crate) fn longest_at(&self, text: &[char], start: usize) -> Option<usize> {
        self.ends(&self.pieces, text, start).last().copied()
    }

    /// All places, in order, where a match that begins at `start` can end.
    fn ends(&self, pieces: &[Piece], text: &[char], start: usize) -> Vec<usize> {
        let mut places = vec![start];
        for piece in pieces {
            places = self.step(piece, text, &places);
            if places.is_empty() {
                break;
            }
        }
        places
    }

    fn step(&self, piece: &Piece, text: &[char], places: &[usize]) -> Vec<usize> {
        let one = |accepts: &dyn Fn(char) -> bool| {
            let accepted = |place: &&usize| text.get(**place).is_some_and(|c| accepts(*c));
            places.iter().filter(accepted).map(|place| place + 1).collect()
        };
        match piece {
            Piece::Character(wanted) => one(&|c| same_character(c, *wanted, self.ignore_case)),
            Piece::Any => one(&|_| true),
            Piece::Set(set) => one(&|c| set.contains(c, self.ignore_case)),
            Piece::Star => (places.first().copied().unwrap_or(0)..=text.len()).collect(),
            Piece::Group(repeat, choices) => self.group(*repeat, choices, text, places),
        }
    }

    fn group(
        &self,
        repeat: Repeat,
        choices: &[Vec<Piece>],
        text: &[char],
        places: &[usize],
    ) -> Vec<usize> {
        let once = |places: &[usize]| {
            let mut ends: Vec<usize> = places
                .iter()
                .flat_map(|place| choices.iter().map(|pieces| self.ends(pieces, text, *place)))
                .flatten()
                .collect();
            ends.sort_unstable();
            ends.dedup();
            ends
        };
        let mut ends = match repeat {
            Repeat::Once => return once(places),
            Repeat::Optional => [places, &once(places)].concat(),
            Repeat::Star | Repeat::Plus => {
                let mut all = if repeat == Repeat::Star { places.to_vec() } else { Vec::new() };
                let mut fresh = once(places);
                while !fresh.is_empty() {
                    all.extend(&fresh);
                    fresh = once(&fresh);
                    fresh.retain(|end| !all.contains(end));
                }
                all
            }
            Repeat::Not => {
                let mut all = Vec::new();
                for place in places {
                    let excluded = once(&[*place]);
                    all.extend((*place..=text.len()).filter(|end| !excluded.contains(end)));
                }
                all
            }
        };
        ends.sort_unstable();
        ends.dedup();
        ends
    }
}

fn reversed(pieces: &[Piece]) -> Vec<Piece> {
    let turn = |piece: &Piece| match piece {
        Piece::Group(repeat, choices) => {
            Piece::Group(*repeat, choices.iter().map(|pieces| reversed(pieces)).collect())
        }
        other => other.clone(),
    };
    pieces.iter().rev().map(turn).collect()
}

/// Reads pieces up to the end, or within a group up to `|` or `)`; the place where it stopped.
fn parse(chars: &[char], start: usize, extended: bool, depth: u32) -> (Vec<Piece>, usize) {
    let mut pieces = Vec::new();
    let mut at = start;
    while let Some(character) = chars.get(at).copied() {
        let opens = extended && depth < LIMIT_DEPTH && matches!(chars.get(at + 1), Some('('));
        let repeat = match character {
            '?' => Some(Repeat::Optional),
            '*' => Some(Repeat::Star),
            '+' => Some(Repeat::Plus),
            '@' => Some(Repeat::Once),
            '!' => Some(Repeat::Not),
            _ => None,
        };
        if let Some(repeat) = repeat.filter(|_| opens)
            && let Some((choices, after)) = parse_group(chars, at + 2, depth)
        {
            pieces.push(Piece::Group(repeat, choices));
            at = after;
            continue;
        }
        match character {
            '|' | ')' if depth > 0 => return (pieces, at),
            '*' => {
                if !matches!(pieces.last(), Some(Piece::Star)) {
                    pieces.push(Piece::Star);
                }
            }
            '?' => pieces.push(Piece::Any),
            '[' => {
                if let Some((set, after)) = Set::parse(chars, at + 1, true) {
                    pieces.push(Piece::Set(set));
                    at = after;
                    continue;
                }
                pieces.push(Piece::Character('['));
            }
            '\\' => {
                at += 1;
                pieces.push(Piece::Character(chars.get(at).copied().unwrap_or('\\')));
            }
            other => pieces.push(Piece::Character(other)),
        }
        at += 1;
    }
    (pieces, at)
}

fn parse_group(chars: &[char], start: usize, depth: u32) -> Option<(Vec<Vec<Piece>>, usize)> {
    let mut choices = Vec::new();
    let mut at = start;
    loop {
        let (pieces, stopped) = parse(chars, at, true, depth + 1);
        choices.push(pieces);
        match chars.get(stopped)? {
            ')' => return Some((choices, stopped + 1)),
            _ => at = stopped + 1,
        }
    }
}

/// Quotes a text so that as a pattern it stands for itself.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if "*?[]\\!+@()|^-".contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, yes: &[&str], no: &[&str]) {
        let compiled = Pattern::new(pattern, true, false);
        for text in yes {
            assert!(compiled.matches(text), "{pattern} {text}");
        }
        for text in no {
            assert!(!compiled.matches(text), "{pattern} {text}");
        }
    }

    #[test]
    fn patterns() {
        check("a*c", &["ac", "abc", "a*c"], &["ab", "bac"]);
        check("a\\*c", &["a*c"], &["abc"]);
        check("?[b-d]", &["xb", "日c"], &["b", "xa"]);
        check("[!a-c]*", &["d", "dog"], &["a", ""]);
        check("[[:digit:]]", &["1"], &["a"]);
        check("[]a]", &["]", "a"], &["b"]);
        check("[a", &["[a"], &["a"]);
        check("@(foo|ba?)", &["foo", "bar"], &["foobar", ""]);
        check("+(ab)c", &["abc", "ababc"], &["c"]);
        check("*(a|b)", &["", "abba"], &["abc"]);
        check("!(foo)", &["", "fo", "food"], &["foo"]);
        check("*a*a*a*a*a*a*a*b", &[], &[&"a".repeat(200)]);
    }

    #[test]
    fn prefixes_and_suffixes() {
        let text: Vec<char> = "a/b/c".chars().collect();
        assert_eq!(Pattern::new("*/", false, false).prefix(&text, false), Some(2));
        assert_eq!(Pattern::new("*/", false, false).prefix(&text, true), Some(4));
        assert_eq!(Pattern::new("/*", false, false).suffix(&text, false), Some(2));
        assert_eq!(Pattern::new("/*", false, false).suffix(&text, true), Some(4));
        assert_eq!(Pattern::new("x", false, false).prefix(&text, true), None);
    }
}
