//! `kubectl certificate`

use crate::client::Call;
use crate::command::{Command, run};
use crate::errors::{Error, Result, bail};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::print::{DryRun, Order, Reporter};
use crate::resource::{Builder, Info};
use api::{Value, names, object};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "certificate",
    short: "Modify certificate resources",
    long: include_str!("../../help/certificate.txt"),
    usage: "certificate SUBCOMMAND",
    subcommands: &[&APPROVE, &DENY],
    ..Command::EMPTY
};

const FILES: &[Flag] = &[shared::FILENAME_UPDATE, shared::KUSTOMIZE, shared::RECURSIVE];

static APPROVE: Command = Command {
    name: "approve",
    short: "Approve a certificate signing request",
    long: include_str!("../../help/certificate-approve.txt"),
    usage: "approve (-f FILENAME | NAME)",
    flags: &[
        shared::PRINT,
        FILES,
        &[Flag::bool("force", "false", "Update the CSR even if it is already approved.")],
    ],
    run: run!(approve),
    ..Command::EMPTY
};

static DENY: Command = Command {
    name: "deny",
    short: "Deny a certificate signing request",
    long: "Deny a certificate signing request.\n\n kubectl certificate deny allows a cluster admin \
           to deny a certificate signing request (CSR). This action tells a certificate signing \
           controller to not to issue a certificate to the requester.\n\nExamples:\n  \
           # Deny CSR 'csr-sqgzp'\n  kubectl certificate deny csr-sqgzp",
    usage: "deny (-f FILENAME | NAME)",
    flags: &[
        shared::PRINT,
        FILES,
        &[Flag::bool("force", "false", "Update the CSR even if it is already denied.")],
    ],
    run: run!(deny),
    ..Command::EMPTY
};

/// What is decided.
struct Decision {
    verb: &'static str,
    done: &'static str,
    condition: &'static str,
    reason: &'static str,
}

async fn approve(invocation: Rc<Invocation>) -> Result {
    let condition = "Approved";
    let reason = "KubectlApprove";
    decide(invocation, Decision { verb: "approve", done: "approved", condition, reason }).await
}

async fn deny(invocation: Rc<Invocation>) -> Result {
    let condition = "Denied";
    let reason = "KubectlDeny";
    decide(invocation, Decision { verb: "deny", done: "denied", condition, reason }).await
}

async fn decide(invocation: Rc<Invocation>, decision: Decision) -> Result {
    let flags = &invocation.flags;
    let has_files = !flags.strings("filename").is_empty() || !flags.string("kustomize").is_empty();
    if invocation.arguments.is_empty() && !has_files {
        bail!("one or more CSRs must be specified as <name> or -f <filename>");
    }
    let mut reporter = Reporter::new(&invocation, decision.done, DryRun::None)?;
    let mut builder = Builder::new(&invocation).flatten().latest();
    if !invocation.arguments.is_empty() {
        let mut arguments = vec!["csr".to_owned()];
        arguments.extend(invocation.arguments.iter().cloned());
        builder = builder.arguments(&arguments);
    }
    let mut visitor = builder.build().await?;
    let mut errors = Vec::new();
    while let Some(next) = visitor.next().await {
        let result = match next {
            Ok(info) => decide_one(&invocation, info, &decision, &mut reporter).await,
            Err(error) => Err(error),
        };
        errors.extend(result.err());
    }
    Error::collect(errors)
}

async fn decide_one(
    invocation: &Rc<Invocation>,
    mut info: Info,
    decision: &Decision,
    reporter: &mut Reporter,
) -> Result {
    let conditions = info.object["status"]["conditions"].items();
    let is_decided = conditions.iter().any(|one| one["type"] == decision.condition);
    if !is_decided || invocation.flags.bool("force") {
        let message =
            format!("This CSR was {} by kubectl certificate {}.", decision.done, decision.verb);
        let condition = object! {
            "type": decision.condition,
            "status": "True",
            "reason": decision.reason,
            "message": message,
            "lastUpdateTime": invocation.context.now().rfc3339(),
            "lastTransitionTime": Value::Null,
        };
        let mut kept: Vec<Value> = conditions.to_vec();
        kept.retain(|one| one["type"] != decision.condition);
        kept.push(condition);
        let mut changed = info.object.clone();
        changed.update(&names::STATUS, |status| {
            status.make_map().insert("conditions", kept);
        });
        let call = Call::put(info.path("approval"), changed);
        let stored = invocation.client()?.value(call).await?;
        info.refresh(stored);
    }
    reporter.report_in(invocation, &info.object, Order::Typed)
}
