//! Where containers see volumes: as directories, or as block devices.

use super::Context;
use crate::rules::{Seen, local_descending_path, required};
use api::core::v1::{Container, Volume, VolumeMount};
use api::field::{ErrorList, Path};

/// Checks the mounts of a container.
pub(super) fn validate(
    context: &Context<'_>,
    container: Container<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let mut paths = Seen::new();
    let list = at;
    for (i, mount) in container.volume_mounts().enumerate() {
        let at = at.index(i);
        required(mount.name(), &at.child("name"), errors);
        if !context.volumes.has(mount.name()) {
            errors.not_found(&at.child("name"), mount.name());
        }
        required(mount.mount_path(), &at.child("mountPath"), errors);
        if !paths.insert(mount.mount_path()) {
            errors.invalid(&at.child("mountPath"), mount.mount_path(), "must be unique");
        }
        if container.volume_devices().any(|device| device.name() == mount.name()) {
            let detail = "must not already exist in volumeDevices";
            errors.invalid(&at.child("name"), mount.name(), detail);
        }
        if container.volume_devices().any(|device| device.device_path() == mount.mount_path()) {
            let detail = "must not already exist as a path in volumeDevices";
            errors.invalid(&at.child("mountPath"), mount.mount_path(), detail);
        }
        validate_sub_path(mount, list, &at, errors);
        validate_propagation(mount, container, &list.child("mountPropagation"), errors);
    }
}

/// Errors of the path itself do not say which mount they are about.
fn validate_sub_path(
    mount: VolumeMount<'_>,
    list: &Path<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    if !mount.sub_path().is_empty() {
        local_descending_path(mount.sub_path(), &list.child("subPath"), errors);
    }
    if !mount.sub_path_expr().is_empty() {
        if !mount.sub_path().is_empty() {
            let detail = "subPathExpr and subPath are mutually exclusive";
            errors.invalid(&at.child("subPathExpr"), mount.sub_path_expr(), detail);
        }
        local_descending_path(mount.sub_path_expr(), &list.child("subPathExpr"), errors);
    }
}

fn validate_propagation(
    mount: VolumeMount<'_>,
    container: Container<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let Some(propagation) = mount.mount_propagation() else {
        return;
    };
    let modes = ["Bidirectional", "HostToContainer", "None"];
    if !modes.contains(&propagation) {
        errors.not_supported(at, propagation, &modes);
    }
    let is_privileged =
        container.security_context().and_then(|context| context.privileged()) == Some(true);
    if propagation == "Bidirectional" && !is_privileged {
        let detail = "Bidirectional mount propagation is available only to privileged containers";
        errors.forbidden(at, detail);
    }
}

/// Checks the block devices of a container.
pub(super) fn validate_devices(
    context: &Context<'_>,
    container: Container<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let mut names = Seen::new();
    let mut paths = Seen::new();
    for (i, device) in container.volume_devices().enumerate() {
        let at = at.index(i);
        let (name, path) = (device.name(), device.device_path());
        let name_at = at.child("name");
        let path_at = at.child("devicePath");
        required(name, &name_at, errors);
        if names.has(name) {
            errors.invalid(&name_at, name, "must be unique");
        }
        let volume = context.spec.volumes().find(|volume| volume.name() == name);
        match volume.filter(|_| context.volumes.has(name)) {
            None => errors.not_found(&name_at, name),
            Some(volume) if can_be_a_device(volume) => {}
            Some(_) => {
                let detail = "can only use volume source type of PersistentVolumeClaim or \
                    Ephemeral for block mode";
                errors.invalid(&name_at, name, detail);
            }
        }
        required(path, &path_at, errors);
        if paths.has(path) {
            errors.invalid(&path_at, path, "must be unique");
        }
        if path.split('/').any(|part| part == "..") {
            errors.invalid(&path_at, path, "can not contain backsteps ('..')");
        } else {
            paths.insert(path);
        }
        if container.volume_mounts().any(|mount| mount.name() == name) {
            errors.invalid(&name_at, name, "must not already exist in volumeMounts");
        }
        if container.volume_mounts().any(|mount| mount.mount_path() == path) {
            errors.invalid(&path_at, path, "must not already exist as a path in volumeMounts");
        }
        if !name.is_empty() {
            names.insert(name);
        }
    }
}

fn can_be_a_device(volume: Volume<'_>) -> bool {
    volume.persistent_volume_claim().is_some() || volume.ephemeral().is_some()
}
