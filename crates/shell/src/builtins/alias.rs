//! `alias`, `unalias`

use super::{ALL, Builtin, Outcome};
use crate::interpreter::{Dialect, Shell, quote_always};
use std::rc::Rc;

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin {
        name: "alias",
        special: false,
        dialects: ALL,
        run: |shell, words| Box::pin(async move { alias(shell, &words) }),
    },
    Builtin {
        name: "unalias",
        special: false,
        dialects: ALL,
        run: |shell, words| Box::pin(async move { unalias(shell, &words) }),
    },
];

fn alias(shell: &mut Shell, words: &[String]) -> Outcome {
    let bash = shell.dialect.is_bash();
    let line = |name: &str, value: &str| match bash {
        true => format!("alias {name}={}\n", quote_always(value, shell.dialect)),
        false => format!("{name}={}\n", quote_always(value, shell.dialect)),
    };
    let operands = words.iter().skip(1).filter(|word| *word != "-p").collect::<Vec<_>>();
    if operands.is_empty() {
        let lines: String = shell.aliases.iter().map(|(name, value)| line(name, value)).collect();
        shell.context.put(lines);
        return Ok(0);
    }
    let mut status = 0;
    for operand in operands {
        if let Some((name, value)) = operand.split_once('=').filter(|(name, _)| !name.is_empty()) {
            Rc::make_mut(&mut shell.aliases).insert(name.into(), value.into());
        } else if let Some(value) = shell.aliases.get(operand.as_str()) {
            shell.context.put(line(operand, value));
        } else {
            match shell.dialect {
                Dialect::Bash => shell.complain_as("alias", format!("{operand}: not found")),
                _ => shell.context.complain(format!("alias: {operand} not found\n")),
            }
            status = 1;
        }
    }
    Ok(status)
}

fn unalias(shell: &mut Shell, words: &[String]) -> Outcome {
    let mut status = 0;
    for word in words.iter().skip(1) {
        if word == "-a" {
            shell.aliases = Rc::default();
        } else if Rc::make_mut(&mut shell.aliases).remove(word.as_str()).is_none() {
            match shell.dialect {
                Dialect::Bash => shell.complain_as("unalias", format!("{word}: not found")),
                _ => shell.context.complain(format!("unalias: {word} not found\n")),
            }
            status = 1;
        }
    }
    Ok(status)
}
