//! Where Pods go, with nothing but the API server to tell the scheduler.

use super::cluster::Cluster;
use api::{Value, list, names, object};
use client::Component;
use kinds::apps::replica_set;
use kinds::core::{node, pod};
use sim::Duration;

/// Creates a ReplicaSet and so many Pods of it, as its controller would.
fn add_replicas(cluster: &mut Cluster, name: &'static str, count: usize, spec: &str) {
    let labels = object! { "app": name };
    let spec = api::yaml::parse(spec).expect("YAML");
    let set = object! {
        "metadata": object! { "name": name, "namespace": "default" },
        "spec": object! {
            "selector": object! { "matchLabels": &labels },
            "template": object! { "metadata": object! { "labels": &labels }, "spec": &spec },
        },
    };
    let set = cluster.user.create(&replica_set::KIND, set).expect("a ReplicaSet");
    let owner = client::controller_reference(&replica_set::KIND, &set);
    for i in 0..count {
        let pod = object! {
            "metadata": object! {
                "name": format!("{name}-{i}"),
                "namespace": "default",
                "labels": &labels,
                "ownerReferences": list![&owner],
            },
            "spec": &spec,
        };
        cluster.user.create(&pod::KIND, pod).expect("a Pod");
    }
    cluster.settle();
    cluster.settle();
}

/// How many Pods each of some nodes has.
fn counts(cluster: &Cluster, nodes: &[&str]) -> Vec<usize> {
    let pods = cluster.user.list(&pod::KIND, Some("default"));
    let on = |node: &&str| {
        let is_on = |pod: &&Value| pod["spec"]["nodeName"] == **node;
        pods.iter().filter(is_on).count()
    };
    nodes.iter().map(on).collect()
}

const PLAIN: &str = "containers: [{name: c, image: 'nginx:1.25.3'}]";

#[test]
fn replicas_are_spread_over_equal_nodes() {
    let mut cluster = Cluster::new();
    for name in ["a", "b"] {
        cluster.add_node(name, "{}");
    }
    add_replicas(&mut cluster, "web", 4, PLAIN);
    assert_eq!(counts(&cluster, &["a", "b"]), [2, 2]);
}

#[test]
fn replicas_are_spread_over_zones_of_different_size() {
    let mut cluster = Cluster::new();
    for (name, zone) in [("a1", "a"), ("b1", "b"), ("b2", "b"), ("b3", "b")] {
        let labels = format!("metadata: {{labels: {{topology.kubernetes.io/zone: {zone}}}}}");
        cluster.add_node(name, &labels);
    }
    add_replicas(&mut cluster, "web", 8, PLAIN);
    let counts = counts(&cluster, &["a1", "b1", "b2", "b3"]);
    assert!(counts[0] >= 3, "{counts:?}");
    assert!(counts[1..].iter().all(|count| (1..=2).contains(count)), "{counts:?}");
}

#[test]
fn hard_spread_counts_the_tainted_node_unless_told_otherwise() {
    let mut cluster = Cluster::new();
    let taint = "spec: {taints: [{key: control-plane, effect: NoSchedule}]}";
    cluster.add_node("control-plane", taint);
    for name in ["a", "b"] {
        cluster.add_node(name, "{}");
    }
    let spec = |policy: &str| {
        format!(
            "{PLAIN}\ntopologySpreadConstraints: [{{maxSkew: 1, topologyKey: \
             kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule, {policy}labelSelector: \
             {{matchLabels: {{app: NAME}}}}}}]"
        )
    };
    add_replicas(&mut cluster, "one", 4, &spec("").replace("NAME", "one"));
    assert_eq!(counts(&cluster, &["control-plane", "a", "b"]), [0, 1, 1]);
    let pending = ["one-0", "one-1", "one-2", "one-3"].map(|name| cluster.last_message(name));
    let pending = pending.iter().find(|message| message.starts_with("0/3"));
    assert_eq!(
        pending.map(String::as_str),
        Some(
            "0/3 nodes are available: 1 node(s) had untolerated taint {control-plane: }, 2 \
             node(s) didn't match pod topology spread constraints. preemption: 0/3 nodes are \
             available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found \
             for incoming pod."
        )
    );
    let honor = spec("nodeTaintsPolicy: Honor, ").replace("NAME", "two");
    add_replicas(&mut cluster, "two", 5, &honor);
    let mut placed = counts(&cluster, &["a", "b"]);
    placed.sort_unstable();
    assert_eq!(placed, [3, 4]);
}

