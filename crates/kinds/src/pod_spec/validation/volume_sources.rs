//! The sources that volumes of Pods and PersistentVolumes share: disks and network file systems.
//!
//! Most only have fields that must not be empty.

use crate::rules::{in_range, no_backsteps, one_of};
use api::field::{ErrorList, Path};
use api::{Key, Value, names, validation};

/// A source that a volume can have, and what is checked of it.
pub struct SourceRule {
    /// The name of the field.
    pub name: &'static str,
    /// Where errors of the source are reported.
    pub checked_at: &'static str,
    /// Where a second source is reported.
    pub forbidden_at: &'static str,
    /// Checks the source itself.
    pub check: fn(&Value, &Path<'_>, &mut ErrorList),
}

impl SourceRule {
    /// A source that is called in errors what it is called in documents.
    pub const fn new(
        name: &'static str,
        check: fn(&Value, &Path<'_>, &mut ErrorList),
    ) -> SourceRule {
        SourceRule { name, checked_at: name, forbidden_at: name, check }
    }
}

/// Checks the first source that a volume has and reports the others; returns how many there are.
pub fn validate_sources(
    rules: &[SourceRule],
    volume: &Value,
    at: &Path<'_>,
    errors: &mut ErrorList,
) -> usize {
    let entries = volume.as_map().map_or(&[][..], |map| map.entries());
    // Volumes have few fields and hardly ever more than one source.
    let rule_of = |(key, _): &(Key, Value)| rules.iter().find(|rule| rule.name == key.as_str());
    let count =
        entries.iter().filter(|entry| !entry.1.is_null() && rule_of(entry).is_some()).count();
    let mut is_first = true;
    for rule in rules.iter().filter(|_| count > 0) {
        let source = match entries.iter().find(|(key, _)| key.as_str() == rule.name) {
            Some((_, source)) if !source.is_null() => source,
            _ => continue,
        };
        if is_first {
            (rule.check)(source, &at.child(rule.checked_at), errors);
        } else {
            let detail = "may not specify more than 1 volume type";
            errors.forbidden(&at.child(rule.forbidden_at), detail);
        }
        is_first = false;
        if count == 1 {
            break;
        }
    }
    count
}

/// Checks that fields are not empty.
pub fn required_fields(source: &Value, keys: &[&Key], at: &Path<'_>, errors: &mut ErrorList) {
    for key in keys {
        let is_empty = match source.get(key) {
            Value::Null => true,
            Value::Str(text) => text.is_empty(),
            Value::List(items) => items.is_empty(),
            _ => false,
        };
        if is_empty {
            errors.required(&at.child(key.as_str()), "");
        }
    }
}

fn text<'a>(source: &'a Value, key: &Key) -> &'a str {
    source.get(key).as_str().unwrap_or_default()
}

fn number(source: &Value, key: &Key) -> i64 {
    source.get(key).as_i64().unwrap_or_default()
}

/// `hostPath`
pub fn host_path(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    let path = text(source, &names::PATH);
    if path.is_empty() {
        return errors.required(&at.child("path"), "");
    }
    no_backsteps(path, &at.child("path"), errors);
    let types = [
        "",
        "BlockDevice",
        "CharDevice",
        "Directory",
        "DirectoryOrCreate",
        "File",
        "FileOrCreate",
        "Socket",
    ];
    if let Some(ty) = source.get(&names::TYPE).as_str() {
        one_of(ty, &types, &at.child("type"), errors);
    }
}

fn partition(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    let partition = number(source, &names::PARTITION);
    if !(0..=255).contains(&partition) {
        errors.invalid(&at.child("partition"), partition, "must be between 1 and 255, inclusive");
    }
}

/// `gcePersistentDisk`
pub fn gce_disk(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    required_fields(source, &[&names::PD_NAME], at, errors);
    partition(source, at, errors);
}

/// `awsElasticBlockStore`
pub fn aws_store(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    required_fields(source, &[&names::VOLUME_ID], at, errors);
    partition(source, at, errors);
}

/// `nfs`
pub fn nfs(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    required_fields(source, &[&names::SERVER, &names::PATH], at, errors);
    let path = text(source, &names::PATH);
    if !path.starts_with('/') {
        errors.invalid(&at.child("path"), path, "must be an absolute path");
    }
}

/// `iscsi`
pub fn iscsi(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    required_fields(source, &[&names::TARGET_PORTAL, &names::IQN], at, errors);
    let iqn = text(source, &names::IQN);
    if !iqn.is_empty() && !["iqn", "eui", "naa"].iter().any(|prefix| iqn.starts_with(prefix)) {
        let detail = "must be valid format starting with iqn, eui, or naa";
        errors.invalid(&at.child("iqn"), iqn, detail);
    }
    in_range(number(source, &names::LUN), 0, 255, &at.child("lun"), errors);
    let is_true = |key: &Key| source.get(key).as_bool() == Some(true);
    let has_chap = is_true(&names::CHAP_AUTH_DISCOVERY) || is_true(&names::CHAP_AUTH_SESSION);
    if has_chap && source.get(&names::SECRET_REF).is_null() {
        errors.required(&at.child("secretRef"), "");
    }
}

/// `glusterfs`
pub fn glusterfs(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    required_fields(source, &[&names::ENDPOINTS, &names::PATH], at, errors);
}

/// `flocker`
pub fn flocker(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    let (name, uuid) = (text(source, &names::DATASET_NAME), text(source, &names::DATASET_UUID));
    if name.is_empty() && uuid.is_empty() {
        errors.required(at, "one of datasetName and datasetUUID is required");
    }
    if !name.is_empty() && !uuid.is_empty() {
        let detail = "datasetName and datasetUUID can not be specified simultaneously";
        errors.invalid(at, "resource", detail);
    }
    if name.contains('/') {
        errors.invalid(&at.child("datasetName"), name, "must not contain '/'");
    }
}

