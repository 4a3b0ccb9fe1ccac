//! `pwd`

use super::{ALL, Builtin, options};

pub(super) const BUILTINS: &[Builtin] = &[Builtin {
    name: "pwd",
    special: false,
    dialects: ALL,
    run: |shell, words| {
        Box::pin(async move {
            let (flags, _) = match options(&words, "LP") {
                Ok(parsed) => parsed,
                Err(letter) => return shell.bad_option("pwd", letter, "pwd [-LP]"),
            };
            let physical = flags.last().is_some_and(|(letter, _)| *letter == 'P');
            let directory = shell.context.directory().to_string();
            let path = if physical {
                let caller = shell.context.caller();
                let files = shell.context.machine().files();
                files.canonical(&caller, &directory).map_or(directory, |(path, _)| path)
            } else {
                shell.variable_text("PWD").unwrap_or(directory)
            };
            shell.context.put(format!("{path}\n"));
            Ok(0)
        })
    },
}];
