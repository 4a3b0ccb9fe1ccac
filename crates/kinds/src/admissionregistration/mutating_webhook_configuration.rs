//! MutatingWebhookConfiguration: programs that change objects before they are stored.

use super::webhook;
use crate::{Generation, Kind};
use api::schema::types;
use api::{Value, names};

/// `admissionregistration.k8s.io/v1` MutatingWebhookConfiguration
pub static KIND: Kind = Kind {
    group: super::GROUP,
    kind: "MutatingWebhookConfiguration",
    plural: "mutatingwebhookconfigurations",
    singular: "mutatingwebhookconfiguration",
    categories: &["api-extensions"],
    ty: types::ADMISSIONREGISTRATION_V1_MUTATING_WEBHOOK_CONFIGURATION,
    storage_version_hash: "Sqi0GUgDaX0=",
    generation: Generation::OnAnything,
    allows_unconditional_update: false,
    set_defaults,
    validate: webhook::validate,
    columns: webhook::COLUMNS,
    row: webhook::row,
    ..Kind::CLUSTER_SCOPED
};

fn set_defaults(object: &mut Value) {
    webhook::set_defaults(object);
    object.update(&names::WEBHOOKS, |webhooks| {
        webhooks.update_items(|webhook| webhook.set_default(&names::REINVOCATION_POLICY, "Never"));
    });
}
