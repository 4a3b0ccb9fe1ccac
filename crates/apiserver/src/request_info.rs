//! What a request is about as far as its path tells, whether or not the server knows such a thing.
//!
//! Models the request info of the generic API server, which is what authorization looks at: who
//! may not ask is refused before it is found out whether there is anything to ask for.

use crate::authorization::Question;
use crate::parse::{decode_percent, parse_query};
use crate::request::Method;
use crate::selector::field_requirement;

/// Parts of a namespace that are no resources within it.
const NAMESPACE_SUBRESOURCES: [&str; 2] = ["status", "finalize"];

/// What a request wants to do with what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RequestInfo {
    verb: &'static str,
    /// The path of what is no resource; empty for resources.
    path: String,
    group: String,
    resource: String,
    subresource: String,
    namespace: String,
    name: String,
}

impl RequestInfo {
    /// Reads method, path and query.
    pub(crate) fn read(method: Method, target: &str) -> RequestInfo {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let segments: Vec<String> =
            path.split('/').filter(|part| !part.is_empty()).map(decode_percent).collect();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let (group, parts) = match segments.as_slice() {
            ["api", _, parts @ ..] if !parts.is_empty() => ("", parts),
            ["apis", group, _, parts @ ..] if !parts.is_empty() => (*group, parts),
            _ => {
                let path = decode_percent(path);
                return RequestInfo { verb: verb_of_path(method), path, ..RequestInfo::default() };
            }
        };
        let mut info = RequestInfo { group: group.to_owned(), ..RequestInfo::default() };
        match parts {
            ["watch", parts @ ..] if !parts.is_empty() => {
                info.verb = "watch";
                info.read_parts(parts);
                info.subresource.clear();
            }
            parts => {
                info.verb = verb_of_resource(method);
                info.read_parts(parts);
            }
        }
        if info.name.is_empty() {
            info.read_collection(query);
        }
        info
    }

    /// Namespace, resource, name and subresource.
    fn read_parts(&mut self, parts: &[&str]) {
        let parts = match parts {
            ["namespaces", namespace, rest @ ..] => {
                self.namespace = (*namespace).to_owned();
                match rest {
                    [first, ..] if !NAMESPACE_SUBRESOURCES.contains(first) => rest,
                    _ => parts,
                }
            }
            parts => parts,
        };
        let part = |at: usize| parts.get(at).map_or(String::new(), |part| (*part).to_owned());
        self.resource = part(0);
        self.name = part(1);
        self.subresource = part(2);
    }

    /// Without a name a request is about several objects, or about one that a selector names.
    fn read_collection(&mut self, query: &str) {
        match self.verb {
            "delete" => self.verb = "deletecollection",
            "get" => {
                let query = parse_query(query);
                let text = |name: &str| {
                    query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
                };
                let is_watch = !matches!(text("watch"), "" | "0" | "false");
                self.verb = if is_watch { "watch" } else { "list" };
                let name = field_requirement(text("fieldSelector"), "metadata.name");
                self.name = name.unwrap_or_default();
            }
            _ => {}
        }
    }

    /// What authorization is asked.
    pub(crate) fn question(&self) -> Question<'_> {
        Question {
            verb: self.verb,
            path: &self.path,
            group: &self.group,
            resource: &self.resource,
            subresource: &self.subresource,
            namespace: &self.namespace,
            name: &self.name,
        }
    }
}

fn verb_of_path(method: Method) -> &'static str {
    match method {
        Method::Get => "get",
        Method::Post => "post",
        Method::Put => "put",
        Method::Patch => "patch",
        Method::Delete => "delete",
        Method::Head => "head",
        Method::Options => "options",
    }
}

fn verb_of_resource(method: Method) -> &'static str {
    match method {
        Method::Get | Method::Head => "get",
        Method::Post => "create",
        Method::Put => "update",
        Method::Patch => "patch",
        Method::Delete => "delete",
        Method::Options => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_tell_what_a_request_is_about() {
        let check = |method: Method, target: &str, expected: &str| {
            let info = RequestInfo::read(method, target);
            let Question { verb, path, group, resource, subresource, namespace, name } =
                info.question();
            let found = [verb, path, group, resource, subresource, namespace, name].join(",");
            assert_eq!(found, expected, "{} {target}", method.as_str());
        };
        check(Method::Get, "/", "get,/,,,,,");
        check(Method::Head, "/healthz?verbose", "head,/healthz,,,,,");
        check(Method::Get, "/api/v1", "get,/api/v1,,,,,");
        check(Method::Get, "/apis/apps/v1", "get,/apis/apps/v1,,,,,");
        check(Method::Get, "/api/v1/pods", "list,,,pods,,,");
        check(Method::Get, "/api/v1/pods?watch=true", "watch,,,pods,,,");
        check(Method::Get, "/api/v1/pods?fieldSelector=metadata.name%3Da", "list,,,pods,,,a");
        check(Method::Get, "/api/v1/watch/pods/a/log", "watch,,,pods,,,a");
        check(Method::Get, "/api/v1/namespaces/web", "get,,,namespaces,,web,web");
        check(
            Method::Put,
            "/api/v1/namespaces/web/finalize",
            "update,,,namespaces,finalize,web,web",
        );
        check(Method::Post, "/api/v1/namespaces/web/pods/a/exec", "create,,,pods,exec,web,a");
        check(
            Method::Delete,
            "/apis/apps/v1/namespaces/web/things",
            "deletecollection,,apps,things,,web,",
        );
        check(
            Method::Delete,
            "/apis/apps/v1/namespaces/web/things/a",
            "delete,,apps,things,,web,a",
        );
    }
}
