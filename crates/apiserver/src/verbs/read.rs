//! `get`, `list` and `watch`.

use crate::codec;
use crate::continuation::{self, Place};
use crate::list_options;
use crate::registry::BY_NODE;
use crate::request::{Request, ResourceTarget};
use crate::response::{Response, ResponseBody};
use crate::selector::{self, Selection};
use crate::server::{ApiServer, Handled};
use crate::store::{Compacted, ObjectKey, Stored};
use crate::watch::{BOOKMARK_PERIOD, Bookmarks, Clock, WatchStream, error_event};
use api::{Status, Value, object};
use std::collections::VecDeque;

impl ApiServer {
    pub(crate) fn get(&mut self, request: &Request, target: &ResourceTarget) -> Handled {
        list_options::revision_of_get(&request.options)?;
        let stored = self.stored(target)?.object.clone();
        Ok(self.answer(200, request, target.kind, &stored))
    }

    pub(crate) fn list(&mut self, request: &Request, target: &ResourceTarget) -> Handled {
        let options = &request.options;
        list_options::check_list(options)?;
        let asked = list_options::revision_of_list(options)?;
        list_options::check_revision(asked, self.store.revision())?;
        let selection = selector::read(target, options)?;
        let place = match options.continue_token.as_str() {
            "" => Place { revision: list_options::exact_revision(options, asked), after: None },
            token => continuation::decode(token)?,
        };
        let limit = match options.limit {
            0 => usize::MAX,
            limit => limit,
        };
        let current = self.store.revision();
        let page = match place.revision.filter(|revision| *revision < current) {
            Some(revision) => match self.page_at(target, &selection, &place, revision, limit) {
                Ok(page) => page,
                Err(_) => return Ok(continuation::too_old(place.after.as_ref())),
            },
            None => self.page(target, &selection, &place, limit),
        };
        let mut metadata = object! { "resourceVersion": page.revision.to_string() };
        if page.remaining > 0
            && let Some(last) = page.objects.last()
        {
            let token = continuation::encode(Some(page.revision), &ObjectKey::of(last));
            metadata.make_map().insert("continue", token);
            if selection.filter.is_everything() {
                metadata.make_map().insert("remainingItemCount", page.remaining as i64);
            }
        }
        let kind = target.kind;
        let objects: Vec<Value> =
            page.objects.iter().map(|object| codec::from_stored(kind, object)).collect();
        Ok(Response::ok(codec::encode_list(kind, &objects, metadata, request, self.now())))
    }

    /// A page of what there is now.
    fn page(
        &self,
        target: &ResourceTarget,
        selection: &Selection,
        place: &Place,
        limit: usize,
    ) -> Page {
        let after = place.after.as_ref().map(|key| (&*key.namespace, &*key.name));
        let mut found = self.select(target, selection, after);
        let objects = found.by_ref().take(limit).map(|stored| stored.object.clone()).collect();
        Page { objects, remaining: found.count(), revision: self.store.revision() }
    }

    /// A page of what there was at `revision`.
    fn page_at(
        &self,
        target: &ResourceTarget,
        selection: &Selection,
        place: &Place,
        revision: u64,
        limit: usize,
    ) -> Result<Page, Compacted> {
        let resource = self.resource(target.kind);
        let namespace = Some(&*target.namespace).filter(|namespace| !namespace.is_empty());
        let mut objects = self.store.list_at(resource, namespace, revision)?;
        if let Some(after) = &place.after {
            let is_seen = |object: &Value| !after.precedes(&ObjectKey::of(object));
            objects.drain(..objects.partition_point(is_seen));
        }
        objects.retain(|object| selection.filter.matches(object));
        let remaining = objects.len().saturating_sub(limit);
        objects.truncate(limit);
        Ok(Page { objects, remaining, revision })
    }

    /// The objects that a selection picks, in the order of their names, by the shortest way.
    pub(crate) fn select<'a>(
        &'a self,
        target: &'a ResourceTarget,
        selection: &'a Selection,
        after: Option<(&str, &str)>,
    ) -> Box<dyn Iterator<Item = &'a Stored> + 'a> {
        let resource = self.resource(target.kind);
        let namespace = Some(&*target.namespace).filter(|namespace| !namespace.is_empty());
        let matches = |stored: &&Stored| selection.filter.matches(&stored.object);
        if let Some(name) = &selection.name
            && (namespace.is_some() || !target.kind.is_namespaced)
        {
            let one = self.store.get(resource, &target.namespace, name);
            let one = one.filter(|_| after.is_none()).filter(matches);
            return Box::new(one.into_iter());
        }
        if let Some((index, value)) = &selection.index
            && after.is_none()
            && self.store.has_index(resource, index)
        {
            let in_namespace = move |stored: &&Stored| {
                namespace.is_none_or(|n| kinds::table::metadata(&stored.object).namespace() == n)
            };
            return Box::new(
                self.store.indexed(resource, index, value).filter(in_namespace).filter(matches),
            );
        }
        match after {
            Some(after) => {
                Box::new(self.store.list_after(resource, namespace, after).filter(matches))
            }
            None => Box::new(self.store.list(resource, namespace).filter(matches)),
        }
    }

    pub(crate) fn watch(&mut self, request: &Request, target: &ResourceTarget) -> Handled {
        let options = &request.options;
        list_options::check_watch(options)?;
        let selection = selector::read(target, options)?;
        let since = list_options::revision_of_watch(options, target.qualified())?;
        let resource = self.resource(target.kind);
        let scope = selector::scope(target, &selection);
        let opened = self.store.watch(resource, scope, selection.filter.clone(), since);
        let (watch, error) = match opened {
            Ok(watch) => (watch, None),
            Err(compacted) => {
                // A stream that says only that it cannot begin there.
                let closed = sim::channel().1;
                (
                    crate::store::StoreWatch { events: closed },
                    Some(Status::expired(compacted.to_string())),
                )
            }
        };
        let mut stream = WatchStream {
            kind: target.kind,
            accept: request.accept,
            include_object: options.include_object.clone(),
            initial: VecDeque::new(),
            watch,
            columns_sent: false,
            bookmarks: options.allow_watch_bookmarks.then(|| Bookmarks {
                latest: self.latest_revision.clone(),
                next: self.now() + BOOKMARK_PERIOD,
            }),
            clock: Clock(self.sim.clone()),
        };
        if let Some(status) = error {
            stream.initial.push_back(error_event(&status));
        } else if since.is_none() {
            let now = self.now();
            let objects: Vec<Value> =
                self.select(target, &selection, None).map(|s| s.object.clone()).collect();
            for object in &objects {
                let event = stream.encode("ADDED", object, now);
                stream.initial.push_back(event);
            }
        }
        Ok(Response { code: 200, body: ResponseBody::Watch(stream), warnings: Vec::new() })
    }

    /// The Pods bound to a node, in the order of their names.
    pub fn pods_on_node<'a>(&'a self, node: &str) -> impl Iterator<Item = &'a Value> + 'a {
        let pods = self.resource(&kinds::core::pod::KIND);
        self.store.indexed(pods, BY_NODE, node).map(|stored| &*stored.object)
    }
}

/// A part of a list.
struct Page {
    objects: Vec<Value>,
    /// How many objects come after it.
    remaining: usize,
    /// The revision that it shows.
    revision: u64,
}
