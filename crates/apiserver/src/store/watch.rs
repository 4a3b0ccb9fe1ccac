//! Watches: who is told of which changes.
//!
//! A change is offered only to the watchers whose scope it falls into, found by looking it up,
//! so that thousands of kubelets that each watch their own node cost a write nothing.

use super::{Change, ChangeType, ResourceId};
use api::labels::Selector;
use api::{Text, Value, names};
use sim::{Receiver, Sender, channel};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The part of a resource that a watch can see.
#[derive(Clone, Debug)]
pub enum Scope {
    /// All of it.
    All,
    /// One namespace.
    Namespace(Rc<str>),
    /// One object.
    Name(Rc<str>, Rc<str>),
    /// The objects whose field of this getter has this value: a kubelet's Pods.
    Field(fn(&Value) -> &str, Rc<str>),
}

impl Scope {
    pub(super) fn covers(&self, change: &Change) -> bool {
        match self {
            Scope::All => true,
            Scope::Namespace(namespace) => *namespace == change.key.namespace,
            Scope::Name(namespace, name) => {
                *namespace == change.key.namespace && *name == change.key.name
            }
            Scope::Field(get, value) => {
                get(&change.object) == &**value
                    || change.previous.as_ref().is_some_and(|old| get(old) == &**value)
            }
        }
    }
}

/// A further condition on a field.
#[derive(Clone)]
pub struct FieldRequirement {
    /// The field.
    pub get: fn(&Value) -> String,
    /// What it is compared with.
    pub value: String,
    /// Whether it must equal the value or differ from it.
    pub is_equal: bool,
}

/// Which objects a list or a watch shows.
#[derive(Clone, Default)]
pub struct Filter {
    /// By labels.
    pub labels: Selector,
    /// By fields.
    pub fields: Vec<FieldRequirement>,
}

impl Filter {
    /// Whether every object passes.
    pub fn is_everything(&self) -> bool {
        self.labels.is_everything() && self.fields.is_empty()
    }

    /// Whether an object is shown.
    pub fn matches(&self, object: &Value) -> bool {
        let fields = |r: &FieldRequirement| ((r.get)(object) == r.value) == r.is_equal;
        self.fields.iter().all(fields)
            && (self.labels.is_everything()
                || self.labels.matches(kinds::table::metadata(object).labels()))
    }
}

/// What a watcher sees of a change.
#[derive(Clone, Debug)]
pub struct StoreEvent {
    /// `Added`, `Modified` or `Deleted`, as seen through the filter.
    pub ty: ChangeType,
    /// The object, without `kind` and `apiVersion`.
    pub object: Value,
    /// The revision of the change.
    pub revision: u64,
}

/// An open watch. Dropping it ends it.
#[derive(Debug)]
pub struct StoreWatch {
    /// The events that have come and not been read.
    pub events: Receiver<StoreEvent>,
}

/// More events than this that nobody reads end a watch, as a real server ends a slow one.
const UNREAD_EVENTS_MAX: usize = 100_000;

struct Watcher {
    filter: Filter,
    scope: Scope,
    events: Sender<StoreEvent>,
}

/// The watchers of one resource, by scope.
#[derive(Default)]
struct Group {
    all: Vec<usize>,
    namespaces: BTreeMap<Rc<str>, Vec<usize>>,
    names: BTreeMap<(Rc<str>, Rc<str>), Vec<usize>>,
    field: Option<fn(&Value) -> &str>,
    fields: BTreeMap<Rc<str>, Vec<usize>>,
}

impl Group {
    fn bucket(&mut self, scope: &Scope) -> &mut Vec<usize> {
        match scope {
            Scope::All => &mut self.all,
            Scope::Namespace(namespace) => self.namespaces.entry(namespace.clone()).or_default(),
            Scope::Name(namespace, name) => {
                self.names.entry((namespace.clone(), name.clone())).or_default()
            }
            Scope::Field(get, value) => {
                self.field = Some(*get);
                self.fields.entry(value.clone()).or_default()
            }
        }
    }
}

pub(super) struct Watchers {
    watchers: Vec<Option<Watcher>>,
    free: Vec<usize>,
    groups: Vec<Group>,
}

