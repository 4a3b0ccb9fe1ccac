//! Whatever is asked for, the answer is an error that says why or a cluster that stays calm.

use api::Text;
use apiserver::store::StoreLimits;
use apiserver::{Body, HttpRequest, Method, Response, User};
use cluster::{Cluster, ClusterConfig, Profile};
use sim::{Cause, Duration, Time};

const START: Time = Time::from_seconds(1_795_737_600);
/// How long a cluster is watched that has far too much to do.
const WATCHED: Duration = Duration::from_secs(1);
/// Far more than a calm cluster needs for that, far less than a hang.
const STEPS_MAX: usize = 200_000;

fn cluster() -> Cluster {
    Cluster::new(ClusterConfig::single_node(Profile::Recorded, 1, START))
}

fn send(cluster: &mut Cluster, path: &str, content_type: &str, body: &str) -> Response {
    cluster.handle(HttpRequest {
        method: Method::Post,
        path: path.into(),
        body: Body::Bytes(body.as_bytes().into()),
        content_type: content_type.into(),
        accept: "application/json".into(),
        credentials: User::new("kubernetes-admin", &["system:masters", "system:authenticated"])
            .into(),
        user_agent: Text::from("tests/v0"),
        cause: Cause::Setup,
    })
}

fn refuse(path: &str, content_type: &str, body: &str) -> String {
    let response = send(&mut cluster(), path, content_type, body);
    assert!(response.code >= 400, "accepted");
    response.into_result().expect_err("an error").message
}

/// A workload with far too many replicas.
fn stays_calm(plural: &str, kind: &str, more: &str) {
    let mut cluster = cluster();
    let body = format!(
        r#"{{"apiVersion":"apps/v1","kind":"{kind}","metadata":{{"name":"web"}},"spec":{{{more}
        "replicas":2000000000,"selector":{{"matchLabels":{{"app":"web"}}}},"template":{{"metadata":
        {{"labels":{{"app":"web"}}}},"spec":{{"containers":[{{"name":"c","image":"nginx:1.25.3"}}]}}
        }}}}}}"#
    );
    let path = format!("/apis/apps/v1/namespaces/default/{plural}");
    let response = send(&mut cluster, &path, "application/json", &body);
    assert_eq!(response.code, 201);
    stays_responsive(&mut cluster, kind);
}

fn stays_responsive(cluster: &mut Cluster, kind: &str) {
    let limit = cluster.sim().now() + WATCHED;
    let mut steps = 0;
    while cluster.step(limit) {
        steps += 1;
        assert!(steps < STEPS_MAX, "the {kind} lets time stand still");
    }
}

#[test]
fn two_billion_replicas() {
    stays_calm("deployments", "Deployment", "");
    stays_calm("replicasets", "ReplicaSet", "");
    stays_calm("statefulsets", "StatefulSet", r#""serviceName":"web","#);
    let parallel = r#""serviceName":"web","podManagementPolicy":"Parallel","#;
    stays_calm("statefulsets", "StatefulSet", parallel);
}

#[test]
fn two_billion_pods_of_a_job() {
    let mut cluster = cluster();
    let body = r#"{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"j"},"spec":{
        "completions":2000000000,"parallelism":2000000000,"template":{"spec":{"restartPolicy":
        "Never","containers":[{"name":"c","image":"busybox:1.36","command":["true"]}]}}}}"#;
    let path = "/apis/batch/v1/namespaces/default/jobs";
    assert_eq!(send(&mut cluster, path, "application/json", body).code, 201);
    stays_responsive(&mut cluster, "Job");
}

const CONFIG_MAPS: &str = "/api/v1/namespaces/default/configmaps";

#[test]
fn ten_megabytes() {
    let text = "x".repeat(10 << 20);
    let body = format!(
        r#"{{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"big"}},"data":{{"a":"{text}"}}}}"#
    );
    let message = refuse(CONFIG_MAPS, "application/json", &body);
    assert_eq!(message, "Request entity too large: limit is 3145728");
}

#[test]
fn a_thousand_levels() {
    let yaml = format!("{}x", "a: {".repeat(1_000)) + &"}".repeat(1_000);
    refuse(CONFIG_MAPS, "application/yaml", &yaml);
    let json = "[".repeat(100_000);
    refuse(CONFIG_MAPS, "application/json", &json);
    let nested = format!("{}{}", "{\"a\":".repeat(20_000), "1".to_owned() + &"}".repeat(20_000));
    refuse(CONFIG_MAPS, "application/json", &nested);
}

#[test]
fn a_bomb_of_aliases() {
    let mut yaml =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bomb}\na0: &a0 [x, x]\n".to_owned();
    for level in 1..40 {
        let before = level - 1;
        yaml.push_str(&format!("a{level}: &a{level} [*a{before}, *a{before}, *a{before}]\n"));
    }
    refuse(CONFIG_MAPS, "application/yaml", &yaml);
}

/// Whoever watches is told of every change, also of those that the history forgets at once.
#[test]
fn a_history_without_room_loses_nothing() {
    let config = ClusterConfig::single_node(Profile::Recorded, 1, START);
    let mut cluster = Cluster::with_limits(config, StoreLimits { history_bytes_max: 1 });
    let body = r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{
        "replicas":3,"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":
        {"app":"web"}},"spec":{"containers":[{"name":"c","image":"nginx:1.25.3"}]}}}}"#;
    let path = "/apis/apps/v1/namespaces/default/deployments";
    assert_eq!(send(&mut cluster, path, "application/json", body).code, 201);
    let limit = cluster.sim().now() + Duration::from_secs(60);
    cluster.run_until(limit);
    let server = cluster.server().borrow();
    let kind = server.registry().find_kind("apps", "v1", "Deployment").expect("a kind");
    let resource = server.registry().resource(kind);
    let stored = server.store().get(resource, "default", "web").expect("it was created");
    assert_eq!(stored.object["status"]["availableReplicas"].as_i64(), Some(3));
}
