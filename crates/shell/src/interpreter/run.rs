//! Running texts: lines typed, scripts, `eval`.

use super::lexer::Lexer;
use super::parser::{CutOff, Parser};
use super::syntax_error::SyntaxError;
use super::{Dialect, Flow, Shell, Unwind};
use std::rc::Rc;

/// Whether a text can run as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// It can.
    Complete,
    /// More lines must follow: a quote, a here-document or a compound command is open.
    Incomplete,
    /// No more lines can make it right.
    Wrong(SyntaxError),
}

/// What an interactive line editor asks when Enter is pressed.
///
/// ```
/// use shell::{Completeness, Dialect, check_syntax};
/// assert_eq!(check_syntax("for i in 1 2", Dialect::Bash), Completeness::Incomplete);
/// assert_eq!(check_syntax("echo hello", Dialect::Bash), Completeness::Complete);
/// assert!(matches!(check_syntax("echo )", Dialect::Bash), Completeness::Wrong(_)));
/// ```
pub fn check_syntax(text: &str, dialect: Dialect) -> Completeness {
    let mut lexer = Lexer::of_script(text, dialect);
    let mut parser = Parser::new(&mut lexer);
    loop {
        match parser.line() {
            Ok(Some(_)) => {}
            Ok(None) if !parser.cut_off.is_empty() || ends_in_backslash(text) => {
                return Completeness::Incomplete;
            }
            Ok(None) => return Completeness::Complete,
            Err(error) if error.is_incomplete() => return Completeness::Incomplete,
            Err(error) => return Completeness::Wrong(error),
        }
    }
}

fn ends_in_backslash(text: &str) -> bool {
    let line = text.strip_suffix('\n').unwrap_or(text);
    let count = line.chars().rev().take_while(|c| *c == '\\').count();
    count % 2 == 1
}

/// A text that is parsed one line at a time, since a line may change how the next is read.
pub(crate) struct Lines(Lexer);

impl Lines {
    pub(crate) fn new(text: &str, dialect: Dialect, first_line: u32) -> Lines {
        let mut lexer = Lexer::of_script(text, dialect);
        lexer.line = first_line;
        Lines(lexer)
    }

    fn is_at_end(&self) -> bool {
        let rest = self.0.chars.get(self.0.position..).unwrap_or_default();
        rest.iter().all(|character| character.is_whitespace())
    }

    fn drop_rest(&mut self) {
        self.0.position = self.0.chars.len();
    }
}

impl Shell {
    /// Runs a text line by line. An error that ends a line goes on with the next.
    pub(crate) async fn run_lines(&mut self, text: &str) -> Flow {
        self.run_lines_from(text, 1).await
    }

    /// The same for a text whose first line has this number.
    pub(crate) async fn run_lines_from(&mut self, text: &str, first_line: u32) -> Flow {
        let mut lines = Lines::new(text, self.dialect, first_line);
        loop {
            match self.run_next_line(&mut lines, false).await? {
                true => {}
                false => return Ok(()),
            }
        }
    }

    /// Runs the next line of a text; `false` at its end. `last`: the process may become its last
    /// program.
    pub(crate) async fn run_next_line(
        &mut self,
        lines: &mut Lines,
        last: bool,
    ) -> Result<bool, Unwind> {
        lines.0.aliases = match self.shell_options.expand_aliases {
            true => self.aliases.clone(),
            false => Rc::default(),
        };
        lines.0.extended_patterns = self.shell_options.extglob;
        let mut parser = Parser::new(&mut lines.0);
        let parsed = parser.line();
        let cut_off = parser.finish();
        match parsed {
            Ok(None) => Ok(false),
            Ok(Some(list)) => {
                self.warn_of_cut_off(&cut_off);
                let last = last && lines.is_at_end();
                match Box::pin(self.run_list(&list, last)).await {
                    Err(Unwind::Discard) if !self.is_interactive() => Ok(true),
                    flow => flow.map(|()| true),
                }
            }
            Err(error) => {
                self.complain_of_syntax(&error);
                self.status = if error.is_forgiven() { 0 } else { 2 };
                if self.options.noexec || self.is_interactive() || self.dialect.is_bash() {
                    lines.drop_rest();
                    return Ok(true);
                }
                Err(Unwind::Exit)
            }
        }
    }

    fn warn_of_cut_off(&mut self, cut_off: &[CutOff]) {
        if !self.dialect.is_bash() {
            return;
        }
        for CutOff { line, last_line, delimiter } in cut_off {
            self.line = *last_line;
            self.complain(format!(
                "warning: here-document at line {line} delimited by end-of-file (wanted `{delimiter}')"
            ));
        }
    }

    /// Runs one or more lines as if they had been typed, and says whether the shell goes on.
    /// `$?` is in [`Shell::status`].
    pub async fn run_line(&mut self, text: &str) -> bool {
        let flow = self.run_lines(text).await;
        self.context.settle().await;
        !matches!(flow, Err(Unwind::Exit))
    }

    /// `$?`
    pub fn status(&self) -> i32 {
        self.status
    }

    /// A variable's value.
    pub fn variable(&mut self, name: &str) -> Option<String> {
        self.variable_text(name)
    }

    /// Sets a variable as an assignment would, except that nothing is read-only.
    pub fn set_variable(&mut self, name: &str, value: &str) {
        self.variables.set(name, value);
    }

    /// Runs what must run when the shell ends, and gives its exit status.
    pub async fn leave(&mut self) -> i32 {
        self.run_exit_trap().await;
        self.context.settle().await;
        self.status
    }
}
