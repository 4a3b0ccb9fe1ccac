//! The program: from a command line to an exit code.

use crate::command::{Alone, Called, find, first_argument};
use crate::commands::ROOT;
use crate::discovery::Cache;
use crate::errors::{Error, Result, quote};
use crate::flags::global::GLOBAL;
use crate::flags::parse;
use crate::invocation::Invocation;
use crate::suggestions;
use crate::transport::{Api, LocalFuture};
use shell::{Context, Program};
use std::rc::Rc;

/// kubectl as a program that talks to `api`. Its runs share what they have learned about the
/// server, as those of the real kubectl do through their cache.
pub fn program(api: Rc<dyn Api>) -> impl Program {
    let cache = Rc::new(Cache::default());
    move |context: Context| run_with(context, api.clone(), cache.clone())
}

/// Runs kubectl in the process of `context`; completes with the exit code.
pub async fn run(context: Context, api: Rc<dyn Api>) -> i32 {
    run_with(context, api, Rc::default()).await
}

/// [`run`] with what earlier runs have learned about the server.
pub async fn run_with(context: Context, api: Rc<dyn Api>, cache: Rc<Cache>) -> i32 {
    let words = context.operands();
    // The state of a command is large: it lives on the heap, and the caller's stays small.
    let command: LocalFuture<Result> = Box::pin(execute(context.clone(), api, cache, words));
    match command.await {
        Ok(()) => 0,
        Err(error) => {
            let (text, code) = error.report();
            if !text.is_empty() {
                context.complain(&text);
                context.complain(if text.ends_with('\n') { "" } else { "\n" });
            }
            code
        }
    }
}

async fn execute(
    context: Context,
    api: Rc<dyn Api>,
    cache: Rc<Cache>,
    words: Vec<String>,
) -> Result {
    let called = find(&ROOT, &words);
    if called.command().is_root()
        && let Some(at) = first_argument(&ROOT, &called.rest)
    {
        return run_plugin(&context, &called, at).await;
    }
    let groups: Vec<_> = called.command().flags.iter().copied().chain([GLOBAL]).collect();
    let parsed = parse(&groups, &called.rest)
        .map_err(|why| Error::Other(format!("{why}\nSee '{} --help' for usage.", called.name())))?;
    for notice in &parsed.notices {
        context.complain(format!("{notice}\n"));
    }
    if parsed.wants_help {
        context.put(crate::help::help(&called));
        return Ok(());
    }
    called.command().arguments.check(&called, &parsed.arguments)?;
    let missing = parsed.flags.missing();
    if !missing.is_empty() {
        let names: Vec<String> = missing.iter().map(|name| quote(name)).collect();
        return Err(Error::Other(format!("required flag(s) {} not set", names.join(", "))));
    }
    let invocation = Rc::new(Invocation::new(context, api, cache, called, parsed));
    let result = match invocation.command().run {
        Some(run) => run(invocation.clone()).await,
        None => show_group(&invocation),
    };
    if let Err(error) = &result {
        log_refusals(&invocation, error);
    }
    result?;
    warnings_as_errors(&invocation)
}

/// With enough of `-v`, what the server answered precedes what kubectl makes of it.
fn log_refusals(invocation: &Invocation, error: &Error) {
    const REFUSALS: i64 = 4;
    if invocation.flags.int("v") < REFUSALS {
        return;
    }
    for status in error.refusals() {
        let message = format!("server response object: [{}]", status.to_text());
        invocation.log('I', "helpers.go:246", &message);
    }
}

/// A word that is no command may be a plugin.
async fn run_plugin(context: &Context, called: &Called, at: usize) -> Result {
    match called.rest.first() {
        Some(flag) if flag.starts_with('-') => {
            Err(Error::Plain(format!("Error: flags cannot be placed before plugin name: {flag}")))
        }
        _ => match crate::commands::plugin::run(context, &called.rest).await? {
            Some(0) => Ok(()),
            Some(code) => Err(Error::Exit(code)),
            None => Err(unknown_command(called.rest.get(at).map_or("", String::as_str))),
        },
    }
}

fn unknown_command(word: &str) -> Error {
    let mut text = format!("unknown command {} for \"kubectl\"", quote(word));
    let similar = suggestions::similar(word, &ROOT);
    if !similar.is_empty() {
        text.push_str("\n\nDid you mean this?\n");
        for name in similar {
            text.push_str(&format!("\t{name}\n"));
        }
    }
    Error::Other(text)
}

/// A group of commands prints its help.
pub(crate) fn show_group(invocation: &Invocation) -> Result {
    let command = invocation.command();
    let help = crate::help::help(&invocation.called);
    if command.is_root() || command.alone == Alone::Succeeds {
        invocation.context.put(help);
        return Ok(());
    }
    if !invocation.arguments.is_empty() {
        let words = invocation.arguments.join(" ");
        return Err(invocation.usage_error(format!("unknown command {}", quote(&words))));
    }
    match command.alone {
        Alone::FailsOnOutput => invocation.context.put(help),
        _ => invocation.context.complain(help),
    }
    Err(Error::Exit(1))
}

/// `--warnings-as-errors`
fn warnings_as_errors(invocation: &Invocation) -> Result {
    let count = invocation.warning_count();
    if count == 0 || !invocation.flags.bool("warnings-as-errors") {
        return Ok(());
    }
    let noun = if count == 1 { "warning" } else { "warnings" };
    Err(Error::Other(format!("{count} {noun} received")))
}
