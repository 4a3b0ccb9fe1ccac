//! PriorityClass: which Pods give way to which.

use crate::rules::{immutable, one_of_required, scalar};
use crate::table::{AGE, Column, NAME, Row, age, metadata, name};
use crate::{Generation, Kind};
use api::field::{ErrorList, Path};
use api::scheduling::v1::PriorityClass;
use api::schema::types;
use api::{Value, View, names};
use sim::Time;

/// `scheduling.k8s.io/v1` PriorityClass
pub static KIND: Kind = Kind {
    group: "scheduling.k8s.io",
    kind: "PriorityClass",
    plural: "priorityclasses",
    singular: "priorityclass",
    short_names: &["pc"],
    ty: types::SCHEDULING_V1_PRIORITY_CLASS,
    storage_version_hash: "1QwjyaZjj3Y=",
    // It is 1 for good: there is no spec that could change.
    generation: Generation::OnSpec,
    set_defaults,
    validate,
    validate_update,
    columns: &[NAME, Column::integer("Value"), Column::text("Global-Default"), AGE],
    row,
    ..Kind::CLUSTER_SCOPED
};

const SYSTEM_PREFIX: &str = "system-";
/// The classes of the control plane and their priorities.
const SYSTEM: [(&str, i64); 2] =
    [("system-node-critical", 2_000_001_000), ("system-cluster-critical", 2_000_000_000)];
const USER_MAX: i64 = 1_000_000_000;

fn set_defaults(object: &mut Value) {
    object.set_default(&names::PREEMPTION_POLICY, "PreemptLowerPriority");
}

fn validate(object: &Value, errors: &mut ErrorList) {
    let class = PriorityClass::of(object);
    let name = metadata(object).name();
    if name.starts_with(SYSTEM_PREFIX) {
        if let Some(problem) = system_problem(class, name) {
            let at = Path::new("metadata");
            let detail = format!(
                "priority class names with '{SYSTEM_PREFIX}' prefix are reserved for system use \
                 only. error: {problem}"
            );
            errors.forbidden(&at.child("name"), detail);
        }
    } else if class.value() > USER_MAX {
        let detail = format!("maximum allowed value of a user defined priority is {USER_MAX}");
        errors.forbidden(&Path::new("value"), detail);
    }
    if let Some(policy) = class.preemption_policy() {
        let policies = ["PreemptLowerPriority", "Never"];
        one_of_required(policy, &policies, &Path::new("preemptionPolicy"), errors);
    }
}

fn system_problem(class: PriorityClass<'_>, name: &str) -> Option<String> {
    let Some((_, value)) = SYSTEM.iter().find(|(known, _)| *known == name) else {
        return Some(format!("{name} is not a known system priority class"));
    };
    if class.value() != *value {
        return Some(format!("value of {name} PriorityClass must be {value}"));
    }
    if class.global_default() {
        return Some(format!("globalDefault of {name} PriorityClass must be false"));
    }
    None
}

fn validate_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    if PriorityClass::of(new).value() != PriorityClass::of(old).value() {
        errors.forbidden(&Path::new("value"), "may not be changed in an update.");
    }
    let policy = |class: &Value| class.get(&names::PREEMPTION_POLICY).clone();
    immutable(&policy(new), &policy(old), &Path::new("preemptionPolicy"), scalar, errors);
}

fn row(object: &Value, now: Time) -> Row {
    let class = PriorityClass::of(object);
    vec![name(object), class.value().into(), class.global_default().into(), age(object, now)]
}
