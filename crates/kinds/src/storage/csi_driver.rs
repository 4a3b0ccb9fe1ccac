//! CSIDriver: what a storage driver can do.

use crate::Kind;
use crate::pod_spec::volume_sources::csi_driver_name;
use crate::rules::{Seen, immutable, scalar};
use crate::table::{AGE, Column, NAME, NONE, Row, age, metadata, name};
use api::field::{BadValue, ErrorList, Path};
use api::schema::types;
use api::storage::v1::{CSIDriver, CSIDriverSpec};
use api::{Key, Value, View, go, list, names};
use sim::Time;

/// `storage.k8s.io/v1` CSIDriver
pub static KIND: Kind = Kind {
    group: super::GROUP,
    kind: "CSIDriver",
    plural: "csidrivers",
    singular: "csidriver",
    ty: types::STORAGE_V1_CSI_DRIVER,
    storage_version_hash: "hL6j/rwBV5w=",
    allows_unconditional_update: false,
    set_defaults,
    validate,
    validate_update,
    columns: &[
        NAME,
        Column::text("AttachRequired"),
        Column::text("PodInfoOnMount"),
        Column::text("StorageCapacity"),
        Column::text("TokenRequests"),
        Column::text("RequiresRepublish"),
        Column::text("Modes"),
        AGE,
    ],
    row,
    ..Kind::CLUSTER_SCOPED
};

const TOKEN_SECONDS_MIN: i64 = 10 * 60;

fn set_defaults(object: &mut Value) {
    object.update(&names::SPEC, |spec| {
        spec.set_default(&names::ATTACH_REQUIRED, true);
        spec.set_default(&names::POD_INFO_ON_MOUNT, false);
        spec.set_default(&names::STORAGE_CAPACITY, false);
        spec.set_default(&names::FS_GROUP_POLICY, "ReadWriteOnceWithFSType");
        if spec.get(&names::VOLUME_LIFECYCLE_MODES).items().is_empty() {
            spec.make_map().insert(&names::VOLUME_LIFECYCLE_MODES, list!["Persistent"]);
        }
        spec.set_default(&names::REQUIRES_REPUBLISH, false);
        spec.set_default(&names::SE_LINUX_MOUNT, false);
    });
}

fn validate(object: &Value, errors: &mut ErrorList) {
    let metadata_at = Path::new("metadata");
    csi_driver_name(metadata(object).name(), &metadata_at.child("name"), errors);
    let spec = CSIDriver::of(object).spec();
    let at = Path::new("spec");
    for (field, flag) in [
        ("attachedRequired", spec.attach_required()),
        ("podInfoOnMount", spec.pod_info_on_mount()),
        ("storageCapacity", spec.storage_capacity()),
    ] {
        if flag.is_none() {
            errors.required(&at.child(field), "");
        }
    }
    match spec.fs_group_policy() {
        None => errors.required(&at.child("fsGroupPolicy"), ""),
        Some("ReadWriteOnceWithFSType" | "File" | "None") => {}
        Some(other) => {
            let policies = ["ReadWriteOnceWithFSType", "File", "None"];
            errors.not_supported(&at.child("fsGroupPolicy"), other, &policies);
        }
    }
    validate_tokens(spec, &at.child("tokenRequests"), errors);
    for mode in spec.volume_lifecycle_modes() {
        if !matches!(mode, "Persistent" | "Ephemeral") {
            let modes_at = at.child("volumeLifecycleModes");
            errors.not_supported(&modes_at, mode, &["Persistent", "Ephemeral"]);
        }
    }
    if spec.se_linux_mount().is_none() {
        errors.required(&at.child("seLinuxMount"), "");
    }
}

fn validate_tokens(spec: CSIDriverSpec<'_>, list: &Path<'_>, errors: &mut ErrorList) {
    let mut audiences = Seen::new();
    for (i, token) in spec.token_requests().enumerate() {
        let at = list.index(i);
        if !audiences.insert(token.audience()) {
            errors.duplicate(&at.child("audience"), token.audience());
        }
        let Some(seconds) = token.expiration_seconds() else { continue };
        let at = at.child("expirationSeconds");
        if seconds < TOKEN_SECONDS_MIN {
            errors.invalid(&at, seconds, "may not specify a duration less than 10 minutes");
        }
        if seconds > 1 << 32 {
            errors.invalid(&at, seconds, "may not specify a duration larger than 2^32 seconds");
        }
    }
}

fn validate_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    let (new, old) = (new.get(&names::SPEC), old.get(&names::SPEC));
    let at = Path::new("spec");
    let mut fixed = |field: &str, key: &Key, shown: fn(&Value) -> BadValue| {
        immutable(new.get(key), old.get(key), &at.child(field), shown, errors);
    };
    fixed("attachedRequired", &names::ATTACH_REQUIRED, scalar);
    fixed("fsGroupPolicy", &names::FS_GROUP_POLICY, scalar);
    fixed("volumeLifecycleModes", &names::VOLUME_LIFECYCLE_MODES, |modes| {
        BadValue::Plain(go::plain(modes))
    });
}

fn row(object: &Value, now: Time) -> Row {
    let spec = CSIDriver::of(object).spec();
    let audiences: Vec<&str> = spec.token_requests().map(|token| token.audience()).collect();
    let modes: Vec<&str> = spec.volume_lifecycle_modes().collect();
    let or = |texts: Vec<&str>, nothing: &'static str| -> Value {
        if texts.is_empty() { nothing.into() } else { texts.join(",").into() }
    };
    vec![
        name(object),
        spec.attach_required().unwrap_or(true).into(),
        spec.pod_info_on_mount().unwrap_or(false).into(),
        spec.storage_capacity().unwrap_or(false).into(),
        or(audiences, "<unset>"),
        spec.requires_republish().unwrap_or(false).into(),
        or(modes, NONE),
        age(object, now),
    ]
}
