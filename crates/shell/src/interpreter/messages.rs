//! How each shell words its complaints.

use super::dialect::Dialect;
use super::syntax_error::{Opening, SyntaxError, SyntaxErrorKind, Token};
use super::{Origin, Shell};
use crate::errno::Errno;
use std::fmt::Display;

const KEYWORDS: [&str; 16] = [
    "!", "case", "do", "done", "elif", "else", "esac", "fi", "for", "if", "in", "then", "until",
    "while", "{", "}",
];

impl Shell {
    /// A complaint of the shell itself.
    pub(crate) fn complain(&self, message: impl Display) {
        self.complain_at(None, self.line, message);
    }

    /// A complaint of a builtin.
    pub(crate) fn complain_as(&self, builtin: &str, message: impl Display) {
        self.complain_at(Some(builtin), self.line, message);
    }

    fn complain_at(&self, builtin: Option<&str>, line: u32, message: impl Display) {
        let text = match self.dialect {
            Dialect::Bash => self.bash_complaint(builtin, line, message),
            Dialect::Dash => self.dash_complaint(builtin, line, message),
            Dialect::Ash => self.ash_complaint(builtin, line, message),
        };
        self.context.complain(text);
    }

    fn bash_complaint(&self, builtin: Option<&str>, line: u32, message: impl Display) -> String {
        let builtin = builtin.map(|name| format!("{name}: ")).unwrap_or_default();
        let source = self.bash_source();
        if self.origin == Origin::Interactive && self.sources.is_empty() {
            return format!("{source}: {builtin}{message}\n");
        }
        format!("{source}: line {line}: {builtin}{message}\n")
    }

    /// What bash takes for the name of the script: that of the file, or of where the function
    /// that is running was defined.
    fn bash_source(&self) -> String {
        let name = self.sources.iter().rev().find_map(|source| source.bash_name.as_deref());
        name.unwrap_or(&self.name).to_owned()
    }

    fn ash_complaint(&self, builtin: Option<&str>, line: u32, message: impl Display) -> String {
        let name = &self.name;
        let command = builtin.or(self.source_name());
        let Some(command) = command else {
            return format!("{name}: {message}\n");
        };
        let mut text = format!("{name}: ");
        if command != &**name {
            text.push_str(&format!("{command}: "));
        }
        if self.origin != Origin::Interactive || !self.sources.is_empty() {
            text.push_str(&format!("line {}: ", self.counted_line(line)));
        }
        format!("{text}{message}\n")
    }

    fn dash_complaint(&self, builtin: Option<&str>, line: u32, message: impl Display) -> String {
        let name = &self.name;
        let command = builtin.or(self.source_name()).filter(|command| *command != &**name);
        let command = command.map(|command| format!("{command}: ")).unwrap_or_default();
        format!("{name}: {line}: {command}{message}\n")
    }

    /// The script file, `.` file or `eval` that is running.
    fn source_name(&self) -> Option<&str> {
        match self.sources.iter().rev().find_map(|source| source.name.as_deref()) {
            Some(name) => Some(name),
            None if self.origin == Origin::File => Some(&self.name),
            None => None,
        }
    }

    /// busybox counts the lines of texts from 0, those of files from 1.
    fn counted_line(&self, line: u32) -> u32 {
        let from_text = match self.sources.iter().rev().find(|source| source.name.is_some()) {
            Some(source) => source.is_text,
            None => self.origin == Origin::Text,
        };
        if from_text { line.saturating_sub(1) } else { line }
    }

