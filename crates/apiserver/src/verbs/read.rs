//! `get`, `list` and `watch`.

use crate::codec;
use crate::list_options;
use crate::registry::BY_NODE;
use crate::request::{Request, ResourceTarget};
use crate::response::{Response, ResponseBody};
use crate::selector::{self, Selection};
use crate::server::{ApiServer, Handled};
use crate::store::{ObjectKey, Stored};
use crate::watch::{Clock, WatchStream, error_event};
use api::{Status, Value, object};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use std::collections::VecDeque;

impl ApiServer {
    pub(crate) fn get(&mut self, request: &Request, target: &ResourceTarget) -> Handled {
        let stored = self.stored(target)?.object.clone();
        Ok(self.answer(200, request, target.kind, &stored))
    }

    pub(crate) fn list(&mut self, request: &Request, target: &ResourceTarget) -> Handled {
        list_options::check_list(&request.options)?;
        let asked = list_options::revision(&request.options, target.qualified())?;
        list_options::check_revision(asked, self.store.revision())?;
        let selection = selector::read(target, &request.options)?;
        let after = match request.options.continue_token.as_str() {
            "" => None,
            token => Some(decode_continue(token)?),
        };
        let limit = match request.options.limit {
            0 => usize::MAX,
            limit => limit,
        };
        let after_ref = after.as_ref().map(|(namespace, name)| (&**namespace, &**name));
        let mut found = self.select(target, &selection, after_ref);
        let page: Vec<&Stored> = found.by_ref().take(limit).collect();
        let remaining = found.count();
        let mut metadata = object! { "resourceVersion": self.store.revision().to_string() };
        if remaining > 0
            && let Some(last) = page.last()
        {
            let key = ObjectKey::of(&last.object);
            metadata.make_map().insert("continue", encode_continue(self.store.revision(), &key));
            if selection.filter.is_everything() {
                metadata.make_map().insert("remainingItemCount", remaining as i64);
            }
        }
        let kind = target.kind;
        let objects: Vec<Value> =
            page.iter().map(|stored| codec::from_stored(kind, &stored.object)).collect();
        Ok(Response::ok(codec::encode_list(kind, &objects, metadata, request, self.now())))
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
        let since = list_options::revision(options, target.qualified())?;
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
            clock: Clock(self.sim.clone()),
        };
        let wants_initial = options.send_initial_events.unwrap_or(since.is_none());
        if let Some(status) = error {
            stream.initial.push_back(error_event(&status));
        } else if wants_initial {
            let now = self.now();
            let objects: Vec<Value> =
                self.select(target, &selection, None).map(|s| s.object.clone()).collect();
            for object in &objects {
                let event = stream.encode("ADDED", object, now);
                stream.initial.push_back(event);
            }
            if options.send_initial_events == Some(true) && options.allow_watch_bookmarks {
                stream.initial.push_back(stream.bookmark(self.store.revision(), true));
            }
        }
        Ok(Response { code: 200, body: ResponseBody::Watch(stream), warnings: Vec::new() })
    }

    /// The Pods bound to a node, in the order of their names.
    pub fn pods_on_node<'a>(&'a self, node: &str) -> impl Iterator<Item = &'a Value> + 'a {
        let pods = self.resource(&kinds::core::pod::KIND);
        self.store.indexed(pods, BY_NODE, node).map(|stored| &stored.object)
    }
}

/// The token by which a client asks for the next page: base64 of a small JSON document.
fn encode_continue(revision: u64, last: &ObjectKey) -> String {
    let start = match &*last.namespace {
        "" => format!("{}\u{0}", last.name),
        namespace => format!("{namespace}/{}\u{0}", last.name),
    };
    let token = object! {
        "v": "meta.k8s.io/v1",
        "rv": revision as i64,
        "start": start,
    };
    STANDARD_NO_PAD.encode(api::json::to_string(&token))
}

fn decode_continue(token: &str) -> Result<(String, String), Status> {
    let invalid = |why: &str| Status::bad_request(format!("continue key is not valid: {why}"));
    let bytes = STANDARD_NO_PAD
        .decode(token.trim_end_matches('='))
        .map_err(|error| invalid(&error.to_string()))?;
    let value = api::json::parse(&bytes).map_err(|error| invalid(&error.to_string()))?;
    let start = value["start"]
        .as_str()
        .ok_or_else(|| invalid("encoded start key empty (version meta.k8s.io/v1)"))?;
    let start = start.trim_end_matches('\u{0}');
    let (namespace, name) = start.split_once('/').unwrap_or(("", start));
    Ok((namespace.to_owned(), name.to_owned()))
}
