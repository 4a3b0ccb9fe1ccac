//! Why a node does not take a Pod.

use api::Text;

/// A plugin of the default profile that can turn a node or a Pod down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Plugin {
    SchedulingGates,
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
}

/// A set of plugins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PluginSet(u16);

impl PluginSet {
    /// The set of one.
    pub(crate) const fn only(plugin: Plugin) -> PluginSet {
        PluginSet(1 << plugin as u16)
    }

    /// Adds a plugin.
    pub(crate) fn insert(&mut self, plugin: Plugin) {
        self.0 |= PluginSet::only(plugin).0;
    }

    /// Whether no plugin is in it.
    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether a plugin is in it.
    pub(crate) fn contains(self, plugin: Plugin) -> bool {
        self.0 & PluginSet::only(plugin).0 != 0
    }
}

/// A plugin's refusal of a node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rejection {
    /// Who refused.
    pub(crate) plugin: Plugin,
    /// Whether taking Pods away from the node could help: the difference between upstream's
    /// `Unschedulable` and `UnschedulableAndUnresolvable`.
    pub(crate) is_resolvable: bool,
    /// In the words that people see; each is counted on its own.
    pub(crate) reasons: Vec<Text>,
}

impl Rejection {
    /// A refusal that preemption might lift.
    pub(crate) fn resolvable(plugin: Plugin, reason: impl Into<Text>) -> Rejection {
        Rejection { plugin, is_resolvable: true, reasons: vec![reason.into()] }
    }

    /// A refusal that preemption does not lift.
    pub(crate) fn unresolvable(plugin: Plugin, reason: impl Into<Text>) -> Rejection {
        Rejection { is_resolvable: false, ..Rejection::resolvable(plugin, reason) }
    }
}

/// What a Filter plugin says.
pub(crate) type Verdict = Result<(), Rejection>;
