//! What a cluster contains before anybody has touched it.

use crate::config::{ClusterConfig, NodeRole};
use api::{Value, list, names, object};
use apiserver::{ApiServer, User};
use client::Client;
use kubelet::NodeConfig;
use sim::Time;
use std::cell::RefCell;
use std::rc::Rc;

/// The objects that the API server and kubeadm create, with kinds of any group.
const SYSTEM_OBJECTS: &str = include_str!("../data/system-objects.json");

/// What kubeadm and kind add to them, and the Pods of the control plane.
const KIND_OBJECTS: &str = include_str!("../data/kind/objects.yaml");
const STATIC_PODS: &str = include_str!("../data/kind/static-pods.yaml");

/// Creates the objects of a fresh cluster, as far as the server knows their kinds.
pub(crate) fn create_system_objects(server: &Rc<RefCell<ApiServer>>, config: &ClusterConfig) {
    let user = User::new("system:apiserver", &["system:masters"]);
    let client = Client::new(server, user, "kube-apiserver");
    let objects = api::json::parse(SYSTEM_OBJECTS.as_bytes()).unwrap_or_default();
    for object in objects.items() {
        create(&client, object);
    }
    if config.profile.facts().has_system_pods {
        let user = User::new("kubernetes-admin", &["kubeadm:cluster-admins"]);
        let client = Client::new(server, user, "kubeadm");
        for object in documents(KIND_OBJECTS, config, &config.control_plane(), &address(0)) {
            create(&client, &object);
        }
    }
}

/// The documents of a text, filled in for a node.
fn documents(text: &str, config: &ClusterConfig, node: &str, address: &str) -> Vec<Value> {
    let text = text
        .replace("{node}", node)
        .replace("{address}", address)
        .replace("{cluster}", &config.name);
    text.split("\n---\n").filter_map(|text| api::yaml::parse(text).ok()).collect()
}

/// The address of the node at `index` on the network of nodes.
fn address(index: usize) -> String {
    let [third, fourth] = ((index + 2) as u16).to_be_bytes();
    format!("172.18.{third}.{fourth}")
}

fn create(client: &Client, object: &Value) {
    let api_version = object.get(&names::API_VERSION).as_str().unwrap_or_default();
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let kind_name = object.get(&names::KIND).as_str().unwrap_or_default();
    let kind = client.read(|server| server.registry().find_kind(group, version, kind_name));
    let Some(kind) = kind else { return };
    let created = client.create(kind, object.clone());
    let status = object.get(&names::STATUS);
    if let Ok(mut created) = created
        && kind.has_status
        && !status.is_null()
        && created.get(&names::STATUS) != status
    {
        created.make_map().insert(&names::STATUS, status);
        // A status that the server keeps by itself stays as it is.
        let _ = client.update_status(kind, created);
    }
}

/// The machines of a cluster.
pub(crate) fn node_configs(config: &ClusterConfig, booted: Time) -> Vec<NodeConfig> {
    (0..config.nodes.len()).map(|index| node_config(config, index, booted)).collect()
}

fn node_config(config: &ClusterConfig, index: usize, booted: Time) -> NodeConfig {
    let facts = config.profile.facts();
    let is_control_plane = config.nodes[index] == NodeRole::ControlPlane;
    let is_only = config.nodes.len() == 1;
    let label = |key: &str| (key.to_owned(), String::new());
    let labels = match is_control_plane {
        true => vec![
            label("node-role.kubernetes.io/control-plane"),
            label("node.kubernetes.io/exclude-from-external-load-balancers"),
        ],
        false => Vec::new(),
    };
    let taint = object! { "key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule" };
    let is_tainted = is_control_plane && (!is_only || facts.taints_single_node);
    let amounts = |amounts: crate::profile::Amounts| {
        amounts.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<Vec<_>>()
    };
    let name = config.node_name(index);
    let static_pods = match is_control_plane && facts.has_system_pods {
        true => documents(STATIC_PODS, config, &name, &address(index)),
        false => Vec::new(),
    };
    NodeConfig {
        name,
        internal_ip: address(index),
        pod_cidr: pod_cidr(index),
        labels,
        taints: if is_tainted { list![taint].items().to_vec() } else { Vec::new() },
        capacity: amounts(facts.capacity),
        allocatable: amounts(facts.allocatable),
        node_info: facts.node_info(),
        images: images_of(&facts),
        pulls: facts.pulls,
        static_pods,
        booted,
    }
}

/// A /24 of 10.244.0.0/16 for each node; past 256 nodes the next /16 follows.
fn pod_cidr(index: usize) -> String {
    format!("10.{}.{}.0/24", 244 - index / 256 % 200, index % 256)
}

fn images_of(facts: &crate::profile::Facts) -> Vec<String> {
    let mut images: Vec<String> = facts.images.iter().map(|image| (*image).to_owned()).collect();
    if let Some(but) = facts.all_images_but {
        for image in kubelet::catalogue_images() {
            if !but.contains(&image.as_str()) {
                images.push(image);
            }
        }
    }
    images
}
