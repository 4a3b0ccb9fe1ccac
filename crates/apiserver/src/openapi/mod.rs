//! OpenAPI: which fields documents have, for clients that check and explain them and for those who
//! generate clients.
//!
//! Made from the schema table: version 3 as one document for each group and version, version 2 as
//! one for all, also in the binary form that kubectl asks for. Descriptions are kept outside (see
//! [`Descriptions`]); without them everything else is there.

mod gnostic;
mod operations;
mod schemas;
mod v2;
mod v3;

use crate::registry::Registry;
use crate::response::{Response, ResponseBody};
use api::schema::TypeId;
use kinds::Kind;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What is said of types and fields, loaded when somebody asks.
#[derive(Clone)]
pub struct Descriptions {
    load: Rc<dyn Fn() -> Option<Cow<'static, str>>>,
    loaded: Rc<OnceCell<Entries>>,
}

/// What is said, by type and field; of the type itself where the field is empty.
type Entries = BTreeMap<(String, String), String>;

impl Default for Descriptions {
    fn default() -> Descriptions {
        Descriptions::loaded_by(|| None)
    }
}

impl Descriptions {
    /// Descriptions whose text `load` gives, if it can: lines, each with the name of a type, the
    /// name of a field (or nothing), and what is said, separated by tabs. `\n` and `\\` stand for a
    /// line break and a backslash.
    pub fn loaded_by(load: impl Fn() -> Option<Cow<'static, str>> + 'static) -> Descriptions {
        Descriptions { load: Rc::new(load), loaded: Rc::default() }
    }

    /// Loads them, unless that has been done. What cannot be loaded now can perhaps be loaded when
    /// somebody asks again.
    fn load(&self) {
        if self.loaded.get().is_none()
            && let Some(text) = (self.load)()
        {
            self.loaded.get_or_init(|| parse(&text));
        }
    }

    /// What is said of a type: `io.k8s.api.core.v1.PodSpec`.
    fn of_type(&self, ty: &str) -> Option<&str> {
        self.of_field(ty, "")
    }

    fn of_field(&self, ty: &str, field: &str) -> Option<&str> {
        self.loaded.get()?.get(&(ty.to_owned(), field.to_owned())).map(String::as_str)
    }
}

fn parse(text: &str) -> Entries {
    let entry = |line: &str| {
        let mut parts = line.splitn(3, '\t');
        let (ty, field) = (parts.next()?.to_owned(), parts.next()?.to_owned());
        let said = parts.next()?.replace("\\\\", "\0").replace("\\n", "\n");
        Some(((ty, field), said.replace('\0', "\\")))
    };
    text.lines().filter_map(entry).collect()
}

/// A type as OpenAPI calls it: `io.k8s.api.core.v1.PodSpec`.
pub fn openapi_name(ty: TypeId) -> String {
    schemas::name_of(ty)
}

/// The names of the binary form of version 2.
const GNOSTIC: [&str; 2] = [
    "application/com.github.proto-openapi.spec.v2@v1.0+protobuf",
    "application/com.github.proto-openapi.spec.v2.v1.0+protobuf",
];

/// The document at `path`, if it is one of these, in a form that `accept` names.
pub(crate) fn document(
    registry: &Registry,
    descriptions: &Descriptions,
    path: &str,
    accept: &str,
) -> Option<Response> {
    if path.starts_with("/openapi/v2") || path.starts_with("/openapi/v3/") {
        descriptions.load();
    }
    if path != "/openapi/v2" {
        return v3::document(registry, descriptions, path).map(Response::ok);
    }
    let document = v2::document(registry, descriptions);
    let is_binary = GNOSTIC.iter().any(|name| accept.contains(name));
    if !is_binary {
        return Some(Response::ok(document));
    }
    let body = ResponseBody::Bytes { content_type: GNOSTIC[1], bytes: gnostic::encode(&document) };
    Some(Response { code: 200, body, warnings: Vec::new() })
}

/// `apis/apps/v1`
fn prefix_of(kind: &Kind) -> String {
    match kind.group {
        "" => format!("api/{}", kind.version),
        group => format!("apis/{group}/{}", kind.version),
    }
}

#[cfg(test)]
mod tests;
