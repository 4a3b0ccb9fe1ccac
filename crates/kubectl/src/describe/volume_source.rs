//! Where the files of a volume are: one row for each kind of storage.

use super::text::{Description, go_list, line, sorted};
use api::{StringMap, Value, names};

/// A kind of storage.
pub(super) struct SourceForm {
    /// The field of the volume that says it is this one.
    field: &'static str,
    /// What it is.
    ty: &'static str,
    /// What is said about it: the label, the field, and how its value is shown.
    fields: &'static [(&'static str, &'static str, Shown)],
}

/// How a value is shown, and what counts for one that is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Text,
    Number,
    Flag,
    /// `[a b]`
    Items,
    /// `a, b`
    Joined,
    /// `&LocalObjectReference{Name:a,}`
    Reference,
    /// `<none>` if there is nothing.
    TextOrNone,
    /// `<unset>` if there is nothing.
    AmountOrUnset,
    /// A number that may be `<none>`.
    NumberOrNone,
    /// `map[a:b]`
    Pairs,
    /// A line for each pair.
    PairLines,
}
use Shown::{
    AmountOrUnset, Flag, Items, Joined, Number, NumberOrNone, PairLines, Pairs, Reference, Text,
    TextOrNone,
};

const CSI_TYPE: &str = "CSI (a Container Storage Interface (CSI) volume source)";
const FS_TYPE: (&str, &str, Shown) = ("FSType", "fsType", Text);
const READ_ONLY: (&str, &str, Shown) = ("ReadOnly", "readOnly", Flag);
const SECRET: (&str, &str, Shown) = ("SecretRef", "secretRef", Reference);

/// What a volume of a Pod can be.
pub(super) const SOURCES: &[SourceForm] = &[
    SourceForm {
        field: "secret",
        ty: "Secret (a volume populated by a Secret)",
        fields: &[("SecretName", "secretName", Text), ("Optional", "optional", Flag)],
    },
    SourceForm {
        field: "configMap",
        ty: "ConfigMap (a volume populated by a ConfigMap)",
        fields: &[("Name", "name", Text), ("Optional", "optional", Flag)],
    },
    SourceForm {
        field: "emptyDir",
        ty: "EmptyDir (a temporary directory that shares a pod's lifetime)",
        fields: &[("Medium", "medium", Text), ("SizeLimit", "sizeLimit", AmountOrUnset)],
    },
    SourceForm {
        field: "persistentVolumeClaim",
        ty: "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
        fields: &[("ClaimName", "claimName", Text), READ_ONLY],
    },
    SourceForm {
        field: "csi",
        ty: CSI_TYPE,
        fields: &[
            ("Driver", "driver", Text),
            FS_TYPE,
            READ_ONLY,
            ("VolumeAttributes", "volumeAttributes", PairLines),
        ],
    },
    SourceForm {
        field: "gitRepo",
        ty: "GitRepo (a volume that is pulled from git when the pod is created)",
        fields: &[("Repository", "repository", Text), ("Revision", "revision", Text)],
    },
    HOST_PATH,
    NFS,
    ISCSI,
    RBD,
    CEPHFS,
    CINDER,
    FC,
    FLEX,
    AWS,
    GCE,
    AZURE_DISK,
    VSPHERE,
    PHOTON,
    PORTWORX,
    FLOCKER,
    QUOBYTE,
    SCALE_IO,
    STORAGE_OS,
    SourceForm { field: "glusterfs", ty: GLUSTERFS_TYPE, fields: GLUSTERFS_FIELDS },
    SourceForm {
        field: "azureFile",
        ty: AZURE_FILE_TYPE,
        fields: &[("SecretName", "secretName", Text), ("ShareName", "shareName", Text), READ_ONLY],
    },
];

/// What a PersistentVolume can be.
pub(super) const PERSISTENT_SOURCES: &[SourceForm] = &[
    SourceForm {
        field: "local",
        ty: "LocalVolume (a persistent volume backed by local storage on a node)",
        fields: &[("Path", "path", Text)],
    },
    SourceForm {
        field: "csi",
        ty: CSI_TYPE,
        fields: &[
            ("Driver", "driver", Text),
            FS_TYPE,
            ("VolumeHandle", "volumeHandle", Text),
            READ_ONLY,
            ("VolumeAttributes", "volumeAttributes", PairLines),
        ],
    },
    HOST_PATH,
    NFS,
    ISCSI,
    RBD,
    CEPHFS,
    CINDER,
    FC,
    FLEX,
    AWS,
    GCE,
    AZURE_DISK,
    VSPHERE,
    PHOTON,
    PORTWORX,
    FLOCKER,
    QUOBYTE,
    SCALE_IO,
    STORAGE_OS,
    SourceForm {
        field: "glusterfs",
        ty: GLUSTERFS_TYPE,
        fields: &[
            ("EndpointsName", "endpoints", Text),
            ("EndpointsNamespace", "endpointsNamespace", TextOrNone),
            ("Path", "path", Text),
            READ_ONLY,
        ],
    },
    SourceForm {
        field: "azureFile",
        ty: AZURE_FILE_TYPE,
        fields: &[
            ("SecretName", "secretName", Text),
            ("SecretNamespace", "secretNamespace", Text),
            ("ShareName", "shareName", Text),
            READ_ONLY,
        ],
    },
];

