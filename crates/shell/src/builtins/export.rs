//! `export`, `readonly`

use super::{ALL, Builtin, Outcome, options};
use crate::interpreter::{Dialect, Shell, Unwind, Variable, is_name, quote_always};

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin {
        name: "export",
        special: true,
        dialects: ALL,
        run: |shell, words| Box::pin(async move { mark(shell, &words, true) }),
    },
    Builtin {
        name: "readonly",
        special: true,
        dialects: ALL,
        run: |shell, words| Box::pin(async move { mark(shell, &words, false) }),
    },
];

fn mark(shell: &mut Shell, words: &[String], exports: bool) -> Outcome {
    let builtin = if exports { "export" } else { "readonly" };
    let letters = if exports { "fnp" } else { "aAfp" };
    let (flags, operands) = match options(words, letters) {
        Ok(parsed) => parsed,
        Err(letter) => {
            let usage = if exports {
                "export [-fn] [name[=value] ...] or export -p"
            } else {
                "readonly [-aAf] [name[=value] ...] or readonly -p"
            };
            return shell.bad_option(builtin, letter, usage);
        }
    };
    let has = |wanted: char| flags.iter().any(|(letter, _)| *letter == wanted);
    if operands.is_empty() {
        list(
            shell,
            builtin,
            |variable| if exports { variable.exported } else { variable.read_only },
        );
        return Ok(0);
    }
    if has('f') {
        // Functions are not passed on to programs.
        return Ok(0);
    }
    let mut status = 0;
    for operand in &operands {
        let (name, value) = match operand.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (operand.as_str(), None),
        };
        let (name, append) = match name.strip_suffix('+') {
            Some(name) if shell.dialect.is_bash() => (name, true),
            _ => (name, false),
        };
        if !is_name(name) {
            status = bad_name(shell, builtin, operand)?;
            continue;
        }
        if let Some(value) = value {
            let old = if append { shell.variable_text(name) } else { None };
            let value = old.unwrap_or_default() + value;
            if shell.assign(name, value).is_err() {
                if !shell.dialect.is_bash() {
                    shell.complain_as(builtin, format!("{name}: is read only"));
                    return shell.fatal(builtin, 2);
                }
                shell.complain(format!("{name}: readonly variable"));
                status = 1;
                continue;
            }
        }
        let variable = shell.variables.entry(name);
        match exports {
            true => variable.exported = !has('n'),
            false => variable.read_only = true,
        }
    }
    Ok(status)
}

/// Complains of a name that cannot be a variable's.
pub(super) fn bad_name(shell: &mut Shell, builtin: &str, operand: &str) -> Result<i32, Unwind> {
    if shell.dialect.is_bash() {
        shell.complain_as(builtin, format!("`{operand}': not a valid identifier"));
        return Ok(1);
    }
    let name = operand.split('=').next().unwrap_or_default();
    shell.complain_as(builtin, format!("{name}: bad variable name"));
    shell.fatal(builtin, 2)
}

fn list(shell: &mut Shell, builtin: &str, shows: impl Fn(&Variable) -> bool) {
    let mut lines = String::new();
    let names: Vec<_> = shell.variables.iter().map(|(name, _)| name.clone()).collect();
    for name in names {
        let Some(variable) = shell.variables.get(&name).filter(|variable| shows(variable)) else {
            continue;
        };
        let value = variable.text().map(str::to_owned);
        match (shell.dialect, value) {
            (Dialect::Bash, _) => lines.push_str(&super::declare::declaration(shell, &name)),
            (_, Some(value)) => {
                lines.push_str(&format!(
                    "{builtin} {name}={}\n",
                    quote_always(&value, shell.dialect)
                ));
            }
            (_, None) => lines.push_str(&format!("{builtin} {name}\n")),
        }
    }
    shell.context.put(lines);
}
