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
use kinds::Kind;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What is said of types and fields.
#[derive(Clone, Debug, Default)]
pub struct Descriptions(Rc<BTreeMap<(String, String), String>>);

impl Descriptions {
    /// Reads a text of lines, each with the name of a type, the name of a field (or nothing), and
    /// what is said, separated by tabs. `\n` and `\\` stand for a line break and a backslash.
    pub fn parse(text: &str) -> Descriptions {
        let entry = |line: &str| {
            let mut parts = line.splitn(3, '\t');
            let (ty, field) = (parts.next()?.to_owned(), parts.next()?.to_owned());
            let said = parts.next()?.replace("\\\\", "\0").replace("\\n", "\n");
            Some(((ty, field), said.replace('\0', "\\")))
        };
        Descriptions(Rc::new(text.lines().filter_map(entry).collect()))
    }

    /// What is said of a type: `io.k8s.api.core.v1.PodSpec`.
    fn of_type(&self, ty: &str) -> Option<&str> {
        self.of_field(ty, "")
    }

    fn of_field(&self, ty: &str, field: &str) -> Option<&str> {
        self.0.get(&(ty.to_owned(), field.to_owned())).map(String::as_str)
    }
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
