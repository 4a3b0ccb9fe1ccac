//! Describers: what `kubectl describe` says about an object, one file per kind.
//!
//! A describer is registered by its line in [`DESCRIBERS`]; kinds without one are described field
//! by field ([`generic`]). A describer reads what belongs to its object (events, Pods, ReplicaSets)
//! in the versions it knows, whatever version it was asked for.

mod container;
mod deployment;
mod environment;
mod events;
mod generic;
mod node;
mod persistent_volume_claim;
mod pod;
mod pod_resources;
mod pod_template;
mod probe;
mod replica_set;
mod text;
mod volume;
mod volume_source;

use crate::client::{Call, Client, encode};
use crate::discovery::Mapping;
use crate::errors::Result;
use crate::resource::Info;
use crate::transport::LocalFuture;
use api::meta::v1::ObjectMeta;
use api::{Value, View, names};
use sim::Time;
use std::rc::Rc;
use text::Description;

/// Describes objects of a kind.
struct Describer {
    group: &'static str,
    kind: &'static str,
    describe: Describe,
}

type Describe = fn(Rc<Subject>) -> LocalFuture<Result<Description>>;

/// Makes a [`Describer`] of an `async fn(Rc<Subject>) -> Result<Description>`.
macro_rules! describer {
    ($group:literal, $kind:literal, $function:path) => {
        Describer { group: $group, kind: $kind, describe: |subject| Box::pin($function(subject)) }
    };
}

/// The kinds with a description of their own.
const DESCRIBERS: &[Describer] = &[
    describer!("", "Node", node::describe),
    describer!("", "PersistentVolumeClaim", persistent_volume_claim::describe),
    describer!("", "Pod", pod::describe),
    describer!("apps", "Deployment", deployment::describe),
    describer!("apps", "ReplicaSet", replica_set::describe),
];

/// An object that is to be described, and the way to what belongs to it.
struct Subject {
    client: Rc<Client>,
    mapping: Rc<Mapping>,
    namespace: String,
    name: String,
    object: Value,
    shows_events: bool,
    chunk_size: i64,
    now: Time,
}

/// What a user can choose.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// `--show-events`
    pub(crate) shows_events: bool,
    /// `--chunk-size`
    pub(crate) chunk_size: i64,
    /// The present instant.
    pub(crate) now: Time,
}

/// The description of an object that has been read.
pub(crate) async fn describe(
    client: &Rc<Client>,
    info: &Info,
    settings: Settings,
) -> Result<String> {
    let subject = Rc::new(Subject {
        client: client.clone(),
        mapping: info.mapping.clone(),
        namespace: info.namespace.clone(),
        name: info.name.clone(),
        object: info.object.clone(),
        shows_events: settings.shows_events,
        chunk_size: settings.chunk_size,
        now: settings.now,
    });
    let known = |describer: &&Describer| info.mapping.is_kind(describer.group, describer.kind);
    let description = match DESCRIBERS.iter().find(known) {
        Some(describer) => (describer.describe)(subject).await?,
        None => generic::describe(subject).await?,
    };
    Ok(description.layout())
}

/// A template of Pods as `rollout history` shows it: its cells are not laid out.
pub(crate) fn template_text(template: &Value) -> String {
    let mut out = Description::default();
    pod_template::describe(&mut out, View::of(template));
    out.into_text()
}

impl Subject {
    /// The object as its type.
    fn view<'a, T: View<'a>>(&'a self) -> T {
        T::of(&self.object)
    }

    fn metadata(&self) -> ObjectMeta<'_> {
        ObjectMeta::of(self.object.get(&names::METADATA))
    }

    /// The path of a collection of the core group in the object's namespace, or in all.
    fn core_path(&self, resource: &str) -> String {
        self.path("api/v1", resource)
    }

    /// The path of a collection in the object's namespace: `path("apis/apps/v1", "replicasets")`.
    fn path(&self, version: &str, resource: &str) -> String {
        match self.namespace.as_str() {
            "" => format!("/{version}/{resource}"),
            namespace => format!("/{version}/namespaces/{}/{resource}", encode(namespace)),
        }
    }

    /// An object of such a collection.
    async fn get(&self, collection: &str, name: &str) -> Result<Value> {
        self.client.value(Call::get(format!("{collection}/{}", encode(name)))).await
    }

    /// The objects of a collection, read piece by piece.
    async fn list(&self, collection: &str, query: &[(&str, &str)]) -> Result<Vec<Value>> {
        let mut items = Vec::new();
        let mut token = String::new();
        loop {
            let mut call = Call::get(collection).query_if("continue", &token);
            for (name, value) in query {
                call = call.query_if(name, value);
            }
            if self.chunk_size > 0 {
                call = call.query("limit", self.chunk_size.to_string());
            }
            let list = self.client.value(call).await?;
            items.extend(list["items"].items().iter().cloned());
            match list["metadata"]["continue"].as_str() {
                Some(more) if !more.is_empty() => more.clone_into(&mut token),
                _ => return Ok(items),
            }
        }
    }
}

/// Whether `owner` controls an object.
fn is_controlled_by(object: &Value, uid: &str) -> bool {
    let metadata = ObjectMeta::of(object.get(&names::METADATA));
    let mut owners = metadata.owner_references();
    owners.any(|owner| owner.controller() == Some(true) && owner.uid() == uid)
}

/// `ReplicaSet/web-b86dd6984`, or nothing.
fn controller(metadata: ObjectMeta<'_>) -> String {
    let mut owners = metadata.owner_references();
    match owners.find(|owner| owner.controller() == Some(true)) {
        Some(owner) => format!("{}/{}", owner.kind(), owner.name()),
        None => String::new(),
    }
}
