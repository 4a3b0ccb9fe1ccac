//! What can be wrong with a script's syntax.

/// Why a text could not be parsed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("syntax error in line {line}")]
pub struct SyntaxError {
    pub(crate) kind: SyntaxErrorKind,
    /// Where, from 1.
    pub line: u32,
    /// The whole line, which bash repeats.
    pub(crate) line_text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SyntaxErrorKind {
    /// A token that cannot stand there: its text, what kind it is, what was expected.
    Unexpected {
        token: Token,
        expecting: Option<&'static str>,
    },
    /// A quote, bracket or parenthesis that is never closed.
    Unterminated(Opening),
    BadLoopVariable,
    BadFunctionName(String),
    BadSubstitution,
    /// Nested too deeply for this machine.
    TooDeep,
    /// Something wrong within `[[ ]]`.
    Conditional(String, Token),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    End,
    Newline,
    /// The text; a redirection operator is named by ash as such.
    Operator(String),
    Redirection(String),
    Word(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    SingleQuote,
    DoubleQuote,
    BackQuote,
    Parenthesis,
    Brace,
    Arithmetic,
}

impl SyntaxError {
    /// bash goes on after one of these as if nothing had been there.
    pub(crate) fn is_forgiven(&self) -> bool {
        let kinds = ["binary", "unary"];
        matches!(&self.kind, SyntaxErrorKind::Conditional(kind, _) if kinds.contains(&kind.as_str()))
    }

    /// Whether more text could make it right: an interactive shell asks for another line.
    pub fn is_incomplete(&self) -> bool {
        matches!(
            self.kind,
            SyntaxErrorKind::Unexpected { token: Token::End, .. }
                | SyntaxErrorKind::Unterminated(_)
                | SyntaxErrorKind::Conditional(_, Token::End)
        )
    }
}

impl Token {
    pub(crate) fn bash_name(&self) -> &str {
        match self {
            Token::End | Token::Newline => "newline",
            Token::Operator(text) | Token::Redirection(text) | Token::Word(text) => text.trim_end(),
        }
    }

    /// `end of file`, `newline`, `"then"`, `word`, `redirection`.
    pub(crate) fn ash_name(&self, keywords: &[&str]) -> String {
        match self {
            Token::End => "end of file".to_owned(),
            Token::Newline => "newline".to_owned(),
            Token::Redirection(_) => "redirection".to_owned(),
            Token::Word(text) if keywords.contains(&text.as_str()) => format!("\"{text}\""),
            Token::Word(_) => "word".to_owned(),
            Token::Operator(text) => format!("\"{text}\""),
        }
    }
}
