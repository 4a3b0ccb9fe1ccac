//! Random nodes, Pods and events.

use super::reference::{HOSTNAME, ZONE};
use api::{Map, Value, list, names, object};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeSet;

const DISK: &str = "disk";

/// What happens to the cluster.
#[derive(Clone, Debug)]
pub(super) enum Step {
    SetNode(NodeShape),
    RemoveNode(u8),
    /// Pods of this shape come one after the other and go where there is room.
    Schedule(Box<PodShape>, u8),
    /// One that is looked at and nominated for a node, but not placed.
    Nominate(Box<PodShape>, u8),
    EndNominations,
    RemovePod(u8),
    Terminate(u8),
    Relabel(u8, &'static str),
    RelabelNamespace(&'static str, &'static str),
    AddService(&'static str),
}

#[derive(Clone, Debug)]
pub(super) struct NodeShape {
    pub(super) name: u8,
    zone: Option<&'static str>,
    disk: Option<&'static str>,
    has_hostname: bool,
    cpu: &'static str,
    memory: &'static str,
    pods: &'static str,
    taints: Vec<(&'static str, &'static str)>,
    is_unschedulable: bool,
    images: Vec<(&'static str, i64)>,
}

pub(super) fn node_shape() -> impl Strategy<Value = NodeShape> {
    let taints = vec(
        (select(vec!["gpu", "old"]), select(vec!["NoSchedule", "PreferNoSchedule", "NoExecute"])),
        0..2,
    );
    let images = prop::sample::subsequence(vec![("web:1", 30 << 20), ("db:1", 900 << 20)], 0..=2);
    (
        0..8_u8,
        option::weighted(0.8, select(vec!["a", "b", "c"])),
        option::of(select(vec!["ssd", "hdd"])),
        prop::bool::weighted(0.9),
        select(vec!["1", "2", "4"]),
        select(vec!["2Gi", "4Gi"]),
        select(vec!["3", "110"]),
        prop_oneof![3 => Just(Vec::new()), 1 => taints],
        prop::bool::weighted(0.1),
        images,
    )
        .prop_map(
            |(
                name,
                zone,
                disk,
                has_hostname,
                cpu,
                memory,
                pods,
                taints,
                is_unschedulable,
                images,
            )| {
                NodeShape {
                    name,
                    zone,
                    disk,
                    has_hostname,
                    cpu,
                    memory,
                    pods,
                    taints,
                    is_unschedulable,
                    images,
                }
            },
        )
}

impl NodeShape {
    /// The node.
    pub(super) fn build(&self) -> Value {
        let name = format!("n{}", self.name);
        let mut labels = Map::EMPTY;
        for (key, value) in [(ZONE, self.zone), (DISK, self.disk)] {
            if let Some(value) = value {
                labels.insert(key, value);
            }
        }
        if self.has_hostname {
            labels.insert(HOSTNAME, name.clone());
        }
        let taint = |(key, effect): &(&'static str, &'static str)| {
            object! { "key": *key, "effect": *effect }
        };
        let image = |(name, size): &(&'static str, i64)| {
            object! { "names": list![*name], "sizeBytes": *size }
        };
        let taints: Vec<Value> = self.taints.iter().map(taint).collect();
        let images: Vec<Value> = self.images.iter().map(image).collect();
        object! {
            "metadata": object! { "name": name, "labels": labels },
            "spec": object! { "taints": taints, "unschedulable": self.is_unschedulable },
            "status": object! {
                "allocatable": object! {
                    "cpu": self.cpu, "memory": self.memory, "pods": self.pods,
                },
                "images": images,
            },
        }
    }
}

#[derive(Clone, Debug)]
struct TermShape {
    key: &'static str,
    selector: Option<Option<&'static str>>,
    namespaces: Option<&'static str>,
    namespace_selector: Option<Option<&'static str>>,
}

fn term_shape() -> impl Strategy<Value = TermShape> {
    (
        select(vec![ZONE, HOSTNAME, DISK]),
        option::weighted(0.95, option::weighted(0.9, select(vec!["web", "db"]))),
        option::weighted(0.2, select(vec!["one", "two"])),
        option::weighted(0.2, option::of(select(vec!["prod", "test"]))),
    )
        .prop_map(|(key, selector, namespaces, namespace_selector)| TermShape {
            key,
            selector,
            namespaces,
            namespace_selector,
        })
}

/// `null`, `{}` or a selector of one label.
pub(super) fn selector(key: &'static str, shape: Option<Option<&'static str>>) -> Value {
    match shape {
        None => Value::Null,
        Some(None) => Value::EMPTY_MAP,
        Some(Some(value)) => {
            let labels: Map = [(key, value)].into_iter().collect();
            object! { "matchLabels": labels }
        }
    }
}

impl TermShape {
    fn build(&self) -> Value {
        let mut term = object! { "topologyKey": self.key };
        let map = term.make_map();
        let selector_of_pods = selector("app", self.selector);
        let of_namespaces = selector("env", self.namespace_selector);
        if !selector_of_pods.is_null() {
            map.insert("labelSelector", selector_of_pods);
        }
        if !of_namespaces.is_null() {
            map.insert("namespaceSelector", of_namespaces);
        }
        if let Some(namespace) = self.namespaces {
            map.insert("namespaces", list![namespace]);
        }
        term
    }
}

#[derive(Clone, Debug)]
struct SpreadShape {
    key: &'static str,
    skew: i64,
    is_hard: bool,
    selector: Option<Option<&'static str>>,
    min_domains: Option<i64>,
    ignores_affinity: bool,
    honors_taints: bool,
    match_label_keys: bool,
}

fn spread_shape() -> impl Strategy<Value = SpreadShape> {
    (
        select(vec![ZONE, HOSTNAME, DISK]),
        1..4_i64,
        any::<bool>(),
        option::weighted(0.95, option::weighted(0.9, select(vec!["web", "db"]))),
        option::weighted(0.2, 1..4_i64),
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.3),
        prop::bool::weighted(0.2),
    )
        .prop_map(
            |(
                key,
                skew,
                is_hard,
                selector,
                min_domains,
                ignores_affinity,
                honors_taints,
                match_label_keys,
            )| SpreadShape {
                key,
                skew,
                is_hard,
                selector,
                min_domains,
                ignores_affinity,
                honors_taints,
                match_label_keys,
            },
        )
}

impl SpreadShape {
    fn build(&self) -> Value {
        let mut constraint = object! {
            "topologyKey": self.key,
            "maxSkew": self.skew,
            "whenUnsatisfiable": if self.is_hard { "DoNotSchedule" } else { "ScheduleAnyway" },
        };
        let map = constraint.make_map();
        let pods = selector("app", self.selector);
        if !pods.is_null() {
            map.insert("labelSelector", pods);
        }
        if let Some(domains) = self.min_domains.filter(|_| self.is_hard) {
            map.insert("minDomains", domains);
        }
        if self.ignores_affinity {
            map.insert("nodeAffinityPolicy", "Ignore");
        }
        if self.honors_taints {
            map.insert("nodeTaintsPolicy", "Honor");
        }
        if self.match_label_keys {
            map.insert("matchLabelKeys", list!["version", "none"]);
        }
        constraint
    }
}

#[derive(Clone, Debug)]
pub(super) struct PodShape {
    namespace: &'static str,
    app: &'static str,
    version: Option<&'static str>,
    requests: (Option<&'static str>, Option<&'static str>),
    init_cpu: Option<&'static str>,
    image: &'static str,
    port: Option<(&'static str, i64)>,
    priority: i64,
    tolerations: Vec<(&'static str, &'static str)>,
    node_selector: Option<&'static str>,
    required_disk: Option<(&'static str, &'static str)>,
    preferred_disks: Vec<(i64, &'static str)>,
    node_names: Option<Vec<u8>>,
    affinity: [Vec<TermShape>; 4],
    spread: Vec<SpreadShape>,
    is_owned: bool,
}

pub(super) fn pod_shape() -> impl Strategy<Value = PodShape> {
    let few = |strategy| prop_oneof![3 => Just(Vec::new()), 1 => vec(strategy, 1..3)];
    let required =
        select(vec![("In", "ssd"), ("NotIn", "ssd"), ("Exists", ""), ("DoesNotExist", "")]);
    let preferred = vec((1..10_i64, select(vec!["ssd", "hdd"])), 0..2);
    let tolerations = vec(
        (
            select(vec!["gpu", "old", "", "node.kubernetes.io/unschedulable"]),
            select(vec!["", "NoSchedule"]),
        ),
        0..3,
    );
    let basics = (
        select(vec!["one", "two"]),
        select(vec!["web", "db"]),
        option::of(select(vec!["1", "2"])),
        (option::of(select(vec!["0", "200m", "600m"])), option::of(select(vec!["100Mi", "1Gi"]))),
        option::weighted(0.2, select(vec!["100m", "900m"])),
        select(vec!["web:1", "db:1", "other"]),
        option::weighted(0.2, (select(vec!["", "127.0.0.1"]), 80..82_i64)),
        select(vec![0, 0, 5, 10]),
        tolerations,
    );
    let placement = (
        option::weighted(0.1, select(vec!["ssd", "hdd"])),
        (option::weighted(0.15, required), preferred),
        option::weighted(0.05, vec(0..8_u8, 1..3)),
        [few(term_shape()), few(term_shape()), few(term_shape()), few(term_shape())],
        prop_oneof![2 => Just(Vec::new()), 1 => vec(spread_shape(), 1..3)],
        any::<bool>(),
    );
    (basics, placement).prop_map(|(basics, placement)| {
        let (namespace, app, version, requests, init_cpu, image, port, priority, tolerations) =
            basics;
        let (node_selector, disks, node_names, affinity, mut spread, is_owned) = placement;
        // The API server refuses two constraints with the same key and action.
        let mut seen = BTreeSet::new();
        spread.retain(|s| seen.insert((s.key, s.is_hard)));
        PodShape {
            namespace,
            app,
            version,
            requests,
            init_cpu,
            image,
            port,
            priority,
            tolerations,
            node_selector,
            required_disk: disks.0,
            preferred_disks: disks.1,
            node_names,
            affinity,
            spread,
            is_owned,
        }
    })
}

impl PodShape {
    /// The Pod of this number.
    pub(super) fn build(&self, number: u32) -> Value {
        let mut labels: Map = [("app", self.app)].into_iter().collect();
        if let Some(version) = self.version {
            labels.insert("version", version);
        }
        let mut metadata = object! {
            "name": format!("p{number}"),
            "namespace": self.namespace,
            "uid": format!("00000000-0000-4000-8000-{number:012x}"),
            "labels": labels,
        };
        if self.is_owned {
            let owner = object! {
                "apiVersion": "apps/v1", "kind": "ReplicaSet", "controller": true,
                "name": self.app, "uid": self.app,
            };
            metadata.make_map().insert(&names::OWNER_REFERENCES, list![owner]);
        }
        object! { "metadata": metadata, "spec": self.spec() }
    }

    fn spec(&self) -> Value {
        let mut requests = Map::EMPTY;
        for (name, amount) in [("cpu", self.requests.0), ("memory", self.requests.1)] {
            if let Some(amount) = amount {
                requests.insert(name, amount);
            }
        }
        let mut container = object! {
            "image": self.image,
            "resources": object! { "requests": requests },
        };
        if let Some((address, port)) = self.port {
            let port = object! { "hostPort": port, "hostIP": address };
            container.make_map().insert("ports", list![port]);
        }
        let toleration = |(key, effect): &(&'static str, &'static str)| {
            object! { "key": *key, "operator": "Exists", "effect": *effect }
        };
        let tolerations: Vec<Value> = self.tolerations.iter().map(toleration).collect();
        let spread: Vec<Value> = self.spread.iter().map(SpreadShape::build).collect();
        let mut spec = object! {
            "containers": list![container],
            "priority": self.priority,
            "tolerations": tolerations,
            "topologySpreadConstraints": spread,
            "affinity": self.affinity(),
        };
        let map = spec.make_map();
        if let Some(disk) = self.node_selector {
            map.insert("nodeSelector", object! { "disk": disk });
        }
        if let Some(cpu) = self.init_cpu {
            let resources = object! { "requests": object! { "cpu": cpu } };
            map.insert("initContainers", list![object! { "resources": resources }]);
        }
        spec
    }

    fn affinity(&self) -> Value {
        const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
        const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";
        let mut node = Value::EMPTY_MAP;
        let mut term = Value::EMPTY_MAP;
        if let Some((operator, value)) = self.required_disk {
            let values = if value.is_empty() { Value::Null } else { list![value] };
            let expression = object! { "key": DISK, "operator": operator, "values": values };
            term.make_map().insert("matchExpressions", list![expression]);
        }
        let mut terms = Vec::new();
        match &self.node_names {
            Some(numbers) => {
                for number in numbers {
                    let field = object! {
                        "key": "metadata.name",
                        "operator": "In",
                        "values": list![format!("n{number}")],
                    };
                    let mut term = term.clone();
                    term.make_map().insert("matchFields", list![field]);
                    terms.push(term);
                }
            }
            None if term != Value::EMPTY_MAP => terms.push(term),
            None => {}
        }
        if !terms.is_empty() {
            node.make_map().insert(REQUIRED, object! { "nodeSelectorTerms": terms });
        }
        let preferred = self.preferred_disks.iter().map(|(weight, disk)| {
            let expression = object! { "key": DISK, "operator": "In", "values": list![*disk] };
            let preference = object! { "matchExpressions": list![expression] };
            object! { "weight": *weight, "preference": preference }
        });
        let preferred: Vec<Value> = preferred.collect();
        node.make_map().insert(PREFERRED, preferred);
        let required_terms = |terms: &[TermShape]| -> Value {
            terms.iter().map(TermShape::build).collect::<Vec<_>>().into()
        };
        let preferred_terms = |terms: &[TermShape]| -> Value {
            let weighted = terms.iter().enumerate().map(|(i, term)| {
                object! { "weight": i as i64 * 3 + 1, "podAffinityTerm": term.build() }
            });
            weighted.collect::<Vec<_>>().into()
        };
        let side = |required: &[TermShape], preferred: &[TermShape]| {
            let mut side = Value::EMPTY_MAP;
            side.make_map().insert(REQUIRED, required_terms(required));
            side.make_map().insert(PREFERRED, preferred_terms(preferred));
            side
        };
        object! {
            "nodeAffinity": node,
            "podAffinity": side(&self.affinity[0], &self.affinity[1]),
            "podAntiAffinity": side(&self.affinity[2], &self.affinity[3]),
        }
    }
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let pod = || pod_shape().prop_map(Box::new);
    prop_oneof![
        4 => node_shape().prop_map(Step::SetNode),
        1 => (0..8_u8).prop_map(Step::RemoveNode),
        8 => (pod(), 1..4_u8).prop_map(|(pod, count)| Step::Schedule(pod, count)),
        1 => (pod(), 0..8_u8).prop_map(|(pod, node)| Step::Nominate(pod, node)),
        1 => Just(Step::EndNominations),
        2 => any::<u8>().prop_map(Step::RemovePod),
        1 => any::<u8>().prop_map(Step::Terminate),
        1 => (any::<u8>(), select(vec!["web", "db"])).prop_map(|(pod, app)| Step::Relabel(pod, app)),
        1 => (select(vec!["one", "two"]), select(vec!["prod", "test"]))
            .prop_map(|(name, env)| Step::RelabelNamespace(name, env)),
        1 => select(vec!["web", "db"]).prop_map(Step::AddService),
    ]
}
