//! Characters into tokens.

/// What is wrong with a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AwkError {
    pub(super) line: usize,
    pub(super) kind: ErrorKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ErrorKind {
    /// The token that cannot stand there.
    Syntax(String),
    End,
    UnterminatedString,
    UnterminatedRegex,
    Regex(String, String),
    UnknownFunction(String),
    TooDeep,
    BadUse(&'static str),
}

impl AwkError {
    pub(super) fn text(&self) -> String {
        match &self.kind {
            ErrorKind::Syntax(token) => format!("syntax error at or near {token}"),
            ErrorKind::End => "syntax error at or near end of file".to_owned(),
            ErrorKind::UnterminatedString => "runaway string constant".to_owned(),
            ErrorKind::UnterminatedRegex => "runaway regular expression".to_owned(),
            ErrorKind::Regex(text, why) => {
                format!("regular expression compile failed ({why})\n{text}")
            }
            ErrorKind::UnknownFunction(name) => format!("function {name} never defined"),
            ErrorKind::TooDeep => "program too deeply nested".to_owned(),
            ErrorKind::BadUse(what) => (*what).to_owned(),
        }
    }

    pub(super) fn busybox_text(&self) -> String {
        match &self.kind {
            ErrorKind::Syntax(_) | ErrorKind::UnterminatedRegex | ErrorKind::TooDeep => {
                "Unexpected token".to_owned()
            }
            ErrorKind::End => "Unexpected end of string".to_owned(),
            ErrorKind::UnterminatedString => "Unexpected end of string".to_owned(),
            ErrorKind::Regex(text, why) => format!("bad regex '{text}': {why}"),
            ErrorKind::UnknownFunction(_) => "Call to undefined function".to_owned(),
            ErrorKind::BadUse(what) => (*what).to_owned(),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Text(String),
    Regex(String),
    Name(String),
    /// A name right before a parenthesis.
    Call(String),
    Keyword(&'static str),
    Mark(&'static str),
    Newline,
    End,
}

const KEYWORDS: [&str; 20] = [
    "BEGIN", "END", "function", "func", "if", "else", "while", "for", "do", "break", "continue",
    "next", "nextfile", "exit", "return", "delete", "in", "getline", "print", "printf",
];

const MARKS: [&str; 44] = [
    "**=", "&&", "||", "==", "<=", ">=", "!=", "++", "--", "+=", "-=", "*=", "/=", "%=", "^=",
    "**", ">>", "!~", "{", "}", "(", ")", "[", "]", ";", ",", "+", "-", "*", "/", "%", "^", "!",
    "<", ">", "|", "?", ":", "~", "$", "=", "&", "@", "\\",
];

pub(super) struct Lexer {
    chars: Vec<char>,
    position: usize,
    pub(super) line: usize,
}

impl Lexer {
    pub(super) fn new(source: &str) -> Lexer {
        Lexer { chars: source.chars().collect(), position: 0, line: 1 }
    }

    /// Where it is, to come back.
    pub(super) fn place(&self) -> (usize, usize) {
        (self.position, self.line)
    }

    pub(super) fn go_to(&mut self, position: usize, line: usize) {
        (self.position, self.line) = (position, line);
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.position).copied()
    }

    fn error<T>(&self, kind: ErrorKind) -> Result<T, AwkError> {
        Err(AwkError { line: self.line, kind })
    }

    fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(' ' | '\t' | '\r') => self.position += 1,
                Some('\\') if self.chars.get(self.position + 1) == Some(&'\n') => {
                    self.position += 2;
                    self.line += 1;
                }
                Some('#') => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.position += 1;
                    }
                }
                _ => return,
            }
        }
    }

    /// The next token. `operand`: where an operand may stand, `/` begins an expression.
    pub(super) fn next(&mut self, operand: bool) -> Result<Token, AwkError> {
        self.skip_blanks();
        let Some(character) = self.peek() else {
            return Ok(Token::End);
        };
        match character {
            '\n' => {
                self.position += 1;
                self.line += 1;
                Ok(Token::Newline)
            }
            '"' => self.string(),
            '/' if operand => self.regex(),
            '0'..='9' => Ok(self.number()),
            '.' if self.chars.get(self.position + 1).is_some_and(char::is_ascii_digit) => {
                Ok(self.number())
            }
            c if c.is_ascii_alphabetic() || c == '_' => Ok(self.word()),
            _ => {
                let found = MARKS.iter().find(|mark| {
                    mark.chars()
                        .enumerate()
                        .all(|(n, c)| self.chars.get(self.position + n) == Some(&c))
                });
                match found {
                    Some(mark) => {
                        self.position += mark.len();
                        Ok(Token::Mark(match *mark {
                            "**" => "^",
                            "**=" => "^=",
                            mark => mark,
                        }))
                    }
                    None => self.error(ErrorKind::Syntax(character.to_string())),
                }
            }
        }
    }

    fn string(&mut self) -> Result<Token, AwkError> {
        self.position += 1;
        let mut raw = String::new();
        loop {
            match self.peek() {
                None | Some('\n') => return self.error(ErrorKind::UnterminatedString),
                Some('"') => break,
                Some('\\') => {
                    raw.push('\\');
                    self.position += 1;
                    match self.peek() {
                        Some('\n') => {
                            raw.pop();
                            self.line += 1;
                        }
                        Some(next) => raw.push(next),
                        None => return self.error(ErrorKind::UnterminatedString),
                    }
                }
                Some(other) => raw.push(other),
            }
            self.position += 1;
        }
        self.position += 1;
        Ok(Token::Text(unescape(&raw)))
    }

    fn regex(&mut self) -> Result<Token, AwkError> {
        self.position += 1;
        let mut text = String::new();
        let mut in_brackets = false;
        loop {
            match self.peek() {
                None | Some('\n') => return self.error(ErrorKind::UnterminatedRegex),
                Some('/') if !in_brackets => break,
                Some('\\') => {
                    self.position += 1;
                    match self.peek() {
                        Some('/') => text.push('/'),
                        Some(next) => {
                            text.push('\\');
                            text.push(next);
                        }
                        None => return self.error(ErrorKind::UnterminatedRegex),
                    }
                }
                Some(other) => {
                    match other {
                        '[' => in_brackets = true,
                        ']' => in_brackets = false,
                        _ => {}
                    }
                    text.push(other);
                }
            }
            self.position += 1;
        }
        self.position += 1;
        Ok(Token::Regex(text))
    }

    fn number(&mut self) -> Token {
        let start = self.position;
        let digits = |lexer: &mut Lexer| {
            while lexer.peek().is_some_and(|c| c.is_ascii_digit()) {
                lexer.position += 1;
            }
        };
        digits(self);
        if self.peek() == Some('.') {
            self.position += 1;
            digits(self);
        }
        if let Some('e' | 'E') = self.peek() {
            let sign = usize::from(matches!(self.chars.get(self.position + 1), Some('+' | '-')));
            if self.chars.get(self.position + 1 + sign).is_some_and(char::is_ascii_digit) {
                self.position += 1 + sign;
                digits(self);
            }
        }
        let text: String =
            self.chars.get(start..self.position).unwrap_or_default().iter().collect();
        Token::Number(text.parse().unwrap_or(0.0))
    }

    fn word(&mut self) -> Token {
        let start = self.position;
        while self.peek().is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
            self.position += 1;
        }
        let word: String =
            self.chars.get(start..self.position).unwrap_or_default().iter().collect();
        let keyword = KEYWORDS.iter().find(|keyword| **keyword == word);
        match keyword {
            Some(&"func") => Token::Keyword("function"),
            Some(keyword) => Token::Keyword(keyword),
            None if self.peek() == Some('(') => Token::Call(word),
            None => Token::Name(word),
        }
    }
}

/// Replaces the escapes of a string.
pub(super) fn unescape(raw: &str) -> String {
    if !raw.contains('\\') {
        return raw.to_owned();
    }
    let mut text = String::new();
    let mut chars = raw.chars().peekable();
    while let Some(character) = chars.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        if chars.peek() == Some(&'/') {
            chars.next();
            text.push('/');
            continue;
        }
        match crate::escapes::read(&mut chars, crate::escapes::Style::FORMAT) {
            crate::escapes::Escape::Text(piece) => text.push_str(&piece),
            _ => text.push('\\'),
        }
    }
    crate::escapes::rejoin(text)
}