/// `rbd`
pub fn rbd(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    required_fields(source, &[&names::MONITORS, &names::IMAGE], at, errors);
}

/// `cinder`
pub fn cinder(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    required_fields(source, &[&names::VOLUME_ID], at, errors);
    secret_name(source, at, errors);
}

/// A secret that is referred to has a name.
fn secret_name(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    let reference = source.get(&names::SECRET_REF);
    if !reference.is_null() {
        required_fields(reference, &[&names::NAME], &at.child("secretRef"), errors);
    }
}

/// `cephfs`
pub fn cephfs(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    required_fields(source, &[&names::MONITORS], at, errors);
}

/// `quobyte`
pub fn quobyte(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    let detail = "must be a host:port pair or multiple pairs separated by commas";
    let registry = text(source, &names::REGISTRY);
    if registry.is_empty() {
        errors.required(&at.child("registry"), detail);
    } else if text(source, &names::TENANT).len() >= 65 {
        let detail = "must be a UUID and may not exceed a length of 64 characters";
        errors.required(&at.child("tenant"), detail);
    } else {
        for _ in registry.split(',').filter(|pair| !pair.contains(':')) {
            errors.invalid(&at.child("registry"), registry, detail);
        }
    }
    required_fields(source, &[&names::VOLUME], at, errors);
}

/// `fc`
pub fn fibre_channel(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    let names_at = at.child("targetWWNs");
    let target_names = source.get(&names::TARGET_WW_NS).items();
    let world_ids = source.get(&names::WWIDS).items();
    if target_names.is_empty() && world_ids.is_empty() {
        errors.required(&names_at, "must specify either targetWWNs or wwids, but not both");
    }
    if !target_names.is_empty() && !world_ids.is_empty() {
        let texts = target_names.iter().map(|name| name.as_str().unwrap_or_default());
        let shown = crate::internal::print_strings("string", texts);
        let detail = "targetWWNs and wwids can not be specified simultaneously";
        errors.invalid(&names_at, shown, detail);
    }
    match source.get(&names::LUN).as_i64() {
        _ if target_names.is_empty() => {}
        None => errors.required(&at.child("lun"), "lun is required if targetWWNs is specified"),
        Some(lun) => in_range(lun, 0, 255, &at.child("lun"), errors),
    }
}

/// `flexVolume`
pub fn flex_volume(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    required_fields(source, &[&names::DRIVER], at, errors);
    let options_at = at.child("options");
    let options = source.get(&names::OPTIONS).as_map();
    for (key, _) in options.into_iter().flat_map(|map| map.iter()) {
        let domain = key.as_str().split('/').next().unwrap_or_default();
        let is_reserved = |reserved: &str| {
            domain == reserved
                || domain.strip_suffix(reserved).is_some_and(|rest| rest.ends_with('.'))
        };
        if is_reserved("kubernetes.io") || is_reserved("k8s.io") {
            let detail = "kubernetes.io and k8s.io namespaces are reserved";
            errors.invalid(&options_at.key(key.as_str()), key.as_str(), detail);
        }
    }
}

/// `azureFile`
pub fn azure_file(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    required_fields(source, &[&names::SECRET_NAME, &names::SHARE_NAME], at, errors);
}

/// `vsphereVolume`
pub fn vsphere(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    required_fields(source, &[&names::VOLUME_PATH], at, errors);
}

/// `photonPersistentDisk`
pub fn photon(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    required_fields(source, &[&names::PD_ID], at, errors);
}

/// `portworxVolume`
pub fn portworx(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    required_fields(source, &[&names::VOLUME_ID], at, errors);
}

/// `azureDisk`
pub fn azure_disk(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    required_fields(source, &[&names::DISK_NAME, &names::DISK_URI], at, errors);
    if let Some(mode) = source.get(&names::CACHING_MODE).as_str() {
        one_of(mode, &["None", "ReadOnly", "ReadWrite"], &at.child("cachingMode"), errors);
    }
    if let Some(kind) = source.get(&names::KIND).as_str() {
        one_of(kind, &["Dedicated", "Managed", "Shared"], &at.child("kind"), errors);
    }
}

/// `storageos`
pub fn storage_os(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    for (field, key) in
        [("volumeName", &names::VOLUME_NAME), ("volumeNamespace", &names::VOLUME_NAMESPACE)]
    {
        match text(source, key) {
            "" if field == "volumeName" => errors.required(&at.child(field), ""),
            "" => {}
            name => crate::rules::check(validation::dns1123_label, name, &at.child(field), errors),
        }
    }
    secret_name(source, at, errors);
}

/// `scaleIO`
pub fn scale_io(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    required_fields(source, &[&names::GATEWAY, &names::SYSTEM, &names::VOLUME_NAME], at, errors);
}

/// `csi` of a Pod's own volume
pub fn csi(source: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    csi_driver_name(text(source, &names::DRIVER), &at.child("driver"), errors);
    let reference = source.get(&names::NODE_PUBLISH_SECRET_REF);
    if !reference.is_null() {
        let at = at.child("nodePublishSecretRef ");
        required_fields(reference, &[&names::NAME], &at, errors);
    }
}

/// Checks the name of a CSI driver.
pub fn csi_driver_name(name: &str, at: &Path<'_>, errors: &mut ErrorList) {
    if name.is_empty() {
        errors.required(at, "");
    }
    if name.len() > 63 {
        errors.too_long(at, 63);
    }
    for problem in validation::dns1123_subdomain(&name.to_lowercase()) {
        errors.invalid(at, name, problem);
    }
}
