//! `wait`

use super::{ALL, Builtin, Outcome};
use crate::interpreter::{Dialect, Shell};
use crate::machine::Child;
use crate::notify::{Either, race};
use crate::process::Status;

pub(super) const BUILTINS: &[Builtin] = &[Builtin {
    name: "wait",
    special: false,
    dialects: ALL,
    run: |shell, words| Box::pin(wait(shell, words)),
}];

async fn wait(shell: &mut Shell, words: Vec<String>) -> Outcome {
    shell.context.settle().await;
    let mut operands: Vec<String> = words.get(1..).unwrap_or_default().to_vec();
    let any = operands.first().is_some_and(|word| word == "-n") && shell.dialect != Dialect::Dash;
    if any {
        operands.remove(0);
        return wait_for_any(shell).await;
    }
    if operands.is_empty() {
        let numbers: Vec<u32> = shell.jobs.iter().map(|job| job.number).collect();
        for number in numbers {
            let job = shell.jobs.iter().find(|job| job.number == number);
            let children = job.map(|job| job.children.clone()).unwrap_or_default();
            if wait_for_all(shell, &children).await.is_none() {
                return interrupted(shell);
            }
            shell.jobs.remove(number);
        }
        return Ok(0);
    }
    let mut status = 0;
    for operand in &operands {
        let Some((number, children)) = target(shell, operand) else {
            status = unknown(shell, operand)?;
            continue;
        };
        match wait_for_all(shell, &children).await {
            Some(last) => status = last,
            None => return interrupted(shell),
        }
        if let Some(number) = number {
            shell.jobs.remove(number);
        }
    }
    Ok(status)
}

/// A signal with a trap came first: `wait` is over, the trap runs after it.
fn interrupted(shell: &mut Shell) -> Outcome {
    let pending = shell.context.process().signals.pending.get();
    Ok(128 + pending.trailing_zeros() as i32)
}

async fn wait_for_all(shell: &Shell, children: &[Child]) -> Option<i32> {
    let mut status = 0;
    for child in children {
        let ended = shell.context.interruptible(child.wait()).await?;
        status = ended.code();
        if let Status::Signalled(signal) = ended
            && !shell.dialect.is_bash()
        {
            shell.report_killed(signal, child.pid(), "");
        }
    }
    Some(status)
}

async fn wait_for_any(shell: &mut Shell) -> Outcome {
    let children: Vec<(u32, Child)> = shell
        .jobs
        .iter()
        .filter_map(|job| Some((job.number, job.children.last()?.clone())))
        .collect();
    if children.is_empty() {
        return Ok(127);
    }
    let first = {
        let mut waits: Vec<_> = children.iter().map(|(_, child)| Box::pin(child.wait())).collect();
        let any = std::future::poll_fn(|context| {
            for (number, wait) in waits.iter_mut().enumerate() {
                if let std::task::Poll::Ready(status) = wait.as_mut().poll(context) {
                    return std::task::Poll::Ready((number, status));
                }
            }
            std::task::Poll::Pending
        });
        match race(any, shell.context.until_signal()).await {
            Either::First(found) => Some(found),
            Either::Second(()) => None,
        }
    };
    match first {
        Some((number, status)) => {
            if let Some((job, _)) = children.get(number) {
                shell.jobs.remove(*job);
            }
            Ok(status.code())
        }
        None => interrupted(shell),
    }
}

/// What an operand names: a job, or one process of a job.
fn target(shell: &Shell, operand: &str) -> Option<(Option<u32>, Vec<Child>)> {
    if operand.starts_with('%') {
        let job = shell.jobs.find(operand)?;
        return Some((Some(job.number), job.children.clone()));
    }
    let (_, child) = shell.jobs.of_child(operand.parse().ok()?)?;
    Some((None, vec![child]))
}

fn unknown(shell: &mut Shell, operand: &str) -> Outcome {
    match (shell.dialect, operand.parse::<u32>()) {
        (Dialect::Bash, Ok(pid)) => {
            shell.complain_as("wait", format!("pid {pid} is not a child of this shell"));
        }
        (Dialect::Bash, Err(_)) if operand.starts_with('%') => {
            shell.complain_as("wait", format!("{operand}: no such job"));
        }
        (Dialect::Bash, Err(_)) => {
            shell.complain_as("wait", format!("`{operand}': not a pid or valid job spec"));
            return Ok(1);
        }
        (Dialect::Dash, Err(_)) => {
            shell.complain_as("wait", format!("No such job: {operand}"));
            return shell.fatal("wait", 2);
        }
        _ => {}
    }
    Ok(127)
}
