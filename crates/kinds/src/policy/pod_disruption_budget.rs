//! PodDisruptionBudget: how many Pods may be missing on purpose.

use crate::rules::{at_most_100_percent, int_or_percent, nonnegative, one_of};
use crate::table::{AGE, Column, NAME, Row, age, name};
use crate::{Generation, Kind, internal, meta};
use api::field::{ErrorList, Path};
use api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec};
use api::schema::types;
use api::{IntOrString, Value, View};
use sim::Time;

/// `policy/v1` PodDisruptionBudget
pub static KIND: Kind = Kind {
    group: "policy",
    kind: "PodDisruptionBudget",
    plural: "poddisruptionbudgets",
    singular: "poddisruptionbudget",
    short_names: &["pdb"],
    ty: types::POLICY_V1_POD_DISRUPTION_BUDGET,
    storage_version_hash: "EVWiDmWqyJw=",
    has_status: true,
    generation: Generation::OnSpec,
    allows_unconditional_update: false,
    validate,
    validate_status_update,
    columns: &[
        NAME,
        Column::text("Min Available"),
        Column::text("Max Unavailable"),
        Column::integer("Allowed Disruptions"),
        AGE,
    ],
    row,
    ..Kind::NAMESPACED
};

fn validate(object: &Value, errors: &mut ErrorList) {
    let spec = PodDisruptionBudget::of(object).spec();
    let at = Path::new("spec");
    if spec.min_available().is_some() && spec.max_unavailable().is_some() {
        let shown = internal::print(PodDisruptionBudgetSpec::TYPE, spec.value());
        errors.invalid(&at, shown, "minAvailable and maxUnavailable cannot be both set");
    }
    for (field, amount) in
        [("minAvailable", spec.min_available()), ("maxUnavailable", spec.max_unavailable())]
    {
        if let Some(amount) = amount {
            let at = at.child(field);
            int_or_percent(amount, &at, errors);
            at_most_100_percent(amount, &at, errors);
        }
    }
    if let Some(selector) = spec.selector() {
        meta::validate_selector(selector, &at.child("selector"), errors);
    }
    if let Some(policy) = spec.unhealthy_pod_eviction_policy() {
        let policies = ["AlwaysAllow", "IfHealthyBudget"];
        one_of(policy, &policies, &at.child("unhealthyPodEvictionPolicy"), errors);
    }
}

fn validate_status_update(new: &Value, _: &Value, errors: &mut ErrorList) {
    let at = Path::new("status");
    let status = PodDisruptionBudget::of(new).status();
    for (field, count) in [
        ("disruptionsAllowed", status.disruptions_allowed()),
        ("currentHealthy", status.current_healthy()),
        ("desiredHealthy", status.desired_healthy()),
        ("expectedPods", status.expected_pods()),
    ] {
        nonnegative(count, &at.child(field), errors);
    }
}

fn row(object: &Value, now: Time) -> Row {
    let budget = PodDisruptionBudget::of(object);
    let amount = |amount: Option<IntOrString<'_>>| -> Value {
        amount.map_or_else(|| "N/A".into(), |amount| amount.to_string().into())
    };
    vec![
        name(object),
        amount(budget.spec().min_available()),
        amount(budget.spec().max_unavailable()),
        budget.status().disruptions_allowed().into(),
        age(object, now),
    ]
}
