//! The shell language.
//!
//! A [`Shell`] interprets scripts within a process. It is bash, dash or busybox's shell,
//! according to its [`Dialect`]: one grammar with what each adds, one set of rules, and each
//! one's own messages. Subshells, pipelines and substitutions are forked processes with a copy
//! of the shell's state, as in a real one.

mod arithmetic;
mod ast;
mod brace;
mod complete;
mod compound;
mod conditional;
mod control;
mod dialect;
mod execute;
mod expand;
mod glob;
mod jobs;
mod lexer;
mod lookup;
mod messages;
mod parameter;
mod parser;
mod program;
mod prompt;
mod quote;
mod redirect;
mod run;
mod simple;
mod state;
mod substitution;
mod syntax_error;
mod trap;
mod variables;

pub use complete::{Completion, WordKind, completion};
pub use dialect::Dialect;
pub(crate) use program::main;
pub use run::{Completeness, check_syntax};
pub use syntax_error::SyntaxError;

pub(crate) use jobs::Jobs;
pub(crate) use lookup::Key;
pub(crate) use quote::{ansi_quote, backslash_quote, quote_always, quote_if_needed};
pub(crate) use state::{Frame, Options, Origin, ShellOptions, Source, Unwind};
pub(crate) use substitution::is_name;
pub(crate) use trap::{Trap, Traps};
pub(crate) use variables::{Content, Variable, Variables};

use crate::context::Context;
use crate::process::Pid;
use ast::Function;
use sim::{Rng, Time};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What a command leaves behind: nothing, or a reason to leave what is around it. The status is
/// the shell's own.
pub(crate) type Flow = Result<(), Unwind>;

/// A shell that runs scripts in the process of its [`Context`].
pub struct Shell {
    pub(crate) context: Context,
    pub(crate) dialect: Dialect,
    pub(crate) options: Options,
    pub(crate) shell_options: ShellOptions,
    pub(crate) variables: Variables,
    functions: Rc<BTreeMap<Rc<str>, (Rc<Function>, Option<Rc<str>>)>>,
    pub(crate) aliases: Rc<lexer::Aliases>,
    pub(crate) positional: Rc<[String]>,
    /// `$0`
    pub(crate) name: Rc<str>,
    pub(crate) origin: Origin,
    /// What runs within what: files read by `.`, `eval`s, functions.
    pub(crate) sources: Vec<Source>,
    pub(crate) frames: Vec<Frame>,
    /// `$?`
    pub(crate) status: i32,
    pub(crate) pipe_statuses: Vec<i32>,
    /// The status of the last command substitution in the present command.
    substituted: Option<i32>,
    pub(crate) line: u32,
    /// How many loops are around the present command.
    pub(crate) loops: u32,
    /// How many conditions are around it: within them `set -e` is off.
    conditions: u32,
    depth: u32,
    pub(crate) traps: Traps,
    pub(crate) jobs: Jobs,
    /// `$!`
    pub(crate) last_background: Option<Pid>,
    /// `$$`: that of the first shell, also in its subshells.
    pub(crate) main_pid: Pid,
    pub(crate) is_subshell: bool,
    pub(crate) started: Time,
    rng: Rng,
    last_argument: Rc<str>,
    /// Where `getopts` is within a cluster of options.
    pub(crate) getopts_offset: usize,
    /// How many substitutions and `eval`s are around, which `set -x` shows.
    pub(crate) trace_depth: usize,
    /// How many process substitutions are open, to be closed after the command.
    process_descriptors: Vec<u32>,
}
