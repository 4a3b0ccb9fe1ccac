//! `hash`: programs are looked up every time, so there is nothing to remember.

use super::{ALL, Builtin, Outcome, options};
use crate::interpreter::{Dialect, Shell};

pub(super) const BUILTINS: &[Builtin] = &[Builtin {
    name: "hash",
    special: false,
    dialects: ALL,
    run: |shell, words| Box::pin(async move { hash(shell, &words) }),
}];

fn hash(shell: &mut Shell, words: &[String]) -> Outcome {
    let (flags, operands) = match options(words, "rlp:dt") {
        Ok(parsed) => parsed,
        Err(letter) => {
            return shell.bad_option("hash", letter, "hash [-lr] [-p pathname] [-dt] [name ...]");
        }
    };
    if flags.is_empty() && operands.is_empty() && shell.dialect.is_bash() {
        shell.context.put("hash: hash table empty\n");
    }
    let mut status = 0;
    for name in &operands {
        if shell.find_program(name).is_err() {
            match shell.dialect {
                Dialect::Bash | Dialect::Dash => {
                    shell.complain_as("hash", format!("{name}: not found"));
                }
                Dialect::Ash => shell.complain_as("hash", format!("{name}: not found")),
            }
            status = 1;
        }
    }
    Ok(status)
}