const HOST_PATH: SourceForm = SourceForm {
    field: "hostPath",
    ty: "HostPath (bare host directory volume)",
    fields: &[("Path", "path", Text), ("HostPathType", "type", Text)],
};
const NFS: SourceForm = SourceForm {
    field: "nfs",
    ty: "NFS (an NFS mount that lasts the lifetime of a pod)",
    fields: &[("Server", "server", Text), ("Path", "path", Text), READ_ONLY],
};
const ISCSI: SourceForm = SourceForm {
    field: "iscsi",
    ty: "ISCSI (an ISCSI Disk resource that is attached to a kubelet's host machine and then \
         exposed to the pod)",
    fields: &[
        ("TargetPortal", "targetPortal", Text),
        ("IQN", "iqn", Text),
        ("Lun", "lun", Number),
        ("ISCSIInterface", "iscsiInterface", Text),
        FS_TYPE,
        READ_ONLY,
        ("Portals", "portals", Items),
        ("DiscoveryCHAPAuth", "chapAuthDiscovery", Flag),
        ("SessionCHAPAuth", "chapAuthSession", Flag),
        SECRET,
        ("InitiatorName", "initiatorName", TextOrNone),
    ],
};
const RBD: SourceForm = SourceForm {
    field: "rbd",
    ty: "RBD (a Rados Block Device mount on the host that shares a pod's lifetime)",
    fields: &[
        ("CephMonitors", "monitors", Items),
        ("RBDImage", "image", Text),
        FS_TYPE,
        ("RBDPool", "pool", Text),
        ("RadosUser", "user", Text),
        ("Keyring", "keyring", Text),
        SECRET,
        READ_ONLY,
    ],
};
const CEPHFS: SourceForm = SourceForm {
    field: "cephfs",
    ty: "CephFS (a CephFS mount on the host that shares a pod's lifetime)",
    fields: &[
        ("Monitors", "monitors", Items),
        ("Path", "path", Text),
        ("User", "user", Text),
        ("SecretFile", "secretFile", Text),
        SECRET,
        READ_ONLY,
    ],
};
const CINDER: SourceForm = SourceForm {
    field: "cinder",
    ty: "Cinder (a Persistent Disk resource in OpenStack)",
    fields: &[("VolumeID", "volumeID", Text), FS_TYPE, READ_ONLY, SECRET],
};
const FC: SourceForm = SourceForm {
    field: "fc",
    ty: "FC (a Fibre Channel disk)",
    fields: &[
        ("TargetWWNs", "targetWWNs", Joined),
        ("LUN", "lun", NumberOrNone),
        FS_TYPE,
        READ_ONLY,
    ],
};
const FLEX: SourceForm = SourceForm {
    field: "flexVolume",
    ty: "FlexVolume (a generic volume resource that is provisioned/attached using an exec based \
         plugin)",
    fields: &[
        ("Driver", "driver", Text),
        FS_TYPE,
        SECRET,
        READ_ONLY,
        ("Options", "options", Pairs),
    ],
};
const AWS: SourceForm = SourceForm {
    field: "awsElasticBlockStore",
    ty: "AWSElasticBlockStore (a Persistent Disk resource in AWS)",
    fields: &[
        ("VolumeID", "volumeID", Text),
        FS_TYPE,
        ("Partition", "partition", Number),
        READ_ONLY,
    ],
};
const GCE: SourceForm = SourceForm {
    field: "gcePersistentDisk",
    ty: "GCEPersistentDisk (a Persistent Disk resource in Google Compute Engine)",
    fields: &[("PDName", "pdName", Text), FS_TYPE, ("Partition", "partition", Number), READ_ONLY],
};
const AZURE_DISK: SourceForm = SourceForm {
    field: "azureDisk",
    ty: "AzureDisk (an Azure Data Disk mount on the host and bind mount to the pod)",
    fields: &[
        ("DiskName", "diskName", Text),
        ("DiskURI", "diskURI", Text),
        ("Kind", "kind", Text),
        FS_TYPE,
        ("CachingMode", "cachingMode", Text),
        READ_ONLY,
    ],
};
const VSPHERE: SourceForm = SourceForm {
    field: "vsphereVolume",
    ty: "vSphereVolume (a Persistent Disk resource in vSphere)",
    fields: &[
        ("VolumePath", "volumePath", Text),
        FS_TYPE,
        ("StoragePolicyName", "storagePolicyName", Text),
    ],
};
const PHOTON: SourceForm = SourceForm {
    field: "photonPersistentDisk",
    ty: "PhotonPersistentDisk (a Persistent Disk resource in photon platform)",
    fields: &[("PdID", "pdID", Text), FS_TYPE],
};
const PORTWORX: SourceForm = SourceForm {
    field: "portworxVolume",
    ty: "PortworxVolume (a Portworx Volume resource)",
    fields: &[("VolumeID", "volumeID", Text)],
};
const FLOCKER: SourceForm = SourceForm {
    field: "flocker",
    ty: "Flocker (a Flocker volume mounted by the Flocker agent)",
    fields: &[("DatasetName", "datasetName", Text), ("DatasetUUID", "datasetUUID", Text)],
};
const QUOBYTE: SourceForm = SourceForm {
    field: "quobyte",
    ty: "Quobyte (a Quobyte mount on the host that shares a pod's lifetime)",
    fields: &[("Registry", "registry", Text), ("Volume", "volume", Text), READ_ONLY],
};
const SCALE_IO: SourceForm = SourceForm {
    field: "scaleIO",
    ty: "ScaleIO (a persistent volume backed by a block device in ScaleIO)",
    fields: &[
        ("Gateway", "gateway", Text),
        ("System", "system", Text),
        ("Protection Domain", "protectionDomain", Text),
        ("Storage Pool", "storagePool", Text),
        ("Storage Mode", "storageMode", Text),
        ("VolumeName", "volumeName", Text),
        FS_TYPE,
        READ_ONLY,
    ],
};
const STORAGE_OS: SourceForm = SourceForm {
    field: "storageos",
    ty: "StorageOS (a StorageOS Persistent Disk resource)",
    fields: &[
        ("VolumeName", "volumeName", Text),
        ("VolumeNamespace", "volumeNamespace", Text),
        FS_TYPE,
        READ_ONLY,
    ],
};
const GLUSTERFS_TYPE: &str =
    "Glusterfs (a Glusterfs mount on the host that shares a pod's lifetime)";
