//! `shopt`

use super::{BASH, Builtin, Outcome, options};
use crate::interpreter::Shell;

pub(super) const BUILTINS: &[Builtin] = &[Builtin {
    name: "shopt",
    special: false,
    dialects: BASH,
    run: |shell, words| Box::pin(async move { shopt(shell, &words) }),
}];

/// Options of bash that change nothing here.
const INERT: [&str; 12] = [
    "autocd",
    "cdspell",
    "checkhash",
    "checkwinsize",
    "cmdhist",
    "direxpand",
    "extquote",
    "histappend",
    "inherit_errexit",
    "login_shell",
    "progcomp",
    "sourcepath",
];

fn shopt(shell: &mut Shell, words: &[String]) -> Outcome {
    let (flags, operands) = match options(words, "supqo") {
        Ok(parsed) => parsed,
        Err(letter) => {
            return shell.bad_option("shopt", letter, "shopt [-pqsu] [-o] [optname ...]");
        }
    };
    let has = |wanted: char| flags.iter().any(|(letter, _)| *letter == wanted);
    let mut status = 0;
    if operands.is_empty() {
        let mut text = String::new();
        for (name, on) in shell.shell_options.all() {
            let shown = (!has('s') || *on) && (!has('u') || !*on);
            if shown {
                text.push_str(&line(name, *on, has('p')));
            }
        }
        shell.context.put(text);
        return Ok(0);
    }
    for name in &operands {
        if has('o') {
            if !shell.set_option(name, has('s')) {
                shell.complain_as("shopt", format!("{name}: invalid option name"));
                status = 1;
            }
            continue;
        }
        let found = shell.shell_options.all().into_iter().find(|(known, _)| known == name);
        let Some((_, value)) = found else {
            if !INERT.contains(&name.as_str()) {
                shell.complain_as("shopt", format!("{name}: invalid shell option name"));
                status = 1;
            }
            continue;
        };
        if has('s') || has('u') {
            *value = has('s');
        } else {
            let on = *value;
            if !on {
                status = 1;
            }
            if !has('q') {
                shell.context.put(line(name, on, has('p')));
            }
        }
    }
    Ok(status)
}

fn line(name: &str, on: bool, reusable: bool) -> String {
    match (reusable, on) {
        (true, true) => format!("shopt -s {name}\n"),
        (true, false) => format!("shopt -u {name}\n"),
        (false, _) => format!("{name:15}\t{}\n", if on { "on" } else { "off" }),
    }
}
