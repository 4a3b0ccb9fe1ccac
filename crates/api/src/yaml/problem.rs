//! Places in a text, and problems found there, as the scanner and the parser know them.

/// A place: everything counts from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// In bytes.
    pub(super) offset: usize,
    pub(super) line: usize,
    /// In characters.
    pub(super) column: usize,
}

/// Which step found a problem. go-yaml counts lines differently in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Reading characters; knows no line.
    Reader,
    Scanner,
    Parser,
}

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) step: Step,
    pub(super) text: &'static str,
    pub(super) mark: Mark,
    /// Where the construct begins that could not be finished.
    pub(super) context: Option<Mark>,
}

impl Problem {
    pub(super) fn parser(context: Option<Mark>, text: &'static str, mark: Mark) -> Problem {
        Problem { step: Step::Parser, text, mark, context }
    }
}
