//! What the server serves: resources, their kinds, names and groups.
//!
//! kubectl knows no kind by itself. It reads the discovery documents and maps what people type
//! (`deploy`, `Deployment`, `deployments.v1.apps`) and what manifests say to resources.

mod fetch;
mod mapper;

pub use fetch::fetch;

use api::Value;
use sim::{Duration, Time};
use std::cell::RefCell;
use std::rc::Rc;

/// A resource of the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// The API group; empty for the core group.
    pub group: String,
    /// The version within the group.
    pub version: String,
    /// The plural name.
    pub resource: String,
    /// The singular name.
    pub singular: String,
    /// The kind.
    pub kind: String,
    /// Short names.
    pub short_names: Vec<String>,
    /// Categories such as `all`.
    pub categories: Vec<String>,
    /// What can be done.
    pub verbs: Vec<String>,
    /// Whether objects live in namespaces.
    pub is_namespaced: bool,
    /// The names of the subresources.
    pub subresources: Vec<String>,
}

impl Mapping {
    /// Group and version as objects say it.
    pub fn api_version(&self) -> String {
        join_version(&self.group, &self.version)
    }

    /// The resource with its group: `deployments.apps`.
    pub fn qualified(&self) -> String {
        join_group(&self.resource, &self.group)
    }

    /// The kind in lower case with its group, as messages name objects: `deployment.apps`.
    pub fn kind_name(&self) -> String {
        join_group(&self.kind.to_lowercase(), &self.group)
    }

    /// The form in which errors name the resource: `apps/v1, Resource=deployments`.
    pub fn resource_text(&self) -> String {
        format!("{}/{}, Resource={}", self.group, self.version, self.resource)
    }

    /// The form in which errors name the kind: `apps/v1, Kind=Deployment`.
    pub fn kind_text(&self) -> String {
        format!("{}/{}, Kind={}", self.group, self.version, self.kind)
    }

    /// Whether the kind is this one.
    pub fn is_kind(&self, group: &str, kind: &str) -> bool {
        self.group == group && self.kind == kind
    }
}

/// `apps/v1`, or `v1` for the core group.
pub fn join_version(group: &str, version: &str) -> String {
    if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") }
}

/// `deployments.apps`, or `pods` for the core group.
pub fn join_group(name: &str, group: &str) -> String {
    if group.is_empty() { name.to_owned() } else { format!("{name}.{group}") }
}

/// Group and version of an `apiVersion`.
pub fn split_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

/// A group and its versions, the preferred one first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// The name; empty for the core group.
    pub name: String,
    /// The versions.
    pub versions: Vec<String>,
}

/// Everything the server serves.
#[derive(Clone, Debug, Default)]
pub struct Discovery {
    /// The groups in the server's order, the core group first.
    pub groups: Vec<Group>,
    /// The resources, by group and within it by version.
    pub resources: Vec<Rc<Mapping>>,
}

/// What several runs of kubectl share, as the real one does through `~/.kube/cache`.
#[derive(Debug, Default)]
pub struct Cache(RefCell<Option<(Time, Rc<Discovery>)>>);

/// How long a real kubectl trusts its cache.
const CACHE_AGE_MAX: Duration = Duration::from_secs(6 * 60 * 60);

impl Cache {
    /// What is known and not too old.
    pub fn get(&self, now: Time) -> Option<Rc<Discovery>> {
        let held = self.0.borrow();
        let (at, discovery) = held.as_ref()?;
        (now.since(*at) < CACHE_AGE_MAX).then(|| discovery.clone())
    }

    /// Remembers.
    pub fn put(&self, now: Time, discovery: Rc<Discovery>) {
        *self.0.borrow_mut() = Some((now, discovery));
    }
}

/// The texts of a list.
pub(crate) fn texts(value: &Value) -> Vec<String> {
    value.items().iter().filter_map(Value::as_str).map(str::to_owned).collect()
}
