//! Commands as data, and how a command line finds its command.

use crate::errors::{Error, Result};
use crate::flags::Flag;
use crate::invocation::Invocation;
use crate::transport::LocalFuture;
use std::rc::Rc;

/// A command or a group of commands.
pub struct Command {
    /// Its word on the command line.
    pub name: &'static str,
    /// Other words for it.
    pub aliases: &'static [&'static str],
    /// One line about it, as lists of commands show it.
    pub short: &'static str,
    /// What its help begins with, and after a line `Examples:` its examples; `short` with a full
    /// stop if this is empty.
    pub long: &'static str,
    /// Its line under `Usage:`, without `kubectl` and the parents.
    pub usage: &'static str,
    /// Its flags.
    pub flags: &'static [&'static [Flag]],
    /// Which arguments it takes.
    pub arguments: Arguments,
    /// The commands below it; those of kubectl itself stand in `commands::GROUPS`.
    pub subcommands: &'static [&'static Command],
    /// What it does; a group prints its help.
    pub run: Option<Run>,
    /// How a group ends that was called without a command.
    pub alone: Alone,
    /// Whether lists of commands leave it out.
    pub is_hidden: bool,
}

/// What a command does.
pub type Run = fn(Rc<Invocation>) -> LocalFuture<Result>;

/// Which arguments a command takes; others are refused before it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arguments {
    /// Any.
    Any,
    /// None: `unexpected arguments: [x]`.
    None,
}

/// How a group of commands ends that was called without a command. It prints its help either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alone {
    /// Help goes to standard error, and it fails; an unknown command is named.
    Fails,
    /// The same with standard output.
    FailsOnOutput,
    /// All is well, whatever the arguments are.
    Succeeds,
}

/// Makes a [`Run`] of an `async fn(Rc<Invocation>) -> Result`.
macro_rules! run {
    ($function:path) => {
        Some(|invocation| Box::pin($function(invocation)))
    };
}
pub(crate) use run;

impl Command {
    /// What most commands have in common.
    pub const EMPTY: Command = Command {
        name: "",
        aliases: &[],
        short: "",
        long: "",
        usage: "",
        flags: &[],
        arguments: Arguments::Any,
        subcommands: &[],
        run: None,
        alone: Alone::Fails,
        is_hidden: false,
    };

    fn is_called(&self, word: &str) -> bool {
        self.name == word || self.aliases.contains(&word)
    }

    /// Whether this is kubectl itself.
    pub fn is_root(&self) -> bool {
        std::ptr::eq(self, &crate::commands::ROOT)
    }

    /// The commands below this one.
    pub fn children(&self) -> Vec<&'static Command> {
        if self.is_root() { crate::commands::all() } else { self.subcommands.to_vec() }
    }

    /// The command below this one that `word` calls.
    pub fn subcommand(&self, word: &str) -> Option<&'static Command> {
        self.children().into_iter().find(|command| command.is_called(word))
    }

    fn all_flags(&self) -> impl Iterator<Item = &'static Flag> {
        let global = [crate::flags::global::GLOBAL];
        self.flags.iter().copied().chain(global).flatten()
    }

    fn flag_without_value(&self, is_it: impl Fn(&Flag) -> bool) -> bool {
        self.all_flags().any(|flag| is_it(flag) && flag.implied.is_some())
    }
}

/// What a command line calls.
#[derive(Clone)]
pub struct Called {
    /// The commands from the first word down; the last one is called.
    pub path: Vec<&'static Command>,
    /// What is left of the line.
    pub rest: Vec<String>,
}

impl Called {
    /// The command.
    pub fn command(&self) -> &'static Command {
        self.path.last().copied().unwrap_or(&crate::commands::ROOT)
    }

    /// `kubectl rollout status`
    pub fn name(&self) -> String {
        self.path.iter().map(|command| command.name).collect::<Vec<_>>().join(" ")
    }
}

/// Finds the command that `words` call, as cobra does: the first word that is neither a flag nor
/// its value names a command, and so on downwards.
pub fn find(root: &'static Command, words: &[String]) -> Called {
    let mut called = Called { path: vec![root], rest: words.to_vec() };
    loop {
        let command = called.command();
        let Some(at) = first_argument(command, &called.rest) else { return called };
        let word = called.rest.get(at).map_or("", String::as_str);
        let Some(next) = command.subcommand(word) else { return called };
        called.rest.remove(at);
        called.path.push(next);
    }
}

/// Where the first word stands that is neither a flag nor the value of one.
pub fn first_argument(command: &Command, words: &[String]) -> Option<usize> {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if word == "--" {
            return None;
        }
        let takes_next = match word.strip_prefix("--") {
            Some(name) => {
                !name.contains('=')
                    && !command.flag_without_value(|flag| flag.name == name)
                    && name != "help"
            }
            None => match word.strip_prefix('-') {
                Some("h") => false,
                Some(letter) if letter.chars().count() == 1 => {
                    !command.flag_without_value(|flag| flag.short == letter.chars().next())
                }
                Some(_) => false,
                None => return Some(at),
            },
        };
        at += if takes_next { 2 } else { 1 };
    }
    None
}

impl Arguments {
    /// The error of a command line with these arguments.
    pub fn check(self, called: &Called, arguments: &[String]) -> Result {
        let count = arguments.len();
        match self {
            Arguments::None if count > 0 => Err(usage_error(
                called,
                &format!("unexpected arguments: [{}]", arguments.join(" ")),
            )),
            _ => Ok(()),
        }
    }
}

/// An error that points to the command's help.
pub fn usage_error(called: &Called, message: &str) -> Error {
    Error::Other(format!("{message}\nSee '{} -h' for help and examples", called.name()))
}
