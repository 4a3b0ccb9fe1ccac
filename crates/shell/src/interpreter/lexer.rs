//! Characters into tokens.

use super::ast::{Part, Word};
use super::dialect::Dialect;
use super::syntax_error::{Opening, SyntaxError, SyntaxErrorKind, Token};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Words that stand for other words where a command begins.
pub(crate) type Aliases = BTreeMap<Box<str>, Box<str>>;

/// How deep commands, quotes and expansions may be nested.
const LIMIT_DEPTH: u32 = 60;
/// How often an alias may be replaced in one text.
const LIMIT_ALIASES: u32 = 1000;

pub(crate) type Parsed<T> = Result<T, SyntaxError>;

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Word(Word),
    /// Digits right before a redirection.
    Descriptor(u32),
    /// bash's `{name}` right before a redirection: it chooses the number.
    NamedDescriptor(Rc<str>),
    Operator(&'static str),
    Newline,
    End,
}

#[derive(Clone, Debug)]
pub(crate) struct Lexeme {
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) line: u32,
}

impl Lexeme {
    /// The operator that this is.
    pub(crate) fn operator(&self) -> Option<&'static str> {
        if let Kind::Operator(text) = self.kind { Some(text) } else { None }
    }

    pub(crate) fn is(&self, operator: &str) -> bool {
        self.operator() == Some(operator)
    }

    /// The text of a word without quotes, such as a keyword.
    pub(crate) fn literal(&self) -> Option<&str> {
        if let Kind::Word(word) = &self.kind { word.as_literal() } else { None }
    }
}

/// What bash knows beyond POSIX comes where it is a longer match.
const OPERATORS: [&str; 23] = [
    "&>>", "<<<", "<<-", ";;&", "&&", "||", ";;", ";&", "<<", ">>", "<&", ">&", "<>", ">|", "&>",
    "|&", ";", "&", "|", "(", ")", "<", ">",
];
const BASH_ONLY: [&str; 6] = ["&>>", "<<<", ";;&", ";&", "&>", "|&"];

pub(crate) const REDIRECTIONS: [&str; 12] =
    ["&>>", "<<<", "<<-", "<<", ">>", "<&", ">&", "<>", ">|", "&>", "<", ">"];

/// What an unquoted word ends at.
pub(crate) fn is_meta(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>')
}

/// Where the parts of a word stand, which decides what is special there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quoting {
    /// A plain word.
    None,
    /// Within `"`.
    Double,
    /// The text of a here-document: like double quotes, but `"` is a character.
    HereDocument,
    /// Within `$(( ))`.
    Arithmetic,
}

pub(crate) struct Lexer {
    pub(super) chars: Vec<char>,
    pub(super) position: usize,
    pub(super) line: u32,
    pub(super) dialect: Dialect,
    pub(super) extended_patterns: bool,
    pub(super) aliases: Rc<Aliases>,
    aliases_left: u32,
    /// Aliases that are being expanded, with the place up to which their text reaches.
    active_aliases: Vec<(Box<str>, usize)>,
    pub(super) depth: u32,
}

impl Lexer {
    pub(crate) fn new(source: &str, dialect: Dialect) -> Lexer {
        Lexer {
            chars: source.chars().collect(),
            position: 0,
            line: 1,
            dialect,
            extended_patterns: false,
            aliases: Rc::default(),
            aliases_left: LIMIT_ALIASES,
            active_aliases: Vec::new(),
            depth: 0,
        }
    }

    /// A lexer of a whole script. bash ends every script with a newline, which its messages
    /// show.
    pub(crate) fn of_script(source: &str, dialect: Dialect) -> Lexer {
        let mut lexer = Lexer::new(source, dialect);
        let backslashes = source.chars().rev().take_while(|c| *c == '\\').count();
        if dialect.is_bash() && !source.ends_with('\n') && backslashes % 2 == 0 {
            lexer.chars.push('\n');
        }
        lexer
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.chars.get(self.position).copied()
    }

