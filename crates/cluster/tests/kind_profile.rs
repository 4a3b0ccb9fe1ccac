//! The profile `kind`: what runs in a cluster of kind before anybody has touched it.

use api::Value;
use apiserver::{Body, HttpRequest, Method, ResponseBody, User};
use cluster::{Cluster, ClusterConfig, Profile};
use sim::{Cause, Duration, Time};

/// 27 November 2026: any instant would do.
const START: Time = Time::from_seconds(1_795_737_600);
/// The names of Pods whose template is kubeadm's of 1.29, and kind's of 0.22.
const EXPECTED: &[&str] = &[
    "kube-system/coredns-76f75df574-*",
    "kube-system/coredns-76f75df574-*",
    "kube-system/etcd-kind-control-plane",
    "kube-system/kindnet-*",
    "kube-system/kube-apiserver-kind-control-plane",
    "kube-system/kube-controller-manager-kind-control-plane",
    "kube-system/kube-proxy-*",
    "kube-system/kube-scheduler-kind-control-plane",
    "local-path-storage/local-path-provisioner-7577fdbbfb-*",
];
const SUFFIX_LENGTH: usize = 5;

fn cluster() -> Cluster {
    Cluster::new(ClusterConfig::single_node(Profile::Kind, 1, START))
}

fn request(cluster: &mut Cluster, method: Method, path: &str) -> Value {
    let response = cluster.handle(HttpRequest {
        method,
        path: path.to_owned(),
        body: Body::None,
        content_type: String::new(),
        accept: "application/json".to_owned(),
        credentials: User::new("kubernetes-admin", &["system:masters"]).into(),
        user_agent: "test".into(),
        cause: Cause::Setup,
    });
    match response.body {
        ResponseBody::Value(value) => value,
        other => panic!("{path}: {other:?}"),
    }
}

/// The Pods in all namespaces: their names, with `*` for what is random.
fn pods(cluster: &mut Cluster) -> Vec<(String, Value)> {
    let list = request(cluster, Method::Get, "/api/v1/pods");
    let title = |pod: &Value| {
        let metadata = &pod["metadata"];
        let text = |field: &str| metadata[field].as_str().unwrap_or_default().to_owned();
        let name = match text("generateName") {
            base if base.is_empty() => text("name"),
            base => {
                assert_eq!(text("name").len(), base.len() + SUFFIX_LENGTH);
                format!("{base}*")
            }
        };
        format!("{}/{name}", text("namespace"))
    };
    list["items"].items().iter().map(|pod| (title(pod), pod.clone())).collect()
}

fn is_ready(pod: &Value) -> bool {
    let conditions = pod["status"]["conditions"].items();
    conditions.iter().any(|c| c["type"] == "Ready" && c["status"] == "True")
}

#[test]
fn the_system_runs_when_the_cluster_is_ready() {
    let mut cluster = cluster();
    let pods = pods(&mut cluster);
    let names: Vec<&str> = pods.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, EXPECTED);
    for (name, pod) in &pods {
        assert!(is_ready(pod), "{name}: {}", api::yaml::to_string(&pod["status"]));
        assert_eq!(pod["status"]["containerStatuses"].items()[0]["restartCount"], Value::Int(0));
    }
}

/// Besides signs of life nothing is written, however long nobody does anything.
#[test]
fn the_system_idles() {
    let mut cluster = cluster();
    cluster.run_until(START + Duration::from_secs(600));
    let kinds =
        [&kinds::core::pod::KIND, &kinds::core::event::KIND, &kinds::apps::deployment::KIND];
    let before = cluster.last_write(&kinds);
    cluster.run_until(START + Duration::from_secs(1_800));
    assert_eq!(cluster.last_write(&kinds), before);
}

#[test]
fn a_mirror_that_is_deleted_comes_back() {
    let mut cluster = cluster();
    let path = "/api/v1/namespaces/kube-system/pods/etcd-kind-control-plane";
    let old = request(&mut cluster, Method::Get, path);
    assert_eq!(old["metadata"]["ownerReferences"].items()[0]["kind"], "Node");
    for query in ["", "?gracePeriodSeconds=0"] {
        let before = request(&mut cluster, Method::Get, path);
        request(&mut cluster, Method::Delete, &format!("{path}{query}"));
        let later = cluster.sim().now() + Duration::from_secs(3);
        cluster.run_until(later);
        let new = request(&mut cluster, Method::Get, path);
        assert_ne!(new["metadata"]["uid"], before["metadata"]["uid"]);
        // The containers have not noticed.
        assert!(is_ready(&new), "{}", api::yaml::to_string(&new));
        assert_eq!(new["status"]["containerStatuses"], old["status"]["containerStatuses"]);
        assert_eq!(new["status"]["startTime"], old["status"]["startTime"]);
    }
}

#[test]
fn a_pod_of_a_daemon_set_is_replaced() {
    let mut cluster = cluster();
    let name = |cluster: &mut Cluster| {
        let pods = pods(cluster);
        let found = pods.into_iter().find(|(name, _)| name == "kube-system/kindnet-*");
        found.expect("a Pod of kindnet").1["metadata"]["name"].as_str().unwrap_or("").to_owned()
    };
    let old = name(&mut cluster);
    request(&mut cluster, Method::Delete, &format!("/api/v1/namespaces/kube-system/pods/{old}"));
    cluster.run_until(START + Duration::from_secs(60));
    assert_ne!(name(&mut cluster), old);
    assert!(pods(&mut cluster).iter().all(|(_, pod)| is_ready(pod)));
}

#[test]
fn workers_carry_the_network_but_no_control_plane() {
    let config = "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n\
                  nodes: [{role: control-plane}, {role: worker}]\n";
    let single = ClusterConfig::single_node(Profile::Kind, 1, START);
    let mut cluster = Cluster::new(single.with_kind_config(config).expect("valid"));
    let pods = pods(&mut cluster);
    let mut on_worker: Vec<&str> = pods
        .iter()
        .filter(|(_, pod)| pod["spec"]["nodeName"] == "kind-worker")
        .map(|(name, _)| name.as_str())
        .collect();
    on_worker.sort_unstable();
    for name in ["kube-system/kindnet-*", "kube-system/kube-proxy-*"] {
        assert!(on_worker.contains(&name), "{on_worker:?}");
    }
    assert!(!on_worker.iter().any(|name| name.contains("etcd")), "{on_worker:?}");
    let node = request(&mut cluster, Method::Get, "/api/v1/nodes/kind-control-plane");
    assert_eq!(node["spec"]["taints"].items()[0]["key"], "node-role.kubernetes.io/control-plane");
}
