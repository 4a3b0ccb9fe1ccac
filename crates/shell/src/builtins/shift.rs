//! `shift`

use super::{ALL, Builtin, Outcome};
use crate::interpreter::{Dialect, Shell};

pub(super) const BUILTINS: &[Builtin] = &[Builtin {
    name: "shift",
    special: true,
    dialects: ALL,
    run: |shell, words| Box::pin(async move { shift(shell, &words) }),
}];

fn shift(shell: &mut Shell, words: &[String]) -> Outcome {
    let count = match words.get(1) {
        None => 1,
        Some(text) => match (text.parse::<i64>(), shell.dialect) {
            (Ok(count), Dialect::Bash) if count < 0 => {
                shell.complain_as("shift", format!("{text}: shift count out of range"));
                return Ok(1);
            }
            (Ok(count), _) if count >= 0 => count as usize,
            (_, Dialect::Bash) => {
                shell.complain_as("shift", format!("{text}: numeric argument required"));
                return Ok(1);
            }
            _ => {
                shell.complain_as("shift", format!("Illegal number: {text}"));
                return shell.fatal("shift", 2);
            }
        },
    };
    match shell.positional.get(count..) {
        Some(rest) => {
            shell.positional = rest.into();
            Ok(0)
        }
        None if shell.dialect == Dialect::Dash => {
            shell.complain_as("shift", "can't shift that many");
            shell.fatal("shift", 2)
        }
        None => Ok(1),
    }
}