#[test]
fn anti_affinity_keeps_replicas_apart() {
    let mut cluster = Cluster::new();
    for name in ["a", "b"] {
        cluster.add_node(name, "{}");
    }
    let spec = "
        affinity:
          podAntiAffinity:
            requiredDuringSchedulingIgnoredDuringExecution:
            - {labelSelector: {matchLabels: {app: web}}, topologyKey: kubernetes.io/hostname}
        containers: [{name: c, image: 'nginx:1.25.3'}]";
    add_replicas(&mut cluster, "web", 3, spec);
    assert_eq!(counts(&cluster, &["a", "b"]), [1, 1]);
    assert_eq!(
        cluster.last_message("web-2"),
        "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules. preemption: \
         0/2 nodes are available: 2 No preemption victims found for incoming pod."
    );
    // A Pod that does not mind is turned down by those that do.
    cluster.add_pod_with("other", "labels: {app: web}", "{}");
    assert_eq!(
        cluster.last_message("other"),
        "0/2 nodes are available: 2 node(s) didn't satisfy existing pods anti-affinity rules. \
         preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod."
    );
    cluster.run(Duration::from_secs(2));
    cluster.delete(&pod::KIND, "web-0");
    assert!(["web-2", "other"].iter().any(|name| !cluster.node_of(name).is_empty()));
}

#[test]
fn a_pod_waits_for_the_one_it_wants_to_be_near() {
    let mut cluster = Cluster::new();
    for name in ["a", "b"] {
        cluster.add_node(name, "{}");
    }
    let near = "
        affinity:
          podAffinity:
            requiredDuringSchedulingIgnoredDuringExecution:
            - {labelSelector: {matchLabels: {app: db}}, topologyKey: kubernetes.io/hostname}";
    cluster.add_pod("web", near);
    assert_eq!(
        cluster.last_message("web"),
        "0/2 nodes are available: 2 node(s) didn't match pod affinity rules. preemption: 0/2 \
         nodes are available: 2 Preemption is not helpful for scheduling."
    );
    cluster.run(Duration::from_secs(2));
    cluster.add_pod_with("unrelated", "labels: {app: other}", "{}");
    assert_eq!(cluster.node_of("web"), "");
    cluster.add_pod_with("db", "labels: {app: db}", "nodeName: b");
    assert_eq!(cluster.node_of("web"), "b");
    // The first of a group goes anywhere.
    cluster.add_pod_with("db2", "labels: {app: db2}", &near.replace("app: db", "app: db2"));
    assert_ne!(cluster.node_of("db2"), "");
}

#[test]
fn preferences_weigh() {
    let check = |spec: &str, expected: &str| {
        let mut cluster = Cluster::new();
        cluster.add_node("plain", "{}");
        cluster.add_node("ssd", "metadata: {labels: {disk: ssd}}");
        let unwelcoming = "spec: {taints: [{key: old, effect: PreferNoSchedule}]}";
        cluster.add_node("old", unwelcoming);
        cluster.add_pod("p", spec);
        assert_eq!(cluster.node_of("p"), expected, "{spec}");
    };
    let prefer = "affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [\
                  {weight: 1, preference: {matchExpressions: [{key: disk, operator: Exists}]}}]}}";
    check(prefer, "ssd");
    check("nodeSelector: {kubernetes.io/hostname: old}", "old");
}

#[test]
fn emptier_nodes_are_better() {
    let mut cluster = Cluster::new();
    for name in ["a", "b"] {
        cluster.add_node(name, "{}");
    }
    cluster.add_pod_of("big", "1");
    let other = if cluster.node_of("big") == "a" { "b" } else { "a" };
    cluster.add_pod_of("small", "100m");
    assert_eq!(cluster.node_of("small"), other);
}

#[test]
fn a_host_port_is_given_once() {
    let mut cluster = Cluster::new();
    cluster.add_node("n", "{}");
    let spec = "containers: [{ports: [{containerPort: 80, hostPort: 8088}]}]";
    cluster.add_pod("a", spec);
    cluster.add_pod("b", spec);
    assert_eq!(cluster.node_of("a"), "n");
    assert_eq!(
        cluster.messages("b"),
        ["0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod \
             ports. preemption: 0/1 nodes are available: 1 No preemption victims found for \
             incoming pod."]
    );
    cluster.run(Duration::from_secs(2));
    cluster.delete(&pod::KIND, "a");
    assert_eq!(cluster.node_of("b"), "n");
}

#[test]
fn cordoned_nodes_take_nothing_until_they_are_uncordoned() {
    let mut cluster = Cluster::new();
    cluster.add_node("n", "spec: {unschedulable: true}");
    cluster.add_pod("p", "{}");
    assert_eq!(
        cluster.messages("p"),
        ["0/1 nodes are available: 1 node(s) were unschedulable. preemption: 0/1 nodes are \
             available: 1 Preemption is not helpful for scheduling."]
    );
    cluster.run(Duration::from_secs(2));
    cluster.patch(&node::KIND, "n", "spec: {unschedulable: null}");
    assert_eq!(cluster.node_of("p"), "n");
}

