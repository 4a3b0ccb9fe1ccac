//! `break`, `continue`, `return`, `exit`

use super::{ALL, BASH, Builtin, Outcome};
use crate::interpreter::{Dialect, Shell, Unwind};

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin {
        name: "break",
        special: true,
        dialects: ALL,
        run: |shell, words| Box::pin(async move { leave_loops(shell, &words, Unwind::Break) }),
    },
    Builtin {
        name: "continue",
        special: true,
        dialects: ALL,
        run: |shell, words| Box::pin(async move { leave_loops(shell, &words, Unwind::Continue) }),
    },
    Builtin {
        name: "return",
        special: true,
        dialects: ALL,
        run: |shell, words| Box::pin(async move { return_command(shell, &words) }),
    },
    Builtin {
        name: "exit",
        special: true,
        dialects: ALL,
        run: |shell, words| Box::pin(async move { exit(shell, &words) }),
    },
    Builtin {
        name: "logout",
        special: false,
        dialects: BASH,
        run: |shell, words| Box::pin(async move { exit(shell, &words) }),
    },
];

fn leave_loops(shell: &mut Shell, words: &[String], unwind: fn(u32) -> Unwind) -> Outcome {
    let name = words.first().cloned().unwrap_or_default();
    if shell.loops == 0 {
        if shell.dialect.is_bash() {
            shell.complain_as(&name, "only meaningful in a `for', `while', or `until' loop");
        }
        return Ok(0);
    }
    shell.status = 0;
    let Some(count) = words.get(1) else {
        return Err(unwind(1));
    };
    match (count.parse::<u32>(), shell.dialect) {
        (Ok(count), _) if count > 0 => Err(unwind(count.min(shell.loops))),
        (Ok(_), Dialect::Bash) => {
            shell.complain_as(&name, format!("{count}: loop count out of range"));
            shell.status = 1;
            Err(Unwind::Break(shell.loops))
        }
        (_, Dialect::Bash) => {
            shell.complain_as(&name, format!("{count}: numeric argument required"));
            shell.status = 128;
            Err(Unwind::Exit)
        }
        _ => illegal_number(shell, &name, count),
    }
}

fn illegal_number(shell: &mut Shell, name: &str, text: &str) -> Outcome {
    shell.complain_as(name, format!("Illegal number: {text}"));
    shell.fatal(name, 2)
}

/// The status that the argument says, or the last command's.
fn status(shell: &mut Shell, words: &[String]) -> Result<i32, Outcome> {
    let name = words.first().cloned().unwrap_or_default();
    let Some(text) = words.get(1) else {
        return Ok(shell.status);
    };
    match (text.parse::<i64>(), shell.dialect) {
        (Ok(number), Dialect::Bash) => Ok((number & 0xff) as i32),
        (Ok(number), _) if number >= 0 => Ok((number & 0xff) as i32),
        (Err(_), Dialect::Bash) => {
            shell.complain_as(&name, format!("{text}: numeric argument required"));
            Ok(2)
        }
        _ => Err(illegal_number(shell, &name, text)),
    }
}

fn return_command(shell: &mut Shell, words: &[String]) -> Outcome {
    let can_return = shell.sources.iter().any(|source| source.is_function || !source.is_text);
    if !can_return && shell.dialect.is_bash() {
        shell.complain_as("return", "can only `return' from a function or sourced script");
        return Ok(2);
    }
    match status(shell, words) {
        Ok(status) => {
            shell.status = status;
            Err(if can_return { Unwind::Return } else { Unwind::Exit })
        }
        Err(outcome) => outcome,
    }
}

fn exit(shell: &mut Shell, words: &[String]) -> Outcome {
    if shell.is_interactive() && shell.dialect.is_bash() {
        shell.context.complain("exit\n");
    }
    match status(shell, words) {
        Ok(status) => {
            shell.status = status;
            Err(Unwind::Exit)
        }
        Err(outcome) => outcome,
    }
}
