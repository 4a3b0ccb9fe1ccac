//! `timeout`, `time`, `watch`, `nohup`

use super::calendar::strftime;
use super::env::{become_program, missing_operand};
use super::{Options, Tool, date, duration, options::misuse};
use crate::context::Context;
use crate::errno::Errno;
use crate::fs::OpenOptions;
use crate::machine::Child;
use crate::notify::{Either, race};
use crate::process::Status;
use crate::signal::Signal;
use sim::Duration;

pub(crate) const TIMEOUT: Tool = Tool {
    name: "timeout",
    usage: "[-s SIG] [-k KILL_SECS] SECS PROG ARGS",
    about: "Run PROG. Send SIG to it if it is not gone in SECS seconds.",
    options: "+ s,signal: k,kill-after: !,preserve-status !,foreground !v,verbose",
    misuse: 125,
    run: |context| Box::pin(timeout(context)),
    ..super::TOOL
};

pub(crate) const TIME: Tool = Tool {
    name: "time",
    usage: "[-vpa] [-o FILE] PROG ARGS",
    about: "Run PROG, display resource usage when it exits",
    options: "+ v p a o: f:",
    run: |context| Box::pin(time(context)),
    ..super::TOOL
};

pub(crate) const WATCH: Tool = Tool {
    name: "watch",
    usage: "[-n SEC] [-t] PROG ARGS",
    about: "Run PROG periodically",
    options: "+ n,interval: t,no-title d,differences:: !e,errexit !g,chgexit !x,exec !c,color",
    run: |context| Box::pin(watch(context)),
    ..super::TOOL
};

pub(crate) const NOHUP: Tool = Tool {
    name: "nohup",
    usage: "PROG ARGS",
    about: "Run PROG immune to hangups, with output to a non-tty",
    options: "+",
    misuse: 125,
    run: |context| Box::pin(nohup(context)),
    ..super::TOOL
};

/// Starts a program; complains and gives the status if it cannot be started.
fn start(context: &Context, words: &[String]) -> Result<Child, i32> {
    let name = words.first().cloned().unwrap_or_default();
    context.spawn(words.to_vec()).map_err(|error| {
        context.fail(match context.is_busybox() {
            true => format!("can't execute '{name}': {error}"),
            false => format!("failed to run command {}: {error}", context.quoted(&name)),
        });
        if error == Errno::ENOENT { 127 } else { 126 }
    })
}

async fn timeout(context: Context) -> i32 {
    let options = match Options::parse(&context, &TIMEOUT) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let Some((text, words)) = options.operands.split_first().filter(|(_, words)| !words.is_empty())
    else {
        return misuse(&context, &TIMEOUT, "");
    };
    let parsed = (duration::parse(text), options.value("k").map(duration::parse));
    let (limit, grace) = match parsed {
        (Some(limit), None) => (limit, None),
        (Some(limit), Some(Some(grace))) => (limit, Some(grace)),
        (parsed, _) => {
            let bad = if parsed.is_none() { text } else { options.value("k").unwrap_or_default() };
            if context.is_busybox() {
                context.fail(format!("invalid number '{bad}'"));
                return 1;
            }
            let message = format!("invalid time interval {}", context.quoted(bad));
            return misuse(&context, &TIMEOUT, &message);
        }
    };
    let Some(signal) = options.value("s").map_or(Some(Signal::TERM), Signal::parse) else {
        let bad = options.value("s").unwrap_or_default();
        return misuse(&context, &TIMEOUT, &format!("{}: invalid signal", context.quoted(bad)));
    };
    let _ = context.flush().await;
    let child = match start(&context, words) {
        Ok(child) => child,
        Err(status) => return status,
    };
    if limit == Duration::ZERO {
        return child.wait().await.code();
    }
    match race(child.wait(), context.sim().sleep(limit)).await {
        Either::First(status) => return pass_on(&context, status).await,
        Either::Second(()) => {}
    }
    let _ = context.kill(i64::from(child.pid()), Some(signal));
    let mut killed = signal == Signal::KILL;
    if let Some(grace) = grace
        && let Either::Second(()) = race(child.wait(), context.sim().sleep(grace)).await
    {
        let _ = context.kill(i64::from(child.pid()), Some(Signal::KILL));
        killed = true;
    }
    let status = child.wait().await;
    if context.is_busybox() {
        // busybox's timeout becomes the program, so that its end is the program's.
        return pass_on(&context, status).await;
    }
    match (options.has("preserve-status"), killed) {
        (true, _) => status.code(),
        (_, true) => 137,
        _ => 124,
    }
}

