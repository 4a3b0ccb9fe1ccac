//! From text to tokens.

use super::format::{is_visible, quote};

/// A piece of a template.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) text: String,
    /// Where it begins, in bytes.
    pub(super) at: usize,
    /// The line where it begins, counted from 1.
    pub(super) line: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// What cannot be a token; the text says why. The last token.
    Error,
    /// The last token.
    End,
    /// What stands outside of actions.
    Text,
    LeftDelimiter,
    RightDelimiter,
    Space,
    /// `.`
    Dot,
    /// `.name`
    Field,
    /// `$`, `$name`
    Variable,
    /// The name of a function.
    Identifier,
    Keyword,
    Bool,
    Nil,
    Number,
    /// `'a'`
    Character,
    /// `"text"`
    String,
    /// `` `text` ``
    RawString,
    LeftParenthesis,
    RightParenthesis,
    Pipe,
    /// `:=`
    Declare,
    /// `=`
    Assign,
    /// Any other sign.
    Sign,
}

impl Token {
    /// As error texts show it.
    pub(super) fn show(&self) -> String {
        match self.kind {
            Kind::End => "EOF".to_owned(),
            Kind::Error => self.text.clone(),
            Kind::Keyword | Kind::Dot | Kind::Nil => format!("<{}>", self.text),
            _ if self.text.chars().count() > 10 => {
                let short: String = self.text.chars().take(10).collect();
                format!("{}...", quote(&short))
            }
            _ => quote(&self.text),
        }
    }
}

const KEYWORDS: [&str; 10] =
    ["block", "break", "continue", "define", "else", "end", "if", "range", "template", "with"];

/// The tokens of a template. The last one is the end or an error.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer { text, at: 0, line: 1, parentheses: 0, tokens: Vec::new() };
    if let Err(problem) = lexer.template() {
        lexer.push(Kind::Error, problem, lexer.at);
    }
    lexer.tokens
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    /// The line of the last token's end.
    line: usize,
    parentheses: usize,
    tokens: Vec<Token>,
}

