//! What a line editor's completion needs to know: which word the cursor is in, and what it is.

/// What kind of word is being typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordKind {
    /// A command's name.
    Command,
    /// An argument of the command in [`Completion::command`].
    Argument,
    /// The name of a variable after `$` or `${`.
    Variable,
    /// The file of a redirection.
    Redirection,
}

/// The word at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// Where the word begins in the line, in bytes. For a variable, after the `$`.
    pub start: usize,
    /// What stands there up to the cursor, without quotes.
    pub word: String,
    /// What it is.
    pub kind: WordKind,
    /// The words of the same command before it, without quotes.
    pub command: Vec<String>,
    /// The quote that is open at the cursor.
    pub quote: Option<char>,
}

/// Words after which a command begins.
const LEADING: [&str; 11] =
    ["if", "then", "else", "elif", "while", "until", "do", "!", "{", "time", "exec"];

#[derive(Default)]
struct Scan {
    start: usize,
    word: String,
    in_word: bool,
    command: Vec<String>,
    redirection: bool,
    quote: Option<char>,
    variable: Option<usize>,
    /// What is around the substitution that the scan is in.
    outer: Vec<Outer>,
}

/// A command within which a substitution stands.
struct Outer {
    command: Vec<String>,
    quote: Option<char>,
    redirection: bool,
    /// Where the word with the substitution begins, and what stands there before it.
    start: usize,
    word: String,
    /// Where the substitution begins.
    opened: usize,
}

impl Scan {
    fn begin(&mut self, at: usize) {
        if !self.in_word {
            self.in_word = true;
            self.start = at;
            self.word.clear();
        }
    }

    fn push(&mut self, at: usize, character: char) {
        self.begin(at);
        self.word.push(character);
    }

    fn end_word(&mut self) {
        if !std::mem::take(&mut self.in_word) {
            return;
        }
        let word = std::mem::take(&mut self.word);
        if std::mem::take(&mut self.redirection) {
            return;
        }
        let is_first = self.command.is_empty();
        let is_assignment = word.split_once('=').is_some_and(|(name, _)| super::is_name(name));
        if is_first && (is_assignment || LEADING.contains(&word.as_str())) {
            return;
        }
        self.command.push(word);
    }

    fn end_command(&mut self) {
        self.end_word();
        self.command.clear();
        self.redirection = false;
    }

    fn open_substitution(&mut self, at: usize) {
        self.begin(at);
        self.in_word = false;
        self.outer.push(Outer {
            command: std::mem::take(&mut self.command),
            quote: self.quote.take(),
            redirection: std::mem::take(&mut self.redirection),
            start: self.start,
            word: std::mem::take(&mut self.word),
            opened: at,
        });
    }

    /// The substitution is part of a word, as it stands.
    fn close_substitution(&mut self, text: &str, end: usize) {
        let Some(outer) = self.outer.pop() else { return };
        self.in_word = true;
        self.start = outer.start;
        self.word = outer.word + text.get(outer.opened..end).unwrap_or_default();
        self.command = outer.command;
        self.quote = outer.quote;
        self.redirection = outer.redirection;
    }

    fn operator(&mut self, character: char) {
        match character {
            '<' | '>' => {
                // A descriptor's number before it is no word.
                if self.in_word && self.word.chars().all(|c| c.is_ascii_digit()) {
                    self.in_word = false;
                }
                self.end_word();
                self.redirection = true;
            }
            _ => self.end_command(),
        }
    }
}

/// Finds out about the word at the cursor, which is at byte `cursor` of `line`.
///
/// ```
/// use shell::{WordKind, completion};
/// let found = completion("echo a; kubectl get po", 22);
/// assert_eq!((found.kind, found.start, &*found.word), (WordKind::Argument, 20, "po"));
/// assert_eq!(found.command, ["kubectl", "get"]);
/// ```
pub fn completion(line: &str, cursor: usize) -> Completion {
    let cursor = (0..=cursor.min(line.len())).rev().find(|at| line.is_char_boundary(*at));
    let text = line.get(..cursor.unwrap_or(0)).unwrap_or_default();
    let mut scan = Scan::default();
    let mut chars = text.char_indices().peekable();
    while let Some((at, character)) = chars.next() {
        if let Some(start) = scan.variable {
            if super::substitution::is_name_character(character)
                || (at == start && character == '{')
            {
                scan.push(at, character);
                continue;
            }
            scan.variable = None;
        }
        match (character, scan.quote) {
            ('\'', Some('\'')) | ('"', Some('"')) => scan.quote = None,
            (other, Some('\'')) => scan.push(at, other),
            ('\\', _) => {
                scan.begin(at);
                if let Some((_, next)) = chars.next() {
                    scan.word.push(next);
                }
            }
            ('$', _) if matches!(chars.peek(), Some((_, '('))) => {
                chars.next();
                scan.open_substitution(at);
            }
            ('$', _) => {
                scan.push(at, '$');
                scan.variable = Some(at + 1);
            }
            (other, Some(_)) => scan.push(at, other),
            (quote @ ('\'' | '"'), None) => {
                scan.begin(at);
                scan.quote = Some(quote);
            }
            (')' | '`', None) if !scan.outer.is_empty() => scan.close_substitution(text, at + 1),
            ('`', None) => scan.open_substitution(at),
            (' ' | '\t', None) => scan.end_word(),
            (operator @ ('\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>'), None) => {
                scan.operator(operator);
            }
            (other, None) => scan.push(at, other),
        }
    }
    finish(scan, text)
}

fn finish(mut scan: Scan, text: &str) -> Completion {
    if let Some(start) = scan.variable {
        let name = text.get(start..).unwrap_or_default();
        let skip = usize::from(name.starts_with('{'));
        return Completion {
            start: start + skip,
            word: name.get(skip..).unwrap_or_default().to_owned(),
            kind: WordKind::Variable,
            command: scan.command,
            quote: scan.quote,
        };
    }
    scan.begin(text.len());
    let kind = if scan.redirection {
        WordKind::Redirection
    } else if scan.command.is_empty() {
        WordKind::Command
    } else {
        WordKind::Argument
    };
    Completion {
        start: scan.start,
        word: scan.word,
        kind,
        command: scan.command,
        quote: scan.quote,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, kind: WordKind, word: &str, command: &[&str]) {
        let found = completion(line, line.len());
        assert_eq!((found.kind, &*found.word), (kind, word), "{line}");
        assert_eq!(found.command, command, "{line}");
    }

    #[test]
    fn the_word_at_the_cursor() {
        check("", WordKind::Command, "", &[]);
        check("kube", WordKind::Command, "kube", &[]);
        check("kubectl ", WordKind::Argument, "", &["kubectl"]);
        check("a | kubectl get 'po d", WordKind::Argument, "po d", &["kubectl", "get"]);
        check("if true; then ec", WordKind::Command, "ec", &[]);
        check("X=1 ec", WordKind::Command, "ec", &[]);
        check("echo $HO", WordKind::Variable, "HO", &["echo"]);
        check("echo \"${HO", WordKind::Variable, "HO", &["echo"]);
        check("cat <fi", WordKind::Redirection, "fi", &["cat"]);
        check("cat 2>fi", WordKind::Redirection, "fi", &["cat"]);
        check("echo $(kubectl ge", WordKind::Argument, "ge", &["kubectl"]);
        check("echo $(ls) x", WordKind::Argument, "x", &["echo", "$(ls)"]);
        check("echo a$(ls -l)", WordKind::Argument, "a$(ls -l)", &["echo"]);
        check("cat my\\ fi", WordKind::Argument, "my fi", &["cat"]);
    }
}
