//! ControllerRevision: what the template of a DaemonSet or StatefulSet was at a time.

use crate::Kind;
use crate::rules::{immutable, nonnegative};
use crate::table::{AGE, Column, NAME, NONE, Row, age, metadata, name};
use api::apps::v1::ControllerRevision;
use api::field::{BadValue, ErrorList, Path};
use api::schema::types;
use api::{Value, View, go, names};
use sim::Time;

/// `apps/v1` ControllerRevision
pub static KIND: Kind = Kind {
    group: "apps",
    kind: "ControllerRevision",
    plural: "controllerrevisions",
    singular: "controllerrevision",
    ty: types::APPS_V1_CONTROLLER_REVISION,
    storage_version_hash: "85nkx63pcBU=",
    validate,
    validate_update,
    columns: &[NAME, Column::text("Controller"), Column::integer("Revision"), AGE],
    row,
    ..Kind::NAMESPACED
};

fn validate(object: &Value, errors: &mut ErrorList) {
    if object.get(&names::DATA).is_null() {
        errors.required(&Path::new("data"), "data is mandatory");
    }
    let revision = ControllerRevision::of(object).revision();
    nonnegative(revision, &Path::new("revision"), errors);
}

fn validate_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    let data = |revision: &Value| revision.get(&names::DATA).clone();
    let shown = |data: &Value| BadValue::Plain(go::plain(data));
    immutable(&data(new), &data(old), &Path::new("data"), shown, errors);
}

fn row(object: &Value, now: Time) -> Row {
    let mut owners = metadata(object).owner_references();
    let controller = owners.find(|owner| owner.controller() == Some(true));
    let controller = controller.map_or_else(
        || NONE.to_owned(),
        |owner| {
            let kind = owner.kind().to_lowercase();
            match owner.api_version().split_once('/') {
                Some((group, _)) => format!("{kind}.{group}/{}", owner.name()),
                None => format!("{kind}/{}", owner.name()),
            }
        },
    );
    let revision = ControllerRevision::of(object).revision();
    vec![name(object), controller.into(), revision.into(), age(object, now)]
}
