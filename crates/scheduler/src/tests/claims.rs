//! Claims that wait for their first consumer, with the API server in between.

use super::cluster::Cluster;
use api::{Value, names, object};
use apiserver::store::ObjectKey;
use kinds::Kind;
use sim::Duration;

const CLASS: &str = "{metadata: {name: standard}, provisioner: PROVISIONER, \
                     volumeBindingMode: WaitForFirstConsumer}";
const CLAIM: &str = "{metadata: {name: data, namespace: default}, spec: {storageClassName: \
                     standard, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}";
const USES_DATA: &str = "volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]";

/// A cluster with a storage class and a claim; `None` where the server has no such kinds.
struct Stored {
    cluster: Cluster,
    claims: &'static Kind,
    volumes: &'static Kind,
}

fn stored(provisioner: &str) -> Option<Stored> {
    let mut cluster = Cluster::new();
    let find = |group, plural| {
        let server = cluster.server.borrow();
        server.registry().find(group, "v1", plural)
    };
    let classes = find("storage.k8s.io", "storageclasses")?;
    let claims = find("", "persistentvolumeclaims")?;
    let volumes = find("", "persistentvolumes")?;
    create(&cluster, classes, &CLASS.replace("PROVISIONER", provisioner));
    create(&cluster, claims, CLAIM);
    cluster.add_node("n", "{}");
    Some(Stored { cluster, claims, volumes })
}

fn create(cluster: &Cluster, kind: &'static Kind, yaml: &str) -> Value {
    let object = api::yaml::parse(yaml).expect("YAML");
    cluster.user.create(kind, object).expect("it is created")
}

impl Stored {
    fn claim(&self) -> Value {
        let claim = self.cluster.user.get(self.claims, "default", "data");
        claim.expect("the claim exists")
    }

    /// Does what the controller of volumes does in the end.
    fn bind_claim(&mut self, volume: &'static str) {
        let mut claim = self.claim();
        claim.update(&names::SPEC, |spec| {
            spec.make_map().insert(&names::VOLUME_NAME, volume);
        });
        claim.update(&names::METADATA, |metadata| {
            metadata.update(&names::ANNOTATIONS, |annotations| {
                let map = annotations.make_map();
                map.insert("pv.kubernetes.io/bind-completed", "yes");
            });
        });
        let user = &self.cluster.user;
        user.update(self.claims, claim).expect("it is bound");
        self.cluster.settle();
    }
}

#[test]
fn a_volume_is_made_where_the_pod_is_to_run() {
    let Some(mut stored) = stored("rancher.io/local-path") else {
        return;
    };
    stored.cluster.add_pod("p", USES_DATA);
    let annotations = &stored.claim()["metadata"]["annotations"];
    assert_eq!(annotations["volume.kubernetes.io/selected-node"], "n");
    stored.cluster.run(Duration::from_secs(3));
    assert_eq!(stored.cluster.node_of("p"), "", "the Pod waits for its volume");
    create(
        &stored.cluster,
        stored.volumes,
        "{metadata: {name: made}, spec: {storageClassName: standard, capacity: {storage: 1Gi}, \
         accessModes: [ReadWriteOnce], hostPath: {path: /made}, claimRef: {namespace: default, \
         name: data}}}",
    );
    stored.bind_claim("made");
    stored.cluster.run(Duration::from_secs(1));
    assert_eq!(stored.cluster.node_of("p"), "n");
    assert_eq!(stored.cluster.messages("p"), ["Successfully assigned default/p to n"]);
}

#[test]
fn a_volume_that_exists_is_bound_to_the_claim() {
    let Some(mut stored) = stored("kubernetes.io/no-provisioner") else {
        return;
    };
    stored.cluster.add_pod("p", USES_DATA);
    assert_eq!(
        stored.cluster.messages("p"),
        ["0/1 nodes are available: 1 node(s) didn't find available persistent volumes to \
             bind. preemption: 0/1 nodes are available: 1 Preemption is not helpful for \
             scheduling."]
    );
    stored.cluster.run(Duration::from_secs(2));
    let volume = create(
        &stored.cluster,
        stored.volumes,
        "{metadata: {name: disk}, spec: {storageClassName: standard, capacity: {storage: 2Gi}, \
         accessModes: [ReadWriteOnce], hostPath: {path: /disk}}}",
    );
    let mut available = volume;
    available.make_map().insert(&names::STATUS, object! { "phase": "Available" });
    let user = &stored.cluster.user;
    user.update_status(stored.volumes, available).expect("a status");
    stored.cluster.settle();
    let volume = stored.cluster.user.get(stored.volumes, "", "disk");
    let volume = volume.expect("the volume exists");
    assert_eq!(volume["spec"]["claimRef"]["name"], "data");
    assert_eq!(volume["metadata"]["annotations"]["pv.kubernetes.io/bound-by-controller"], "yes");
    stored.bind_claim("disk");
    stored.cluster.run(Duration::from_secs(1));
    assert_eq!(stored.cluster.node_of("p"), "n");
}

#[test]
fn a_pod_gives_up_waiting_for_its_volume_and_tries_again() {
    let Some(mut stored) = stored("rancher.io/local-path") else {
        return;
    };
    stored.cluster.add_pod("p", USES_DATA);
    stored.cluster.run(Duration::from_secs(605));
    assert_eq!(
        stored.cluster.messages("p")[0],
        "running PreBind plugin \"VolumeBinding\": binding volumes: context deadline exceeded"
    );
    let condition = &stored.cluster.pod("p")["status"]["conditions"][0];
    assert_eq!(condition["reason"], "SchedulerError");
    stored.bind_claim("late");
    let missing = "0/1 nodes are available: persistentvolume \"late\" not found.";
    stored.cluster.run(Duration::from_secs(601));
    let messages = stored.cluster.messages("p");
    assert!(messages.iter().any(|m| m.starts_with(missing)) || stored.cluster.node_of("p") == "n");
}

#[test]
fn a_claim_that_is_missing_is_waited_for() {
    let Some(mut stored) = stored("rancher.io/local-path") else {
        return;
    };
    let spec = "volumes: [{name: v, persistentVolumeClaim: {claimName: other}}]";
    stored.cluster.add_pod("p", spec);
    assert_eq!(
        stored.cluster.messages("p"),
        ["0/1 nodes are available: persistentvolumeclaim \"other\" not found. preemption: 0/1 \
             nodes are available: 1 Preemption is not helpful for scheduling."]
    );
    stored.cluster.run(Duration::from_secs(2));
    create(&stored.cluster, stored.claims, &CLAIM.replace("name: data", "name: other"));
    stored.cluster.settle();
    let key = ObjectKey::new("default", "other");
    let claim = stored.cluster.user.get(stored.claims, &key.namespace, &key.name);
    let claim = claim.expect("the claim exists");
    let annotations = &claim["metadata"]["annotations"];
    assert_eq!(annotations["volume.kubernetes.io/selected-node"], "n");
}
