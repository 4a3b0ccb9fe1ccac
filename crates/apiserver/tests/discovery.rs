//! What the server says that it serves equals what a real server said, document by document.

mod support;

use api::{Value, json, list};
use apiserver::{Method, ResponseBody};
use std::path::PathBuf;
use support::{Call, TestServer};

/// The documents of a real server, each named by its path.
fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../kinds/tests/discovery")
}

/// Path and document of each.
fn recorded() -> Vec<(String, Value)> {
    let files = std::fs::read_dir(folder()).expect("documents").flatten();
    let mut documents: Vec<(String, Value)> = files
        .map(|file| {
            let name = file.file_name().into_string().expect("a name");
            let path = name.trim_end_matches(".json").replace('_', "/");
            let bytes = std::fs::read(file.path()).expect("a document");
            (path, json::parse(&bytes).expect("valid JSON"))
        })
        .collect();
    documents.sort_by(|(one, _), (other, _)| one.cmp(other));
    documents
}

#[test]
fn every_document_equals_the_recorded_one() {
    let mut server = TestServer::new();
    let documents = recorded();
    assert!(documents.len() > 20, "{}", folder().display());
    for (path, expected) in documents {
        let found = server.get(&path);
        assert_eq!(json::to_string(&found), json::to_string(&expected), "{path}");
    }
}

#[test]
fn a_group_is_what_the_list_of_groups_says_of_it() {
    let mut server = TestServer::new();
    let groups = server.get("/apis");
    for group in groups["groups"].items() {
        let name = group["name"].as_str().expect("a name");
        let mut expected = group.clone();
        expected.make_map().insert("kind", "APIGroup");
        expected.make_map().insert("apiVersion", "v1");
        let found = server.get(&format!("/apis/{name}"));
        assert_eq!(json::to_string(&found), json::to_string(&expected), "{name}");
    }
}

#[test]
fn the_core_group_names_its_versions_and_the_server() {
    let found = TestServer::new().get("/api");
    assert_eq!((&found["kind"], &found["versions"]), (&"APIVersions".into(), &list!["v1"]));
    let addresses = found["serverAddressByClientCIDRs"].items();
    assert_eq!(addresses.len(), 1, "{}", json::to_string(&found));
    assert_eq!(addresses[0]["clientCIDR"].as_str(), Some("0.0.0.0/0"));
}

/// What newer clients ask for says the same, in other words.
#[test]
fn the_aggregated_document_lists_the_same_resources() {
    const ACCEPT: &str =
        "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList";
    let mut server = TestServer::new();
    let mut listed = Vec::new();
    for path in ["/api", "/apis"] {
        let response = server.send(&Call { accept: ACCEPT, ..Call::new(Method::Get, path) });
        let ResponseBody::Bytes { content_type, bytes } = response.body else {
            panic!("{path}: no bytes");
        };
        assert_eq!(content_type, ACCEPT, "{path}");
        let found = json::parse(&bytes).expect("valid JSON");
        for group in found["items"].items() {
            let name = group["metadata"]["name"].as_str().unwrap_or_default();
            for version in group["versions"].items() {
                for resource in version["resources"].items() {
                    let verbs = json::to_string(&resource["verbs"]);
                    let version = version["version"].as_str().unwrap_or_default();
                    let resource = resource["resource"].as_str().unwrap_or_default();
                    listed.push(format!("{name}/{version} {resource} {verbs}"));
                }
            }
        }
    }
    let mut expected = Vec::new();
    for (path, document) in recorded() {
        let version = path.trim_start_matches("/apis/").replace("/api/", "/");
        for resource in document["resources"].items() {
            let name = resource["name"].as_str().unwrap_or_default();
            if !name.contains('/') {
                let verbs = json::to_string(&resource["verbs"]);
                expected.push(format!("{version} {name} {verbs}"));
            }
        }
    }
    listed.sort();
    expected.sort();
    assert_eq!(listed, expected);
}
