//! `--record`: the command line as an annotation, from which `rollout history` takes its causes.

use super::common::annotate;
use crate::invocation::Invocation;
use api::Value;

/// The annotation that says what led to a revision.
pub(crate) const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";

/// Writes the command line into the object if `--record` asks for it.
pub(crate) fn record(invocation: &Invocation, object: &mut Value) {
    if invocation.flags.bool("record") {
        annotate(object, CHANGE_CAUSE, &cause(invocation));
    }
}

/// The command line with its flags at the end: `kubectl scale deploy web --replicas=2`.
pub(crate) fn cause(invocation: &Invocation) -> String {
    let mut text = invocation.called.name();
    for argument in &invocation.arguments {
        text.push(' ');
        text.push_str(argument);
    }
    for (name, value) in &invocation.given {
        text.push_str(&format!(" --{name}={value}"));
    }
    text
}
