//! ComponentStatus: whether a part of the control plane is well. Deprecated since 1.19.
//!
//! Nothing is stored: the server asks the components.

use crate::Kind;
use crate::table::{Column, NAME, Row, name};
use api::core::v1::ComponentStatus;
use api::schema::types;
use api::{Value, View};
use sim::Time;

/// `v1` ComponentStatus
pub static KIND: Kind = Kind {
    kind: "ComponentStatus",
    plural: "componentstatuses",
    singular: "componentstatus",
    short_names: &["cs"],
    verbs: &["get", "list"],
    is_virtual: true,
    ty: types::CORE_V1_COMPONENT_STATUS,
    deprecation: "v1 ComponentStatus is deprecated in v1.19+",
    columns: &[NAME, Column::text("Status"), Column::text("Message"), Column::text("Error")],
    row,
    ..Kind::CLUSTER_SCOPED
};

fn row(object: &Value, _: Time) -> Row {
    let mut conditions = ComponentStatus::of(object).conditions();
    let healthy = conditions.find(|condition| condition.type_() == "Healthy");
    let (status, message, error) = match healthy {
        None => ("Unknown", "", ""),
        Some(condition) if condition.status() == "True" => {
            ("Healthy", condition.message(), condition.error())
        }
        Some(condition) => ("Unhealthy", condition.message(), condition.error()),
    };
    vec![name(object), status.into(), message.to_owned().into(), error.to_owned().into()]
}
