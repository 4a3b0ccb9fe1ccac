//! `env`, `printenv`

use super::{Options, Tool, options::misuse};
use crate::context::Context;
use crate::environment::Environment;
use crate::errno::Errno;

pub(crate) const ENV: Tool = Tool {
    name: "env",
    usage: "[-i0] [-u NAME]... [-] [NAME=VALUE]... [PROG ARGS]",
    about: "Print current environment or run PROG after setting up environment",
    options: "+ i,ignore-environment 0,null u,unset: !C,chdir: !S,split-string: !v,debug",
    misuse: 125,
    run: |context| Box::pin(env(context)),
    ..super::TOOL
};

pub(crate) const PRINTENV: Tool = Tool {
    name: "printenv",
    usage: "[VARIABLE]...",
    about: "Print environment VARIABLEs. If no VARIABLE specified, print all.",
    options: "!0,null",
    misuse: 2,
    run: |context| Box::pin(async move { printenv(&context) }),
    ..super::TOOL
};

async fn env(context: Context) -> i32 {
    let options = match Options::parse(&context, &ENV) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut operands: Vec<String> = options.operands.clone();
    if let Some(text) = options.value("S") {
        operands.splice(0..0, text.split_whitespace().map(str::to_owned));
    }
    let mut clears = options.has("i");
    if operands.first().is_some_and(|word| word == "-") {
        operands.remove(0);
        clears = true;
    }
    let mut environment = if clears { Environment::new() } else { context.environment() };
    for name in options.values("u") {
        environment.remove(name);
    }
    while let Some((name, value)) = operands.first().and_then(|word| word.split_once('=')) {
        environment.set(name, value);
        operands.remove(0);
    }
    if operands.is_empty() {
        let end = if options.has("0") { '\0' } else { '\n' };
        for (name, value) in environment.iter() {
            context.put(format!("{name}={value}{end}"));
        }
        return 0;
    }
    if let Some(directory) = options.value("C")
        && let Err(error) = context.change_directory(directory)
    {
        context.fail(format!("cannot change directory to {}: {error}", context.quoted(directory)));
        return 125;
    }
    context.set_environment(environment);
    become_program(&context, operands).await
}

/// Turns the process into another program; complains and gives the status if it cannot.
pub(super) async fn become_program(context: &Context, words: Vec<String>) -> i32 {
    let name = words.first().cloned().unwrap_or_default();
    let search = context.variable("PATH");
    let search = search.as_deref().unwrap_or(crate::userland::DEFAULT_PATH);
    let own = context.name();
    let found = context.machine().find_executable(&context.caller(), &name, search);
    let _ = context.flush().await;
    let error = match found.and_then(|path| context.execute(&path, words)) {
        Ok(run) => return run.await,
        Err(error) => error,
    };
    let message = match context.is_busybox() {
        true => format!("{own}: can't execute '{name}': {error}\n"),
        false if own == "nohup" || own == "timeout" => {
            format!("{own}: failed to run command {}: {error}\n", context.quoted(&name))
        }
        false => format!("{own}: {}: {error}\n", context.quoted(&name)),
    };
    context.complain(message);
    if error == Errno::ENOENT { 127 } else { 126 }
}

fn printenv(context: &Context) -> i32 {
    let options = match Options::parse(context, &PRINTENV) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let end = if options.has("0") { '\0' } else { '\n' };
    if options.operands.is_empty() {
        for (name, value) in context.environment().iter() {
            context.put(format!("{name}={value}{end}"));
        }
        return 0;
    }
    let mut status = 0;
    for name in &options.operands {
        match context.variable(name) {
            Some(value) => context.put(format!("{value}{end}")),
            None => status = 1,
        }
    }
    status
}

/// Complains that an operand is missing.
pub(super) fn missing_operand(context: &Context, tool: &Tool) -> i32 {
    misuse(context, tool, if context.is_busybox() { "" } else { "missing operand" })
}
