//! The shell's builtins: one file for each, or for a few that belong together, and one line here.

mod alias;
mod basic;
mod cd;
mod complete;
mod declare;
mod dirs;
mod echo;
mod eval;
mod exec;
mod export;
mod flow;
mod getopts;
mod hash;
mod help;
mod jobs;
mod kill;
mod let_command;
mod mapfile;
mod printf;
mod pwd;
mod read;
mod set;
mod shift;
mod shopt;
mod test;
mod times;
mod trap;
mod type_command;
mod ulimit;
mod umask;
mod unset;
mod wait;

use crate::interpreter::{Dialect, Shell, Unwind};
use std::future::Future;
use std::pin::Pin;

/// What a builtin gives back: its status, or a reason to leave what is around it.
pub(crate) type Outcome = Result<i32, Unwind>;
pub(crate) type Call<'a> = Pin<Box<dyn Future<Output = Outcome> + 'a>>;

/// A command of the shell itself.
pub(crate) struct Builtin {
    pub(crate) name: &'static str,
    /// POSIX's special builtins: found before functions, and their assignments stay.
    pub(crate) special: bool,
    pub(crate) dialects: &'static [Dialect],
    /// Gets all words, the name first.
    pub(crate) run: for<'a> fn(&'a mut Shell, Vec<String>) -> Call<'a>,
}

const ALL: &[Dialect] = &[Dialect::Bash, Dialect::Dash, Dialect::Ash];
const BASH: &[Dialect] = &[Dialect::Bash];
const NOT_DASH: &[Dialect] = &[Dialect::Bash, Dialect::Ash];

/// All builtins by name.
const BUILTINS: &[&[Builtin]] = &[
    alias::BUILTINS,
    basic::BUILTINS,
    cd::BUILTINS,
    complete::BUILTINS,
    declare::BUILTINS,
    dirs::BUILTINS,
    echo::BUILTINS,
    eval::BUILTINS,
    exec::BUILTINS,
    export::BUILTINS,
    flow::BUILTINS,
    getopts::BUILTINS,
    hash::BUILTINS,
    help::BUILTINS,
    jobs::BUILTINS,
    kill::BUILTINS,
    let_command::BUILTINS,
    mapfile::BUILTINS,
    printf::BUILTINS,
    pwd::BUILTINS,
    read::BUILTINS,
    set::BUILTINS,
    shift::BUILTINS,
    shopt::BUILTINS,
    test::BUILTINS,
    times::BUILTINS,
    trap::BUILTINS,
    type_command::BUILTINS,
    ulimit::BUILTINS,
    umask::BUILTINS,
    unset::BUILTINS,
    wait::BUILTINS,
];

/// The builtin of this name, if the dialect has it.
pub(crate) fn find(name: &str, dialect: Dialect) -> Option<&'static Builtin> {
    let known = BUILTINS.iter().flat_map(|group| group.iter());
    known.into_iter().find(|one| one.name == name && one.dialects.contains(&dialect))
}

/// The names of all builtins, in order.
pub(crate) fn names(dialect: Dialect) -> Vec<&'static str> {
    let known = BUILTINS.iter().flat_map(|group| group.iter());
    let known = known.filter(|one| one.dialects.contains(&dialect));
    let mut names: Vec<_> = known.map(|one| one.name).collect();
    names.sort_unstable();
    names
}

/// Options of a builtin: letters, those followed by `:` taking a value. Gives what was set and
/// the operands, or the first letter that is none of them.
pub(crate) fn options(
    words: &[String],
    letters: &str,
) -> Result<(Vec<(char, String)>, Vec<String>), char> {
    let mut found = Vec::new();
    let mut rest = words.get(1..).unwrap_or_default().iter();
    while let Some(word) = rest.as_slice().first() {
        if word == "--" {
            rest.next();
            break;
        }
        let Some(cluster) = word.strip_prefix('-').filter(|cluster| !cluster.is_empty()) else {
            break;
        };
        rest.next();
        let mut chars = cluster.chars();
        while let Some(letter) = chars.next() {
            let place = letters.find(letter).filter(|_| letter != ':').ok_or(letter)?;
            if letters.get(place + letter.len_utf8()..).unwrap_or_default().starts_with(':') {
                let attached = chars.as_str();
                let value = match attached.is_empty() {
                    false => attached.to_owned(),
                    true => rest.next().cloned().unwrap_or_default(),
                };
                found.push((letter, value));
                break;
            }
            found.push((letter, String::new()));
        }
    }
    Ok((found, rest.cloned().collect()))
}

impl Shell {
    /// Complains of an option that a builtin does not have; gives the status.
    pub(crate) fn bad_option(&mut self, builtin: &str, letter: char, usage: &str) -> Outcome {
        match self.dialect {
            Dialect::Bash => {
                self.complain_as(builtin, format!("-{letter}: invalid option"));
                self.context.complain(format!("{builtin}: usage: {usage}\n"));
                Ok(2)
            }
            Dialect::Dash => {
                self.complain_as(builtin, format!("Illegal option -{letter}"));
                self.fatal(builtin, 2)
            }
            Dialect::Ash => {
                self.complain_as(builtin, format!("illegal option -{letter}"));
                self.fatal(builtin, 2)
            }
        }
    }

    /// dash and ash end the script at an error of any builtin of theirs that is not `command`ed.
    pub(crate) fn fatal(&mut self, _builtin: &str, status: i32) -> Outcome {
        self.status = status;
        if self.dialect.is_bash() || self.is_interactive() {
            return Ok(status);
        }
        Err(Unwind::Exit)
    }
}
