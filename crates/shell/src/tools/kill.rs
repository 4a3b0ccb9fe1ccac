//! `kill`

use super::options::misuse;
use crate::context::Context;
use crate::signal::Signal;

pub(crate) const TOOL: super::Tool = super::Tool {
    name: "kill",
    usage: "[-l] [-SIG] PID...",
    about: "Send a signal (default: TERM) to given PIDs",
    run: |context| Box::pin(run(context)),
    ..super::TOOL
};

/// What a command line asks for.
pub(crate) enum Request {
    /// `-l`, with signals whose names or numbers are wanted.
    List(Vec<String>),
    /// No signal: 0, which only asks whether the process is there.
    Send(Option<Signal>, Vec<String>),
}

/// Reads the arguments; the error is a signal that does not exist.
pub(crate) fn parse(words: &[String]) -> Result<Request, String> {
    let mut signal = Some(Signal::TERM);
    let mut words = words;
    if let Some((first, rest)) = words.split_first() {
        let named = match first.as_str() {
            "-l" | "-L" => return Ok(Request::List(rest.to_vec())),
            "--" => {
                words = rest;
                None
            }
            "-s" | "-n" => {
                let name = rest.first().cloned().unwrap_or_default();
                words = rest.get(1..).unwrap_or_default();
                Some(name)
            }
            option if option.len() > 1 && option.starts_with('-') => {
                words = rest;
                Some(option.trim_start_matches("-s").trim_start_matches('-').to_owned())
            }
            _ => None,
        };
        if let Some(name) = named {
            signal = match name.as_str() {
                "0" | "EXIT" => None,
                name => Some(Signal::parse(name).ok_or_else(|| name.to_owned())?),
            };
        }
    }
    if words.first().is_some_and(|word| word == "--") {
        words = words.get(1..).unwrap_or_default();
    }
    Ok(Request::Send(signal, words.to_vec()))
}

/// What `kill -l` prints.
pub(crate) fn signal_list(names: &[String], bash: bool) -> String {
    if !names.is_empty() {
        let other = |text: &String| match text.parse::<u32>() {
            Ok(number) => {
                // A status of a process that a signal ended names the signal too.
                let number = if number > 128 { number - 128 } else { number };
                Signal::from_number(number)
                    .map_or(String::new(), |signal| format!("{}\n", signal.name()))
            }
            Err(_) => {
                Signal::parse(text).map_or(String::new(), |signal| format!("{}\n", signal.number()))
            }
        };
        return names.iter().map(other).collect();
    }
    if !bash {
        let line = |signal: Signal| format!("{:2}) {}\n", signal.number(), signal.name());
        return Signal::all().map(line).collect();
    }
    let mut text = String::new();
    for signal in Signal::all() {
        text.push_str(&format!("{:2}) SIG{}", signal.number(), signal.name()));
        text.push(if signal.number() % 5 == 0 { '\n' } else { '\t' });
    }
    text.push('\n');
    text
}

async fn run(context: Context) -> i32 {
    let (signal, targets) = match parse(&context.operands()) {
        Ok(Request::List(names)) => {
            context.put(signal_list(&names, false));
            return 0;
        }
        Ok(Request::Send(signal, targets)) => (signal, targets),
        Err(bad) if context.is_busybox() => {
            context.fail(format!("bad signal name '{bad}'"));
            return 1;
        }
        Err(bad) => {
            context.fail(format!("unknown signal {bad}"));
            return 1;
        }
    };
    if targets.is_empty() {
        if context.is_busybox() {
            context.fail("you need to specify whom to kill");
            return 1;
        }
        return misuse(&context, &TOOL, "not enough arguments");
    }
    let mut status = 0;
    for target in &targets {
        let Ok(pid) = target.parse::<i64>() else {
            match context.is_busybox() {
                true => context.fail(format!("invalid number '{target}'")),
                false => context.fail(format!("failed to parse argument: '{target}'")),
            }
            status = 1;
            continue;
        };
        if let Err(error) = context.kill(pid, signal) {
            match context.is_busybox() {
                true => context.fail(format!("can't kill pid {pid}: {error}")),
                false => context.fail(format!("({pid}): {error}")),
            }
            status = 1;
        }
    }
    status
}