/// Ends as the program ended.
async fn pass_on(context: &Context, status: Status) -> i32 {
    if let (Status::Signalled(signal), true) = (status, context.is_busybox()) {
        context.machine().terminate(context.process(), Status::Signalled(signal));
        std::future::pending::<()>().await;
    }
    status.code()
}

async fn time(context: Context) -> i32 {
    let options = match Options::parse(&context, &TIME) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if options.operands.is_empty() {
        return missing_operand(&context, &TIME);
    }
    let started = context.now();
    let child = match start(&context, &options.operands) {
        Ok(child) => child,
        Err(status) => return status,
    };
    let status = context.wait(&child).await;
    let took = context.now().since(started);
    let (minutes, seconds, hundredths) =
        (took.as_secs() / 60, took.as_secs() % 60, took.subsec_millis() / 10);
    context.complain(match (options.has("p"), context.is_busybox()) {
        (true, _) => format!("real {}.{hundredths:02}\nuser 0.00\nsys 0.00\n", took.as_secs()),
        (_, true) => {
            format!("real\t{minutes}m {seconds}.{hundredths:02}s\nuser\t0m 0.00s\nsys\t0m 0.00s\n")
        }
        _ => format!("0.00user 0.00system {minutes}:{seconds:02}.{hundredths:02}elapsed 0%CPU\n"),
    });
    status.code()
}

async fn watch(context: Context) -> i32 {
    let options = match Options::parse(&context, &WATCH) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if options.operands.is_empty() {
        return misuse(&context, &WATCH, "");
    }
    let text = options.value("n").unwrap_or("2");
    let pause = duration::parse_seconds(text).unwrap_or(Duration::from_secs(2));
    let pause = pause.max(Duration::from_millis(100));
    let command = options.operands.join(" ");
    loop {
        let (columns, rows) = context.window_size().unwrap_or((80, 24));
        context.put("\u{1b}[H\u{1b}[2J");
        if !options.has("t") {
            let now = strftime("%a %b %e %H:%M:%S %Y", context.now(), &date::zone(&context));
            let host = context.machine().config().hostname.clone();
            let (left, right) = match context.is_busybox() {
                true => (format!("Every {text}s: {command}"), now),
                false => (
                    format!(
                        "Every {}.{}s: {command}",
                        pause.as_secs(),
                        pause.subsec_millis() / 100
                    ),
                    format!("{host}: {now}"),
                ),
            };
            let gap = columns.saturating_sub(left.chars().count() + right.chars().count()).max(1);
            context.put(format!("{left}{}{right}\n\n", " ".repeat(gap)));
        }
        let _ = context.flush().await;
        let output = crate::stream::Capture::new(256 * 1024);
        let words = match options.has("x") {
            true => options.operands.clone(),
            false => ["sh", "-c", &command].map(str::to_owned).to_vec(),
        };
        let child = match start(&context, &words) {
            Ok(child) => child,
            Err(status) => return status,
        };
        for descriptor in [1, 2] {
            let _ = child.process().set_descriptor(descriptor, output.clone());
        }
        let status = child.wait().await;
        let text = crate::text::decode(&output.take());
        let room = rows.saturating_sub(if options.has("t") { 1 } else { 3 });
        for line in text.lines().take(room) {
            let line: String = line.chars().take(columns).collect();
            context.put(line + "\n");
        }
        if options.has("e") && status.code() != 0 {
            return 8;
        }
        if context.flush().await.is_err() {
            return 1;
        }
        context.sleep(pause).await;
    }
}

async fn nohup(context: Context) -> i32 {
    let options = match Options::parse(&context, &NOHUP) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if options.operands.is_empty() {
        return missing_operand(&context, &NOHUP);
    }
    context.ignore(Signal::HUP);
    if context.is_terminal(1) {
        match context.open("nohup.out", OpenOptions::APPEND) {
            Ok(stream) => {
                context.fail(match context.is_busybox() {
                    true => "appending output to nohup.out".to_owned(),
                    false => format!(
                        "ignoring input and appending output to {}",
                        context.quoted_always("nohup.out")
                    ),
                });
                let _ = context.flush().await;
                let _ = context.process().set_descriptor(1, stream.clone());
                if context.is_terminal(2) {
                    let _ = context.process().set_descriptor(2, stream);
                }
            }
            Err(error) => {
                context.fail(format!("failed to open 'nohup.out': {error}"));
                return 125;
            }
        }
    }
    become_program(&context, options.operands.clone()).await
}
