//! The API server: one function from request to response.

use crate::admission::{self, Plugin};
use crate::codec;
use crate::discovery::Build;
use crate::event_ttl::Lease;
use crate::field_manager::{KnownCreations, KnownEntries};
use crate::node_proxy::NodeProxy;
use crate::openapi::Descriptions;
use crate::parse;
use crate::registry::Registry;
use crate::request::{HttpRequest, Request, ResourceTarget, Target, Verb};
use crate::response::Response;
use crate::store::{Change, Compacted, Origin, ResourceId, Store, StoreLimits, Stored};
use crate::token_signer::TokenSigner;
use crate::user::User;
use api::{Status, Text, Value};
use kinds::Kind;
use sim::{Rng, Sim, Time};
use std::cell::Cell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

/// The API server of a cluster, with its store.
pub struct ApiServer {
    pub(crate) sim: Sim,
    pub(crate) registry: Registry,
    pub(crate) store: Store,
    pub(crate) plugins: Vec<Box<dyn Plugin>>,
    pub(crate) names: Rng,
    pub(crate) uids: Rng,
    pub(crate) node_proxy: Option<Rc<dyn NodeProxy>>,
    /// The canonical body of the last object created of each kind.
    pub(crate) last_bodies: BTreeMap<ResourceId, Value>,
    /// What managers of fields created last.
    pub(crate) known_creations: KnownCreations,
    /// What managers of fields were recorded last.
    pub(crate) known_entries: KnownEntries,
    /// Whom client certificates belong to.
    pub(crate) certificates: BTreeMap<Text, User>,
    pub(crate) token_signer: TokenSigner,
    build: Build,
    descriptions: Descriptions,
    /// When Events are forgotten, in this order.
    pub(crate) event_leases: VecDeque<Lease>,
    request_count: u64,
    /// The revision of the last write, for those who cannot ask.
    pub(crate) latest_revision: Rc<Cell<u64>>,
}

/// What a request handler returns.
pub(crate) type Handled = Result<Response, Status>;

impl ApiServer {
    /// A server with an empty store.
    pub fn new(sim: &Sim, limits: StoreLimits) -> ApiServer {
        let registry = Registry::new();
        let mut store = Store::new(registry.indexes(), limits);
        // There are ten Events for each Pod, and nobody looks at most of them.
        store.pack(registry.resource(&kinds::core::event::KIND));
        ApiServer {
            names: sim.rng("apiserver/names"),
            uids: sim.rng("apiserver/uids"),
            plugins: admission::default_plugins(sim),
            sim: sim.clone(),
            registry,
            store,
            node_proxy: None,
            last_bodies: BTreeMap::new(),
            known_creations: KnownCreations::default(),
            known_entries: KnownEntries::default(),
            certificates: BTreeMap::new(),
            token_signer: TokenSigner::new(sim.rng("apiserver/tokens")),
            build: Build::RELEASE,
            descriptions: Descriptions::default(),
            event_leases: VecDeque::new(),
            request_count: 0,
            latest_revision: Rc::default(),
        }
    }

    /// Tells the server how to reach the nodes.
    pub fn set_node_proxy(&mut self, proxy: Rc<dyn NodeProxy>) {
        self.node_proxy = Some(proxy);
    }

    /// Tells the server what it was built from.
    pub fn set_build(&mut self, build: Build) {
        self.build = build;
    }

    /// Tells the server what OpenAPI documents say of types and fields.
    pub fn set_descriptions(&mut self, descriptions: Descriptions) {
        self.descriptions = descriptions;
    }

    /// Makes a request by `user` of what HTTP has.
    pub(crate) fn parse(&self, http: HttpRequest, user: User) -> Result<Request, Status> {
        parse::parse(&self.registry, http, user)
    }

    /// Answers a request as it comes over HTTP, if its sender may make it. Components within the
    /// cluster, which use [`ApiServer::handle`], are trusted.
    pub fn handle_http(&mut self, http: HttpRequest) -> Response {
        match self.receive(http) {
            Ok(request) => self.handle(request),
            Err(refusal) => *refusal,
        }
    }

