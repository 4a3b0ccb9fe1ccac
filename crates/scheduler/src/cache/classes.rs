//! All classes of Pods that are known.

use super::pod_class::{ClassId, PodClass, fingerprint};
use super::topology::KeyId;
use api::{Text, Value};
use std::collections::BTreeMap;

/// Classes that no Pod uses any more are kept until there are this many of them, since the next
/// replica may come at any moment.
const UNUSED_MAX: usize = 256;

struct Entry {
    class: PodClass,
    fingerprint: u64,
    uses: u32,
}

/// The classes, each with the number of Pods that use it.
#[derive(Default)]
pub(crate) struct Classes {
    entries: Vec<Option<Entry>>,
    by_fingerprint: BTreeMap<u64, Vec<ClassId>>,
    /// In the order in which they came; none is taken out as long as the epoch is the same.
    by_namespace: BTreeMap<Text, Vec<ClassId>>,
    free: Vec<ClassId>,
    unused: usize,
    epoch: u64,
}

impl Classes {
    /// The class of this number, which is in use.
    pub(crate) fn get(&self, id: ClassId) -> &PodClass {
        let entry = self.entries[id.index()].as_ref();
        &entry.expect("a class that is in use").class
    }

    /// The classes of a namespace; within an epoch new ones are only added at the end.
    pub(super) fn of_namespace(&self, namespace: &str) -> &[ClassId] {
        self.by_namespace.get(namespace).map_or(&[], Vec::as_slice)
    }

    /// Grows when numbers of classes have been given up, and may now mean others.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The class of a Pod, used once more from now on.
    pub(super) fn acquire(&mut self, pod: &Value, key: &mut dyn FnMut(&str) -> KeyId) -> ClassId {
        let fingerprint = fingerprint(pod);
        let candidates = self.by_fingerprint.get(&fingerprint);
        let found = candidates.into_iter().flatten().copied().find(|id| {
            let entry = self.entries[id.index()].as_ref();
            entry.is_some_and(|entry| entry.class.has(pod))
        });
        let id = found.unwrap_or_else(|| self.insert(PodClass::of(pod, key), fingerprint));
        let entry = self.entries[id.index()].as_mut().expect("found or inserted");
        if entry.uses == 0 {
            self.unused -= 1;
        }
        entry.uses += 1;
        id
    }

    fn insert(&mut self, class: PodClass, fingerprint: u64) -> ClassId {
        let namespace = class.namespace.clone();
        let entry = Entry { class, fingerprint, uses: 0 };
        self.unused += 1;
        let id = self.free.pop().unwrap_or_else(|| {
            self.entries.push(None);
            ClassId(self.entries.len() as u32 - 1)
        });
        self.entries[id.index()] = Some(entry);
        self.by_fingerprint.entry(fingerprint).or_default().push(id);
        self.by_namespace.entry(namespace).or_default().push(id);
        id
    }

    /// Ends one use of a class.
    pub(super) fn release(&mut self, id: ClassId) {
        let Some(entry) = self.entries[id.index()].as_mut() else {
            return;
        };
        entry.uses -= 1;
        if entry.uses == 0 {
            self.unused += 1;
        }
    }

    /// Forgets unused classes when there are many.
    pub(super) fn sweep(&mut self) {
        let used = self.entries.len() - self.free.len() - self.unused;
        if self.unused <= UNUSED_MAX.max(used) {
            return;
        }
        self.epoch += 1;
        self.unused = 0;
        for (at, slot) in self.entries.iter_mut().enumerate() {
            if slot.as_ref().is_some_and(|entry| entry.uses == 0)
                && let Some(entry) = slot.take()
            {
                let id = ClassId(at as u32);
                self.free.push(id);
                if let Some(ids) = self.by_fingerprint.get_mut(&entry.fingerprint) {
                    ids.retain(|other| *other != id);
                    if ids.is_empty() {
                        self.by_fingerprint.remove(&entry.fingerprint);
                    }
                }
            }
        }
        let entries = &self.entries;
        self.by_namespace.retain(|_, ids| {
            ids.retain(|id| entries[id.index()].is_some());
            !ids.is_empty()
        });
    }
}
