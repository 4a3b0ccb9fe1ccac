//! Which kinds the server serves, and where each is stored.

use crate::store::{IndexDefinition, ResourceId};
use api::core::v1::{Event, Pod};
use api::{Text, Value, View, names};
use kinds::Kind;

/// The kinds the server knows.
///
/// Built-in kinds are statics. The registry is looked up by name, so that kinds known only at run
/// time can join it.
pub struct Registry {
    kinds: Vec<&'static Kind>,
    /// The stored kinds; a kind's place is its [`ResourceId`].
    stored: Vec<&'static Kind>,
}

impl Registry {
    /// A registry of all built-in kinds.
    pub fn new() -> Registry {
        let kinds = kinds::ALL.to_vec();
        let stored = kinds.iter().copied().filter(|kind| kind.conversion.is_none()).collect();
        Registry { kinds, stored }
    }

    /// All kinds, the core group first.
    pub fn kinds(&self) -> &[&'static Kind] {
        &self.kinds
    }

    /// The kind of a resource path: `/apis/{group}/{version}/{plural}`.
    pub fn find(&self, group: &str, version: &str, plural: &str) -> Option<&'static Kind> {
        let is_it =
            |kind: &&&Kind| kind.plural == plural && kind.group == group && kind.version == version;
        self.kinds.iter().find(is_it).copied()
    }

    /// The kind of a document: its `apiVersion` and `kind`.
    pub fn find_kind(&self, group: &str, version: &str, kind: &str) -> Option<&'static Kind> {
        let is_it = |k: &&&Kind| k.kind == kind && k.group == group && k.version == version;
        self.kinds.iter().find(is_it).copied()
    }

    /// Whether any version of a group is served.
    pub fn has_group(&self, group: &str) -> bool {
        self.kinds.iter().any(|kind| kind.group == group)
    }

    /// Whether any kind has this group and version.
    pub fn has_version(&self, group: &str, version: &str) -> bool {
        self.kinds.iter().any(|kind| kind.group == group && kind.version == version)
    }

    /// Where objects of a kind are stored. Versions of a kind share their storage.
    pub fn resource(&self, kind: &'static Kind) -> ResourceId {
        let stored = kind.stored();
        let index = self.stored.iter().position(|other| *other == stored);
        ResourceId(index.expect("every stored kind is registered") as u16)
    }

    /// The kind whose objects are stored there.
    pub fn kind_of(&self, resource: ResourceId) -> &'static Kind {
        self.stored[usize::from(resource.0)]
    }

    /// The indexes of each stored resource.
    pub fn indexes(&self) -> impl Iterator<Item = &'static [IndexDefinition]> + '_ {
        self.stored.iter().map(|kind| indexes(kind))
    }
}

impl Default for Registry {
    fn default() -> Registry {
        Registry::new()
    }
}

/// Pods by the node they are bound to.
pub const BY_NODE: &str = "spec.nodeName";
/// Objects without a controller, by their namespace: what controllers may adopt.
pub const ORPHANS: &str = "orphans";
/// Events by the name of the object they are about.
pub const BY_INVOLVED_NAME: &str = "involvedObject.name";

/// How many Pods a controller has, by its uid, that are neither over nor on their way out.
pub const ACTIVE_BY_CONTROLLER: &str = "active-by-controller";
/// How many of those are ready.
pub const READY_BY_CONTROLLER: &str = "ready-by-controller";

const POD_INDEXES: &[IndexDefinition] = &[
    IndexDefinition {
        name: BY_NODE,
        is_count: false,
        file_under: |object| {
            let node = Pod::of(object).spec().value().get(&names::NODE_NAME);
            node.as_text().filter(|name| !name.is_empty()).cloned()
        },
    },
    ORPHAN_INDEX,
    IndexDefinition {
        name: ACTIVE_BY_CONTROLLER,
        is_count: true,
        file_under: |object| controller_uid(object).filter(|_| is_active(Pod::of(object))),
    },
    IndexDefinition {
        name: READY_BY_CONTROLLER,
        is_count: true,
        file_under: |object| {
            let pod = Pod::of(object);
            controller_uid(object).filter(|_| is_active(pod) && is_ready(pod))
        },
    },
];

fn is_active(pod: Pod<'_>) -> bool {
    !matches!(pod.status().phase(), "Succeeded" | "Failed")
        && pod.metadata().value().get(&names::DELETION_TIMESTAMP).is_null()
}

fn is_ready(pod: Pod<'_>) -> bool {
    pod.status().conditions().any(|c| c.type_() == "Ready" && c.status() == "True")
}

fn controller_uid(object: &Value) -> Option<Text> {
    let owners = kinds::table::metadata(object).owner_references();
    let controller = owners.into_iter().find(|owner| owner.controller() == Some(true))?;
    controller.value().get(&names::UID).as_text().cloned()
}

const ORPHAN_INDEX: IndexDefinition = IndexDefinition {
    name: ORPHANS,
    is_count: false,
    file_under: |object| {
        let metadata = kinds::table::metadata(object);
        let has_controller = metadata.owner_references().any(|o| o.controller() == Some(true));
        let namespace = metadata.value().get(&names::NAMESPACE).as_text();
        if has_controller { None } else { namespace.cloned() }
    },
};

const EVENT_INDEXES: &[IndexDefinition] = &[IndexDefinition {
    name: BY_INVOLVED_NAME,
    is_count: false,
    file_under: |object| {
        Event::of(object).involved_object().value().get(&names::NAME).as_text().cloned()
    },
}];

fn indexes(kind: &Kind) -> &'static [IndexDefinition] {
    match (kind.group, kind.kind) {
        ("", "Pod") => POD_INDEXES,
        ("", "Event") => EVENT_INDEXES,
        ("apps", "ReplicaSet" | "ControllerRevision") => &[ORPHAN_INDEX],
        _ => &[],
    }
}
