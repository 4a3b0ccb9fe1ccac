//! VolumeRestrictions: volumes that only one Pod, or only readers, may use at a time.

use crate::cache::{Cache, NodeId, NodeState, PodClass};
use crate::framework::rejection::{Plugin, Rejection, Verdict};
use crate::storage::{Claim, Storage};
use api::Text;
use api::core::v1::{PodSpec, Volume};

const READ_WRITE_ONCE_POD: &str = "ReadWriteOncePod";

/// A volume of a Pod that limits where the Pod can run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PodVolume {
    /// A claim, by name.
    Claim(String),
    /// The claim of a generic ephemeral volume, which bears the names of the Pod and the volume.
    Ephemeral(String),
    /// A disk of a cloud or a storage network.
    Disk(Disk),
}

/// A disk as two Pods can name the same one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Disk {
    kind: &'static str,
    /// The disk's name within its kind.
    names: Vec<String>,
    /// Where it is found; two lists with a common entry mean the same place.
    places: Vec<String>,
    is_read_only: bool,
}

impl Disk {
    fn conflicts_with(&self, other: &Disk) -> bool {
        let overlap = self.places.is_empty() && other.places.is_empty()
            || self.places.iter().any(|place| other.places.contains(place));
        self.kind == other.kind
            && self.names == other.names
            && overlap
            && !(self.is_read_only && other.is_read_only)
    }
}

impl PodVolume {
    /// The volumes of a Pod that matter, in their order.
    pub(crate) fn all_of(pod_name: &str, spec: PodSpec<'_>) -> Vec<PodVolume> {
        let volume = |volume: Volume<'_>| PodVolume::of(pod_name, volume);
        spec.volumes().filter_map(volume).collect()
    }

    fn of(pod_name: &str, volume: Volume<'_>) -> Option<PodVolume> {
        let disk = |kind, names: &[&str], is_read_only| Disk {
            kind,
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            places: Vec::new(),
            is_read_only,
        };
        if let Some(claim) = volume.persistent_volume_claim() {
            return Some(PodVolume::Claim(claim.claim_name().to_owned()));
        }
        if volume.ephemeral().is_some() {
            return Some(PodVolume::Ephemeral(format!("{pod_name}-{}", volume.name())));
        }
        if let Some(gce) = volume.gce_persistent_disk() {
            return Some(PodVolume::Disk(disk("gce", &[gce.pd_name()], gce.read_only())));
        }
        if let Some(aws) = volume.aws_elastic_block_store() {
            return Some(PodVolume::Disk(disk("aws", &[aws.volume_id()], false)));
        }
        if let Some(iscsi) = volume.iscsi() {
            return Some(PodVolume::Disk(disk("iscsi", &[iscsi.iqn()], iscsi.read_only())));
        }
        let rbd = volume.rbd()?;
        Some(PodVolume::Disk(Disk {
            places: rbd.monitors().map(str::to_owned).collect(),
            ..disk("rbd", &[rbd.pool(), rbd.image()], rbd.read_only())
        }))
    }

    /// The claim, if it is one that the Pod names itself.
    pub(crate) fn claim(&self) -> Option<&str> {
        match self {
            PodVolume::Claim(name) => Some(name),
            _ => None,
        }
    }
}

/// What was found before any node is looked at.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// The claims of the Pod that only one Pod may use.
    exclusive_claims: Vec<String>,
    /// How often Pods in the cluster use these.
    uses: i64,
}

/// Finds the claims that only one Pod may use; an error if a claim does not exist.
pub(crate) fn pre_filter(
    class: &PodClass,
    storage: &dyn Storage,
    cache: &Cache,
) -> Result<State, Rejection> {
    let mut state = State::default();
    for name in class.volumes.iter().filter_map(PodVolume::claim) {
        let Some(claim) = storage.claim(&class.namespace, name) else {
            let reason = format!("persistentvolumeclaim {} not found", api::go::quote(name));
            return Err(Rejection::unresolvable(Plugin::VolumeRestrictions, reason));
        };
        if Claim(&claim).access_modes().has(READ_WRITE_ONCE_POD) {
            state.exclusive_claims.push(name.to_owned());
        }
    }
    if !state.exclusive_claims.is_empty() {
        // Upstream counts claims in use, not Pods that use them.
        let is_used = |name: &&String| {
            let one = std::slice::from_ref(*name);
            let nodes = cache.order().iter();
            nodes.map(|node| uses(one, class, cache, &cache.node(*node).state)).sum::<i64>() > 0
        };
        state.uses = state.exclusive_claims.iter().filter(is_used).count() as i64;
    }
    Ok(state)
}

fn uses(claims: &[String], class: &PodClass, cache: &Cache, state: &NodeState) -> i64 {
    let of_class = |count: &crate::cache::ClassCount| {
        let other = cache.class(count.class);
        if other.namespace != class.namespace {
            return 0;
        }
        let is_used = |volume: &&PodVolume| {
            volume.claim().is_some_and(|name| claims.iter().any(|claim| claim == name))
        };
        other.volumes.iter().filter(is_used).count() as i64 * i64::from(count.pods)
    };
    state.classes.iter().map(of_class).sum()
}

/// Whether the disks and the exclusive claims of the Pod are free.
pub(crate) fn filter(
    state: &State,
    class: &PodClass,
    cache: &Cache,
    node: NodeId,
    changed: Option<&NodeState>,
) -> Verdict {
    let own = &cache.node(node).state;
    let pods = changed.unwrap_or(own);
    let reject = |reason: &'static str| {
        let reason = Text::from(reason);
        Err(Rejection::resolvable(Plugin::VolumeRestrictions, reason))
    };
    let is_taken = |volume: &PodVolume| match volume {
        PodVolume::Disk(disk) => pods.classes.iter().any(|count| {
            let others = cache.class(count.class).volumes.iter();
            others
                .filter_map(|v| if let PodVolume::Disk(d) = v { Some(d) } else { None })
                .any(|other| disk.conflicts_with(other))
        }),
        _ => false,
    };
    if class.volumes.iter().any(is_taken) {
        return reject("node(s) had no available disk");
    }
    if !state.exclusive_claims.is_empty() {
        let claims = &state.exclusive_claims;
        let more = uses(claims, class, cache, pods) - uses(claims, class, cache, own);
        if state.uses + more > 0 {
            return reject(
                "node has pod using PersistentVolumeClaim with the same name and \
                 ReadWriteOncePod access mode",
            );
        }
    }
    Ok(())
}
