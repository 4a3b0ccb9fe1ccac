//! `eval`, `.`, `source`, `command`, `builtin`

use super::{ALL, BASH, Builtin, NOT_DASH, Outcome, find, options, type_command};
use crate::errno::Errno;
use crate::interpreter::{Dialect, Shell, Source, Unwind};
use std::rc::Rc;

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin {
        name: "eval",
        special: true,
        dialects: ALL,
        run: |shell, words| Box::pin(eval(shell, words)),
    },
    Builtin {
        name: ".",
        special: true,
        dialects: ALL,
        run: |shell, words| Box::pin(source(shell, words)),
    },
    Builtin {
        name: "source",
        special: true,
        dialects: NOT_DASH,
        run: |shell, words| Box::pin(source(shell, words)),
    },
    Builtin {
        name: "command",
        special: false,
        dialects: ALL,
        run: |shell, words| Box::pin(command(shell, words)),
    },
    Builtin {
        name: "builtin",
        special: false,
        dialects: BASH,
        run: |shell, words| Box::pin(builtin(shell, words)),
    },
];

async fn eval(shell: &mut Shell, words: Vec<String>) -> Outcome {
    let text = words.get(1..).unwrap_or_default().join(" ");
    if text.trim().is_empty() {
        return Ok(0);
    }
    // bash counts lines on from where eval stands; the others begin anew.
    let line = shell.line;
    let first_line = if shell.dialect.is_bash() { line } else { 1 };
    let name = (!shell.dialect.is_bash()).then(|| Rc::from("eval"));
    shell.sources.push(Source { name, bash_name: None, is_text: true, is_function: false });
    shell.status = 0;
    shell.trace_depth += 1;
    let flow = shell.run_lines_from(&text, first_line).await;
    shell.trace_depth -= 1;
    shell.sources.pop();
    shell.line = line;
    flow.map(|()| shell.status)
}

async fn source(shell: &mut Shell, words: Vec<String>) -> Outcome {
    let name = words.first().cloned().unwrap_or_default();
    let Some(path) = words.get(1) else {
        if shell.dialect.is_bash() {
            shell.complain_as(&name, "filename argument required");
            shell.context.complain(format!("{name}: usage: {name} filename [arguments]\n"));
            return Ok(2);
        }
        if shell.dialect == Dialect::Ash {
            return Ok(2);
        }
        return Ok(0);
    };
    let found = find_file(shell, path);
    let text = match found {
        Ok(found) => match shell.context.open_input(&found) {
            Ok(stream) => shell.context.read_to_end(&stream).await,
            Err(error) => Err(error),
        },
        Err(error) => Err(error),
    };
    let text = match text {
        Ok(text) => crate::text::decode(&text),
        Err(error) => return cannot_read(shell, path, error),
    };
    let arguments = words.get(2..).unwrap_or_default();
    let positional = shell.positional.clone();
    if !arguments.is_empty() {
        shell.positional = arguments.into();
    }
    shell.status = 0;
    let loops = std::mem::take(&mut shell.loops);
    shell.trace_depth += 1;
    let flow = shell.run_file(path, &text).await;
    shell.trace_depth -= 1;
    shell.loops = loops;
    if !arguments.is_empty() {
        shell.positional = positional;
    }
    flow.map(|()| shell.status)
}

/// A name without a slash is looked for in `PATH`, and in bash then here.
fn find_file(shell: &Shell, path: &str) -> Result<String, Errno> {
    if path.contains('/') {
        return Ok(path.to_owned());
    }
    let search = shell.variables.text("PATH").unwrap_or("").to_owned();
    for directory in search.split(':') {
        let candidate = crate::fs::join(if directory.is_empty() { "." } else { directory }, path);
        let metadata = shell.context.metadata(&candidate, true);
        if metadata.is_ok_and(|metadata| metadata.is_file()) {
            return Ok(candidate);
        }
    }
    if shell.dialect.is_bash() { Ok(path.to_owned()) } else { Err(Errno::ENOENT) }
}

fn cannot_read(shell: &mut Shell, path: &str, error: Errno) -> Outcome {
    match shell.dialect {
        Dialect::Bash if error == Errno::EISDIR => {
            shell.complain_as(".", format!("{path}: is a directory"));
            Ok(1)
        }
        Dialect::Bash => {
            shell.complain(format!("{path}: {error}"));
            Ok(1)
        }
        Dialect::Dash => {
            let why = if path.contains('/') { "cannot open" } else { "" };
            match why {
                "" => shell.complain_as(".", format!("{path}: not found")),
                _ => shell.complain_as(".", format!("cannot open {path}: No such file")),
            }
            shell.fatal(".", 2)
        }
        Dialect::Ash => {
            match path.contains('/') {
                true => shell.complain_as(".", format!("can't open '{path}': {error}")),
                false => shell.complain_as(".", format!("{path}: not found")),
            }
            shell.fatal(".", 2)
        }
    }
}

async fn command(shell: &mut Shell, words: Vec<String>) -> Outcome {
    let (flags, operands) = match options(&words, "pvV") {
        Ok(parsed) => parsed,
        Err(letter) => {
            return shell.bad_option("command", letter, "command [-pVv] command [arg ...]");
        }
    };
    let Some(name) = operands.first().cloned() else {
        return Ok(0);
    };
    match flags.iter().rev().find(|(letter, _)| *letter != 'p').map(|(letter, _)| *letter) {
        Some('v') => {
            if !shell.dialect.is_bash() {
                return Ok(if type_command::brief(shell, &name) { 0 } else { 127 });
            }
            // bash looks at all of them, and one is enough.
            let mut any = false;
            for name in &operands {
                any |= type_command::brief(shell, name);
            }
            Ok(i32::from(!any))
        }
        Some('V') => type_command::describe(shell, "command", &operands),
        _ => run_without_functions(shell, &name, operands).await,
    }
}

async fn run_without_functions(shell: &mut Shell, name: &str, words: Vec<String>) -> Outcome {
    let Some(builtin) = find(name, shell.dialect) else {
        return shell.run_program_words(words).await;
    };
    match (builtin.run)(shell, words).await {
        // `command` takes away what makes a special builtin fatal.
        Err(Unwind::Exit) if builtin.special && !matches!(name, "exit" | "exec" | "eval" | ".") => {
            Ok(shell.status)
        }
        outcome => outcome,
    }
}

async fn builtin(shell: &mut Shell, words: Vec<String>) -> Outcome {
    let words = words.get(1..).unwrap_or_default().to_vec();
    let Some(name) = words.first().cloned() else {
        return Ok(0);
    };
    match find(&name, shell.dialect) {
        Some(builtin) => (builtin.run)(shell, words).await,
        None => {
            shell.complain_as("builtin", format!("{name}: not a shell builtin"));
            Ok(1)
        }
    }
}
