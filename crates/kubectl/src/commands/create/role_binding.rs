//! `kubectl create rolebinding`, and what it has in common with `clusterrolebinding`.

use super::typed::{Creation, Kind, named};
use crate::command::{Command, run};
use crate::commands::common::one_name;
use crate::errors::{Result, bail};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use api::{List, Value, object};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "rolebinding",
    short: "Create a role binding for a particular role or cluster role",
    long: include_str!("../../../help/create-rolebinding.txt"),
    usage: "rolebinding NAME --clusterrole=NAME|--role=NAME [--user=username] \
            [--group=groupname] [--serviceaccount=namespace:serviceaccountname] \
            [--dry-run=server|client|none]",
    flags: &[
        shared::PRINT,
        &[
            shared::DRY_RUN,
            shared::FIELD_MANAGER_CREATE,
            shared::SAVE_CONFIG,
            shared::VALIDATE,
            Flag::string("clusterrole", "", "ClusterRole this RoleBinding should reference"),
            Flag::string_array(
                "group",
                "",
                "Groups to bind to the role. The flag can be repeated to add multiple groups.",
            ),
            Flag::string("role", "", "Role this RoleBinding should reference"),
            Flag::string_array(
                "serviceaccount",
                "",
                "Service accounts to bind to the role, in the format <namespace>:<name>. The \
            flag can be repeated to add multiple service accounts.",
            ),
            Flag::string_array(
                "user",
                "",
                "Usernames to bind to the role. The flag can be repeated to add multiple users.",
            ),
        ],
    ],
    run: run!(create),
    ..Command::EMPTY
};

const KIND: Kind = Kind {
    group: RBAC,
    version: "v1",
    kind: "RoleBinding",
    failure: "failed to create rolebinding: ",
};

/// The API group of roles and bindings.
pub(super) const RBAC: &str = "rbac.authorization.k8s.io";

async fn create(invocation: Rc<Invocation>) -> Result {
    let name = one_name(&invocation)?;
    let creation = Creation::begin(&invocation)?;
    let flags = &invocation.flags;
    let (role, cluster_role) = (flags.string("role"), flags.string("clusterrole"));
    let (kind, role) = match (role.is_empty(), cluster_role.is_empty()) {
        (false, true) => ("Role", role),
        (true, false) => ("ClusterRole", cluster_role),
        _ => bail!("exactly one of clusterrole or role must be specified"),
    };
    let object = binding(&invocation, &name, kind, role)?;
    creation.finish(&invocation, KIND, object).await
}

/// A binding of the role to the subjects that the flags name.
pub(super) fn binding(
    invocation: &Invocation,
    name: &str,
    role_kind: &'static str,
    role: &str,
) -> Result<Value> {
    let mut object = object! {
        "metadata": named(name),
        "roleRef": object! { "apiGroup": RBAC, "kind": role_kind, "name": role.to_owned() },
    };
    let flags = &invocation.flags;
    let mut subjects = List::EMPTY;
    for (kind, flag) in [("User", "user"), ("Group", "group")] {
        for name in flags.strings(flag) {
            let name = name.clone();
            subjects.push(object! { "apiGroup": RBAC, "kind": kind, "name": name });
        }
    }
    for account in flags.strings("serviceaccount") {
        let (namespace, name) = match account.split(':').collect::<Vec<_>>().as_slice() {
            [namespace, name] if !namespace.is_empty() && !name.is_empty() => {
                ((*namespace).to_owned(), (*name).to_owned())
            }
            _ => bail!("serviceaccount must be <namespace>:<name>"),
        };
        subjects.push(object! { "kind": "ServiceAccount", "namespace": namespace, "name": name });
    }
    if !subjects.is_empty() {
        object.make_map().insert("subjects", Value::List(subjects));
    }
    Ok(object)
}
