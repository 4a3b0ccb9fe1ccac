//! Which events could help which Pods.

use crate::framework::rejection::{Plugin, PluginSet};

/// Something that has happened to the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClusterEvent {
    /// A Pod has come to a node.
    AssignedPodAdd,
    /// A Pod on a node has changed.
    AssignedPodUpdate,
    /// A Pod has gone from a node, or is over.
    AssignedPodDelete,
    NodeAdd,
    /// A node is no longer cordoned.
    NodeSpecUnschedulableChange,
    NodeAllocatableChange,
    NodeLabelChange,
    NodeTaintChange,
    NodeConditionChange,
    PvAdd,
    PvUpdate,
    PvcAdd,
    PvcUpdate,
    StorageClassAdd,
    StorageClassUpdate,
    /// A CSINode, CSIDriver or CSIStorageCapacity has come or changed.
    CsiChange,
}

/// Whether an event could help a Pod that these plugins have turned down: whether one of them has
/// registered for events of its sort. A Pod that nobody has turned down is helped by any event.
pub(crate) fn may_help(event: ClusterEvent, plugins: PluginSet) -> bool {
    plugins.is_empty() || interested(event).iter().any(|plugin| plugins.contains(*plugin))
}

/// The plugins that have registered for events of this sort (`EventsToRegister`).
fn interested(event: ClusterEvent) -> &'static [Plugin] {
    use Plugin::*;
    match event {
        ClusterEvent::AssignedPodAdd | ClusterEvent::AssignedPodUpdate => {
            &[PodTopologySpread, InterPodAffinity]
        }
        ClusterEvent::AssignedPodDelete => {
            &[NodePorts, NodeResourcesFit, VolumeRestrictions, PodTopologySpread, InterPodAffinity]
        }
        ClusterEvent::NodeAdd => &[
            NodeUnschedulable,
            NodeName,
            TaintToleration,
            NodeAffinity,
            NodePorts,
            NodeResourcesFit,
            VolumeRestrictions,
            VolumeBinding,
            VolumeZone,
            PodTopologySpread,
            InterPodAffinity,
        ],
        // A taint that goes may be the moment at which a node first counts as there, so all that
        // wait for a node wait for it.
        ClusterEvent::NodeSpecUnschedulableChange | ClusterEvent::NodeTaintChange => &[
            NodeUnschedulable,
            NodeName,
            TaintToleration,
            NodeAffinity,
            NodePorts,
            NodeResourcesFit,
            VolumeBinding,
            VolumeZone,
            PodTopologySpread,
            InterPodAffinity,
        ],
        ClusterEvent::NodeLabelChange => &[
            NodeName,
            TaintToleration,
            NodeAffinity,
            NodePorts,
            NodeResourcesFit,
            VolumeBinding,
            VolumeZone,
            PodTopologySpread,
            InterPodAffinity,
        ],
        ClusterEvent::NodeAllocatableChange | ClusterEvent::NodeConditionChange => {
            &[NodeName, TaintToleration, NodeAffinity, NodePorts, NodeResourcesFit]
        }
        ClusterEvent::PvAdd | ClusterEvent::PvUpdate => &[VolumeBinding, VolumeZone],
        ClusterEvent::PvcAdd => &[VolumeRestrictions, VolumeBinding, VolumeZone],
        ClusterEvent::PvcUpdate => &[VolumeRestrictions, VolumeBinding],
        ClusterEvent::StorageClassAdd => &[VolumeBinding, VolumeZone],
        ClusterEvent::StorageClassUpdate | ClusterEvent::CsiChange => &[VolumeBinding],
    }
}
