//! `type`, `command -v`, `command -V`

use super::{ALL, Builtin, Outcome, find, options};
use crate::interpreter::{Dialect, Shell};

pub(super) const BUILTINS: &[Builtin] = &[Builtin {
    name: "type",
    special: false,
    dialects: ALL,
    run: |shell, words| Box::pin(async move { type_command(shell, &words) }),
}];

const KEYWORDS: [&str; 16] = [
    "!", "case", "do", "done", "elif", "else", "esac", "fi", "for", "if", "in", "then", "until",
    "while", "{", "}",
];
const BASH_KEYWORDS: [&str; 6] = ["[[", "]]", "function", "select", "time", "coproc"];

fn is_keyword(shell: &Shell, name: &str) -> bool {
    KEYWORDS.contains(&name)
        || (shell.dialect.is_bash() && BASH_KEYWORDS.contains(&name))
        || (shell.dialect == Dialect::Ash && name == "function")
}

fn type_command(shell: &mut Shell, words: &[String]) -> Outcome {
    if !shell.dialect.is_bash() {
        return describe(shell, "type", words.get(1..).unwrap_or_default());
    }
    let (flags, operands) = match options(words, "afptP") {
        Ok(parsed) => parsed,
        Err(letter) => return shell.bad_option("type", letter, "type [-afptP] name [name ...]"),
    };
    let has = |wanted: char| flags.iter().any(|(letter, _)| *letter == wanted);
    if !has('t') && !has('p') && !has('P') {
        return describe(shell, "type", &operands);
    }
    let mut status = 0;
    for name in &operands {
        let found = if has('t') { kind(shell, name).map(str::to_owned) } else { None };
        let found = match has('t') {
            true => found,
            false if has('p') && kind(shell, name) != Some("file") => None,
            false => shell.find_program(name).ok(),
        };
        match found {
            Some(found) => shell.context.put(format!("{found}\n")),
            None => status = 1,
        }
    }
    Ok(status)
}

fn kind(shell: &Shell, name: &str) -> Option<&'static str> {
    if shell.aliases.contains_key(name) && shell.shell_options.expand_aliases {
        Some("alias")
    } else if is_keyword(shell, name) {
        Some("keyword")
    } else if shell.function(name).is_some() {
        Some("function")
    } else if find(name, shell.dialect).is_some() {
        Some("builtin")
    } else if shell.find_program(name).is_ok() {
        Some("file")
    } else {
        None
    }
}

/// `command -v`: a word that leads to it; `false` if there is none.
pub(super) fn brief(shell: &mut Shell, name: &str) -> bool {
    let text = match kind(shell, name) {
        Some("alias") => {
            let value = shell.aliases.get(name).map(ToString::to_string).unwrap_or_default();
            format!("alias {name}='{value}'")
        }
        Some("file") => shell.find_program(name).unwrap_or_default(),
        Some(_) => name.to_owned(),
        None => return false,
    };
    shell.context.put(format!("{text}\n"));
    true
}

/// `type`, `command -V`: sentences.
pub(super) fn describe(shell: &mut Shell, builtin: &str, names: &[String]) -> Outcome {
    let mut status = 0;
    let bash = shell.dialect.is_bash();
    for name in names {
        let text = match kind(shell, name) {
            Some("alias") => {
                let value = shell.aliases.get(name.as_str()).map(ToString::to_string);
                let value = value.unwrap_or_default();
                match bash {
                    true => format!("{name} is aliased to `{value}'"),
                    false => format!("{name} is an alias for {value}"),
                }
            }
            Some("keyword") => format!("{name} is a shell keyword"),
            Some("function") if bash => {
                let source = shell.function(name).map(|function| function.text.clone());
                format!("{name} is a function\n{}", source.unwrap_or_default())
            }
            Some("function") if shell.dialect == Dialect::Dash => {
                format!("{name} is a shell function")
            }
            Some("function") => format!("{name} is a function"),
            Some("builtin") => {
                let special = find(name, shell.dialect).is_some_and(|builtin| builtin.special);
                let special = if special && !bash { "special " } else { "" };
                format!("{name} is a {special}shell builtin")
            }
            Some(_) => format!("{name} is {}", shell.find_program(name).unwrap_or_default()),
            None => {
                match shell.dialect {
                    Dialect::Bash => shell.complain_as(builtin, format!("{name}: not found")),
                    _ => shell.context.put(format!("{name}: not found\n")),
                }
                status = if bash { 1 } else { 127 };
                continue;
            }
        };
        shell.context.put(format!("{text}\n"));
    }
    Ok(status)
}
