//! Pods with volumes, against a storage that is made up.

use crate::cache::{Cache, NodeId, Uid};
use crate::framework::rejection::Rejection;
use crate::framework::volumes::Volumes;
use crate::plugins::volume_binding::{Decision, Reservations};
use crate::storage::Storage;
use api::{Value, names};
use apiserver::store::ObjectKey;
use std::collections::BTreeMap;

/// Claims, volumes and classes by name.
#[derive(Default)]
struct MadeUp(BTreeMap<(&'static str, String), Value>);

impl Storage for MadeUp {
    fn claim(&self, namespace: &str, name: &str) -> Option<Value> {
        assert_eq!(namespace, "default");
        self.0.get(&("claim", name.to_owned())).cloned()
    }
    fn volume(&self, name: &str) -> Option<Value> {
        self.0.get(&("volume", name.to_owned())).cloned()
    }
    fn class(&self, name: &str) -> Option<Value> {
        self.0.get(&("class", name.to_owned())).cloned()
    }
}

/// Two nodes in two zones, and what there is of storage.
struct World {
    storage: MadeUp,
    cache: Cache,
    reservations: Reservations,
    pods: u32,
}

impl World {
    /// Objects are given as `kind/name: rest of the document`.
    fn new(objects: &[(&'static str, &str, &str)]) -> World {
        let mut world = World {
            storage: MadeUp::default(),
            cache: Cache::default(),
            reservations: Reservations::default(),
            pods: 0,
        };
        for zone in ["a", "b"] {
            let node = format!(
                "{{metadata: {{name: n{zone}, labels: {{kubernetes.io/hostname: n{zone}, \
                 topology.kubernetes.io/zone: {zone}}}}}, status: {{allocatable: {{pods: 110}}}}}}"
            );
            let node = api::yaml::parse(&node).expect("YAML");
            world.cache.set_node(&ObjectKey::of(&node).name, &node);
        }
        for (kind, name, yaml) in objects {
            let mut object = api::yaml::parse(yaml).expect("YAML");
            object.update(&names::METADATA, |metadata| {
                metadata.set_default(&names::NAME, (*name).to_owned());
                metadata.set_default(&names::UID, format!("uid-{name}"));
            });
            if *kind == "volume" {
                world.reservations.set_volume(&(*name).into(), None, Some(&object));
            }
            world.storage.0.insert((kind, (*name).to_owned()), object);
        }
        world
    }

    fn pod(&mut self, volumes: &str) -> Value {
        self.pods += 1;
        let number = self.pods;
        let pod = format!(
            "{{metadata: {{name: p{number}, namespace: default, uid: uid-p{number}}}, \
             spec: {{containers: [], volumes: {volumes}}}}}"
        );
        api::yaml::parse(&pod).expect("YAML")
    }

    /// Lets a Pod with these volumes run on a node.
    fn run(&mut self, volumes: &str, node: &'static str) {
        let mut pod = self.pod(volumes);
        pod.update(&names::SPEC, |spec| {
            spec.make_map().insert(&names::NODE_NAME, node);
        });
        self.cache.set_pod(&ObjectKey::of(&pod), &pod);
    }

    /// What is said of a Pod on both nodes: what would be done, or what is against it.
    fn ask(&mut self, volumes: &str) -> Result<[Result<Decision, String>; 2], String> {
        let pod = self.pod(volumes);
        let key = ObjectKey::of(&pod);
        let class = self.cache.acquire_class(&pod);
        let (cache, class) = (&self.cache, self.cache.class(class));
        let words = |rejection: Rejection| rejection.reasons.join(", ");
        let pod = (Uid::of(&pod), &key);
        let found = Volumes::pre_filter(class, pod, &self.storage, &self.reservations, cache);
        let found = found.map_err(words)?;
        let on = |node: &str| {
            let node: NodeId = cache.find_node(node).expect("a node");
            found.filter(cache, class, node, None).map_err(words)?;
            found.binding.decide(cache, node).map_err(words)
        };
        Ok([on("na"), on("nb")])
    }
}

fn claim(name: &str) -> String {
    format!("[{{name: v, persistentVolumeClaim: {{claimName: {name}}}}}]")
}

/// A claim that is bound to a volume.
fn bound(volume: &str) -> String {
    format!(
        "{{metadata: {{annotations: {{pv.kubernetes.io/bind-completed: 'yes'}}}}, \
         spec: {{volumeName: {volume}}}, status: {{phase: Bound}}}}"
    )
}

const WAITS: &str = "{provisioner: rancher.io/local-path, volumeBindingMode: WaitForFirstConsumer}";
const WAITS_FOR_EXISTING: &str =
    "{provisioner: kubernetes.io/no-provisioner, volumeBindingMode: WaitForFirstConsumer}";
const WANTS_1: &str = "{spec: {storageClassName: local, accessModes: [ReadWriteOnce], \
                       resources: {requests: {storage: 1Gi}}}}";

fn volume(size: &str, zone: &str) -> String {
    format!(
        "{{spec: {{storageClassName: local, accessModes: [ReadWriteOnce], capacity: {{storage: \
         {size}}}, nodeAffinity: {{required: {{nodeSelectorTerms: [{{matchExpressions: [{{key: \
         topology.kubernetes.io/zone, operator: In, values: [{zone}]}}]}}]}}}}}}, \
         status: {{phase: Available}}}}"
    )
}

#[test]
fn claims_that_cannot_be_used_turn_the_pod_down() {
    let check = |objects: &[(&'static str, &str, &str)], expected: &str| {
        let asked = World::new(objects).ask(&claim("data"));
        assert_eq!(asked.map(|_| ()).expect_err("turned down"), expected);
    };
    check(&[], "persistentvolumeclaim \"data\" not found");
    check(
        &[("claim", "data", "{spec: {storageClassName: gone}}")],
        "pod has unbound immediate PersistentVolumeClaims",
    );
    check(
        &[
            ("claim", "data", "{spec: {storageClassName: now}}"),
            ("class", "now", "{provisioner: x/y, volumeBindingMode: Immediate}"),
        ],
        "pod has unbound immediate PersistentVolumeClaims",
    );
    check(
        &[("claim", "data", "{spec: {volumeName: pv}, status: {phase: Lost}}")],
        "persistentvolumeclaim \"data\" bound to non-existent persistentvolume \"pv\"",
    );
    let deleting = "{metadata: {deletionTimestamp: '2026-11-23T12:46:12Z'}}";
    check(&[("claim", "data", deleting)], "persistentvolumeclaim \"data\" is being deleted");
}

#[test]
fn claims_of_ephemeral_volumes_belong_to_their_pod() {
    let volumes = "[{name: scratch, ephemeral: {volumeClaimTemplate: {spec: {}}}}]";
    let asked = World::new(&[]).ask(volumes);
    assert_eq!(
        asked.expect_err("turned down"),
        "waiting for ephemeral volume controller to create the persistentvolumeclaim \
         \"p1-scratch\""
    );
    let asked = World::new(&[("claim", "p1-scratch", "{}")]).ask(volumes);
    assert_eq!(
        asked.expect_err("turned down"),
        "PVC default/p1-scratch was not created for pod default/p1 (pod is not owner)"
    );
}

#[test]
fn bound_volumes_tie_the_pod_to_their_nodes() {
    let claim_of = bound("pv");
    let in_a = volume("1Gi", "a");
    let objects = [("claim", "data", &*claim_of), ("volume", "pv", &*in_a)];
    let asked = World::new(&objects).ask(&claim("data")).expect("not turned down");
    let conflict = "node(s) had volume node affinity conflict";
    assert_eq!(asked, [Ok(Decision::default()), Err(conflict.to_owned())]);

    let labelled = "{metadata: {labels: {topology.kubernetes.io/zone: b__c}}}";
    let objects = [("claim", "data", &*claim_of), ("volume", "pv", labelled)];
    let asked = World::new(&objects).ask(&claim("data")).expect("not turned down");
    let conflict = "node(s) had no available volume zone";
    assert_eq!(asked, [Err(conflict.to_owned()), Ok(Decision::default())]);
}

#[test]
fn a_claim_that_waits_takes_the_smallest_volume_or_is_provisioned() {
    let key = ObjectKey::new("default", "data");
    let binds = |volume: &str| Decision {
        bindings: vec![(key.clone(), volume.into())],
        provisions: Vec::new(),
    };
    let (large, small, tiny) = (volume("9Gi", "a"), volume("2Gi", "a"), volume("512Mi", "b"));
    let objects = [
        ("claim", "data", WANTS_1),
        ("class", "local", WAITS_FOR_EXISTING),
        ("volume", "large", &*large),
        ("volume", "small", &*small),
        ("volume", "tiny", &*tiny),
    ];
    let mut world = World::new(&objects);
    let none = "node(s) didn't find available persistent volumes to bind".to_owned();
    let asked = world.ask(&claim("data")).expect("not turned down");
    assert_eq!(asked, [Ok(binds("small")), Err(none.clone())]);
    // What has been promised to another claim is taken.
    let other = Decision {
        bindings: vec![(ObjectKey::new("default", "other"), "small".into())],
        provisions: Vec::new(),
    };
    world.reservations.reserve(&other, &"na".into());
    let asked = world.ask(&claim("data")).expect("not turned down");
    assert_eq!(asked, [Ok(binds("large")), Err(none)]);
    world.reservations.release(&other);

    let provision = Decision { bindings: Vec::new(), provisions: vec![key] };
    let objects = [("claim", "data", WANTS_1), ("class", "local", WAITS)];
    let asked = World::new(&objects).ask(&claim("data")).expect("not turned down");
    assert_eq!(asked, [Ok(provision.clone()), Ok(provision)]);
}

#[test]
fn a_claim_that_is_being_provisioned_stays_with_its_node() {
    let selected = "{metadata: {annotations: {volume.kubernetes.io/selected-node: nb}}, \
                    spec: {storageClassName: local}}";
    let objects = [("claim", "data", selected), ("class", "local", WAITS)];
    let asked = World::new(&objects).ask(&claim("data")).expect("not turned down");
    let none = "node(s) didn't find available persistent volumes to bind";
    assert_eq!(asked[0], Err(none.to_owned()));
    assert!(asked[1].is_ok());
}

#[test]
fn topologies_of_a_class_limit_where_volumes_are_made() {
    let class = "{provisioner: x/y, volumeBindingMode: WaitForFirstConsumer, allowedTopologies: \
                 [{matchLabelExpressions: [{key: topology.kubernetes.io/zone, values: [b]}]}]}";
    let objects = [("claim", "data", WANTS_1), ("class", "local", class)];
    let asked = World::new(&objects).ask(&claim("data")).expect("not turned down");
    assert_eq!(asked.map(|on| on.is_ok()), [false, true]);
}

#[test]
fn exclusive_claims_and_disks_are_used_once() {
    let exclusive = "{metadata: {annotations: {pv.kubernetes.io/bind-completed: 'yes'}}, \
                     spec: {volumeName: pv, accessModes: [ReadWriteOncePod]}}";
    let mut world = World::new(&[("claim", "data", exclusive), ("volume", "pv", "{}")]);
    assert!(world.ask(&claim("data")).expect("not turned down")[0].is_ok());
    world.run(&claim("data"), "na");
    let taken = "node has pod using PersistentVolumeClaim with the same name and \
                 ReadWriteOncePod access mode";
    let asked = world.ask(&claim("data")).expect("not turned down");
    assert_eq!(asked, [Err(taken.to_owned()), Err(taken.to_owned())]);

    let disk = |read_only: bool| {
        format!("[{{name: v, gcePersistentDisk: {{pdName: d, readOnly: {read_only}}}}}]")
    };
    let mut world = World::new(&[]);
    world.run(&disk(true), "na");
    assert!(world.ask(&disk(true)).expect("not turned down")[0].is_ok());
    let asked = world.ask(&disk(false)).expect("not turned down");
    assert_eq!(asked[0], Err("node(s) had no available disk".to_owned()));
    assert!(asked[1].is_ok());
}
