//! `kill`: the tool, which here also knows jobs.

use super::{ALL, Builtin, Outcome};
use crate::interpreter::{Dialect, Shell};
use crate::tools::kill::{Request, parse, signal_list};

pub(super) const BUILTINS: &[Builtin] = &[Builtin {
    name: "kill",
    special: false,
    dialects: ALL,
    run: |shell, words| Box::pin(async move { kill(shell, &words) }),
}];

fn kill(shell: &mut Shell, words: &[String]) -> Outcome {
    let (signal, targets) = match parse(words.get(1..).unwrap_or_default()) {
        Ok(Request::List(names)) => {
            let text = signal_list(&names, shell.dialect.is_bash());
            shell.context.put(text);
            return Ok(0);
        }
        Ok(Request::Send(signal, targets)) => (signal, targets),
        Err(bad) => match shell.dialect {
            Dialect::Bash => {
                shell.complain_as("kill", format!("{bad}: invalid signal specification"));
                return Ok(1);
            }
            Dialect::Dash => {
                let first = bad.chars().next().unwrap_or('-');
                shell.complain_as("kill", format!("Illegal option -{first}"));
                return Ok(2);
            }
            Dialect::Ash => {
                shell.context.complain(format!("{}: bad signal name '{bad}'\n", shell.name));
                return Ok(1);
            }
        },
    };
    if targets.is_empty() {
        let usage = "kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n";
        match shell.dialect {
            Dialect::Ash => {
                shell
                    .context
                    .complain(format!("{}: you need to specify whom to kill\n", shell.name));
            }
            _ => shell.context.complain(usage),
        }
        return Ok(if shell.dialect.is_bash() { 2 } else { 1 });
    }
    let mut status = 0;
    for target in &targets {
        if !kill_one(shell, signal, target) {
            let is_number = target.starts_with('%') || target.parse::<i64>().is_ok();
            status = if shell.dialect == Dialect::Dash && !is_number { 2 } else { 1 };
        }
    }
    Ok(status)
}

fn kill_one(shell: &mut Shell, signal: Option<crate::Signal>, target: &str) -> bool {
    if target.starts_with('%') {
        let Some(job) = shell.jobs.find(target) else {
            let message = match shell.dialect {
                Dialect::Bash => format!("{target}: no such job"),
                _ => format!("No such job: {target}"),
            };
            shell.complain_as("kill", message);
            return false;
        };
        let is_over = job.status().is_some();
        for child in &job.children {
            if let Some(signal) = signal {
                shell.context.machine().deliver(child.process(), signal, false);
            }
        }
        return !is_over;
    }
    let Ok(pid) = target.parse::<i64>() else {
        match shell.dialect {
            Dialect::Bash => {
                shell
                    .complain_as("kill", format!("{target}: arguments must be process or job IDs"));
            }
            Dialect::Dash => shell.complain_as("kill", format!("Illegal number: {target}")),
            Dialect::Ash => {
                shell.context.complain(format!("{}: invalid number '{target}'\n", shell.name));
            }
        }
        return false;
    };
    match shell.context.kill(pid, signal) {
        Ok(()) => true,
        Err(error) => {
            match shell.dialect {
                Dialect::Bash => shell.complain_as("kill", format!("({pid}) - {error}")),
                Dialect::Dash => shell.complain_as("kill", format!("{error}\n")),
                Dialect::Ash => {
                    let name = &shell.name;
                    shell.context.complain(format!("{name}: can't kill pid {pid}: {error}\n"));
                }
            }
            false
        }
    }
}