impl Watchers {
    pub(super) fn new(resources: usize) -> Watchers {
        let groups = std::iter::repeat_with(Group::default).take(resources).collect();
        Watchers { watchers: Vec::new(), free: Vec::new(), groups }
    }

    pub(super) fn count(&self) -> usize {
        self.watchers.iter().flatten().filter(|w| !w.events.is_closed()).count()
    }

    pub(super) fn add(
        &mut self,
        resource: ResourceId,
        scope: Scope,
        filter: Filter,
        missed: &[Rc<Change>],
    ) -> StoreWatch {
        let (sender, receiver) = channel();
        let watcher = Watcher { filter, scope: scope.clone(), events: sender };
        for change in missed {
            offer(&watcher, change);
        }
        let id = self.free.pop().unwrap_or_else(|| {
            self.watchers.push(None);
            self.watchers.len() - 1
        });
        self.watchers[id] = Some(watcher);
        self.groups[usize::from(resource.0)].bucket(&scope).push(id);
        StoreWatch { events: receiver }
    }

    pub(super) fn notify(&mut self, change: &Change) {
        let group = &self.groups[usize::from(change.resource.0)];
        let mut ended = Vec::new();
        let mut offer_all = |ids: Option<&Vec<usize>>| {
            for &id in ids.into_iter().flatten() {
                if let Some(watcher) = &self.watchers[id]
                    && !offer(watcher, change)
                {
                    ended.push(id);
                }
            }
        };
        offer_all(Some(&group.all));
        if !group.namespaces.is_empty() {
            offer_all(group.namespaces.get(&change.key.namespace));
        }
        if !group.names.is_empty() {
            let name = (change.key.namespace.clone(), change.key.name.clone());
            offer_all(group.names.get(&name));
        }
        if let Some(get) = group.field {
            let new = get(&change.object);
            let old = change.previous.as_ref().map_or("", get);
            offer_all(group.fields.get(new));
            if old != new {
                offer_all(group.fields.get(old));
            }
        }
        for id in ended {
            self.remove(change.resource, id);
        }
    }

    fn remove(&mut self, resource: ResourceId, id: usize) {
        if let Some(watcher) = self.watchers[id].take() {
            let bucket = self.groups[usize::from(resource.0)].bucket(&watcher.scope);
            bucket.retain(|other| *other != id);
            self.free.push(id);
        }
    }
}

/// Tells a watcher of a change that its scope covers; false if it no longer listens.
fn offer(watcher: &Watcher, change: &Change) -> bool {
    if watcher.events.is_closed() || watcher.events.len() >= UNREAD_EVENTS_MAX {
        return false;
    }
    match seen_through(&watcher.scope, &watcher.filter, change) {
        Some(event) => watcher.events.send(event).is_ok(),
        None => true,
    }
}

/// An object that begins to match appears, one that ceases to match vanishes.
fn seen_through(scope: &Scope, filter: &Filter, change: &Change) -> Option<StoreEvent> {
    let is_seen = |object: &Value| match scope {
        Scope::Field(get, value) => get(object) == &**value && filter.matches(object),
        _ => filter.matches(object),
    };
    let now = change.ty != ChangeType::Deleted && is_seen(&change.object);
    let before = change.previous.as_ref().is_some_and(is_seen);
    let event = |ty, object: Value| Some(StoreEvent { ty, object, revision: change.revision });
    match (before, now) {
        (false, true) => event(ChangeType::Added, change.object.clone()),
        (true, true) => event(ChangeType::Modified, change.object.clone()),
        (true, false) if change.ty == ChangeType::Deleted => {
            event(ChangeType::Deleted, change.object.clone())
        }
        // The watcher is shown what it knew, with the revision of the change.
        (true, false) => {
            let mut old = change.previous.clone()?;
            old.update(&names::METADATA, |metadata| {
                let revision = Text::from(change.revision.to_string());
                metadata.make_map().insert(&names::RESOURCE_VERSION, revision);
            });
            event(ChangeType::Deleted, old)
        }
        (false, false) => None,
    }
}
