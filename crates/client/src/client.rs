//! An API client within the cluster.

use api::{Status, Text, Value, View, names};
use apiserver::store::{ObjectKey, Stored};
use apiserver::{
    Accept, ApiServer, Body, Method, Options, PatchType, Propagation, Request, ResourceTarget,
    Target, User, Verb, registry,
};
use kinds::{Kind, table};
use sim::Cause;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// A component's way to the API server.
#[derive(Clone)]
pub struct Client {
    server: Rc<RefCell<ApiServer>>,
    user: User,
    user_agent: Text,
    cause: Rc<Cell<Cause>>,
    write_count: Rc<Cell<u64>>,
}

impl Client {
    /// A client of `server` for `user`, whose changes are recorded as those of `program`.
    pub fn new(server: &Rc<RefCell<ApiServer>>, user: User, program: &str) -> Client {
        Client {
            server: server.clone(),
            user,
            user_agent: format!("{program}/v1.29.0").into(),
            cause: Rc::default(),
            write_count: Rc::default(),
        }
    }

    /// States what led to the requests that follow.
    pub fn set_cause(&self, cause: Cause) {
        self.cause.set(cause);
    }

    /// What led to the present requests.
    pub fn cause(&self) -> Cause {
        self.cause.get()
    }

    /// How many requests to change something this client has made.
    pub fn write_count(&self) -> u64 {
        self.write_count.get()
    }

    /// Reads the server's state without a request, as from an informer's cache.
    pub fn read<T>(&self, read: impl FnOnce(&ApiServer) -> T) -> T {
        read(&self.server.borrow())
    }

    /// An object as it is now.
    pub fn get(&self, kind: &'static Kind, namespace: &str, name: &str) -> Option<Value> {
        self.read(|server| {
            let resource = server.registry().resource(kind);
            server.store().get(resource, namespace, name).map(|stored| stored.object.clone())
        })
    }

    /// The objects of a namespace, or of all.
    pub fn list(&self, kind: &'static Kind, namespace: Option<&str>) -> Vec<Value> {
        self.read(|server| {
            let resource = server.registry().resource(kind);
            server.store().list(resource, namespace).map(|s: &Stored| s.object.clone()).collect()
        })
    }

    /// The Pods bound to a node.
    pub fn pods_on_node(&self, node: &str) -> Vec<Value> {
        self.read(|server| server.pods_on_node(node).cloned().collect())
    }

    /// The objects of `kind` in a namespace that nobody controls.
    pub fn orphans(&self, kind: &'static Kind, namespace: &str) -> Vec<Value> {
        self.read(|server| {
            let resource = server.registry().resource(kind);
            let orphans = server.store().indexed(resource, registry::ORPHANS, namespace);
            orphans.map(|stored| stored.object.clone()).collect()
        })
    }

    /// (active, ready): how many Pods the object with this uid controls.
    pub fn controlled_pod_counts(&self, uid: &str) -> (usize, usize) {
        self.read(|server| {
            let resource = server.registry().resource(&kinds::core::pod::KIND);
            let count = |index| server.store().indexed_count(resource, index, uid);
            (count(registry::ACTIVE_BY_CONTROLLER), count(registry::READY_BY_CONTROLLER))
        })
    }

    /// Whether a namespace has any object of `kind` that nobody controls.
    pub fn has_orphans(&self, kind: &'static Kind, namespace: &str) -> bool {
        self.read(|server| {
            let resource = server.registry().resource(kind);
            server.store().indexed_count(resource, registry::ORPHANS, namespace) > 0
        })
    }

    /// The objects of `kind` whose controller is the object with this uid.
    pub fn controlled_by(&self, kind: &'static Kind, uid: &str) -> Vec<Value> {
        self.read(|server| {
            let resource = server.registry().resource(kind);
            let store = server.store();
            let mut found = Vec::new();
            for (owned_resource, key) in store.dependents(uid) {
                if owned_resource != resource {
                    continue;
                }
                if let Some(stored) = store.get(resource, &key.namespace, &key.name)
                    && table::metadata(&stored.object)
                        .owner_references()
                        .any(|owner| owner.uid() == uid && owner.controller() == Some(true))
                {
                    found.push(stored.object.clone());
                }
            }
            found
        })
    }

