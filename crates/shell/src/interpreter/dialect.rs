//! Which shell is being played.

/// A shell whose language and messages are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// GNU bash 5.2.
    Bash,
    /// dash 0.5.12: `sh` on Debian.
    Dash,
    /// busybox 1.36's `sh`.
    Ash,
}

impl Dialect {
    pub(crate) fn is_bash(self) -> bool {
        self == Dialect::Bash
    }

    /// bash, or busybox's shell, which took over much of it.
    pub(crate) fn has_bash_words(self) -> bool {
        self != Dialect::Dash
    }
}
