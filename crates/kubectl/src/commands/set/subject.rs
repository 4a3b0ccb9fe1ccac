//! `kubectl set subject`

use super::{Sender, check_flags, objects};
use crate::command::{Command, run};
use crate::errors::{Error, Result, bail};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::print::DryRun;
use api::{Value, object};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "subject",
    short: "Update the user, group, or service account in a role binding or cluster role binding",
    long: include_str!("../../../help/set-subject.txt"),
    usage: "subject (-f FILENAME | TYPE NAME) [--user=username] [--group=groupname] \
            [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]",
    flags: &[
        shared::PRINT,
        &[
            shared::ALL,
            shared::DRY_RUN,
            shared::FIELD_MANAGER_SET,
            shared::KUSTOMIZE,
            shared::RECURSIVE,
            shared::SELECTOR,
            Flag::string_slice(
                "filename",
                "",
                "Filename, directory, or URL to files the resource to update the subjects",
            )
            .short('f'),
            Flag::string_array("group", "", "Groups to bind to the role"),
            Flag::bool(
                "local",
                "false",
                "If true, set subject will NOT contact api-server but run locally.",
            ),
            Flag::string_array("serviceaccount", "", "Service accounts to bind to the role"),
            Flag::string_array("user", "", "Usernames to bind to the role"),
        ],
    ],
    run: run!(subject),
    ..Command::EMPTY
};

/// The group of users and groups.
const GROUP: &str = "rbac.authorization.k8s.io";

async fn subject(invocation: Rc<Invocation>) -> Result {
    let dry_run = DryRun::read(&invocation)?;
    let failure = "failed to patch subjects to rolebinding: ";
    let mut sender = Sender::new(&invocation, "subjects updated", dry_run, failure)?;
    let infos = objects(&invocation, &invocation.arguments).await?;
    Error::collect(check_flags(&invocation, dry_run))?;
    let subjects = subjects(&invocation)?;
    for info in infos {
        let namespace = info.namespace.clone();
        let change = sender.compute(info, |object| {
            let kind = object["kind"].as_str().unwrap_or_default();
            if !matches!(kind, "RoleBinding" | "ClusterRoleBinding") {
                bail!("setting subjects is only supported for RoleBinding/ClusterRoleBinding");
            }
            add(object, &subjects, &namespace);
            Ok(())
        });
        if let Some(change) = change.filter(|change| !change.is_empty()) {
            sender.send(&change).await;
        }
    }
    sender.finish()
}

fn subjects(invocation: &Invocation) -> Result<Vec<Value>> {
    let flags = &invocation.flags;
    let mut subjects = Vec::new();
    for (kind, names) in [("User", flags.strings("user")), ("Group", flags.strings("group"))] {
        for name in names {
            subjects.push(object! { "kind": kind, "apiGroup": GROUP, "name": name.clone() });
        }
    }
    for account in flags.strings("serviceaccount") {
        let mut parts = account.split(':');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(namespace), Some(name), None) if !namespace.is_empty() && !name.is_empty() => {
                subjects.push(object! {
                    "kind": "ServiceAccount",
                    "namespace": namespace.to_owned(),
                    "name": name.to_owned(),
                });
            }
            _ => bail!("serviceaccount must be <namespace>:<name>"),
        }
    }
    if subjects.is_empty() {
        bail!("you must specify at least one value of user, group or serviceaccount");
    }
    Ok(subjects)
}

/// Adds the subjects that are not there yet.
fn add(object: &mut Value, subjects: &[Value], namespace: &str) {
    let held = object.entry(&"subjects".into()).make_list();
    let is_same = |a: &Value, b: &Value| {
        let namespace_of =
            |subject: &Value| subject["namespace"].as_str().unwrap_or(namespace).to_owned();
        a["kind"] == b["kind"] && a["name"] == b["name"] && namespace_of(a) == namespace_of(b)
    };
    for subject in subjects {
        if !held.iter().any(|known| is_same(known, subject)) {
            held.push(subject.clone());
        }
    }
}
