//! CSINode: which storage drivers run on a node.

use crate::Kind;
use crate::pod_spec::volume_sources::csi_driver_name;
use crate::rules::{Seen, check, nonnegative};
use crate::table::{AGE, Column, NAME, Row, age, name};
use api::field::{ErrorList, Path};
use api::schema::types;
use api::storage::v1::{CSINode, CSINodeDriver};
use api::{Value, View, validation};
use sim::Time;

/// `storage.k8s.io/v1` CSINode
pub static KIND: Kind = Kind {
    group: super::GROUP,
    kind: "CSINode",
    plural: "csinodes",
    singular: "csinode",
    ty: types::STORAGE_V1_CSI_NODE,
    storage_version_hash: "Pe62DkZtjuo=",
    allows_unconditional_update: false,
    validate,
    validate_update,
    columns: &[NAME, Column::integer("Drivers"), AGE],
    row,
    ..Kind::CLUSTER_SCOPED
};

const NODE_ID_MAX: usize = 192;

fn validate(object: &Value, errors: &mut ErrorList) {
    let spec = Path::new("spec");
    let list = spec.child("drivers");
    let mut names = Seen::new();
    for (i, driver) in CSINode::of(object).spec().drivers().enumerate() {
        let at = list.index(i);
        validate_driver(driver, &at, errors);
        if !names.insert(driver.name()) {
            errors.duplicate(&at.child("name"), driver.name());
        }
    }
}

fn validate_driver(driver: CSINodeDriver<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    csi_driver_name(driver.name(), &at.child("name"), errors);
    let id_at = at.child("nodeID");
    match driver.node_id() {
        "" => errors.required(&id_at, ""),
        id if id.len() > NODE_ID_MAX => {
            let detail = format!("must be {NODE_ID_MAX} characters or less");
            errors.invalid(&id_at, id, detail);
        }
        _ => {}
    }
    if let Some(count) = driver.allocatable().and_then(|allocatable| allocatable.count()) {
        nonnegative(count, &at.child("allocatable.count"), errors);
    }
    let keys_at = at.child("topologyKeys");
    let mut keys = Seen::new();
    for key in driver.topology_keys() {
        if !keys.insert(key) {
            errors.duplicate(&keys_at, key);
        }
        check(validation::qualified_name, key, &keys_at, errors);
    }
}

/// A driver that stays keeps its id.
fn validate_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    let spec = Path::new("spec");
    let list = spec.child("drivers");
    for before in CSINode::of(old).spec().drivers() {
        let mut now = CSINode::of(new).spec().drivers();
        let now = now.find(|driver| driver.name() == before.name());
        if let Some(now) = now
            && now.node_id() != before.node_id()
        {
            errors.invalid(&list.child("nodeID"), now.node_id(), crate::rules::IMMUTABLE);
        }
    }
}

fn row(object: &Value, now: Time) -> Row {
    let count = CSINode::of(object).spec().drivers().len() as i64;
    vec![name(object), count.into(), age(object, now)]
}
