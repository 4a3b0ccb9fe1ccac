//! One resource on its way through the transformations.

use crate::discovery::split_version;
use api::{Key, Value, names};

/// The annotation of resources that only serve the kustomization itself.
const LOCAL_CONFIG: &str = "config.kubernetes.io/local-config";

/// A resource, and what it was called before.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    pub(super) object: Value,
    /// The names that it had, oldest first.
    pub(super) earlier: Vec<String>,
    /// Whether its name is to end with a hash of its content.
    pub(super) needs_hash: bool,
}

impl Resource {
    pub(super) fn new(object: Value) -> Resource {
        Resource { object, earlier: Vec::new(), needs_hash: false }
    }

    fn metadata(&self, key: &Key) -> &str {
        self.object.get(&names::METADATA).get(key).as_str().unwrap_or_default()
    }

    pub(super) fn name(&self) -> &str {
        self.metadata(&names::NAME)
    }

    pub(super) fn namespace(&self) -> &str {
        self.metadata(&names::NAMESPACE)
    }

    pub(super) fn kind(&self) -> &str {
        self.object.get(&names::KIND).as_str().unwrap_or_default()
    }

    pub(super) fn group(&self) -> &str {
        self.group_and_version().0
    }

    pub(super) fn version(&self) -> &str {
        self.group_and_version().1
    }

    fn group_and_version(&self) -> (&str, &str) {
        split_version(self.object.get(&names::API_VERSION).as_str().unwrap_or_default())
    }

    /// Whether it is not part of the result.
    pub(super) fn is_local(&self) -> bool {
        self.object["metadata"]["annotations"][LOCAL_CONFIG].as_str() == Some("true")
    }

    /// Whether the name is its own or was once.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.name() == name || self.earlier.iter().any(|earlier| earlier == name)
    }

    pub(super) fn rename(&mut self, name: String) {
        if name == self.name() {
            return;
        }
        self.earlier.push(self.name().to_owned());
        self.object.update(&names::METADATA, |metadata| {
            metadata.make_map().insert(&names::NAME, name);
        });
    }

    /// Whether it lives in a namespace.
    pub(super) fn is_namespaced(&self) -> bool {
        crate::resource::guessed_mapping(self.group(), self.version(), self.kind()).is_namespaced
    }

    /// `ConfigMap.v1.[noGrp]/cfg.[noNs]`
    pub(super) fn id(&self) -> String {
        id(self.group(), self.version(), self.kind(), self.name(), self.namespace())
    }

    /// Whether both are the same object.
    pub(super) fn is_same(&self, other: &Resource) -> bool {
        let namespace = |resource: &Resource| match resource.namespace() {
            "" => "default".to_owned(),
            namespace => namespace.to_owned(),
        };
        self.kind() == other.kind()
            && self.group() == other.group()
            && self.name() == other.name()
            && namespace(self) == namespace(other)
    }
}

/// How messages name an object.
pub(super) fn id(group: &str, version: &str, kind: &str, name: &str, namespace: &str) -> String {
    let or = |text: &str, missing: &str| match text {
        "" => missing.to_owned(),
        text => text.to_owned(),
    };
    format!(
        "{}.{}.{}/{}.{}",
        or(kind, "[noKind]"),
        or(version, "[noVer]"),
        or(group, "[noGrp]"),
        or(name, "[noName]"),
        or(namespace, "[noNs]"),
    )
}
