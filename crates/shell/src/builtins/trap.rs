//! `trap`

use super::{ALL, Builtin, Outcome};
use crate::interpreter::{Dialect, Shell, Trap, quote_always};
use crate::signal::Signal;

pub(super) const BUILTINS: &[Builtin] = &[Builtin {
    name: "trap",
    special: true,
    dialects: ALL,
    run: |shell, words| Box::pin(async move { trap(shell, &words) }),
}];

fn trap(shell: &mut Shell, words: &[String]) -> Outcome {
    let bash = shell.dialect.is_bash();
    let mut words: &[String] = words.get(1..).unwrap_or_default();
    if words.first().is_some_and(|word| word == "--") {
        words = words.get(1..).unwrap_or_default();
    }
    let prints = words.first().is_some_and(|word| word == "-p");
    if words.is_empty() || prints {
        list(shell, words.get(1..).unwrap_or_default());
        return Ok(0);
    }
    if words.first().is_some_and(|word| word == "-l") {
        let names: Vec<String> = Signal::all()
            .map(|signal| format!("{:2}) SIG{}", signal.number(), signal.name()))
            .collect();
        shell.context.put(names.join("\n") + "\n");
        return Ok(0);
    }
    let (action, signals) = match words {
        // `trap TERM`, `trap 0`: back to the default.
        [only] => (Some("-"), std::slice::from_ref(only)),
        [first, ..] if first.parse::<u32>().is_ok() => (Some("-"), words),
        [first, rest @ ..] => (Some(first.as_str()), rest),
        [] => (None, words),
    };
    let action = action.filter(|action| *action != "-");
    let mut status = 0;
    for name in signals {
        match Trap::parse(name, bash || shell.dialect == Dialect::Ash) {
            Some(trap) => shell.set_trap(trap, action),
            None => {
                match shell.dialect {
                    Dialect::Dash => shell.context.complain(format!("trap: {name}: bad trap\n")),
                    _ => shell.complain_as("trap", format!("{name}: invalid signal specification")),
                }
                status = 1;
            }
        }
    }
    Ok(status)
}

fn list(shell: &mut Shell, only: &[String]) {
    let bash = shell.dialect.is_bash();
    let mut text = String::new();
    for (trap, action) in shell.traps.iter() {
        let wanted =
            only.is_empty() || only.iter().any(|name| Trap::parse(name, bash) == Some(trap));
        if wanted {
            text.push_str(&format!(
                "trap -- {} {}\n",
                quote_always(action, shell.dialect),
                trap.name(bash)
            ));
        }
    }
    shell.context.put(text);
}
