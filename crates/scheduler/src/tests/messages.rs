//! What people are told, held against recordings of a real cluster.

use super::cluster::Cluster;
use kinds::core::node;

/// The nodes of the recordings: a tainted control plane and two workers with two CPUs.
fn kind_cluster() -> Cluster {
    let mut cluster = Cluster::new();
    let taint =
        "spec: {taints: [{key: node-role.kubernetes.io/control-plane, effect: NoSchedule}]}";
    cluster.add_node("kind-control-plane", taint);
    cluster.add_node("kind-worker", "{}");
    cluster.add_node("kind-worker2", "{}");
    cluster
}

fn single_node() -> Cluster {
    let mut cluster = Cluster::new();
    cluster.add_node("kind-control-plane", "{}");
    cluster
}

const NO_VICTIMS: &str =
    "preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.";
const NOT_HELPFUL: &str =
    "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.";

#[test]
fn a_single_node_that_does_not_fit() {
    let check = |spec: &str, reasons: &str, preemption: &str| {
        let mut cluster = single_node();
        cluster.add_pod("p", spec);
        let expected = format!("0/1 nodes are available: {reasons}. {preemption}");
        assert_eq!(cluster.messages("p"), [&*expected]);
        let condition = &cluster.pod("p")["status"]["conditions"][0];
        assert_eq!(condition["message"], *expected);
        assert_eq!(condition["reason"], "Unschedulable");
    };
    let requests = |list: &str| format!("containers: [{{resources: {{requests: {list}}}}}]");
    check(&requests("{cpu: 100}"), "1 Insufficient cpu", NO_VICTIMS);
    check(&requests("{memory: 1000Gi}"), "1 Insufficient memory", NO_VICTIMS);
    check(
        &requests("{cpu: 100, memory: 1000Gi}"),
        "1 Insufficient cpu, 1 Insufficient memory",
        NO_VICTIMS,
    );
    check(
        "nodeSelector: {disktype: ssd}",
        "1 node(s) didn't match Pod's node affinity/selector",
        NOT_HELPFUL,
    );
}

#[test]
fn reasons_are_counted_over_three_nodes() {
    let mut cluster = kind_cluster();
    for name in ["a", "b", "c"] {
        cluster.add_pod_of(name, "1500m");
    }
    let taint = "1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }";
    assert_eq!(
        cluster.messages("c"),
        [format!(
            "0/3 nodes are available: {taint}, 2 Insufficient cpu. preemption: 0/3 nodes are \
             available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found \
             for incoming pod."
        )]
    );
    cluster.add_pod("p", "nodeSelector: {disktype: ssd}");
    assert_eq!(
        cluster.messages("p"),
        [format!(
            "0/3 nodes are available: {taint}, 2 node(s) didn't match Pod's node \
             affinity/selector. preemption: 0/3 nodes are available: 3 Preemption is not helpful \
             for scheduling."
        )]
    );
    cluster.run(sim::Duration::from_secs(2));
    cluster.patch(&node::KIND, "kind-worker2", "metadata: {labels: {disktype: ssd}}");
    assert_eq!(cluster.node_of("p"), "kind-worker2");
    assert_eq!(cluster.last_message("p"), "Successfully assigned default/p to kind-worker2");
}
