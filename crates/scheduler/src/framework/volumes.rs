//! What a Pod with volumes asks of its node: the three plugins for volumes taken together.

use super::rejection::{Rejection, Verdict};
use crate::cache::{Cache, NodeId, NodeState, PodClass, Uid};
use crate::plugins::{volume_binding, volume_restrictions, volume_zone};
use crate::storage::Storage;
use apiserver::store::ObjectKey;

/// What was found about the volumes of one Pod before any node is looked at.
#[derive(Debug)]
pub(crate) struct Volumes {
    restrictions: volume_restrictions::State,
    pub(crate) binding: volume_binding::State,
    zones: volume_zone::State,
}

impl Volumes {
    /// Looks at the volumes of a Pod; an error if it cannot be placed anywhere.
    pub(crate) fn pre_filter(
        class: &PodClass,
        pod: (Uid, &ObjectKey),
        storage: &dyn Storage,
        reservations: &volume_binding::Reservations,
        cache: &Cache,
    ) -> Result<Volumes, Rejection> {
        Ok(Volumes {
            restrictions: volume_restrictions::pre_filter(class, storage, cache)?,
            binding: volume_binding::pre_filter(class, pod, storage, reservations)?,
            zones: volume_zone::pre_filter(class, storage)?,
        })
    }

    /// Whether the node can use all volumes.
    pub(crate) fn filter(
        &self,
        cache: &Cache,
        class: &PodClass,
        node: NodeId,
        changed: Option<&NodeState>,
    ) -> Verdict {
        volume_restrictions::filter(&self.restrictions, class, cache, node, changed)?;
        volume_binding::filter(&self.binding, cache, node)?;
        volume_zone::filter(&self.zones, cache, node)
    }
}
