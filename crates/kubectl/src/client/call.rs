//! One request, put together piece by piece.

use super::{ACCEPT_OBJECT, ACCEPT_TABLE};
use crate::discovery::Mapping;
use api::Value;
use apiserver::{Body, Method, PatchType};

/// A request before it is sent.
#[derive(Clone, Debug)]
pub struct Call {
    pub(super) method: Method,
    path: String,
    query: Vec<(String, String)>,
    pub(super) body: Body,
    pub(super) content_type: &'static str,
    pub(super) accept: &'static str,
}

impl Call {
    fn new(method: Method, path: impl Into<String>) -> Call {
        Call {
            method,
            path: path.into(),
            query: Vec::new(),
            body: Body::None,
            content_type: "",
            accept: ACCEPT_OBJECT,
        }
    }

    /// Reads.
    pub fn get(path: impl Into<String>) -> Call {
        Call::new(Method::Get, path)
    }

    /// Creates.
    pub fn post(path: impl Into<String>, body: Value) -> Call {
        Call::new(Method::Post, path).body(body)
    }

    /// Replaces.
    pub fn put(path: impl Into<String>, body: Value) -> Call {
        Call::new(Method::Put, path).body(body)
    }

    /// Deletes, with `DeleteOptions`.
    pub fn delete(path: impl Into<String>, options: Value) -> Call {
        Call::new(Method::Delete, path).body(options)
    }

    /// Patches.
    pub fn patch(path: impl Into<String>, ty: PatchType, patch: Value) -> Call {
        let mut call = Call::new(Method::Patch, path).body(patch);
        call.content_type = ty.content_type();
        call
    }

    /// Sends a request of another protocol.
    pub fn upgrade(path: impl Into<String>) -> Call {
        Call::new(Method::Post, path)
    }

    /// With this body.
    pub fn body(mut self, body: Value) -> Call {
        self.content_type = "application/json";
        self.body = Body::Value(body);
        self
    }

    /// With bytes as they are.
    pub fn bytes(mut self, bytes: &[u8], content_type: &'static str) -> Call {
        self.content_type = content_type;
        self.body = Body::Bytes(bytes.into());
        self
    }

    /// With a parameter.
    pub fn query(mut self, name: &str, value: impl Into<String>) -> Call {
        self.query.push((name.to_owned(), value.into()));
        self
    }

    /// With a parameter, unless it is empty.
    pub fn query_if(self, name: &str, value: &str) -> Call {
        if value.is_empty() { self } else { self.query(name, value) }
    }

    /// With a parameter `true`, if it is.
    pub fn flag_if(self, name: &str, is_set: bool) -> Call {
        if is_set { self.query(name, "true") } else { self }
    }

    /// With the answer as a table.
    pub fn in_table(mut self) -> Call {
        self.accept = ACCEPT_TABLE;
        self
    }

    /// Path and query.
    pub fn target(&self) -> String {
        let mut query = self.query.clone();
        // Go sends parameters in the order of their names.
        query.sort_by(|a, b| a.0.cmp(&b.0));
        let mut target = self.path.clone();
        let mut separator = if target.contains('?') { '&' } else { '?' };
        for (name, value) in &query {
            target.push(separator);
            target.push_str(&encode(name));
            target.push('=');
            target.push_str(&encode(value));
            separator = '&';
        }
        target
    }
}

/// Percent-encodes a part of a path or a query.
pub fn encode(text: &str) -> String {
    apiserver::encode_percent(text)
}

/// The path of an object or of a collection: empty parts are left out.
pub fn resource_path(mapping: &Mapping, namespace: &str, name: &str, subresource: &str) -> String {
    let mut path = match mapping.group.as_str() {
        "" => format!("/api/{}", mapping.version),
        group => format!("/apis/{group}/{}", mapping.version),
    };
    if mapping.is_namespaced && !namespace.is_empty() {
        path.push_str("/namespaces/");
        path.push_str(&encode(namespace));
    }
    for part in [mapping.resource.as_str(), name, subresource] {
        if !part.is_empty() {
            path.push('/');
            path.push_str(&encode(part));
        }
    }
    path
}
