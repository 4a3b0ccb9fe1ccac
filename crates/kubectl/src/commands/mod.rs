//! The commands, one file each. A command is registered by its line in [`GROUPS`] or in the list
//! of its parent.

mod annotate;
mod api_resources;
mod api_versions;
mod apply;
pub(crate) mod attach;
mod auth;
mod autoscale;
mod certificate;
mod cluster_info;
pub(crate) mod common;
mod completion;
mod config;
mod cp;
pub(crate) mod create;
mod debug;
pub(crate) mod delete;
mod describe;
mod diff;
mod drain;
mod edit;
mod events;
mod exec;
mod explain;
mod expose;
mod generated;
mod get;
pub(crate) mod help;
mod kustomize;
mod label;
mod logs;
mod metadata;
pub(crate) mod options;
pub(crate) mod pairs;
mod patch;
pub(crate) mod plugin;
mod port_forward;
mod proxy;
pub(crate) mod record;
mod replace;
mod rollout;
pub(crate) mod run;
mod scale;
mod set;
mod taint;
mod top;
mod version;
mod wait;

use crate::command::Command;

/// kubectl itself.
pub static ROOT: Command = Command {
    name: "kubectl",
    short: "kubectl controls the Kubernetes cluster manager",
    long: "kubectl controls the Kubernetes cluster manager.\n\n Find more information at: \
           https://kubernetes.io/docs/reference/kubectl/",
    usage: "kubectl [flags]",
    ..Command::EMPTY
};

/// The commands by the groups in which `kubectl help` shows them.
pub const GROUPS: &[(&str, &[&Command])] = &[
    (
        "Basic Commands (Beginner):",
        &[&create::COMMAND, &expose::COMMAND, &run::COMMAND, &set::COMMAND],
    ),
    (
        "Basic Commands (Intermediate):",
        &[&explain::COMMAND, &get::COMMAND, &edit::COMMAND, &delete::COMMAND],
    ),
    ("Deploy Commands:", &[&rollout::COMMAND, &scale::COMMAND, &autoscale::COMMAND]),
    (
        "Cluster Management Commands:",
        &[
            &certificate::COMMAND,
            &cluster_info::COMMAND,
            &top::COMMAND,
            &drain::CORDON,
            &drain::UNCORDON,
            &drain::COMMAND,
            &taint::COMMAND,
        ],
    ),
    (
        "Troubleshooting and Debugging Commands:",
        &[
            &describe::COMMAND,
            &logs::COMMAND,
            &attach::COMMAND,
            &exec::COMMAND,
            &port_forward::COMMAND,
            &proxy::COMMAND,
            &cp::COMMAND,
            &auth::COMMAND,
            &debug::COMMAND,
            &events::COMMAND,
        ],
    ),
    (
        "Advanced Commands:",
        &[
            &diff::COMMAND,
            &apply::COMMAND,
            &patch::COMMAND,
            &replace::COMMAND,
            &wait::COMMAND,
            &kustomize::COMMAND,
        ],
    ),
    ("Settings Commands:", &[&label::COMMAND, &annotate::COMMAND, &completion::COMMAND]),
    (
        "Other Commands:",
        &[
            &api_resources::COMMAND,
            &api_versions::COMMAND,
            &config::COMMAND,
            &plugin::COMMAND,
            &version::COMMAND,
        ],
    ),
];

/// Commands that help does not list.
const UNLISTED: &[&Command] = &[&options::COMMAND, &help::COMMAND];

/// All commands directly below kubectl.
pub fn all() -> Vec<&'static Command> {
    GROUPS.iter().flat_map(|(_, commands)| commands.iter()).chain(UNLISTED).copied().collect()
}
