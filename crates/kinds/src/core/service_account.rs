//! ServiceAccount: who a process in a Pod is.

use crate::Kind;
use crate::Subresource;
use crate::table::{AGE, Column, NAME, Row, age, name};
use api::core::v1::ServiceAccount;
use api::schema::types;
use api::{Value, View};
use sim::Time;

/// `v1` ServiceAccount
pub static KIND: Kind = Kind {
    kind: "ServiceAccount",
    plural: "serviceaccounts",
    singular: "serviceaccount",
    short_names: &["sa"],
    ty: types::CORE_V1_SERVICE_ACCOUNT,
    storage_version_hash: "pbx9ZvyFpBE=",
    subresources: &[Subresource {
        name: "token",
        group: "authentication.k8s.io",
        version: "v1",
        kind: "TokenRequest",
        verbs: &["create"],
    }],
    allows_unconditional_update: false,
    columns: &[NAME, Column::text("Secrets"), AGE],
    row,
    ..Kind::NAMESPACED
};

fn row(object: &Value, now: Time) -> Row {
    let secrets = ServiceAccount::of(object).secrets().len() as i64;
    vec![name(object), secrets.into(), age(object, now)]
}
