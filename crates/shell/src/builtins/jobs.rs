//! `jobs`, `fg`, `bg`, `disown`

use super::{ALL, BASH, Builtin, Outcome, options};
use crate::interpreter::Shell;
use crate::machine::Child;

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin {
        name: "jobs",
        special: false,
        dialects: ALL,
        run: |shell, words| Box::pin(async move { jobs(shell, &words) }),
    },
    Builtin {
        name: "fg",
        special: false,
        dialects: ALL,
        run: |shell, words| Box::pin(fg(shell, words)),
    },
    Builtin {
        name: "bg",
        special: false,
        dialects: ALL,
        run: |shell, words| Box::pin(async move { bg(shell, &words) }),
    },
    Builtin {
        name: "disown",
        special: false,
        dialects: BASH,
        run: |shell, words| Box::pin(async move { disown(shell, &words) }),
    },
];

fn jobs(shell: &mut Shell, words: &[String]) -> Outcome {
    let (flags, _) = match options(words, "lnprs") {
        Ok(parsed) => parsed,
        Err(letter) => return shell.bad_option("jobs", letter, "jobs [-lnprs] [jobspec ...]"),
    };
    let has = |wanted: char| flags.iter().any(|(letter, _)| *letter == wanted);
    let mut text = String::new();
    let mut ended = Vec::new();
    for job in shell.jobs.iter() {
        if job.status().is_some() {
            ended.push(job.number);
            if has('r') {
                continue;
            }
        }
        match has('p') {
            true => text.push_str(&format!("{}\n", job.last_pid())),
            false => text.push_str(&shell.job_line(job, has('l'))),
        }
    }
    shell.context.put(text);
    for number in ended {
        shell.jobs.remove(number);
    }
    Ok(0)
}

/// The job that the first operand names, or the current one.
fn named(shell: &mut Shell, words: &[String]) -> Result<(u32, Vec<Child>, String), Outcome> {
    let builtin = words.first().cloned().unwrap_or_default();
    let spec = words.get(1).cloned().unwrap_or_else(|| "%+".to_owned());
    match shell.jobs.find(&spec) {
        Some(job) => Ok((job.number, job.children.clone(), job.text.to_string())),
        None => {
            let shown = if words.len() > 1 { spec } else { "current".to_owned() };
            let message = match shell.dialect.is_bash() {
                true => format!("{shown}: no such job"),
                false if words.len() == 1 => "No current job".to_owned(),
                false => format!("No such job: {shown}"),
            };
            shell.complain_as(&builtin, message);
            Err(Ok(if shell.dialect.is_bash() { 1 } else { 2 }))
        }
    }
}

fn has_job_control(shell: &mut Shell, builtin: &str) -> bool {
    if !shell.options.monitor {
        shell.complain_as(builtin, "no job control");
    }
    shell.options.monitor
}

async fn fg(shell: &mut Shell, words: Vec<String>) -> Outcome {
    if shell.dialect.is_bash() && !has_job_control(shell, "fg") {
        return Ok(1);
    }
    match named(shell, &words) {
        Ok((number, children, text)) => {
            shell.context.put(format!("{text}\n"));
            shell.jobs.remove(number);
            shell.wait_for_job(&children, &text).await?;
            Ok(shell.status)
        }
        Err(outcome) => outcome,
    }
}

fn bg(shell: &mut Shell, words: &[String]) -> Outcome {
    if !has_job_control(shell, "bg") {
        return Ok(1);
    }
    match named(shell, words) {
        // Jobs are never stopped, so the job runs already.
        Ok((number, ..)) => {
            shell.complain_as("bg", format!("job {number} already in background"));
            Ok(0)
        }
        Err(outcome) => outcome,
    }
}

fn disown(shell: &mut Shell, words: &[String]) -> Outcome {
    match named(shell, words) {
        Ok((number, ..)) => {
            shell.jobs.remove(number);
            Ok(0)
        }
        Err(outcome) => outcome,
    }
}
