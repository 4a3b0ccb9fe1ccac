//! ValidatingWebhookConfiguration: programs that may refuse a change.

use super::webhook;
use crate::{Generation, Kind};
use api::schema::types;

/// `admissionregistration.k8s.io/v1` ValidatingWebhookConfiguration
pub static KIND: Kind = Kind {
    group: super::GROUP,
    kind: "ValidatingWebhookConfiguration",
    plural: "validatingwebhookconfigurations",
    singular: "validatingwebhookconfiguration",
    categories: &["api-extensions"],
    ty: types::ADMISSIONREGISTRATION_V1_VALIDATING_WEBHOOK_CONFIGURATION,
    storage_version_hash: "B0wHjQmsGNk=",
    generation: Generation::OnAnything,
    allows_unconditional_update: false,
    set_defaults: webhook::set_defaults,
    validate: webhook::validate,
    columns: webhook::COLUMNS,
    row: webhook::row,
    ..Kind::CLUSTER_SCOPED
};
