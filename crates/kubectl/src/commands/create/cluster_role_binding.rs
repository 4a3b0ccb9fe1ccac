//! `kubectl create clusterrolebinding`

use super::role_binding::{RBAC, binding};
use super::typed::{Creation, Kind};
use crate::command::{Command, run};
use crate::commands::common::one_name;
use crate::errors::Result;
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "clusterrolebinding",
    short: "Create a cluster role binding for a particular cluster role",
    long: include_str!("../../../help/create-clusterrolebinding.txt"),
    usage: "clusterrolebinding NAME --clusterrole=NAME [--user=username] [--group=groupname] \
            [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]",
    flags: &[
        shared::PRINT,
        &[
            shared::DRY_RUN,
            shared::FIELD_MANAGER_CREATE,
            shared::SAVE_CONFIG,
            shared::VALIDATE,
            Flag::string("clusterrole", "", "ClusterRole this ClusterRoleBinding should reference")
                .required(),
            Flag::string_array(
                "group",
                "",
                "Groups to bind to the clusterrole. The flag can be repeated to add multiple \
            groups.",
            ),
            Flag::string_array(
                "serviceaccount",
                "",
                "Service accounts to bind to the clusterrole, in the format <namespace>:<name>. \
            The flag can be repeated to add multiple service accounts.",
            ),
            Flag::string_array(
                "user",
                "",
                "Usernames to bind to the clusterrole. The flag can be repeated to add multiple \
            users.",
            ),
        ],
    ],
    run: run!(create),
    ..Command::EMPTY
};

const KIND: Kind = Kind {
    group: RBAC,
    version: "v1",
    kind: "ClusterRoleBinding",
    failure: "failed to create clusterrolebinding: ",
};

async fn create(invocation: Rc<Invocation>) -> Result {
    let name = one_name(&invocation)?;
    let creation = Creation::begin(&invocation)?;
    let role = invocation.flags.string("clusterrole");
    let object = binding(&invocation, &name, "ClusterRole", role)?;
    creation.finish(&invocation, KIND, object).await
}
