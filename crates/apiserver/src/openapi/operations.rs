//! What can be done with each kind, as both versions of OpenAPI tell it.

use super::prefix_of;
use api::{Map, Value, list, object};
use kinds::Kind;

/// How a version writes parameters.
pub(super) struct Form {
    /// A parameter of a query, from its name and type.
    pub(super) parameter: fn(&str, &str) -> Value,
    /// A parameter of a path, from its name and what it is.
    pub(super) path_parameter: fn(&str, &str) -> Value,
}

/// The parameters of requests that read several objects.
const LISTING: [(&str, &str); 9] = [
    ("allowWatchBookmarks", "boolean"),
    ("continue", "string"),
    ("fieldSelector", "string"),
    ("labelSelector", "string"),
    ("limit", "integer"),
    ("resourceVersion", "string"),
    ("resourceVersionMatch", "string"),
    ("sendInitialEvents", "boolean"),
    ("timeoutSeconds", "integer"),
];
/// The parameters of requests that write.
const WRITING: [(&str, &str); 3] =
    [("dryRun", "string"), ("fieldManager", "string"), ("fieldValidation", "string")];
const DELETING: [(&str, &str); 4] = [
    ("dryRun", "string"),
    ("gracePeriodSeconds", "integer"),
    ("orphanDependents", "boolean"),
    ("propagationPolicy", "string"),
];

/// The names of a kind, as extensions carry them.
pub(super) fn group_version_kind(kind: &Kind) -> Value {
    object! { "group": kind.group, "version": kind.version, "kind": kind.kind }
}

/// The paths of a kind and the operations there.
pub(super) fn paths_of(kind: &'static Kind, form: &Form) -> Vec<(String, Value)> {
    let paths = Paths { kind, form };
    let base = match kind.is_namespaced {
        true => format!("/{}/namespaces/{{namespace}}/{}", prefix_of(kind), kind.plural),
        false => format!("/{}/{}", prefix_of(kind), kind.plural),
    };
    let mut found = Vec::new();
    if kind.is_namespaced && kind.verbs.contains(&"list") {
        let all = format!("/{}/{}", prefix_of(kind), kind.plural);
        found.push((all, paths.item(&[("list", "get", "AllNamespaces")], "")));
    }
    let collection =
        [("list", "get", ""), ("create", "post", ""), ("deletecollection", "delete", "")];
    found.push((base.clone(), paths.item(&collection, "")));
    let one = [
        ("get", "get", ""),
        ("update", "put", ""),
        ("patch", "patch", ""),
        ("delete", "delete", ""),
    ];
    if kind.verbs.contains(&"get") {
        found.push((format!("{base}/{{name}}"), paths.item(&one, "name")));
    }
    if kind.has_status {
        let status = [one[0], one[1], one[2]].map(|(verb, method, _)| (verb, method, "Status"));
        found.push((format!("{base}/{{name}}/status"), paths.item(&status, "name")));
    }
    found
}

struct Paths<'a> {
    kind: &'static Kind,
    form: &'a Form,
}

impl Paths<'_> {
    /// One path: the verbs that the kind has, under their methods.
    fn item(&self, operations: &[(&'static str, &'static str, &'static str)], name: &str) -> Value {
        let mut item = Map::default();
        for (verb, method, suffix) in operations {
            if self.kind.verbs.contains(verb) {
                item.insert(*method, self.operation(verb, suffix));
            }
        }
        let is_everywhere = operations.iter().any(|(_, _, suffix)| *suffix == "AllNamespaces");
        let mut parameters = Vec::new();
        if !name.is_empty() {
            let said = format!("name of the {}", self.kind.kind);
            parameters.push((self.form.path_parameter)("name", &said));
        }
        if self.kind.is_namespaced && !is_everywhere {
            let said = "object name and auth scope, such as for teams and projects";
            parameters.push((self.form.path_parameter)("namespace", said));
        }
        if !parameters.is_empty() {
            item.insert("parameters", Value::List(parameters.into_iter().collect()));
        }
        item.into()
    }

    fn operation(&self, verb: &str, suffix: &str) -> Value {
        let parameters: &[(&str, &str)] = match verb {
            "list" => &LISTING,
            "get" => &[],
            "delete" | "deletecollection" => &DELETING,
            _ => &WRITING,
        };
        let parameters = parameters.iter().map(|(name, ty)| (self.form.parameter)(name, ty));
        let mut parameters: Vec<Value> = parameters.collect();
        if verb == "patch" {
            parameters.push((self.form.parameter)("force", "boolean"));
        }
        let scope =
            if self.kind.is_namespaced && suffix != "AllNamespaces" { "Namespaced" } else { "" };
        // Client generators know the action by these words.
        let action = match verb {
            "get" => "get",
            "update" => "put",
            "create" => "post",
            other => other,
        };
        let word = match verb {
            "get" => "read",
            "update" => "replace",
            "deletecollection" => "deleteCollection",
            other => other,
        };
        let group = group_word(self.kind.group);
        let version = capitalized(self.kind.version);
        let kind = self.kind.kind;
        let place = match suffix {
            "AllNamespaces" => "ForAllNamespaces",
            other => other,
        };
        let id = format!("{word}{group}{version}{scope}{kind}{place}");
        object! {
            "operationId": id,
            "parameters": Value::List(parameters.into_iter().collect()),
            "responses": object! {
                "200": object! { "description": "OK" },
                "401": object! { "description": "Unauthorized" },
            },
            "tags": list![format!("{}_{}", lower_first(&group), self.kind.version)],
            "x-kubernetes-action": action.to_owned(),
            "x-kubernetes-group-version-kind": group_version_kind(self.kind),
        }
    }
}

/// `Core`, `Apps`, `RbacAuthorization`: a group in names of operations.
fn group_word(group: &str) -> String {
    if group.is_empty() {
        return "Core".to_owned();
    }
    let group = group.strip_suffix(".k8s.io").unwrap_or(group);
    group.split('.').map(capitalized).collect()
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

fn lower_first(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}
