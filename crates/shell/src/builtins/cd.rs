//! `cd`

use super::{ALL, Builtin, Outcome, options};
use crate::errno::Errno;
use crate::fs::{join, normalise};
use crate::interpreter::{Dialect, Shell};

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin {
        name: "cd",
        special: false,
        dialects: ALL,
        run: |shell, words| Box::pin(async move { cd(shell, &words) }),
    },
    Builtin {
        name: "chdir",
        special: false,
        dialects: &[Dialect::Dash, Dialect::Ash],
        run: |shell, words| Box::pin(async move { cd(shell, &words) }),
    },
];

fn cd(shell: &mut Shell, words: &[String]) -> Outcome {
    let (flags, operands) = match options(words, "LPe@") {
        Ok(parsed) => parsed,
        Err(letter) => return shell.bad_option("cd", letter, "cd [-L|[-P [-e]] [-@]] [dir]"),
    };
    let physical = flags.last().is_some_and(|(letter, _)| *letter == 'P');
    if operands.len() > 1 && shell.dialect.is_bash() {
        shell.complain_as("cd", "too many arguments");
        return Ok(1);
    }
    let (target, show) = match operands.first().map(String::as_str) {
        None => match shell.variable_text("HOME") {
            Some(home) => (home, false),
            None if shell.dialect.is_bash() => {
                shell.complain_as("cd", "HOME not set");
                return Ok(1);
            }
            None => (String::new(), false),
        },
        Some("-") => match shell.variable_text("OLDPWD") {
            Some(old) => (old, true),
            None if shell.dialect.is_bash() => {
                shell.complain_as("cd", "OLDPWD not set");
                return Ok(1);
            }
            None => (shell.variable_text("PWD").unwrap_or_default(), true),
        },
        Some(directory) => (directory.to_owned(), false),
    };
    if target.is_empty() {
        return Ok(0);
    }
    change(shell, "cd", &target, physical, show)
}

/// Goes to a directory, looking in `CDPATH` too; `show`: prints where it went.
pub(super) fn change(
    shell: &mut Shell,
    builtin: &str,
    target: &str,
    physical: bool,
    show: bool,
) -> Outcome {
    let search = shell.variable_text("CDPATH").unwrap_or_default();
    let is_searched = !target.starts_with('/') && !target.starts_with('.') && !search.is_empty();
    if is_searched {
        for directory in search.split(':').filter(|directory| !directory.is_empty()) {
            let path = join(directory, target);
            if shell.context.is_directory(&path) {
                return match enter(shell, &path, physical) {
                    Ok(path) => {
                        shell.context.put(format!("{path}\n"));
                        Ok(0)
                    }
                    Err(error) => complain(shell, builtin, target, error),
                };
            }
        }
    }
    match enter(shell, target, physical) {
        Ok(path) => {
            if show {
                shell.context.put(format!("{path}\n"));
            }
            Ok(0)
        }
        Err(error) => complain(shell, builtin, target, error),
    }
}

fn complain(shell: &mut Shell, builtin: &str, target: &str, error: Errno) -> Outcome {
    match shell.dialect {
        Dialect::Bash => {
            shell.complain_as(builtin, format!("{target}: {error}"));
            Ok(1)
        }
        Dialect::Dash => {
            shell.complain_as(builtin, format!("can't cd to {target}"));
            Ok(2)
        }
        Dialect::Ash => {
            shell.complain_as(builtin, format!("can't cd to {target}: {error}"));
            Ok(2)
        }
    }
}

/// Goes there; `PWD` keeps the names of links unless `physical`.
fn enter(shell: &mut Shell, target: &str, physical: bool) -> Result<String, Errno> {
    let old = shell.variable_text("PWD").unwrap_or_else(|| shell.context.directory().to_string());
    let logical = normalise(&join(&old, target));
    let path = if physical {
        let caller = shell.context.caller();
        shell.context.machine().files().canonical(&caller, target)?.0
    } else {
        logical
    };
    // `..` after a name that does not exist is an error, though the text has no trace of it.
    if shell.dialect != Dialect::Ash {
        shell.context.metadata(&join(&old, target), true)?;
    }
    shell.context.change_directory(&path)?;
    // A read-only PWD stays; the directory has changed all the same.
    for (name, value) in [("OLDPWD", old), ("PWD", path.clone())] {
        let _ = shell.assign(name, value);
        if name == "OLDPWD" {
            shell.variables.entry(name).exported = true;
        }
    }
    Ok(path)
}
