//! The tree of Go values that a document becomes inside the server.

use api::schema::{Field, Struct, Type, TypeId, types};
use api::{Key, Quantity, Value, names};
use sim::Time;

/// A Go value with what printing it needs to know of its type.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Bool(bool),
    Int(i64),
    Float(f64),
    Str {
        /// Whether the type prints itself (`fmt.Stringer`).
        is_stringer: bool,
        text: String,
    },
    Struct {
        ty: String,
        fields: Vec<(&'static str, Node)>,
    },
    Pointer {
        /// The type that is pointed to.
        ty: String,
        to: Option<Box<Node>>,
    },
    Slice {
        ty: String,
        items: Option<Vec<Node>>,
    },
    Map {
        ty: String,
        entries: Option<Vec<(String, Node)>>,
    },
    Time(Option<Time>),
    Quantity(Quantity),
}

impl Node {
    /// A plain string.
    pub(super) fn text(text: &str) -> Node {
        Node::Str { is_stringer: false, text: text.to_owned() }
    }

    /// Whether Go would have this value without anybody setting it.
    pub(super) fn is_zero(&self) -> bool {
        match self {
            Node::Bool(flag) => !flag,
            Node::Int(number) => *number == 0,
            Node::Float(number) => *number == 0.0,
            Node::Str { text, .. } => text.is_empty(),
            Node::Struct { fields, .. } => fields.iter().all(|(_, field)| field.is_zero()),
            Node::Pointer { to, .. } => to.is_none(),
            Node::Slice { items, .. } => items.is_none(),
            Node::Map { entries, .. } => entries.is_none(),
            Node::Time(time) => time.is_none(),
            // Even nothing has a format.
            Node::Quantity(_) => false,
        }
    }

    /// The type, where Go would print it before a literal.
    pub(super) fn literal_type(&self) -> Option<&str> {
        match self {
            Node::Struct { ty, .. } | Node::Slice { ty, .. } | Node::Map { ty, .. } => Some(ty),
            Node::Quantity(_) => Some("resource.Quantity"),
            Node::Time(_) => Some("v1.Time"),
            _ => None,
        }
    }
}

/// The tree of a document of the type `ty`.
pub(super) fn of_struct(ty: TypeId, value: &Value) -> Node {
    let ty = ty.get();
    let name = internal_name(ty.go);
    let fields = match (ty.go, INTERNAL_ORDER.iter().find(|(go, _)| *go == ty.go)) {
        (go, None) => ty
            .fields
            .iter()
            .map(|field| match of_field(field, value) {
                Node::Pointer { to: Some(to), .. } if INTERNAL_VALUES.contains(&(go, field.go)) => {
                    (field.go, *to)
                }
                node => (field.go, node),
            })
            .collect(),
        (go, Some((_, order))) => {
            order.iter().map(|name| internal_field(go, ty, name, value)).collect()
        }
    };
    Node::Struct { ty: name, fields }
}

/// The structs whose fields have another order inside the server, or are others.
const INTERNAL_ORDER: &[(&str, &[&str])] = &[
    (
        "core/v1.PodSpec",
        &[
            "Volumes",
            "InitContainers",
            "Containers",
            "EphemeralContainers",
            "RestartPolicy",
            "TerminationGracePeriodSeconds",
            "ActiveDeadlineSeconds",
            "DNSPolicy",
            "NodeSelector",
            "ServiceAccountName",
            "AutomountServiceAccountToken",
            "NodeName",
            "SecurityContext",
            "ImagePullSecrets",
            "Hostname",
            "Subdomain",
            "SetHostnameAsFQDN",
            "Affinity",
            "SchedulerName",
            "Tolerations",
            "HostAliases",
            "PriorityClassName",
            "Priority",
            "PreemptionPolicy",
            "DNSConfig",
            "ReadinessGates",
            "RuntimeClassName",
            "Overhead",
            "EnableServiceLinks",
            "TopologySpreadConstraints",
            "OS",
            "SchedulingGates",
            "ResourceClaims",
        ],
    ),
    (
        "core/v1.PodSecurityContext",
        &[
            "SELinuxOptions",
            "WindowsOptions",
            "RunAsUser",
            "RunAsGroup",
            "RunAsNonRoot",
            "SupplementalGroups",
            "FSGroup",
            "FSGroupChangePolicy",
            "Sysctls",
            "SeccompProfile",
        ],
    ),
    (
        "core/v1.PersistentVolumeSource",
        &[
            "GCEPersistentDisk",
            "AWSElasticBlockStore",
            "HostPath",
            "Glusterfs",
            "NFS",
            "RBD",
            "Quobyte",
            "ISCSI",
            "FlexVolume",
            "Cinder",
            "CephFS",
            "FC",
            "Flocker",
            "AzureFile",
            "VsphereVolume",
            "AzureDisk",
            "PhotonPersistentDisk",
            "PortworxVolume",
            "ScaleIO",
            "Local",
            "StorageOS",
            "CSI",
        ],
    ),
];

/// The fields that are no pointers inside the server.
const INTERNAL_VALUES: &[(&str, &str)] =
    &[("core/v1.ServiceAccountTokenProjection", "ExpirationSeconds")];

