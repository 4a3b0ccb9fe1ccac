//! CSIStorageCapacity: how much storage of a class is left somewhere.

use crate::rules::{NOT_NEGATIVE, immutable, label_selector, scalar};
use crate::table::{Column, NAME, Row, name};
use crate::{Kind, meta};
use api::field::{ErrorList, Path};
use api::schema::types;
use api::storage::v1::CSIStorageCapacity;
use api::{Value, View, names};
use sim::Time;

/// `storage.k8s.io/v1` CSIStorageCapacity
pub static KIND: Kind = Kind {
    group: super::GROUP,
    kind: "CSIStorageCapacity",
    plural: "csistoragecapacities",
    singular: "csistoragecapacity",
    ty: types::STORAGE_V1_CSI_STORAGE_CAPACITY,
    storage_version_hash: "xeVl+2Ly1kE=",
    allows_unconditional_update: false,
    validate,
    validate_update,
    columns: &[NAME, Column::text("StorageClassName"), Column::text("Capacity")],
    row,
    ..Kind::NAMESPACED
};

fn validate(object: &Value, errors: &mut ErrorList) {
    let capacity = CSIStorageCapacity::of(object);
    let class_at = Path::new("storageClassName");
    super::storage_class::validate_name(capacity.storage_class_name(), &class_at, errors);
    if let Some(topology) = capacity.node_topology() {
        meta::validate_selector(topology, &Path::new("nodeTopology"), errors);
    }
    for (field, amount) in
        [("capacity", capacity.capacity()), ("maximumVolumeSize", capacity.maximum_volume_size())]
    {
        if let Some(amount) = amount.filter(|amount| amount.sign() < 0) {
            errors.invalid(&Path::new(field), amount.to_string(), NOT_NEGATIVE);
        }
    }
}

fn validate_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    let topology = |object: &Value| object.get(&names::NODE_TOPOLOGY).clone();
    let at = Path::new("nodeTopology");
    immutable(&topology(new), &topology(old), &at, label_selector, errors);
    let class = |object: &Value| object.get(&names::STORAGE_CLASS_NAME).clone();
    immutable(&class(new), &class(old), &Path::new("storageClassName"), scalar, errors);
}

fn row(object: &Value, _: Time) -> Row {
    let view = CSIStorageCapacity::of(object);
    let capacity = view.capacity().map_or("<unset>".to_owned(), |amount| amount.to_string());
    vec![name(object), view.storage_class_name().to_owned().into(), capacity.into()]
}