    /// Says that a program was not found or cannot be run; gives the status for it.
    pub(crate) fn command_not_found(&self, name: &str, error: Errno) -> i32 {
        let bash = self.dialect.is_bash();
        match error {
            Errno::ENOENT if bash && self.context.exists(name) && name.contains('/') => {
                self.complain(format!("{name}: cannot execute: required file not found"));
            }
            Errno::ENOENT if bash && name.contains('/') => {
                self.complain(format!("{name}: {error}"))
            }
            Errno::ENOENT if bash => self.complain(format!("{name}: command not found")),
            Errno::ENOENT => self.complain(format!("{name}: not found")),
            Errno::EACCES if bash && self.context.is_directory(name) => {
                self.complain(format!("{name}: Is a directory"));
            }
            Errno::ENOEXEC if bash => {
                self.complain(format!("{name}: cannot execute binary file: {error}"));
            }
            _ => self.complain(format!("{name}: {error}")),
        }
        if error == Errno::ENOENT { 127 } else { 126 }
    }

    /// Says that a redirection could not open its file.
    pub(crate) fn cannot_open(&self, path: &str, error: Errno, creating: bool) {
        let path_shown = if path.is_empty() && !self.dialect.is_bash() { "" } else { path };
        match self.dialect {
            Dialect::Bash => self.complain(format!("{path}: {error}")),
            dialect => {
                let verb = match (dialect, creating) {
                    (Dialect::Dash, true) => "cannot create",
                    (Dialect::Dash, false) => "cannot open",
                    (_, true) => "can't create",
                    (_, false) => "can't open",
                };
                let why = match (error, creating, dialect) {
                    (Errno::ENOENT | Errno::ENOTDIR, true, Dialect::Dash) => {
                        "Directory nonexistent".to_owned()
                    }
                    (Errno::ENOENT | Errno::ENOTDIR, false, Dialect::Dash) => {
                        "No such file".to_owned()
                    }
                    (Errno::ENOENT | Errno::ENOTDIR, true, _) => "nonexistent directory".to_owned(),
                    (Errno::ENOENT | Errno::ENOTDIR, false, _) => "no such file".to_owned(),
                    _ => error.to_string(),
                };
                self.complain(format!("{verb} {path_shown}: {why}"));
            }
        }
    }

    /// Says what is wrong with a script's syntax.
    pub(crate) fn complain_of_syntax(&self, error: &SyntaxError) {
        match self.dialect {
            Dialect::Bash => self.bash_syntax(error),
            Dialect::Dash => {
                let text = dash_syntax(&error.kind);
                self.complain_at(None, error.line, text);
            }
            Dialect::Ash => {
                let text = ash_syntax(&error.kind);
                self.complain_at(None, error.line, format!("syntax error: {text}"));
            }
        }
    }

    fn bash_syntax(&self, error: &SyntaxError) {
        let line = error.line;
        let source = match self.sources.last() {
            Some(source) if source.is_text => format!("{}: eval:", self.bash_source()),
            Some(_) => format!("{}:", self.bash_source()),
            None if self.origin == Origin::Text => format!("{}: -c:", self.name),
            None => format!("{}:", self.name),
        };
        let with_line = self.origin != Origin::Interactive || !self.sources.is_empty();
        let prefix = if with_line { format!("{source} line {line}:") } else { source };
        let (text, repeats) = bash_syntax_text(&error.kind);
        self.context.complain(format!("{prefix} {text}\n"));
        if repeats {
            self.context.complain(format!("{prefix} `{}'\n", error.line_text));
        }
    }
}