    /// Makes a request and gives its answer.
    pub fn request(
        &self,
        method: Method,
        target: ResourceTarget,
        options: Options,
        body: Body,
        content_type: &'static str,
    ) -> Result<Value, Status> {
        if method != Method::Get {
            self.write_count.set(self.write_count.get() + 1);
        }
        let request = Request {
            method,
            target: Target::Resource(target),
            options,
            body,
            content_type: content_type.into(),
            accept: Accept::Stored,
            accepted: Text::default(),
            user: self.user.clone(),
            user_agent: self.user_agent.clone(),
            cause: self.cause.get(),
        };
        self.server.borrow_mut().handle(request).into_result()
    }

    /// Creates an object in its namespace; returns it as stored.
    pub fn create(&self, kind: &'static Kind, object: Value) -> Result<Value, Status> {
        let namespace = table::metadata(&object).namespace();
        let target = target(Verb::Create, kind, namespace, "", "");
        self.request(Method::Post, target, Options::default(), Body::Value(object), "")
    }

    /// Replaces an object.
    pub fn update(&self, kind: &'static Kind, object: Value) -> Result<Value, Status> {
        self.put(kind, object, "")
    }

    /// Replaces the status of an object.
    pub fn update_status(&self, kind: &'static Kind, object: Value) -> Result<Value, Status> {
        self.put(kind, object, "status")
    }

    fn put(
        &self,
        kind: &'static Kind,
        object: Value,
        subresource: &'static str,
    ) -> Result<Value, Status> {
        let metadata = table::metadata(&object);
        let target = target(Verb::Update, kind, metadata.namespace(), metadata.name(), subresource);
        self.request(Method::Put, target, Options::default(), Body::Value(object), "")
    }

    /// Changes an object, or a subresource of it, by a patch.
    pub fn patch(
        &self,
        kind: &'static Kind,
        key: &ObjectKey,
        subresource: &'static str,
        patch_type: PatchType,
        patch: Value,
    ) -> Result<Value, Status> {
        let target = target(Verb::Patch, kind, &key.namespace, &key.name, subresource);
        let body = Body::Value(patch);
        self.request(Method::Patch, target, Options::default(), body, patch_type.content_type())
    }

    /// Sends an object to a subresource, as when a Pod is bound.
    pub fn post(
        &self,
        kind: &'static Kind,
        key: &ObjectKey,
        subresource: &'static str,
        object: Value,
    ) -> Result<Value, Status> {
        let target = target(Verb::Create, kind, &key.namespace, &key.name, subresource);
        self.request(Method::Post, target, Options::default(), Body::Value(object), "")
    }

    /// Replaces the finalizers of a namespace.
    pub fn finalize(&self, namespace: Value) -> Result<(), Status> {
        self.put(&kinds::core::namespace::KIND, namespace, "finalize").map(|_| ())
    }

    /// Deletes an object, if its uid is still `uid` (an empty one counts for any).
    pub fn delete(
        &self,
        kind: &'static Kind,
        key: &ObjectKey,
        uid: &str,
        options: DeleteOptions,
    ) -> Result<Value, Status> {
        let target = target(Verb::Delete, kind, &key.namespace, &key.name, "");
        let options = Options {
            precondition_uid: (!uid.is_empty()).then(|| uid.to_owned()),
            grace_period_seconds: options.grace_period_seconds,
            propagation: options.propagation,
            ..Options::default()
        };
        self.request(Method::Delete, target, options, Body::None, "")
    }
}

/// How an object is to be deleted.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeleteOptions {
    /// The seconds it has to end; its own choice if not given.
    pub grace_period_seconds: Option<i64>,
    /// What happens to its dependents.
    pub propagation: Option<Propagation>,
}

fn target(
    verb: Verb,
    kind: &'static Kind,
    namespace: &str,
    name: &str,
    subresource: &'static str,
) -> ResourceTarget {
    ResourceTarget {
        verb,
        kind,
        namespace: namespace.into(),
        name: name.into(),
        subresource: subresource.into(),
    }
}

/// The owner reference by which `owner` controls what it creates.
pub fn controller_reference(kind: &'static Kind, owner: &Value) -> Value {
    let metadata = table::metadata(owner);
    api::object! {
        "apiVersion": kind.api_version(),
        "kind": kind.kind,
        "name": metadata.value().get(&names::NAME),
        "uid": metadata.value().get(&names::UID),
        "controller": true,
        "blockOwnerDeletion": true,
    }
}
