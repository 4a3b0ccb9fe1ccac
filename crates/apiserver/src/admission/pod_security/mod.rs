//! PodSecurity: what Pods of a namespace must not do, as its labels say.
//!
//! Models `k8s.io/pod-security-admission` at its newest version: a level that is enforced refuses
//! Pods; one that is warned of is told to whoever creates Pods or what makes them. What is audited
//! goes to a log that the simulator does not keep.

mod baseline;
mod checks;
mod restricted;

use super::{Attributes, Context, Plugin, name_or_prefix};
use crate::request::Verb;
use api::{Status, Value, names};
use checks::Violation;
use kinds::core::{namespace, pod};
use kinds::table;
use std::collections::BTreeMap;

const ENFORCE: &str = "pod-security.kubernetes.io/enforce";
const WARN: &str = "pod-security.kubernetes.io/warn";
/// The most Pods of a namespace that are looked at when its level changes.
const PODS_CHECKED_MAX: usize = 3_000;

pub(super) struct PodSecurity;

/// How much is forbidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Baseline,
    Restricted,
}

/// A level and the version of its rules, as a label states them.
struct Policy {
    level: Level,
    version: String,
}

impl Policy {
    /// The policy of a namespace in one of the modes.
    fn of(namespace: &Value, mode: &str) -> Option<Policy> {
        let labels = table::metadata(namespace).labels();
        let level = match labels.get(mode)? {
            "baseline" => Level::Baseline,
            "restricted" => Level::Restricted,
            _ => return None,
        };
        let version = labels.get(&format!("{mode}-version")).unwrap_or("latest").to_owned();
        Some(Policy { level, version })
    }

    fn name(&self) -> String {
        let level = match self.level {
            Level::Baseline => "baseline",
            Level::Restricted => "restricted",
        };
        format!("{level}:{}", self.version)
    }

    /// What a Pod with this metadata and spec does wrong.
    fn violations(&self, metadata: &Value, spec: &Value) -> Vec<Violation> {
        let mut violations = Vec::new();
        baseline::check(metadata, spec, self.level == Level::Restricted, &mut violations);
        if self.level == Level::Restricted {
            restricted::check(spec, &mut violations);
        }
        violations
    }
}

fn describe(violations: &[Violation]) -> String {
    violations.iter().map(Violation::to_string).collect::<Vec<_>>().join(", ")
}

impl Plugin for PodSecurity {
    fn validate(
        &mut self,
        context: &Context<'_>,
        attributes: &mut Attributes<'_>,
        object: &Value,
    ) -> Result<(), Status> {
        let target = attributes.target;
        if attributes.is_for(&namespace::KIND) {
            warn_of_existing(context, attributes, object);
            return Ok(());
        }
        if !target.subresource.is_empty() || attributes.verb == Verb::Delete {
            return Ok(());
        }
        let Some((metadata, spec)) = template(attributes, object) else {
            return Ok(());
        };
        if let Some(old) = attributes.old
            && template(attributes, old).is_some_and(|(_, old)| old == spec)
        {
            return Ok(());
        }
        let Some(namespace) = context.get(&namespace::KIND, "", &target.namespace) else {
            return Ok(());
        };
        if *target.kind == pod::KIND
            && let Some(policy) = Policy::of(namespace, ENFORCE)
        {
            let violations = policy.violations(metadata, spec);
            if !violations.is_empty() {
                let name = name_or_prefix(object);
                let why = format!(
                    "violates PodSecurity {}: {}",
                    api::go::quote(&policy.name()),
                    describe(&violations)
                );
                return Err(Status::forbidden(target.qualified(), name, &why));
            }
        }
        if let Some(policy) = Policy::of(namespace, WARN) {
            let violations = policy.violations(metadata, spec);
            if !violations.is_empty() {
                attributes.warnings.push(format!(
                    "would violate PodSecurity {}: {}",
                    api::go::quote(&policy.name()),
                    describe(&violations)
                ));
            }
        }
        Ok(())
    }
}

/// The metadata and spec of a Pod, or of the Pods that a workload makes.
fn template<'a>(attributes: &Attributes<'_>, object: &'a Value) -> Option<(&'a Value, &'a Value)> {
    let kind = attributes.target.kind;
    let template = match (kind.group, kind.kind) {
        ("", "Pod") => object,
        ("", "PodTemplate") => &object["template"],
        ("", "ReplicationController")
        | ("apps", "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet")
        | ("batch", "Job") => &object["spec"]["template"],
        ("batch", "CronJob") => &object["spec"]["jobTemplate"]["spec"]["template"],
        _ => return None,
    };
    Some((template.get(&names::METADATA), template.get(&names::SPEC)))
}

/// Tells of Pods that a stricter level of their namespace would not let in.
fn warn_of_existing(context: &Context<'_>, attributes: &mut Attributes<'_>, object: &Value) {
    let (Some(old), Some(policy)) = (attributes.old, Policy::of(object, ENFORCE)) else {
        return;
    };
    let before = Policy::of(old, ENFORCE);
    let is_stricter =
        before.is_none_or(|before| policy.level > before.level || policy.version != before.version);
    if attributes.verb != Verb::Update || !is_stricter {
        return;
    }
    let name = table::metadata(object).name();
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for pod in context.list(&pod::KIND, Some(&attributes.target.name)).take(PODS_CHECKED_MAX) {
        let violations = policy.violations(pod.get(&names::METADATA), pod.get(&names::SPEC));
        if !violations.is_empty() {
            let reasons: Vec<&str> = violations.iter().map(|violation| violation.reason).collect();
            let pods = found.entry(reasons.join(", ")).or_default();
            pods.push(table::metadata(pod).name().to_owned());
        }
    }
    if found.is_empty() {
        return;
    }
    attributes.warnings.push(format!(
        "existing pods in namespace {} violate the new PodSecurity enforce level {}",
        api::go::quote(name),
        api::go::quote(&policy.name())
    ));
    let mut lines: Vec<String> = found
        .into_iter()
        .map(|(reasons, pods)| match pods.as_slice() {
            [only] => format!("{only}: {reasons}"),
            [first, _] => format!("{first} (and 1 other pod): {reasons}"),
            pods => format!("{} (and {} other pods): {reasons}", pods[0], pods.len() - 1),
        })
        .collect();
    lines.sort();
    attributes.warnings.extend(lines);
}
