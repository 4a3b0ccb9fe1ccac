//! Every kind that discovery knows: created, read, listed, patched in four ways, replaced, deleted,
//! and its subresources. The objects stand in `round_trip/objects.yaml`, one for each kind.

mod support;

use api::{Value, json, list, object};
use apiserver::Method;
use support::{Call, TestServer};

/// Subresources that another test is about, as they are not the object itself.
const ELSEWHERE: &[&str] =
    &["attach", "binding", "eviction", "exec", "log", "portforward", "proxy", "token"];

/// Kinds of which nothing is stored and nothing comes back.
const KINDS_ELSEWHERE: &[&str] = &["v1 Binding"];

struct Resource {
    /// `/api/v1`
    root: String,
    group_version: String,
    plural: String,
    kind: String,
    is_namespaced: bool,
    verbs: Vec<String>,
    subresources: Vec<String>,
}

impl Resource {
    fn collection(&self) -> String {
        match self.is_namespaced {
            true => format!("{}/namespaces/default/{}", self.root, self.plural),
            false => format!("{}/{}", self.root, self.plural),
        }
    }

    fn has(&self, verb: &str) -> bool {
        self.verbs.iter().any(|other| other == verb)
    }

    fn title(&self) -> String {
        format!("{} {}", self.group_version, self.kind)
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn resources(server: &mut TestServer) -> Vec<Resource> {
    let mut roots = vec!["/api/v1".to_owned()];
    for group in server.get("/apis")["groups"].items() {
        let versions = group["versions"].items();
        roots.extend(versions.iter().map(|v| format!("/apis/{}", text(&v["groupVersion"]))));
    }
    let mut resources: Vec<Resource> = Vec::new();
    for root in roots {
        let document = server.get(&root);
        for resource in document["resources"].items() {
            let name = text(&resource["name"]);
            if let Some((plural, subresource)) = name.split_once('/') {
                let parent = resources.iter_mut().rfind(|parent| parent.plural == plural);
                parent.expect("listed before").subresources.push(subresource.to_owned());
                continue;
            }
            resources.push(Resource {
                root: root.clone(),
                group_version: text(&document["groupVersion"]),
                plural: name,
                kind: text(&resource["kind"]),
                is_namespaced: resource["namespaced"].as_bool() == Some(true),
                verbs: resource["verbs"].items().iter().map(text).collect(),
                subresources: Vec::new(),
            });
        }
    }
    resources
}

fn objects() -> Vec<Value> {
    let text = include_str!("round_trip/objects.yaml");
    let parse = |text: &str| api::yaml::parse(text).unwrap_or_else(|why| panic!("{why}:\n{text}"));
    text.split("\n---\n").map(parse).collect()
}

/// Changes one label in each of the ways there are to patch an object.
fn patch_all(server: &mut TestServer, path: &str, manifest: &Value, title: &str) {
    let label = |value: &'static str| object! { "labels": object! { "patched": value } };
    let mut applied = object! {
        "apiVersion": &manifest["apiVersion"],
        "kind": &manifest["kind"],
        "metadata": label("apply"),
    };
    applied.update(&api::names::METADATA, |metadata| {
        metadata.make_map().insert("name", manifest["metadata"]["name"].clone());
    });
    let operation = object! {
        "op": "add", "path": "/metadata/labels", "value": object! { "patched": "json" },
    };
    let patches = [
        ("json", "application/json-patch+json", "", list![operation]),
        ("merge", "application/merge-patch+json", "", object! { "metadata": label("merge") }),
        (
            "strategic",
            "application/strategic-merge-patch+json",
            "",
            object! { "metadata": label("strategic") },
        ),
        ("apply", "application/apply-patch+yaml", "?fieldManager=test&force=true", applied),
    ];
    for (name, content_type, query, patch) in patches {
        let path = format!("{path}{query}");
        let call = Call { content_type, ..Call::with(Method::Patch, &path, &patch) };
        // Custom resources are the only ones without strategic merge patches.
        let patched = server.success(&call);
        assert_eq!(patched["metadata"]["labels"]["patched"], *name, "{title}: {name}");
    }
}

fn replace(server: &mut TestServer, path: &str, title: &str) {
    let mut object = server.get(path);
    object.update(&api::names::METADATA, |metadata| {
        metadata.make_map().insert("annotations", object! { "replaced": "yes" });
    });
    let replaced = server.success(&Call::with(Method::Put, path, &object));
    assert_eq!(replaced["metadata"]["annotations"]["replaced"], "yes", "{title}");
    let stale = Call::with(Method::Put, path, &object);
    let (code, status) = server.document(&stale);
    assert_eq!((code, status["reason"].as_str()), (409, Some("Conflict")), "{title}: stale");
}

/// What of an object stays when its status, or the like, is written.
fn without_bookkeeping(object: &Value) -> Value {
    let mut object = object.clone();
    object.update(&api::names::METADATA, |metadata| {
        let map = metadata.make_map();
        map.remove(&api::names::RESOURCE_VERSION);
        map.remove(&api::names::MANAGED_FIELDS);
    });
    object
}

fn check_part(server: &mut TestServer, path: &str, name: &str, title: &str) {
    let part = format!("{path}/{name}");
    let object = server.get(&part);
    let merge = Call {
        content_type: "application/merge-patch+json",
        ..Call::with(Method::Patch, &part, &object! {})
    };
    let patched = server.success(&merge);
    assert_eq!(without_bookkeeping(&patched), without_bookkeeping(&object), "{title}: {name}");
    let replaced = server.success(&Call::with(Method::Put, &part, &patched));
    assert_eq!(without_bookkeeping(&replaced), without_bookkeeping(&object), "{title}: {name}");
}

fn check_scale(server: &mut TestServer, path: &str, title: &str) {
    let part = format!("{path}/scale");
    let mut scale = server.get(&part);
    assert_eq!(scale["kind"], "Scale", "{title}");
    scale.update(&api::names::SPEC, |spec| {
        spec.make_map().insert("replicas", 3);
    });
    let replaced = server.success(&Call::with(Method::Put, &part, &scale));
    assert_eq!(replaced["spec"]["replicas"], Value::Int(3), "{title}");
    let operation = object! { "op": "replace", "path": "/spec/replicas", "value": 4 };
    let patches: [(&str, Value, i64); 3] = [
        ("application/json-patch+json", list![operation], 4),
        ("application/merge-patch+json", object! { "spec": object! { "replicas": 5 } }, 5),
        (
            "application/strategic-merge-patch+json",
            object! { "spec": object! { "replicas": 2 } },
            2,
        ),
    ];
    for (content_type, patch, replicas) in patches {
        let call = Call { content_type, ..Call::with(Method::Patch, &part, &patch) };
        let patched = server.success(&call);
        assert_eq!(patched["spec"]["replicas"], Value::Int(replicas), "{title}: {content_type}");
        assert_eq!(server.get(path)["spec"]["replicas"], Value::Int(replicas), "{title}");
    }
}

fn delete(server: &mut TestServer, path: &str, title: &str) {
    server.success(&Call::new(Method::Delete, path));
    // What protects the object is the work of controllers that are not here.
    let (code, object) = server.document(&Call::new(Method::Get, path));
    if code == 200 {
        assert!(!object["metadata"]["deletionTimestamp"].is_null(), "{title}");
        let without = object! { "metadata": object! { "finalizers": Value::Null } };
        let content_type = "application/merge-patch+json";
        server.success(&Call { content_type, ..Call::with(Method::Patch, path, &without) });
        if title == "v1 Namespace" {
            let mut object = server.get(path);
            object.make_map().insert("spec", object! {});
            server.success(&Call::with(Method::Put, &format!("{path}/finalize"), &object));
        }
    }
    let (code, status) = server.document(&Call::new(Method::Get, path));
    assert_eq!((code, status["reason"].as_str()), (404, Some("NotFound")), "{title}: deleted");
}

fn round_trip(server: &mut TestServer, resource: &Resource, manifest: &Value) {
    let title = resource.title();
    let collection = resource.collection();
    let created = server.success(&Call::with(Method::Post, &collection, manifest));
    assert_eq!(created["kind"], *resource.kind, "{title}");
    assert_eq!(created["apiVersion"], *resource.group_version, "{title}");
    if !resource.has("get") {
        return;
    }
    let path = format!("{collection}/{}", text(&manifest["metadata"]["name"]));
    assert_eq!(server.get(&path), created, "{title}");
    let again = Call::with(Method::Post, &collection, manifest);
    assert_eq!(server.send(&again).code, 409, "{title}: created twice");
    let listed = server.get(&collection);
    assert_eq!(listed["kind"], *format!("{}List", resource.kind), "{title}");
    let uid = &created["metadata"]["uid"];
    assert!(listed["items"].items().iter().any(|o| o["metadata"]["uid"] == *uid), "{title}");
    for subresource in &resource.subresources {
        match subresource.as_str() {
            "scale" => check_scale(server, &path, &title),
            "finalize" => {}
            name if ELSEWHERE.contains(&name) => {}
            name => check_part(server, &path, name, &title),
        }
    }
    patch_all(server, &path, manifest, &title);
    replace(server, &path, &title);
    delete(server, &path, &title);
    if resource.has("deletecollection") {
        server.success(&Call::new(Method::Delete, &collection));
    }
}

#[test]
fn every_kind_makes_the_round() {
    let mut objects = objects();
    let names: Vec<String> = {
        let mut server = TestServer::new();
        resources(&mut server).iter().map(Resource::title).collect()
    };
    for (at, name) in names.iter().enumerate() {
        // A server of its own, so that no object stands in another's way.
        let mut server = TestServer::new();
        let resource = resources(&mut server).swap_remove(at);
        if !resource.has("create") || KINDS_ELSEWHERE.contains(&name.as_str()) {
            continue;
        }
        let is_it = |object: &Value| {
            object["kind"] == *resource.kind && object["apiVersion"] == *resource.group_version
        };
        let found = objects.iter().position(is_it);
        let manifest = objects.remove(found.unwrap_or_else(|| panic!("no object for {name}")));
        round_trip(&mut server, &resource, &manifest);
    }
    let left: Vec<String> = objects.iter().map(json::to_string).collect();
    assert!(left.is_empty(), "objects of unknown kinds: {left:?}");
}