type Lexed<T> = Result<T, String>;

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn accept(&mut self, any_of: &str) -> bool {
        let fits = self.peek().is_some_and(|c| any_of.contains(c));
        if fits {
            self.next();
        }
        fits
    }

    fn push(&mut self, kind: Kind, text: String, start: usize) {
        let (at, line) = (start, self.line);
        self.line += text.matches('\n').count();
        self.tokens.push(Token { kind, text, at, line });
    }

    /// Pushes what was taken since `start`.
    fn push_since(&mut self, kind: Kind, start: usize) {
        self.push(kind, self.text[start..self.at].to_owned(), start);
    }

    fn template(&mut self) -> Lexed<()> {
        while let Some(length) = self.rest().find("{{") {
            let start = self.at;
            let delimiter = start + length;
            let trims = trims_left(&self.text[delimiter + 2..]);
            let before = &self.text[start..delimiter];
            let kept = if trims { before.trim_end_matches(is_space) } else { before };
            if !kept.is_empty() {
                self.push(Kind::Text, kept.to_owned(), start);
            }
            self.line += before[kept.len()..].matches('\n').count();
            self.at = delimiter;
            let after_marker = delimiter + 2 + if trims { 2 } else { 0 };
            if self.text[after_marker..].starts_with("/*") {
                self.comment(after_marker)?;
                continue;
            }
            self.at = delimiter + 2;
            self.push_since(Kind::LeftDelimiter, delimiter);
            let marker = &self.text[self.at..after_marker];
            self.line += marker.matches('\n').count();
            self.at = after_marker;
            self.action()?;
        }
        let start = self.at;
        self.at = self.text.len();
        if start < self.at {
            self.push_since(Kind::Text, start);
        }
        self.push(Kind::End, String::new(), self.at);
        Ok(())
    }

    /// `{{/* ... */}}`; the delimiter and its marker are taken with it.
    fn comment(&mut self, start: usize) -> Lexed<()> {
        let Some(length) = self.text[start..].find("*/") else {
            return Err("unclosed comment".to_owned());
        };
        let before = self.at;
        self.at = start + length + 2;
        let Some(trims) = self.at_right_delimiter() else {
            return Err("comment ends before closing delimiter".to_owned());
        };
        self.skip_right_delimiter(trims);
        self.line += self.text[before..self.at].matches('\n').count();
        Ok(())
    }

    /// Whether an action ends here, and whether it trims the space behind it.
    fn at_right_delimiter(&self) -> Option<bool> {
        let rest = self.rest();
        let trims = rest.starts_with(is_space) && rest[1..].starts_with("-}}");
        (trims || rest.starts_with("}}")).then_some(trims)
    }

    fn skip_right_delimiter(&mut self, trims: bool) {
        self.at += if trims { 4 } else { 2 };
        if trims {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start_matches(is_space).len();
        }
    }

    /// The tokens up to the end of the action.
    fn action(&mut self) -> Lexed<()> {
        self.parentheses = 0;
        loop {
            let start = self.at;
            if let Some(trims) = self.at_right_delimiter() {
                if self.parentheses > 0 {
                    return Err("unclosed left paren".to_owned());
                }
                self.skip_right_delimiter(trims);
                self.push(Kind::RightDelimiter, "}}".to_owned(), start);
                self.line += self.text[start..self.at].matches('\n').count();
                return Ok(());
            }
            let Some(c) = self.next() else {
                return Err("unclosed action".to_owned());
            };
            match c {
                ' ' | '\t' | '\r' | '\n' => self.space(start),
                '=' => self.push_since(Kind::Assign, start),
                ':' if self.accept("=") => self.push_since(Kind::Declare, start),
                ':' => return Err("expected :=".to_owned()),
                '|' => self.push_since(Kind::Pipe, start),
                '"' => self.quoted('"', Kind::String, "unterminated quoted string", start)?,
                '`' => self.raw_string(start)?,
                '\'' => {
                    let problem = "unterminated character constant";
                    self.quoted('\'', Kind::Character, problem, start)?;
                }
                '$' => self.name_of(Kind::Variable, Kind::Variable, start)?,
                '.' if self.peek().is_some_and(|c| !c.is_ascii_digit()) => {
                    self.name_of(Kind::Field, Kind::Dot, start)?;
                }
                '+' | '-' | '.' | '0'..='9' => self.number(start)?,
                c if is_alphanumeric(c) => self.word(start)?,
                '(' => {
                    self.parentheses += 1;
                    self.push_since(Kind::LeftParenthesis, start);
                }
                ')' if self.parentheses == 0 => return Err("unexpected right paren".to_owned()),
                ')' => {
                    self.parentheses -= 1;
                    self.push_since(Kind::RightParenthesis, start);
                }
                '!'..='~' => self.push_since(Kind::Sign, start),
                c => return Err(format!("unrecognized character in action: {}", character(c))),
            }
        }
    }

    fn space(&mut self, start: usize) {
        // The space of ` -}}` belongs to the delimiter.
        self.at = start;
        while self.peek().is_some_and(is_space) && self.at_right_delimiter() != Some(true) {
            self.next();
        }
        self.push_since(Kind::Space, start);
    }

    /// A name behind a dot or a dollar sign; without a name it is `alone`.
    fn name_of(&mut self, kind: Kind, alone: Kind, start: usize) -> Lexed<()> {
        if self.at_terminator() {
            self.push_since(alone, start);
            return Ok(());
        }
        self.skip_name()?;
        self.push_since(kind, start);
        Ok(())
    }

    fn skip_name(&mut self) -> Lexed<()> {
        while self.peek().is_some_and(is_alphanumeric) {
            self.next();
        }
        match self.peek() {
            Some(c) if !self.at_terminator() => Err(format!("bad character {}", character(c))),
            _ => Ok(()),
        }
    }

    fn word(&mut self, start: usize) -> Lexed<()> {
        self.skip_name()?;
        let kind = match &self.text[start..self.at] {
            "true" | "false" => Kind::Bool,
            "nil" => Kind::Nil,
            word if KEYWORDS.contains(&word) => Kind::Keyword,
            _ => Kind::Identifier,
        };
        self.push_since(kind, start);
        Ok(())
    }

    /// Whether a name may end here.
    fn at_terminator(&self) -> bool {
        match self.peek() {
            None | Some('.' | ',' | '|' | ':' | ')' | '(') => true,
            Some(c) => is_space(c) || self.rest().starts_with("}}"),
        }
    }

    fn quoted(&mut self, quote: char, kind: Kind, problem: &str, start: usize) -> Lexed<()> {
        loop {
            match self.next() {
                Some('\\') if self.peek().is_some_and(|c| c != '\n') => {
                    self.next();
                }
                None | Some('\n' | '\\') => return Err(problem.to_owned()),
                Some(c) if c == quote => break,
                Some(_) => {}
            }
        }
        self.push_since(kind, start);
        Ok(())
    }

    fn raw_string(&mut self, start: usize) -> Lexed<()> {
        let Some(length) = self.rest().find('`') else {
            return Err("unterminated raw quoted string".to_owned());
        };
        self.at += length + 1;
        self.push_since(Kind::RawString, start);
        Ok(())
    }

    fn number(&mut self, start: usize) -> Lexed<()> {
        self.at = start;
        if !self.skip_number() {
            return Err(self.bad_number(start));
        }
        // Only complex numbers have two parts, and those are not supported.
        if matches!(self.peek(), Some('+' | '-')) {
            self.skip_number();
            return Err(self.bad_number(start));
        }
        self.push_since(Kind::Number, start);
        Ok(())
    }

    /// Takes what looks like a number; false if something else is glued to it.
    fn skip_number(&mut self) -> bool {
        self.accept("+-");
        let (mut digits, mut exponent) = ("0123456789_", "eE");
        if self.accept("0") {
            if self.accept("xX") {
                (digits, exponent) = ("0123456789abcdefABCDEF_", "pP");
            } else if self.accept("oO") {
                (digits, exponent) = ("01234567_", "");
            } else if self.accept("bB") {
                (digits, exponent) = ("01_", "");
            }
        }
        while self.accept(digits) {}
        if self.accept(".") {
            while self.accept(digits) {}
        }
        if self.accept(exponent) {
            self.accept("+-");
            while self.accept("0123456789_") {}
        }
        self.accept("i");
        let is_glued = self.peek().is_some_and(is_alphanumeric);
        if is_glued {
            self.next();
        }
        !is_glued
    }

    fn bad_number(&self, start: usize) -> String {
        format!("bad number syntax: {}", quote(&self.text[start..self.at]))
    }
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn is_alphanumeric(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// Whether `{{- ` begins here, behind its braces.
fn trims_left(text: &str) -> bool {
    text.strip_prefix('-').is_some_and(|rest| rest.starts_with(is_space))
}

/// `U+0026 '&'`
fn character(c: char) -> String {
    let code = u32::from(c);
    if is_visible(c) { format!("U+{code:04X} '{c}'") } else { format!("U+{code:04X}") }
}
