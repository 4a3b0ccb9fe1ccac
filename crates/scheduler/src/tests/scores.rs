//! Scores with numbers that were worked out by hand.

use crate::cache::{Cache, NodeId};
use crate::plugins::{
    image_locality, node_affinity, node_resources_balanced_allocation, node_resources_fit,
    taint_toleration,
};
use api::Value;
use apiserver::store::ObjectKey;

fn parse(yaml: &str) -> Value {
    api::yaml::parse(yaml).expect("YAML")
}

/// A cache with one node, and the classes of some Pods.
fn with_node(yaml: &str) -> (Cache, NodeId) {
    let mut cache = Cache::default();
    let node = parse(yaml);
    let (id, _) = cache.set_node(&ObjectKey::of(&node).name, &node);
    (cache, id)
}

const NODE: &str = "{metadata: {name: n}, status: {allocatable: {cpu: 4, memory: 8Gi, pods: 110}}}";

fn pod(requests: &str) -> Value {
    parse(&format!(
        "{{metadata: {{name: p, namespace: default, uid: u}}, spec: {{containers: [{{image: web, \
         resources: {{requests: {requests}}}}}]}}}}"
    ))
}

#[test]
fn resources_that_stay_free() {
    let check = |requests: &str, least: i64, balanced: i64| {
        let (mut cache, node) = with_node(NODE);
        let class = cache.acquire_class(&pod(requests));
        let (class, info) = (cache.class(class), cache.node(node));
        let scores = [
            node_resources_fit::score(class, info, &info.state),
            node_resources_balanced_allocation::score(class, info, &info.state),
        ];
        assert_eq!(scores, [least, balanced], "{requests}");
    };
    // (3000 / 4000 + 6 / 8) / 2, and shares of 25 % each.
    check("{cpu: 1, memory: 2Gi}", 75, 100);
    // (50 + 100) / 2; shares of 50 % and 0 % deviate by 25 points.
    check("{cpu: 2, memory: 0}", 75, 75);
    // A container without requests counts as 100m and 200 MiB in the first score only: 97 % each.
    check("{}", 97, 100);
    // More than there is.
    check("{cpu: 8, memory: 8Gi}", 0, 100);
}

#[test]
fn preferences_and_taints_add_up() {
    let node = "{metadata: {name: n, labels: {disk: ssd, zone: a}}, spec: {taints: [{key: old, \
                effect: PreferNoSchedule}, {key: slow, effect: PreferNoSchedule}, {key: hard, \
                effect: NoSchedule}]}}";
    let (mut cache, node) = with_node(node);
    let pod = parse(
        "{metadata: {name: p, uid: u}, spec: {containers: [], tolerations: [{key: slow, operator: \
         Exists}], affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [\
         {weight: 5, preference: {matchExpressions: [{key: disk, operator: In, values: [ssd]}]}}, \
         {weight: 7, preference: {matchExpressions: [{key: zone, operator: In, values: [b]}]}}, \
         {weight: 11, preference: {}}, \
         {weight: 2, preference: {matchExpressions: [{key: zone, operator: Exists}]}}]}}}}",
    );
    let class = cache.acquire_class(&pod);
    let (class, info) = (cache.class(class), cache.node(node));
    assert_eq!(node_affinity::score(class, info), 7);
    assert_eq!(taint_toleration::score(class, info), 1);
}

#[test]
fn images_count_by_size_and_by_how_many_nodes_have_them() {
    let mut cache = Cache::default();
    for (name, images) in [
        ("a", "[{names: ['web:latest'], sizeBytes: 1048576000}]"),
        ("b", "[{names: ['web:latest', 'registry:5000/web:1'], sizeBytes: 1048576000}]"),
        ("c", "[{names: ['tiny:latest'], sizeBytes: 1000}]"),
        ("d", "[]"),
    ] {
        let node = parse(&format!("{{metadata: {{name: {name}}}, status: {{images: {images}}}}}"));
        cache.set_node(&ObjectKey::of(&node).name, &node);
    }
    let check = |cache: &mut Cache, images: &str, expected: [i64; 4]| {
        let pod = parse(&format!("{{metadata: {{name: p}}, spec: {{containers: {images}}}}}"));
        let class = cache.acquire_class(&pod);
        let (class, count) = (cache.class(class), cache.node_count());
        let mut scores = [0; 4];
        for (node, score) in image_locality::scores(class, cache.images(), count) {
            scores[node.index()] = score;
        }
        assert_eq!(scores, expected, "{images}");
    };
    // 1000 MiB on half of the nodes count as 500; (500 - 23) / (1000 - 23).
    check(&mut cache, "[{image: web}]", [48, 48, 0, 0]);
    check(&mut cache, "[{image: 'tiny:latest'}]", [0, 0, 0, 0]);
    // (250 - 23) / (1000 - 23)
    check(&mut cache, "[{image: 'registry:5000/web:1'}]", [0, 23, 0, 0]);
    // Two containers: (500 - 23) / (2000 - 23)
    check(&mut cache, "[{image: web}, {image: other}]", [24, 24, 0, 0]);
    cache.remove_node("a");
    check(&mut cache, "[{image: web}]", [0, 31, 0, 0]);
}
