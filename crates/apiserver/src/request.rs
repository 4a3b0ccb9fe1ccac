//! What comes in.

use crate::user::{Credentials, User};
use api::{Status, Text, Value};
use kinds::Kind;
use sim::Cause;
use std::fmt;
use std::rc::Rc;

/// The method of an HTTP request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // The names are HTTP's own.
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
    Head,
    Options,
}

impl Method {
    /// The method as HTTP writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
            Method::Head => "HEAD",
            Method::Options => "OPTIONS",
        }
    }

    /// Reads a method; `None` for one that no API server answers.
    pub fn parse(text: &str) -> Option<Method> {
        let all = [
            Method::Get,
            Method::Post,
            Method::Put,
            Method::Patch,
            Method::Delete,
            Method::Head,
            Method::Options,
        ];
        all.into_iter().find(|method| method.as_str() == text)
    }
}

/// What a request is to do with a resource, as authorization names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // The names are Kubernetes' own.
pub enum Verb {
    Get,
    List,
    Watch,
    Create,
    Update,
    Patch,
    Delete,
    DeleteCollection,
}

impl Verb {
    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Verb::Get => "get",
            Verb::List => "list",
            Verb::Watch => "watch",
            Verb::Create => "create",
            Verb::Update => "update",
            Verb::Patch => "patch",
            Verb::Delete => "delete",
            Verb::DeleteCollection => "deletecollection",
        }
    }
}

/// What comes with a request.
#[derive(Clone, Debug, Default)]
pub enum Body {
    /// Nothing.
    #[default]
    None,
    /// A document, from a client within the cluster.
    Value(Value),
    /// Bytes, to be read by their content type.
    Bytes(Rc<[u8]>),
}

/// The kinds of patches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatchType {
    /// `application/json-patch+json`
    Json,
    /// `application/merge-patch+json`
    Merge,
    /// `application/strategic-merge-patch+json`
    Strategic,
    /// `application/apply-patch+yaml`
    Apply,
}

impl PatchType {
    /// The content type that announces it.
    pub fn content_type(self) -> &'static str {
        match self {
            PatchType::Json => "application/json-patch+json",
            PatchType::Merge => "application/merge-patch+json",
            PatchType::Strategic => "application/strategic-merge-patch+json",
            PatchType::Apply => "application/apply-patch+yaml",
        }
    }

    /// The type that `content_type` announces.
    pub fn parse(content_type: &str) -> Option<PatchType> {
        let all = [PatchType::Json, PatchType::Merge, PatchType::Strategic, PatchType::Apply];
        all.into_iter().find(|patch| patch.content_type() == content_type)
    }
}

/// The form in which the client wants objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Accept {
    /// As documents, with `kind` and `apiVersion`.
    #[default]
    Object,
    /// As they are stored, without `kind` and `apiVersion`: for clients within the cluster, which
    /// know what they asked for.
    Stored,
    /// As a `meta.k8s.io/v1` Table.
    Table,
    /// As `meta.k8s.io/v1` PartialObjectMetadata.
    Metadata,
}

/// What an unknown field in a body leads to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FieldValidation {
    /// It is dropped without a word.
    Ignore,
    /// It is dropped, and the client is warned.
    #[default]
    Warn,
    /// The request is refused.
    Strict,
}

/// How dependents are dealt with when their owner is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Propagation {
    /// They stay.
    Orphan,
    /// They are collected afterwards.
    Background,
    /// They go first.
    Foreground,
}

impl Propagation {
    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Propagation::Orphan => "Orphan",
            Propagation::Background => "Background",
            Propagation::Foreground => "Foreground",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Propagation> {
        let all = [Propagation::Orphan, Propagation::Background, Propagation::Foreground];
        all.into_iter().find(|policy| policy.as_str() == text)
    }
}

