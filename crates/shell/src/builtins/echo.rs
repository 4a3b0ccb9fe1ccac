//! `echo`

use super::{ALL, Builtin, Outcome};
use crate::interpreter::{Dialect, Shell};
use crate::tools::echo::{Manner, echo_text};

pub(super) const BUILTINS: &[Builtin] = &[Builtin {
    name: "echo",
    special: false,
    dialects: ALL,
    run: |shell, words| Box::pin(async move { echo(shell, &words) }),
}];

fn echo(shell: &mut Shell, words: &[String]) -> Outcome {
    let manner = match shell.dialect {
        Dialect::Dash => Manner::AlwaysEscapes,
        Dialect::Bash => Manner::Options,
        Dialect::Ash => Manner::Busybox,
    };
    shell.context.put(echo_text(words.get(1..).unwrap_or_default(), manner));
    Ok(0)
}
