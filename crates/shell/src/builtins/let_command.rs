//! `let`

use super::{Builtin, NOT_DASH, Outcome};
use crate::interpreter::Shell;

pub(super) const BUILTINS: &[Builtin] = &[Builtin {
    name: "let",
    special: false,
    dialects: NOT_DASH,
    run: |shell, words| Box::pin(async move { let_command(shell, &words) }),
}];

fn let_command(shell: &mut Shell, words: &[String]) -> Outcome {
    let mut value = 0;
    if words.len() == 1 {
        shell.complain_as("let", "expression expected");
        return Ok(1);
    }
    for word in words.iter().skip(1) {
        match shell.evaluate(word) {
            Ok(result) => value = result,
            Err(failure) => {
                let message = shell.arithmetic_message(&failure);
                shell.complain_as("let", message);
                return if shell.dialect.is_bash() { Ok(1) } else { shell.fatal("let", 2) };
            }
        }
    }
    Ok(i32::from(value == 0))
}