/// The parameters of a request: what stands in its query, or in the options of its body.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Do all but store.
    pub dry_run: bool,
    /// In whose name fields are owned.
    pub field_manager: Option<Text>,
    /// What unknown fields lead to; `None` for the server's choice.
    pub field_validation: Option<FieldValidation>,
    /// Whether an apply takes fields from others.
    pub force: bool,
    /// Which objects by labels.
    pub label_selector: String,
    /// Which objects by fields.
    pub field_selector: String,
    /// At most so many objects; 0 for all.
    pub limit: usize,
    /// Where the list before ended.
    pub continue_token: String,
    /// The revision that is meant; empty for the latest.
    pub resource_version: String,
    /// `Exact` or `NotOlderThan`.
    pub resource_version_match: String,
    /// Whether the watch begins with the objects that exist.
    pub send_initial_events: Option<bool>,
    /// Whether the watch may contain bookmarks.
    pub allow_watch_bookmarks: bool,
    /// After how many seconds a watch ends.
    pub timeout_seconds: Option<u64>,
    /// How many seconds an object has to end.
    pub grace_period_seconds: Option<i64>,
    /// What happens to dependents.
    pub propagation: Option<Propagation>,
    /// The uid that the object must have.
    pub precondition_uid: Option<String>,
    /// The resourceVersion that the object must have.
    pub precondition_resource_version: Option<String>,
    /// What the rows of a table carry: `None`, `Metadata` or `Object`.
    pub include_object: String,
    /// All parameters as they were given, for subresources with their own.
    pub query: Rc<[(String, String)]>,
}

impl Options {
    /// The first value of the parameter `name`, empty if it was not given.
    pub fn query(&self, name: &str) -> &str {
        let found = self.query.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value)
    }

    /// All values of the parameter `name`.
    pub fn query_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.query.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether the parameter `name` is given and true.
    pub fn query_flag(&self, name: &str) -> bool {
        matches!(self.query(name), "true" | "1" | "t" | "T" | "TRUE" | "True")
    }
}

/// What a request is about.
#[derive(Clone, Debug)]
pub enum Target {
    /// Objects of a kind.
    Resource(ResourceTarget),
    /// A path of the server itself, such as `/version`.
    Path(String),
}

/// The objects that a request is about.
#[derive(Clone, Debug)]
pub struct ResourceTarget {
    /// What is to be done.
    pub verb: Verb,
    /// The kind of the resource.
    pub kind: &'static Kind,
    /// The namespace; empty for all, or for a kind that has none.
    pub namespace: Rc<str>,
    /// The object's name; empty if the request is about several or about a new one.
    pub name: Rc<str>,
    /// The subresource; empty for the object itself.
    pub subresource: Text,
}

/// A request to the API server.
#[derive(Clone, Debug)]
pub struct Request {
    /// The HTTP method.
    pub method: Method,
    /// What it is about.
    pub target: Target,
    /// Its parameters.
    pub options: Options,
    /// What comes with it.
    pub body: Body,
    /// The content type of the body.
    pub content_type: Text,
    /// The form in which the answer is wanted.
    pub accept: Accept,
    /// The header `Accept` as it came; empty from within the cluster.
    pub accepted: Text,
    /// Who makes it.
    pub user: User,
    /// The program that makes it: `kubectl/v1.29.4 (linux/amd64) kubernetes/55019c8`.
    pub user_agent: Text,
    /// What led to it.
    pub cause: Cause,
}

/// A request as HTTP has it. [`crate::ApiServer::parse`] makes a [`Request`] of it.
#[derive(Clone, Debug)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// Path and query, percent-encoded: `/api/v1/pods?limit=500`.
    pub path: String,
    /// What comes with it.
    pub body: Body,
    /// The header `Content-Type`.
    pub content_type: String,
    /// The header `Accept`.
    pub accept: String,
    /// Who makes it, as far as it says so.
    pub credentials: Credentials,
    /// The header `User-Agent`.
    pub user_agent: Text,
    /// What led to it.
    pub cause: Cause,
}

impl ResourceTarget {
    /// The group and plural name, for messages.
    pub fn qualified(&self) -> api::QualifiedResource<'static> {
        self.kind.qualified()
    }

    /// The error that this object does not exist.
    pub fn not_found(&self) -> Status {
        Status::not_found(self.qualified(), &self.name)
    }
}

impl fmt::Display for ResourceTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb.as_str(), self.qualified())?;
        if !self.name.is_empty() {
            write!(f, " {}/{}", self.namespace, self.name)?;
        }
        if !self.subresource.is_empty() {
            write!(f, " ({})", self.subresource)?;
        }
        Ok(())
    }
}