fn internal_field(
    go: &str,
    ty: &'static Struct,
    name: &'static str,
    value: &Value,
) -> (&'static str, Node) {
    if go == "core/v1.PodSpec" && name == "SecurityContext" {
        return (name, pod_security_context(value));
    }
    let field = ty.fields.iter().find(|field| field.go == name);
    (name, field.map_or(Node::Bool(false), |field| of_field(field, value)))
}

/// The internal security context holds what the published PodSpec says about the host.
fn pod_security_context(spec: &Value) -> Node {
    let ty = "core.PodSecurityContext".to_owned();
    let context = spec.get(&names::SECURITY_CONTEXT);
    let flag = |key: &Key| spec.get(key).as_bool();
    let has_host_fields = [&names::HOST_NETWORK, &names::HOST_PID, &names::HOST_IPC]
        .iter()
        .any(|key| flag(key) == Some(true));
    if context.is_null() && !has_host_fields {
        return Node::Pointer { ty, to: None };
    }
    let host = |key: &Key| Node::Bool(flag(key).unwrap_or_default());
    let optional = |key: &Key| Node::Pointer {
        ty: "bool".into(),
        to: flag(key).map(|flag| Box::new(Node::Bool(flag))),
    };
    let mut fields = vec![
        ("HostNetwork", host(&names::HOST_NETWORK)),
        ("HostPID", host(&names::HOST_PID)),
        ("HostIPC", host(&names::HOST_IPC)),
        ("ShareProcessNamespace", optional(&names::SHARE_PROCESS_NAMESPACE)),
        ("HostUsers", optional(&names::HOST_USERS)),
    ];
    if let Node::Struct { fields: own, .. } =
        of_struct(types::CORE_V1_POD_SECURITY_CONTEXT, context)
    {
        fields.extend(own);
    }
    let to = Node::Struct { ty: ty.clone(), fields };
    Node::Pointer { ty, to: Some(Box::new(to)) }
}

fn of_field(field: &'static Field, parent: &Value) -> Node {
    // An inlined struct reads its fields from its parent's document.
    if field.is_inline {
        of_type(&field.ty, parent)
    } else {
        of_type(&field.ty, parent.get(&field.key()))
    }
}

fn of_type(ty: &'static Type, value: &Value) -> Node {
    match ty {
        Type::String(go) => Node::Str {
            is_stringer: *go == "core/v1.ResourceName",
            text: value.as_str().unwrap_or_default().to_owned(),
        },
        Type::Int32 | Type::Int64 => Node::Int(value.as_i64().unwrap_or_default()),
        Type::Float64 => Node::Float(value.as_f64().unwrap_or_default()),
        Type::Bool => Node::Bool(value.as_bool().unwrap_or_default()),
        Type::Time | Type::MicroTime => Node::Time(value.as_str().and_then(Time::parse_rfc3339)),
        Type::Quantity => Node::Quantity(quantity(value)),
        Type::IntOrString => int_or_string(value),
        Type::Bytes | Type::Any => Node::text(&api::go::plain(value)),
        Type::Struct(id) => of_struct(*id, value),
        Type::Pointer(inner) => Node::Pointer {
            ty: type_name(inner),
            to: (!value.is_null()).then(|| Box::new(of_type(inner, value))),
        },
        Type::Slice(inner) => Node::Slice {
            ty: type_name(ty),
            items: match value {
                Value::List(items) => Some(items.iter().map(|item| of_type(inner, item)).collect()),
                _ => None,
            },
        },
        Type::Map(inner) => Node::Map {
            ty: type_name(ty),
            entries: value.as_map().map(|map| {
                map.iter().map(|(k, v)| (k.as_str().to_owned(), of_type(inner, v))).collect()
            }),
        },
    }
}

fn quantity(value: &Value) -> Quantity {
    let text = match value {
        Value::Str(text) => text.to_string(),
        other => other.as_i64().unwrap_or_default().to_string(),
    };
    text.parse().unwrap_or(Quantity::ZERO)
}

fn int_or_string(value: &Value) -> Node {
    let (kind, number, text) = match value {
        Value::Str(text) => (1, 0, text.as_str()),
        other => (0, other.as_i64().unwrap_or_default(), ""),
    };
    let fields = vec![
        ("Type", Node::Int(kind)),
        ("IntVal", Node::Int(number)),
        ("StrVal", Node::text(text)),
    ];
    Node::Struct { ty: "intstr.IntOrString".into(), fields }
}

/// The name of a type as `%T` prints it inside the server.
fn type_name(ty: &Type) -> String {
    match ty {
        Type::String(go) => internal_name(go),
        Type::Struct(id) => internal_name(id.get().go),
        Type::Slice(inner) => format!("[]{}", type_name(inner)),
        Type::Pointer(inner) => format!("*{}", type_name(inner)),
        Type::Map(inner) if **inner == Type::Quantity => "core.ResourceList".into(),
        Type::Map(inner) => format!("map[string]{}", type_name(inner)),
        other => api::go::type_name(other),
    }
}

/// `core/v1.PodSpec` is `core.PodSpec` inside the server; the metadata types stay what they are.
pub(super) fn internal_name(go: &str) -> String {
    let Some((package, name)) = go.rsplit_once('.') else {
        return go.to_owned();
    };
    let package = match package.rsplit_once('/') {
        None => package,
        Some(("meta", version)) => version,
        Some((group, _)) => group.rsplit_once('/').map_or(group, |(_, group)| group),
    };
    format!("{package}.{name}")
}
