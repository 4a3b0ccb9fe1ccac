//! `unset`

use super::{ALL, Builtin, Outcome, options};
use crate::interpreter::{Content, Key, Shell, is_name};

pub(super) const BUILTINS: &[Builtin] = &[Builtin {
    name: "unset",
    special: true,
    dialects: ALL,
    run: |shell, words| Box::pin(async move { unset(shell, &words) }),
}];

fn unset(shell: &mut Shell, words: &[String]) -> Outcome {
    let (flags, operands) = match options(words, "fvn") {
        Ok(parsed) => parsed,
        Err(letter) => return shell.bad_option("unset", letter, "unset [-f] [-v] [-n] [name ...]"),
    };
    let only = flags.last().map(|(letter, _)| *letter);
    let mut status = 0;
    for operand in &operands {
        if only == Some('f') {
            shell.undefine(operand);
            continue;
        }
        let element = operand.strip_suffix(']').and_then(|operand| operand.split_once('['));
        if let Some((name, index)) = element {
            unset_element(shell, name, index);
            continue;
        }
        let name = if only == Some('n') { operand.clone() } else { shell.resolve(operand) };
        if shell.variables.get(&name).is_some_and(|variable| variable.read_only) {
            if shell.dialect.is_bash() {
                shell.complain_as("unset", format!("{name}: cannot unset: readonly variable"));
                status = 1;
                continue;
            }
            shell.complain_as("unset", format!("{name}: is read only"));
            return shell.fatal("unset", 2);
        }
        if !shell.dialect.is_bash() && !is_name(&name) {
            return super::export::bad_name(shell, "unset", &name);
        }
        let was_set = shell.variables.remove(&name).is_some();
        if !was_set && only.is_none() && shell.dialect.is_bash() {
            shell.undefine(&name);
        }
    }
    Ok(status)
}

fn unset_element(shell: &mut Shell, name: &str, index: &str) {
    let name = shell.resolve(name);
    if matches!(index, "@" | "*") {
        shell.variables.remove(&name);
        return;
    }
    let Ok(key) = shell.key(&name, index) else {
        return;
    };
    match (&mut shell.variables.entry(&name).content, key) {
        (Content::List(list), Key::Number(number)) => {
            let end = list.keys().next_back().map_or(0, |last| last + 1);
            list.remove(&if number < 0 { end + number } else { number });
        }
        (Content::Map(map), Key::Name(key)) => {
            map.remove(&key);
        }
        _ => {}
    }
}
