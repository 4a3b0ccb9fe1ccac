//! `printf`

use super::{ALL, Builtin, Outcome};
use crate::interpreter::{Dialect, Shell, is_name};
use crate::tools::printf::{Manner, Problem, format};

pub(super) const BUILTINS: &[Builtin] = &[Builtin {
    name: "printf",
    special: false,
    dialects: ALL,
    run: |shell, words| Box::pin(async move { printf(shell, &words) }),
}];

fn printf(shell: &mut Shell, words: &[String]) -> Outcome {
    let mut words: &[String] = words.get(1..).unwrap_or_default();
    let mut variable = None;
    if shell.dialect.is_bash() && words.first().is_some_and(|word| word == "-v") {
        variable = words.get(1).cloned();
        if variable.is_none() {
            shell.complain_as("printf", "-v: option requires an argument");
        }
        words = words.get(2..).unwrap_or_default();
    }
    if words.first().is_some_and(|word| word == "--") {
        words = words.get(1..).unwrap_or_default();
    }
    let Some(text) = words.first() else {
        match shell.dialect {
            Dialect::Bash => {
                shell.context.complain("printf: usage: printf [-v var] format [arguments]\n");
                return Ok(2);
            }
            Dialect::Dash => {
                shell.complain_as("printf", "usage: printf format [arg ...]");
                return shell.fatal("printf", 2);
            }
            Dialect::Ash => {
                shell.context.complain(crate::tools::usage_text("printf"));
                return Ok(1);
            }
        }
    };
    let now = shell.context.now();
    let manner = match shell.dialect {
        Dialect::Bash => Manner::Modern,
        Dialect::Dash => Manner::Dash,
        Dialect::Ash => Manner::Busybox,
    };
    let result = format(text, words.get(1..).unwrap_or_default(), now, manner);
    let mut status = 0;
    for problem in &result.problems {
        complain(shell, problem);
        let is_fatal = matches!(problem, Problem::BadDirective(_));
        status = if is_fatal && manner == Manner::Dash { 2 } else { 1 };
    }
    match variable {
        Some(name) if is_name(&name) => {
            if shell.assign(&name, result.text).is_err() {
                return Err(shell.complain_read_only(&name));
            }
        }
        Some(name) => {
            shell.complain_as("printf", format!("`{name}': not a valid identifier"));
            return Ok(2);
        }
        None => shell.context.put(result.text),
    }
    Ok(status)
}

fn complain(shell: &mut Shell, problem: &Problem) {
    let dialect = shell.dialect;
    let message = match (problem, dialect) {
        (Problem::NotANumber(text), Dialect::Bash) => format!("{text}: invalid number"),
        (Problem::NotANumber(text), Dialect::Dash) => format!("{text}: expected numeric value"),
        (Problem::PartlyANumber(text), Dialect::Dash) => {
            format!("{text}: not completely converted")
        }
        (Problem::PartlyANumber(text), Dialect::Bash) => format!("{text}: invalid number"),
        (Problem::BadDirective(text), Dialect::Bash) => {
            let last = text.chars().last().unwrap_or('%');
            match text.len() {
                1 => "`%': missing format character".to_owned(),
                _ => format!("`{last}': invalid format character"),
            }
        }
        (Problem::BadDirective(text), Dialect::Dash) => format!("{text}: invalid directive"),
        (Problem::NotANumber(text) | Problem::PartlyANumber(text), Dialect::Ash) => {
            let name = &shell.name;
            shell.context.complain(format!("{name}: invalid number '{text}'\n"));
            return;
        }
        (Problem::BadDirective(text), Dialect::Ash) => {
            let name = &shell.name;
            shell.context.complain(format!("{name}: {text}: invalid format\n"));
            return;
        }
    };
    shell.complain_as("printf", message);
}
