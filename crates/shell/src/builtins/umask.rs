//! `umask`

use super::{ALL, Builtin, Outcome, options};
use crate::interpreter::{Dialect, Shell};
use crate::tools::mode::Mode;

pub(super) const BUILTINS: &[Builtin] = &[Builtin {
    name: "umask",
    special: false,
    dialects: ALL,
    run: |shell, words| Box::pin(async move { umask(shell, &words) }),
}];

fn umask(shell: &mut Shell, words: &[String]) -> Outcome {
    let (flags, operands) = match options(words, "Sp") {
        Ok(parsed) => parsed,
        Err(letter) => return shell.bad_option("umask", letter, "umask [-p] [-S] [mode]"),
    };
    let mask = shell.context.process().umask.get();
    let Some(text) = operands.first() else {
        let symbolic = flags.iter().any(|(letter, _)| *letter == 'S');
        let shown = if symbolic { symbols(mask) } else { format!("{mask:04o}") };
        shell.context.put(format!("{shown}\n"));
        return Ok(0);
    };
    let new = if text.starts_with(|c: char| c.is_ascii_digit()) {
        u16::from_str_radix(text, 8).ok().filter(|mask| *mask <= 0o7777)
    } else {
        let allowed = Mode::parse(text).map(|mode| mode.apply(!mask & 0o777, false, 0));
        allowed.map(|allowed| !allowed & 0o777)
    };
    match new {
        Some(new) => {
            shell.context.process().umask.set(new & 0o777);
            Ok(0)
        }
        None => {
            match shell.dialect {
                Dialect::Bash if text.starts_with(|c: char| c.is_ascii_digit()) => {
                    shell.complain_as("umask", format!("{text}: octal number out of range"));
                }
                Dialect::Bash => {
                    let message = format!("`{text}': invalid symbolic mode operator");
                    shell.complain_as("umask", message);
                }
                Dialect::Dash => shell.complain_as("umask", format!("Illegal number: {text}")),
                Dialect::Ash => shell.complain_as("umask", format!("illegal mode: {text}")),
            }
            Ok(if shell.dialect.is_bash() { 1 } else { 2 })
        }
    }
}

fn symbols(mask: u16) -> String {
    let part = |who: char, shift: u16| {
        let bits = !mask >> shift;
        let letters = [(4, 'r'), (2, 'w'), (1, 'x')];
        let held = letters.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, letter)| *letter);
        format!("{who}={}", held.collect::<String>())
    };
    [part('u', 6), part('g', 3), part('o', 0)].join(",")
}