const GLUSTERFS_FIELDS: &[(&str, &str, Shown)] =
    &[("EndpointsName", "endpoints", Text), ("Path", "path", Text), READ_ONLY];
const AZURE_FILE_TYPE: &str =
    "AzureFile (an Azure File Service mount on the host and bind mount to the pod)";

/// Writes which of the forms a volume has; `false` if none of them.
pub(super) fn describe(out: &mut Description, forms: &[SourceForm], volume: &Value) -> bool {
    let Some(form) = forms.iter().find(|form| !volume[form.field].is_null()) else { return false };
    let source = &volume[form.field];
    line!(out, 2, "Type:\t{}", form.ty);
    for (label, field, shown) in form.fields {
        match shown {
            PairLines => pair_lines(out, label, &source[*field]),
            _ => line!(out, 2, "{label}:\t{}", text(*shown, &source[*field])),
        }
    }
    true
}

fn text(shown: Shown, value: &Value) -> String {
    let words = || value.items().iter().filter_map(Value::as_str);
    match (shown, value) {
        (Items, _) => go_list(words()),
        (Joined, _) => words().collect::<Vec<_>>().join(", "),
        (Pairs, Value::Null) => "map[]".to_owned(),
        (Reference, Value::Null) => "nil".to_owned(),
        (Reference, reference) => reference_text(reference),
        (Text, Value::Null) => String::new(),
        (Number, Value::Null) => "0".to_owned(),
        (Flag, Value::Null) => "false".to_owned(),
        (TextOrNone | NumberOrNone, Value::Null) => "<none>".to_owned(),
        (AmountOrUnset, Value::Null) => "<unset>".to_owned(),
        (AmountOrUnset, value) if *value == "0" => "<unset>".to_owned(),
        (_, other) => api::go::plain(other),
    }
}

fn reference_text(reference: &Value) -> String {
    let name = reference.get(&names::NAME).as_str().unwrap_or_default();
    match reference.get(&names::NAMESPACE).as_str() {
        Some(namespace) => format!("&SecretReference{{Name:{name},Namespace:{namespace},}}"),
        None => format!("&LocalObjectReference{{Name:{name},}}"),
    }
}

/// Attributes of a CSI volume, each on a line of its own.
fn pair_lines(out: &mut Description, label: &str, pairs: &Value) {
    const VALUE_LENGTH_MAX: usize = 140;
    let entries = pairs.as_map().cloned().unwrap_or_default();
    let entries = sorted(StringMap(&entries));
    if entries.is_empty() {
        line!(out, 2, "{label}:\t<none>");
    }
    let mut start = format!("{label}:");
    for (key, value) in entries {
        let text = format!("{key}={value}");
        let shown: String = text.chars().take(VALUE_LENGTH_MAX).collect();
        let cut = if shown.len() < text.len() { "..." } else { "" };
        line!(out, 2, "{start}\t{shown}{cut}");
        start = "    ".to_owned();
    }
}
