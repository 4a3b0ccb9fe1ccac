//! `exec`

use super::{ALL, Builtin, Outcome};
use crate::errno::Errno;
use crate::interpreter::{Dialect, Shell, Unwind};

pub(super) const BUILTINS: &[Builtin] = &[Builtin {
    name: "exec",
    special: true,
    dialects: ALL,
    run: |shell, words| Box::pin(exec(shell, words)),
}];

async fn exec(shell: &mut Shell, words: Vec<String>) -> Outcome {
    let mut words = words.get(1..).unwrap_or_default().to_vec();
    if words.first().is_some_and(|word| word == "--") {
        words.remove(0);
    }
    let mut name_shown = None;
    if words.first().is_some_and(|word| word == "-a") && words.len() > 2 {
        name_shown = words.get(1).cloned();
        words.drain(..2);
    }
    let Some(name) = words.first().cloned() else {
        return Ok(0);
    };
    if let (Some(shown), Some(first)) = (name_shown, words.first_mut()) {
        *first = shown;
    }
    if let Err(error) = shell.find_program(&name) {
        let text = match (error, shell.dialect) {
            (Errno::ENOENT, Dialect::Bash) if name.contains('/') => format!("{name}: {error}"),
            (Errno::ENOENT, _) => format!("{name}: not found"),
            _ => format!("{name}: {error}"),
        };
        match shell.dialect {
            Dialect::Bash if name.contains('/') => shell.complain(text),
            _ => shell.complain_as("exec", text),
        }
        shell.status = if error == Errno::ENOENT { 127 } else { 126 };
        return if shell.is_interactive() { Ok(shell.status) } else { Err(Unwind::Exit) };
    }
    shell.context.settle().await;
    shell.become_program(&name, words).await?;
    // It could not be executed after all.
    if shell.is_interactive() { Ok(shell.status) } else { Err(Unwind::Exit) }
}