/// What bash says, and whether it repeats the line.
fn bash_syntax_text(kind: &SyntaxErrorKind) -> (String, bool) {
    match kind {
        SyntaxErrorKind::Unexpected { token: Token::End, .. } => {
            ("syntax error: unexpected end of file".to_owned(), false)
        }
        SyntaxErrorKind::Unexpected { token, .. } => {
            (format!("syntax error near unexpected token `{}'", token.bash_name()), true)
        }
        SyntaxErrorKind::Unterminated(opening) => {
            let closing = match opening {
                Opening::SingleQuote => "'",
                Opening::DoubleQuote => "\"",
                Opening::BackQuote => "`",
                Opening::Parenthesis | Opening::Arithmetic => ")",
                Opening::Brace => "}",
            };
            (format!("unexpected EOF while looking for matching `{closing}'"), false)
        }
        SyntaxErrorKind::BadLoopVariable => {
            ("syntax error near unexpected token `newline'".to_owned(), true)
        }
        SyntaxErrorKind::BadFunctionName(name) => {
            (format!("`{name}': not a valid identifier"), false)
        }
        SyntaxErrorKind::BadSubstitution => ("bad substitution".to_owned(), false),
        SyntaxErrorKind::TooDeep => ("syntax error: nested too deeply".to_owned(), false),
        SyntaxErrorKind::Conditional(text, Token::End) if text.is_empty() => {
            ("syntax error: unexpected end of file".to_owned(), false)
        }
        SyntaxErrorKind::Conditional(text, token) if text.is_empty() => {
            (format!("syntax error near `{}'", token.bash_name()), true)
        }
        SyntaxErrorKind::Conditional(text, token) => {
            let name = token.bash_name();
            let text = match text.as_str() {
                "binary" => "conditional binary operator expected".to_owned(),
                "unary" => format!("unexpected argument `{name}' to conditional unary operator"),
                _ => format!("unexpected argument `{name}' to conditional binary operator"),
            };
            (text, false)
        }
    }
}

fn dash_syntax(kind: &SyntaxErrorKind) -> String {
    let text = match kind {
        SyntaxErrorKind::Unexpected { token, expecting } => {
            let expecting = expecting.map(|word| format!(" (expecting \"{word}\")"));
            let name = token.ash_name(&KEYWORDS);
            format!("{name} unexpected{}", expecting.unwrap_or_default())
        }
        SyntaxErrorKind::Unterminated(opening) => match opening {
            Opening::SingleQuote | Opening::DoubleQuote => "Unterminated quoted string".to_owned(),
            Opening::BackQuote => "EOF in backquote substitution".to_owned(),
            Opening::Parenthesis => "end of file unexpected (expecting \")\")".to_owned(),
            Opening::Brace => "Missing '}'".to_owned(),
            Opening::Arithmetic => "Missing '))'".to_owned(),
        },
        SyntaxErrorKind::BadLoopVariable => "Bad for loop variable".to_owned(),
        SyntaxErrorKind::BadFunctionName(_) => "Bad function name".to_owned(),
        SyntaxErrorKind::BadSubstitution => "Bad substitution".to_owned(),
        SyntaxErrorKind::TooDeep => "nested too deeply".to_owned(),
        SyntaxErrorKind::Conditional(..) => "word unexpected".to_owned(),
    };
    format!("Syntax error: {text}")
}

fn ash_syntax(kind: &SyntaxErrorKind) -> String {
    match kind {
        SyntaxErrorKind::Unexpected { token, expecting } => {
            let expecting = expecting.map(|word| format!(" (expecting \"{word}\")"));
            format!("unexpected {}{}", token.ash_name(&KEYWORDS), expecting.unwrap_or_default())
        }
        SyntaxErrorKind::Unterminated(opening) => match opening {
            Opening::SingleQuote | Opening::DoubleQuote => "unterminated quoted string".to_owned(),
            Opening::BackQuote => "EOF in backquote substitution".to_owned(),
            Opening::Parenthesis => "unexpected end of file (expecting \")\")".to_owned(),
            Opening::Brace => "missing '}'".to_owned(),
            Opening::Arithmetic => "missing '))'".to_owned(),
        },
        SyntaxErrorKind::BadLoopVariable => "bad for loop variable".to_owned(),
        SyntaxErrorKind::BadFunctionName(_) => "bad function name".to_owned(),
        SyntaxErrorKind::BadSubstitution => "bad substitution".to_owned(),
        SyntaxErrorKind::TooDeep => "nested too deeply".to_owned(),
        SyntaxErrorKind::Conditional(..) => "unexpected word".to_owned(),
    }
}
