//! POSIX regular expressions, basic and extended, with GNU's additions.
//!
//! The longest of the leftmost matches is found, as POSIX wants and `grep -o` shows, by following
//! all ways at once: no expression takes time that grows exponentially. Back references cannot be
//! followed so; expressions that have them are matched by trying, within a limit of steps.

mod backtrack;
mod compile;
mod parallel;
mod syntax;

use compile::Program;

/// Which language an expression is in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Syntax {
    /// `grep -E`, `sed -E`, awk.
    pub(crate) extended: bool,
    pub(crate) ignore_case: bool,
}

/// What is wrong with an expression, in the C library's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RegexError {
    #[error("Unmatched [, [^, [:, [., or [=")]
    Bracket,
    #[error("Unmatched ( or \\(")]
    OpenParenthesis,
    #[error("Unmatched ) or \\)")]
    CloseParenthesis,
    #[error("Unmatched \\{{")]
    Brace,
    #[error("Invalid content of \\{{\\}}")]
    Interval,
    #[error("Invalid preceding regular expression")]
    Preceding,
    #[error("Invalid back reference")]
    BackReference,
    #[error("Trailing backslash")]
    TrailingBackslash,
    #[error("Invalid character class name")]
    Class,
    #[error("Regular expression too big")]
    TooBig,
}

/// A compiled expression.
#[derive(Clone, Debug)]
pub(crate) struct Regex {
    program: Program,
    /// The whole expression, if it is plain text.
    literal: Option<String>,
}

/// Where an expression matched: byte ranges of the whole and of its groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Match {
    slots: Vec<Option<usize>>,
}

impl Match {
    /// Where the match begins.
    pub(crate) fn start(&self) -> usize {
        self.range(0).map_or(0, |(start, _)| start)
    }

    /// Where the match ends.
    pub(crate) fn end(&self) -> usize {
        self.range(0).map_or(0, |(_, end)| end)
    }

    /// How many groups there are, the whole match being the first.
    pub(crate) fn len(&self) -> usize {
        self.slots.len() / 2
    }

    /// A group's range, if it took part.
    pub(crate) fn range(&self, group: usize) -> Option<(usize, usize)> {
        Some(((*self.slots.get(group * 2)?)?, (*self.slots.get(group * 2 + 1)?)?))
    }

    /// A group's text.
    pub(crate) fn text<'t>(&self, text: &'t str, group: usize) -> Option<&'t str> {
        let (start, end) = self.range(group)?;
        text.get(start..end)
    }
}

impl Regex {
    /// Compiles an expression.
    pub(crate) fn new(expression: &str, syntax: Syntax) -> Result<Regex, RegexError> {
        let (node, groups) = syntax::parse(expression, syntax.extended)?;
        let literal = if syntax.ignore_case { None } else { node.literal() };
        let program = compile::compile(&node, groups, syntax.ignore_case)?;
        Ok(Regex { program, literal })
    }

    /// The first match that begins at byte `from` or after. What is before it still counts for
    /// `^` and `\b`.
    pub(crate) fn find(&self, text: &str, from: usize) -> Option<Match> {
        if let Some(literal) = &self.literal {
            let start = from + text.get(from..)?.find(literal.as_str())?;
            return Some(Match { slots: vec![Some(start), Some(start + literal.len())] });
        }
        if self.program.has_back_references {
            return backtrack::find(&self.program, text, from);
        }
        parallel::find(&self.program, text, from)
    }

    /// How many groups it has, the whole being the first.
    pub(crate) fn groups(&self) -> usize {
        self.program.slots / 2
    }

    /// Whether it matches anywhere.
    pub(crate) fn is_match(&self, text: &str) -> bool {
        self.find(text, 0).is_some()
    }
}

/// Whether a character is part of a word, for `\w` and `\b`.
fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(extended: bool, expression: &str, text: &str, expected: Option<&[&str]>) {
        let regex = Regex::new(expression, Syntax { extended, ignore_case: false }).unwrap();
        let found = regex.find(text, 0);
        let groups = found.map(|found| {
            (0..found.len()).map(|n| found.text(text, n).unwrap_or("-").to_owned()).collect()
        });
        let expected: Option<Vec<String>> =
            expected.map(|groups| groups.iter().map(|&group| group.to_owned()).collect());
        assert_eq!(groups, expected, "{expression} on {text}");
    }

    #[test]
    fn extended_expressions() {
        let check = |expression, text, expected| check(true, expression, text, expected);
        check("a|ab", "xab", Some(&["ab"]));
        check("(a|ab)(c|bcd)(d*)", "abcd", Some(&["abcd", "a", "bcd", ""]));
        check("a{2,3}", "aaaa", Some(&["aaa"]));
        check("a{2}", "a", None);
        check("^$", "", Some(&[""]));
        check("[[:digit:]]+", "ab123", Some(&["123"]));
        check("[]a]+", "x]a]", Some(&["]a]"]));
        check("[^0-9]", "1a", Some(&["a"]));
        check("\\bfoo\\b", "a foo b", Some(&["foo"]));
        check("\\<foo", "xfoo", None);
        check("(.)\\1", "abccd", Some(&["cc", "c"]));
        check("(a*)*", "b", Some(&["", ""]));
        check("日.", "x日本", Some(&["日本"]));
        check("a.c", "a\nc", Some(&["a\nc"]));
        check("x*", "aaa", Some(&[""]));
        check("(foo)?bar", "bar", Some(&["bar", "-"]));
    }

    #[test]
    fn basic_expressions() {
        let check = |expression, text, expected| check(false, expression, text, expected);
        check("a+", "aa+", Some(&["a+"]));
        check("a\\+", "aa", Some(&["aa"]));
        check("\\(a\\)\\1", "aa", Some(&["aa", "a"]));
        check("*a", "*a", Some(&["*a"]));
        check("a^b$c", "a^b$c", Some(&["a^b$c"]));
        check("^*b", "*b", Some(&["*b"]));
        check("a\\{1,2\\}", "aaa", Some(&["aa"]));
        check("a\\|b", "b", Some(&["b"]));
        check("a{2}", "a{2}", Some(&["a{2}"]));
    }

    #[test]
    fn errors_have_the_c_librarys_words() {
        let check = |extended, expression: &str, text: &str| {
            let error = Regex::new(expression, Syntax { extended, ignore_case: false });
            assert_eq!(error.map(|_| ()).map_err(|e| e.to_string()), Err(text.to_owned()));
        };
        check(true, "[a", "Unmatched [, [^, [:, [., or [=");
        check(true, "[[:nosuch:]]", "Invalid character class name");
        check(true, "(a", "Unmatched ( or \\(");
        check(false, "a\\)", "Unmatched ) or \\)");
        check(false, "\\1", "Invalid back reference");
        check(true, "a{2,1}", "Invalid content of \\{\\}");
        check(true, "a\\", "Trailing backslash");
        check(true, "((a{255}){255}){255}", "Regular expression too big");
    }

    #[test]
    fn no_expression_takes_for_ever() {
        let text = "a".repeat(2_000);
        let check = |expression: &str| {
            let regex = Regex::new(expression, Syntax { extended: true, ignore_case: false });
            regex.unwrap().find(&text, 0);
        };
        check("(a*)*b");
        check("(a|aa)+$");
        check("(.*)(.*)(.*)(.*)b\\1");
    }
}
