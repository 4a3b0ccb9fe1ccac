//! The kinds that the scheduler reads.
//!
//! Some are looked up by name, so that the scheduler works with a server that does not serve them.

use apiserver::Registry;
use apiserver::store::ResourceId;
use kinds::Kind;
use kinds::core::{namespace, node, pod};

/// What a change is about, as far as the scheduler cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Node,
    Pod,
    Namespace,
    /// Something that selects Pods: a Service or a workload.
    Selecting,
    Claim,
    Volume,
    StorageClass,
    Csi,
}

/// The kinds, with the numbers of their resources.
pub(crate) struct KindsInUse {
    subjects: Vec<(ResourceId, &'static Kind, Subject)>,
    pub(crate) claims: Option<&'static Kind>,
    pub(crate) volumes: Option<&'static Kind>,
    pub(crate) storage_classes: Option<&'static Kind>,
    pub(crate) services: Option<&'static Kind>,
    pub(crate) disruption_budgets: Option<&'static Kind>,
    /// The workloads that own Pods, for the spread of Pods that say nothing themselves.
    owners: Vec<&'static Kind>,
}

impl KindsInUse {
    /// The kinds that a server serves.
    pub(crate) fn of(registry: &Registry) -> KindsInUse {
        let find = |group: &str, plural: &str| registry.find(group, "v1", plural);
        let mut subjects = Vec::new();
        let mut add = |kind: Option<&'static Kind>, subject| {
            if let Some(kind) = kind {
                subjects.push((registry.resource(kind), kind, subject));
            }
            kind
        };
        add(Some(&node::KIND), Subject::Node);
        add(Some(&pod::KIND), Subject::Pod);
        add(Some(&namespace::KIND), Subject::Namespace);
        let services = add(find("", "services"), Subject::Selecting);
        let owners =
            [("", "replicationcontrollers"), ("apps", "replicasets"), ("apps", "statefulsets")];
        let owners = owners
            .into_iter()
            .filter_map(|(group, plural)| add(find(group, plural), Subject::Selecting))
            .collect();
        let claims = add(find("", "persistentvolumeclaims"), Subject::Claim);
        let volumes = add(find("", "persistentvolumes"), Subject::Volume);
        let storage_classes = add(find("storage.k8s.io", "storageclasses"), Subject::StorageClass);
        for plural in ["csinodes", "csidrivers", "csistoragecapacities"] {
            add(find("storage.k8s.io", plural), Subject::Csi);
        }
        KindsInUse {
            disruption_budgets: find("policy", "poddisruptionbudgets"),
            subjects,
            claims,
            volumes,
            storage_classes,
            services,
            owners,
        }
    }

    /// The kinds whose changes the scheduler is told of.
    pub(crate) fn interests(&self) -> Vec<&'static Kind> {
        self.subjects.iter().map(|(_, kind, _)| *kind).collect()
    }

    /// The kinds and what each means.
    pub(crate) fn subjects(&self) -> impl Iterator<Item = (&'static Kind, Subject)> + '_ {
        self.subjects.iter().map(|(_, kind, subject)| (*kind, *subject))
    }

    /// What a change of a resource is about.
    pub(crate) fn subject(&self, resource: ResourceId) -> Option<Subject> {
        let found = self.subjects.iter().find(|(id, _, _)| *id == resource);
        found.map(|(_, _, subject)| *subject)
    }

    /// The kind of a Pod's owner, if it is one that spreads its Pods.
    pub(crate) fn owner(&self, api_version: &str, kind: &str) -> Option<&'static Kind> {
        let is_it =
            |owner: &&&'static Kind| owner.kind == kind && owner.api_version() == api_version;
        self.owners.iter().find(is_it).copied()
    }
}