    pub(crate) fn peek_at(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.position + ahead).copied()
    }

    pub(crate) fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.position += 1;
        if character == '\n' {
            self.line += 1;
        }
        Some(character)
    }

    pub(crate) fn starts_with(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(ahead, character)| self.peek_at(ahead) == Some(character))
    }

    /// Passes over `text` if it stands here.
    pub(crate) fn accept(&mut self, text: &str) -> bool {
        let found = self.starts_with(text);
        if found {
            for _ in text.chars() {
                self.next();
            }
        }
        found
    }

    pub(crate) fn slice(&self, start: usize, end: usize) -> String {
        self.chars.get(start..end).unwrap_or_default().iter().collect()
    }

    pub(crate) fn error(&self, kind: SyntaxErrorKind) -> SyntaxError {
        self.error_at(kind, self.position, self.line)
    }

    pub(crate) fn error_at(&self, kind: SyntaxErrorKind, at: usize, line: u32) -> SyntaxError {
        let before = self.chars.get(..at.min(self.chars.len())).unwrap_or_default();
        let start = before.iter().rposition(|c| *c == '\n').map_or(0, |found| found + 1);
        let after = self.chars.get(start..).unwrap_or_default();
        let line_text = after.iter().take_while(|c| **c != '\n').collect();
        SyntaxError { kind, line, line_text }
    }

    pub(crate) fn unterminated(&self, opening: Opening, line: u32) -> SyntaxError {
        self.error_at(SyntaxErrorKind::Unterminated(opening), self.position, line)
    }

    /// Goes one level deeper; the caller comes back with [`Lexer::leave`].
    pub(crate) fn enter(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > LIMIT_DEPTH {
            return Err(self.error(SyntaxErrorKind::TooDeep));
        }
        Ok(())
    }

    pub(crate) fn leave(&mut self) {
        self.depth -= 1;
    }

    fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(' ' | '\t') => {
                    self.next();
                }
                Some('\\') if self.peek_at(1) == Some('\n') => {
                    self.accept("\\\n");
                }
                Some('#') => {
                    while self.peek().is_some_and(|character| character != '\n') {
                        self.next();
                    }
                }
                _ => return,
            }
        }
    }

    /// The next token.
    pub(crate) fn lexeme(&mut self) -> Parsed<Lexeme> {
        self.skip_blanks();
        let (start, line) = (self.position, self.line);
        let kind = match self.peek() {
            None => Kind::End,
            Some('\n') => {
                self.next();
                Kind::Newline
            }
            Some('<' | '>') if self.dialect.is_bash() && self.peek_at(1) == Some('(') => {
                Kind::Word(self.word()?)
            }
            Some(_) => match self.operator() {
                Some(operator) => Kind::Operator(operator),
                None => self.word_or_descriptor()?,
            },
        };
        Ok(Lexeme { kind, start, end: self.position, line })
    }

    fn operator(&mut self) -> Option<&'static str> {
        let bash = self.dialect.has_bash_words();
        let known = OPERATORS.iter().filter(|operator| bash || !BASH_ONLY.contains(operator));
        for operator in known {
            // busybox has `&>` but not these.
            let is_missing = self.dialect == Dialect::Ash
                && matches!(*operator, ";&" | ";;&" | "|&" | "&>>" | "<<<");
            if !is_missing && self.accept(operator) {
                return Some(operator);
            }
        }
        None
    }

    fn word_or_descriptor(&mut self) -> Parsed<Kind> {
        let digits: usize = (0..)
            .take_while(|ahead| {
                self.peek_at(*ahead).is_some_and(|character| character.is_ascii_digit())
            })
            .count();
        if digits > 0 && matches!(self.peek_at(digits), Some('<' | '>')) {
            let text = self.slice(self.position, self.position + digits);
            if let Ok(number) = text.parse() {
                self.position += digits;
                return Ok(Kind::Descriptor(number));
            }
        }
        if self.dialect.is_bash()
            && let Some(name) = self.named_descriptor()
        {
            return Ok(Kind::NamedDescriptor(name));
        }
        Ok(Kind::Word(self.word()?))
    }

    fn named_descriptor(&mut self) -> Option<Rc<str>> {
        let rest = self.chars.get(self.position..)?;
        let rest = rest.strip_prefix(&['{'])?;
        let length = rest.iter().position(|c| *c == '}')?;
        let name: String = rest.get(..length)?.iter().collect();
        let is_redirection = matches!(rest.get(length + 1), Some('<' | '>'));
        if !is_redirection || !super::substitution::is_name(&name) {
            return None;
        }
        self.position += length + 2;
        Some(name.into())
    }

    /// A plain word, up to the next metacharacter.
    pub(crate) fn word(&mut self) -> Parsed<Word> {
        self.enter()?;
        let mut parts = Vec::new();
        while let Some(character) = self.peek() {
            let is_process = matches!(character, '<' | '>')
                && self.dialect.is_bash()
                && self.peek_at(1) == Some('(');
            if is_process && parts.is_empty() {
                parts.push(self.process_substitution()?);
                continue;
            }
            if self.extended_patterns && self.at_extended_pattern() {
                self.extended_pattern(&mut parts)?;
                continue;
            }
            if is_meta(character) {
                break;
            }
            self.part(&mut parts, Quoting::None)?;
        }
        self.leave();
        Ok(Word(parts))
    }

    fn at_extended_pattern(&self) -> bool {
        matches!(self.peek(), Some('?' | '*' | '+' | '@' | '!')) && self.peek_at(1) == Some('(')
    }

    /// `@(a|b)`: its parentheses belong to the word.
    fn extended_pattern(&mut self, parts: &mut Vec<Part>) -> Parsed<()> {
        self.enter()?;
        for _ in 0..2 {
            push_literal(parts, self.next());
        }
        loop {
            match self.peek() {
                None => return Err(self.unterminated(Opening::Parenthesis, self.line)),
                Some(')') => break,
                Some(_) if self.at_extended_pattern() => self.extended_pattern(parts)?,
                Some(character) if is_meta(character) => {
                    push_literal(parts, self.next());
                }
                Some(_) => self.part(parts, Quoting::None)?,
            }
        }
        push_literal(parts, self.next());
        self.leave();
        Ok(())
    }

    /// One piece of a word: a quoted string, an expansion or a character.
    pub(crate) fn part(&mut self, parts: &mut Vec<Part>, quoting: Quoting) -> Parsed<()> {
        let is_plain = quoting == Quoting::None;
        match self.peek() {
            Some('\\') => self.backslash(parts, quoting),
            Some('\'') if is_plain => {
                self.next();
                parts.push(Part::Quoted(self.single_quoted()?));
            }
            Some('"') if quoting != Quoting::HereDocument => {
                self.next();
                parts.push(self.double_quoted()?);
            }
            Some('$') => self.dollar(parts, quoting)?,
            Some('`') => {
                self.next();
                parts.push(self.back_quoted(quoting == Quoting::Double)?);
            }
            _ => push_literal(parts, self.next()),
        }
        Ok(())
    }

    fn backslash(&mut self, parts: &mut Vec<Part>, quoting: Quoting) {
        self.next();
        let special = match quoting {
            Quoting::None => true,
            Quoting::Double | Quoting::Arithmetic => {
                matches!(self.peek(), Some('$' | '`' | '"' | '\\' | '\n'))
            }
            Quoting::HereDocument => matches!(self.peek(), Some('$' | '`' | '\\' | '\n')),
        };
        if !special {
            push_literal(parts, Some('\\'));
            return;
        }
        match self.next() {
            Some('\n') => {}
            Some(character) => parts.push(Part::Quoted(character.to_string())),
            // A backslash at the very end stands for itself.
            None => push_literal(parts, Some('\\')),
        }
    }

    fn single_quoted(&mut self) -> Parsed<String> {
        let line = self.line;
        let mut text = String::new();
        loop {
            match self.next() {
                Some('\'') => return Ok(text),
                Some(character) => text.push(character),
                None => return Err(self.unterminated(Opening::SingleQuote, line)),
            }
        }
    }

    fn double_quoted(&mut self) -> Parsed<Part> {
        let line = self.line;
        self.enter()?;
        let mut parts = Vec::new();
        loop {
            match self.peek() {
                Some('"') => {
                    self.next();
                    self.leave();
                    return Ok(Part::DoubleQuoted(parts));
                }
                Some(_) => self.part(&mut parts, Quoting::Double)?,
                None => return Err(self.unterminated(Opening::DoubleQuote, line)),
            }
        }
    }

    /// Replaces the word that was just read by the alias it names; `false` if it names none.
    pub(crate) fn expand_alias(&mut self, lexeme: &Lexeme) -> bool {
        self.active_aliases.retain(|(_, end)| *end > lexeme.start);
        let aliases = self.aliases.clone();
        let Some(value) = lexeme.literal().and_then(|name| aliases.get(name)) else {
            return false;
        };
        let name = lexeme.literal().unwrap_or_default();
        let is_active = self.active_aliases.iter().any(|(active, _)| **active == *name);
        if is_active || self.aliases_left == 0 {
            return false;
        }
        self.aliases_left -= 1;
        let text: Vec<char> = value.chars().collect();
        let grown = text.len() as isize - (lexeme.end - lexeme.start) as isize;
        for (_, end) in &mut self.active_aliases {
            *end = end.saturating_add_signed(grown);
        }
        self.active_aliases.push((name.into(), lexeme.start + text.len()));
        self.chars.splice(lexeme.start..lexeme.end, text);
        self.position = lexeme.start;
        self.line = lexeme.line;
        true
    }

    /// What messages call a token.
    pub(crate) fn describe(&self, lexeme: &Lexeme) -> Token {
        match &lexeme.kind {
            Kind::End => Token::End,
            Kind::Newline => Token::Newline,
            Kind::Operator(text) if REDIRECTIONS.contains(text) => {
                Token::Redirection((*text).to_owned())
            }
            Kind::Operator(text) => Token::Operator((*text).to_owned()),
            Kind::Descriptor(number) => Token::Redirection(number.to_string()),
            Kind::NamedDescriptor(name) => Token::Redirection(format!("{{{name}}}")),
            Kind::Word(_) => Token::Word(self.slice(lexeme.start, lexeme.end)),
        }
    }
}

pub(crate) fn push_literal(parts: &mut Vec<Part>, character: Option<char>) {
    let Some(character) = character else {
        return;
    };
    match parts.last_mut() {
        Some(Part::Literal(text)) => text.push(character),
        _ => parts.push(Part::Literal(character.to_string())),
    }
}
