//! What can be wrong with a YAML text, worded and placed as go-yaml does.

use super::problem::{Mark, Problem, Step};
use std::fmt;

/// A place in a text. Lines and columns count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl From<Mark> for Position {
    fn from(mark: Mark) -> Position {
        Position { line: mark.line + 1, column: mark.column + 1 }
    }
}

/// Why a text is not YAML, or not a YAML that JSON can express.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    message: String,
    /// Where it was found, which is not always the line that the message names.
    pub position: Option<Position>,
    /// Where the construct begins that could not be finished.
    pub(super) context: Option<Position>,
}

impl Error {
    /// The text of kubectl, without `error converting YAML to JSON: `.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// An error that go-yaml prints without a line.
    pub(super) fn plain(message: impl fmt::Display, mark: Mark) -> Error {
        Error { message: format!("yaml: {message}"), position: Some(mark.into()), context: None }
    }

    /// An error of the step after go-yaml, which writes JSON.
    pub(super) fn conversion(message: String, mark: Mark) -> Error {
        Error { message, position: Some(mark.into()), context: None }
    }

    /// Nesting beyond the limit, which go-yaml's scanner notices.
    pub(super) fn too_deep(limit: usize, mark: Mark) -> Error {
        Error {
            message: format!("yaml: line {}: exceeded max depth of {limit}", mark.line + 1),
            position: Some(mark.into()),
            context: None,
        }
    }
}

/// go-yaml names the line of the problem, counted from 0 by its parser and from 1 by its scanner,
/// and leaves out a line 0. Then it tries the line where the surrounding construct begins.
impl From<Problem> for Error {
    fn from(problem: Problem) -> Error {
        let context_line = problem.context.map_or(0, |mark| mark.line);
        let line = match (problem.step, problem.mark.line) {
            (Step::Reader, _) => 0,
            (_, 0) => context_line,
            (Step::Scanner, line) => line + 1,
            (Step::Parser, line) => line,
        };
        let text = problem.text;
        Error {
            message: match line {
                0 => format!("yaml: {text}"),
                line => format!("yaml: line {line}: {text}"),
            },
            position: Some(problem.mark.into()),
            context: problem.context.map(Position::from),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
