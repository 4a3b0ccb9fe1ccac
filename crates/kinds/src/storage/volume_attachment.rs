//! VolumeAttachment: the wish that a volume be attached to a node.

use crate::Kind;
use crate::internal;
use crate::pod_spec::volume_sources::csi_driver_name;
use crate::rules::{check, immutable};
use crate::table::{AGE, Column, NAME, Row, age, name};
use api::field::{ErrorList, Path};
use api::schema::types;
use api::storage::v1::VolumeAttachment;
use api::{Value, View, names, validation};
use sim::Time;

/// `storage.k8s.io/v1` VolumeAttachment
pub static KIND: Kind = Kind {
    group: super::GROUP,
    kind: "VolumeAttachment",
    plural: "volumeattachments",
    singular: "volumeattachment",
    ty: types::STORAGE_V1_VOLUME_ATTACHMENT,
    storage_version_hash: "tJx/ezt6UDU=",
    has_status: true,
    allows_unconditional_update: false,
    validate,
    validate_update,
    columns: &[
        NAME,
        Column::text("Attacher"),
        Column::text("PV"),
        Column::text("Node"),
        Column::text("Attached"),
        AGE,
    ],
    row,
    ..Kind::CLUSTER_SCOPED
};

fn validate(object: &Value, errors: &mut ErrorList) {
    let spec = VolumeAttachment::of(object).spec();
    let at = Path::new("spec");
    csi_driver_name(spec.attacher(), &at.child("attacher"), errors);
    let source_at = at.child("source");
    let source = spec.source();
    match (source.inline_volume_spec(), source.persistent_volume_name()) {
        (None, None) => {
            let detail = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
            errors.required(&source_at, detail);
        }
        (Some(_), Some(_)) => {
            let shown = internal::print(types::STORAGE_V1_VOLUME_ATTACHMENT_SOURCE, source.value());
            let detail = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
            errors.invalid(&source_at, shown, detail);
        }
        (None, Some("")) => {
            let detail = "must specify non empty persistentVolumeName";
            errors.required(&source_at.child("persistentVolumeName"), detail);
        }
        (None, Some(_)) | (Some(_), None) => {}
    }
    check(validation::dns1123_subdomain, spec.node_name(), &at.child("nodeName"), errors);
}

fn validate_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    let (new, old) = (new.get(&names::SPEC), old.get(&names::SPEC));
    let shown = |spec: &Value| internal::print(types::STORAGE_V1_VOLUME_ATTACHMENT_SPEC, spec);
    immutable(new, old, &Path::new("spec"), shown, errors);
}

fn row(object: &Value, now: Time) -> Row {
    let view = VolumeAttachment::of(object);
    let volume = view.spec().source().persistent_volume_name().unwrap_or_default();
    vec![
        name(object),
        view.spec().attacher().to_owned().into(),
        volume.to_owned().into(),
        view.spec().node_name().to_owned().into(),
        view.status().attached().into(),
        age(object, now),
    ]
}