#[test]
fn a_daemon_pod_names_its_node() {
    let mut cluster = Cluster::new();
    for name in ["a", "b", "c"] {
        cluster.add_node(name, "{}");
    }
    let spec = |cpu: &str| {
        format!(
            "affinity: {{nodeAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: \
             {{nodeSelectorTerms: [{{matchFields: [{{key: metadata.name, operator: In, values: \
             [b]}}]}}]}}}}}}\ncontainers: [{{resources: {{requests: {{cpu: {cpu}}}}}}}]"
        )
    };
    cluster.add_pod("fits", &spec("1"));
    assert_eq!(cluster.node_of("fits"), "b");
    cluster.add_pod("full", &spec("1500m"));
    assert_eq!(
        cluster.messages("full"),
        ["0/3 nodes are available: 1 Insufficient cpu. preemption: 0/3 nodes are available: 1 \
             No preemption victims found for incoming pod, 2 Preemption is not helpful for \
             scheduling."]
    );
}

#[test]
fn pods_of_others_are_left_alone() {
    let mut cluster = Cluster::new();
    cluster.add_node("n", "{}");
    cluster.add_pod("foreign", "schedulerName: my-scheduler");
    cluster.add_pod("placed", "nodeName: nosuch");
    cluster.add_pod("gated", "schedulingGates: [{name: example.com/wait}]");
    for name in ["foreign", "gated"] {
        assert_eq!(cluster.node_of(name), "");
        assert!(cluster.messages(name).is_empty(), "{name}");
    }
    assert!(cluster.messages("placed").is_empty());
    cluster.patch(&pod::KIND, "gated", "spec: {schedulingGates: null}");
    assert_eq!(cluster.node_of("gated"), "n");
}

#[test]
fn a_cluster_without_nodes() {
    let mut cluster = Cluster::new();
    cluster.add_pod("p", "{}");
    assert_eq!(cluster.messages("p"), ["no nodes available to schedule pods"]);
    cluster.run(Duration::from_secs(5));
    assert!(cluster.messages("p").len() > 1, "it is tried again without an event");
    cluster.add_node("n", "{}");
    cluster.run(Duration::from_secs(10));
    assert_eq!(cluster.node_of("p"), "n");
}

#[test]
fn what_is_over_makes_room() {
    let mut cluster = Cluster::new();
    cluster.add_node("n", "{}");
    cluster.add_pod_of("first", "1500m");
    cluster.add_pod_of("second", "1500m");
    assert_eq!(cluster.node_of("second"), "");
    cluster.run(Duration::from_secs(2));
    let mut first = cluster.pod("first");
    first.update(&names::STATUS, |status| {
        status.make_map().insert(&names::PHASE, "Succeeded");
    });
    cluster.user.update_status(&pod::KIND, first).expect("a status");
    cluster.settle();
    assert_eq!(cluster.node_of("second"), "n");
}

#[test]
fn pods_are_placed_one_after_the_other() {
    let mut cluster = Cluster::new();
    cluster.add_node("n", "status: {allocatable: {cpu: '8', memory: 8Gi, pods: '110'}}");
    let start = cluster.sim.now();
    for i in 0..20 {
        let pod = object! {
            "metadata": object! { "name": format!("p{i}"), "namespace": "default" },
            "spec": object! { "containers": list![object! { "name": "c", "image": "nginx" }] },
        };
        cluster.user.create(&pod::KIND, pod).expect("a Pod");
    }
    cluster.run(Duration::from_millis(200));
    let mut times: Vec<u64> = Vec::new();
    let server = cluster.server.borrow();
    for change in server.changes_since(0).expect("remembered") {
        let bound = change.object["spec"]["nodeName"] == "n";
        let was_bound = change.previous.as_ref().is_some_and(|old| old["spec"]["nodeName"] == "n");
        if bound && !was_bound {
            times.push(change.origin.time.since(start).as_micros() as u64);
        }
    }
    assert_eq!(times.len(), 20);
    assert_eq!(times[0], 3_500, "a cycle, then a request");
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] == 1_500), "{times:?}");
    drop(server);
    assert_eq!(cluster.scheduler.next_wake(), None, "nothing is left to do");
}

#[test]
fn a_restarted_scheduler_knows_what_is_there() {
    let mut cluster = Cluster::new();
    cluster.add_node("n", "{}");
    cluster.add_pod_of("first", "1500m");
    let pod = object! {
        "metadata": object! { "name": "second", "namespace": "default" },
        "spec": object! { "containers": list![object! {
            "name": "c", "image": "nginx",
            "resources": object! { "requests": object! { "cpu": "1" } },
        }] },
    };
    cluster.user.create(&pod::KIND, pod).expect("a Pod");
    cluster.scheduler = crate::Scheduler::new(&cluster.server, &cluster.sim);
    assert_eq!(cluster.scheduler.pending().len(), 1);
    cluster.settle();
    assert!(cluster.last_message("second").starts_with("0/1 nodes are available: 1 Insufficient"));
}
