//! `test`, `[`

use super::{ALL, Builtin, NOT_DASH, Outcome};
use crate::interpreter::{Dialect, Shell};
use crate::tools::test::{Equality, Failure, evaluate, is_binary};

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin {
        name: "test",
        special: false,
        dialects: ALL,
        run: |shell, words| Box::pin(async move { test(shell, &words) }),
    },
    Builtin {
        name: "[",
        special: false,
        dialects: ALL,
        run: |shell, words| Box::pin(async move { test(shell, &words) }),
    },
    Builtin {
        // To busybox's shell it is `test` with patterns; to bash it is grammar.
        name: "[[",
        special: false,
        dialects: NOT_DASH,
        run: |shell, words| Box::pin(async move { test(shell, &words) }),
    },
];

fn test(shell: &mut Shell, words: &[String]) -> Outcome {
    let name = words.first().cloned().unwrap_or_default();
    let mut operands = words.get(1..).unwrap_or_default();
    let closing = match name.as_str() {
        "[" => Some("]"),
        "[[" => Some("]]"),
        _ => None,
    };
    if let Some(closing) = closing {
        match operands.split_last() {
            Some((last, rest)) if last == closing => operands = rest,
            _ => {
                match shell.dialect {
                    Dialect::Bash => shell.complain_as("[", "missing `]'"),
                    Dialect::Dash => shell.complain_as("[", "missing ]"),
                    Dialect::Ash => {
                        shell.context.complain(format!("{}: missing {closing}\n", shell.name));
                    }
                }
                return Ok(2);
            }
        }
    }
    let context = shell.context.clone();
    let mut more = |operator: &str, text: &str| match operator {
        "-v" | "-o" | "-R" => Some(shell.test_unary(operator, text)),
        _ => None,
    };
    let equality = if name == "[[" { Equality::Pattern } else { Equality::Text };
    match evaluate(&context, operands, equality, &mut more) {
        Ok(holds) => Ok(i32::from(!holds)),
        Err(failure) => {
            complain(shell, &name, &failure);
            Ok(2)
        }
    }
}

fn complain(shell: &mut Shell, name: &str, failure: &Failure) {
    let message = match (shell.dialect, failure) {
        (Dialect::Bash, Failure::NotAnInteger(text)) => {
            format!("{text}: integer expression expected")
        }
        (Dialect::Bash, Failure::UnaryExpected(text, _)) => {
            format!("{text}: unary operator expected")
        }
        (Dialect::Bash, Failure::BinaryExpected(_, text)) => {
            format!("{text}: binary operator expected")
        }
        (Dialect::Bash, Failure::ArgumentExpected(_)) => "argument expected".to_owned(),
        (Dialect::Bash, Failure::MissingParenthesis) => "`)' expected".to_owned(),
        (Dialect::Bash, Failure::TooMany(_)) => "too many arguments".to_owned(),
        (Dialect::Dash, Failure::NotAnInteger(text)) => format!("Illegal number: {text}"),
        (Dialect::Dash, Failure::UnaryExpected(_, second)) if is_binary(second) => {
            format!("{second}: argument expected")
        }
        (
            Dialect::Dash,
            Failure::UnaryExpected(text, _)
            | Failure::BinaryExpected(text, _)
            | Failure::TooMany(text),
        ) => format!("{text}: unexpected operator"),
        (Dialect::Dash, Failure::ArgumentExpected(text)) => format!("{text}: argument expected"),
        (Dialect::Dash, Failure::MissingParenthesis) => "closing paren expected".to_owned(),
        (Dialect::Ash, failure) => {
            let text = failure.busybox_text();
            shell.context.complain(format!("{}: {text}\n", shell.name));
            return;
        }
    };
    shell.complain_as(name, message);
}