    /// Answers a request. This is the only way by which anything in the cluster changes.
    pub fn handle(&mut self, request: Request) -> Response {
        self.request_count += 1;
        match &request.target {
            Target::Resource(target) => {
                let target = target.clone();
                let mut response: Response = self.handle_resource(&request, &target).into();
                if !target.kind.deprecation.is_empty() {
                    response.warnings.insert(0, target.kind.deprecation.to_owned());
                }
                self.latest_revision.set(self.store.revision());
                response
            }
            Target::Path(path) => crate::health::answer(&request, path)
                .or_else(|| self.handle_path(path, &request.accepted))
                .unwrap_or_else(|| self.nowhere(path)),
        }
    }

    /// The answer to a path that leads nowhere. Below `/api` and below each group that is served,
    /// what routes requests for resources says so; elsewhere the web server does
    /// (`director` of `k8s.io/apiserver/pkg/server`).
    fn nowhere(&self, path: &str) -> Response {
        let mut segments = path.split('/').skip(1);
        let is_routed = match (segments.next(), segments.next()) {
            (Some("api"), _) => true,
            (Some("apis"), Some(group)) => self.registry.has_group(group),
            _ => false,
        };
        if is_routed { Status::unknown_path().into() } else { Response::page_not_found() }
    }

    fn handle_resource(&mut self, request: &Request, target: &ResourceTarget) -> Handled {
        // These two are the object itself, of which only a part can be changed.
        let is_part = matches!(&*target.subresource, "status" | "ephemeralcontainers");
        if !target.subresource.is_empty() && !is_part {
            return self.subresource(request, target);
        }
        if target.kind == &kinds::core::component_status::KIND {
            return self.component_statuses(request, target);
        }
        match target.verb {
            Verb::Get => self.get(request, target),
            Verb::List => self.list(request, target),
            Verb::Watch => self.watch(request, target),
            Verb::Create => self.create(request, target),
            Verb::Update => self.update(request, target),
            Verb::Patch => self.patch(request, target),
            Verb::Delete => self.delete(request, target),
            Verb::DeleteCollection => self.delete_collection(request, target),
        }
    }

    fn handle_path(&self, path: &str, accepted: &str) -> Option<Response> {
        if path == "/version" {
            return Some(Response::ok(self.build.to_value()));
        }
        let openapi =
            || crate::openapi::document(&self.registry, &self.descriptions, path, accepted);
        crate::aggregated_discovery::document(&self.registry, path, accepted)
            .or_else(|| crate::discovery::document(&self.registry, path).map(Response::ok))
            .or_else(openapi)
    }

    /// How many requests have been answered.
    pub fn request_count(&self) -> u64 {
        self.request_count
    }

    /// The kinds the server knows.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The store, to be read.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The changes after `revision`, oldest first: what the caches of controllers are fed with.
    pub fn changes_since(
        &self,
        revision: u64,
    ) -> Result<impl Iterator<Item = &Rc<Change>>, Compacted> {
        self.store.changes_since(revision)
    }

    /// Keeps from now on every change until [`ApiServer::take_changes`] takes it.
    pub fn keep_changes(&mut self) {
        self.store.open_outbox();
    }

    /// The changes since the last call, oldest first. None is missing, however many there are.
    pub fn take_changes(&mut self) -> impl Iterator<Item = Rc<Change>> + '_ {
        self.store.take_outbox()
    }

    pub(crate) fn now(&self) -> Time {
        self.sim.now()
    }

    pub(crate) fn resource(&self, kind: &'static Kind) -> ResourceId {
        self.registry.resource(kind)
    }

    /// The object that a request is about, in the stored version.
    pub(crate) fn stored(&self, target: &ResourceTarget) -> Result<&Stored, Status> {
        self.store
            .get(self.resource(target.kind), &target.namespace, &target.name)
            .ok_or_else(|| target.not_found())
    }

    pub(crate) fn origin(&self, request: &Request) -> Origin {
        Origin { time: self.now(), actor: request.user.name.clone(), cause: request.cause }
    }

    /// The object as the client is to see it.
    pub(crate) fn answer(
        &self,
        code: u16,
        request: &Request,
        kind: &'static Kind,
        stored: &Value,
    ) -> Response {
        let object = codec::from_stored(kind, stored);
        let value = codec::encode_object(kind, &object, request, self.now());
        Response::with_code(code, value)
    }
}
